"""Functions of NumPy."""

import numpy as np
from subject import Subject

SUBJECTS = (
    Subject("numpy.logaddexp", lambda: np.logaddexp, "logaddexp", inputs=("x", "t")),
    Subject("numpy.var", lambda: lambda x, axis=-1, ddof=0: np.var(x, axis, ddof=ddof), "variance"),
    Subject("numpy.tanh", lambda: np.tanh, "tanh", inputs=("x",)),
    Subject(
        "numpy.logaddexp.reduce",
        lambda: lambda x, axis=-1: np.logaddexp.reduce(x, axis),
        "logsumexp",
    ),
)
