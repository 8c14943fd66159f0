"""Functions of scipy.special."""

from scipy import special
from subject import Subject

SUBJECTS = (
    Subject("scipy.special.expit", lambda: special.expit, "sigmoid", inputs=("x",)),
    Subject("scipy.special.log_expit", lambda: special.log_expit, "log_sigmoid", inputs=("x",)),
    Subject("scipy.special.softplus", lambda: special.softplus, "softplus", inputs=("x",)),
    Subject("scipy.special.softmax", lambda: special.softmax, "softmax"),
    Subject("scipy.special.log_softmax", lambda: special.log_softmax, "log_softmax"),
    Subject(
        "scipy.special.logsumexp",
        lambda: lambda x, axis=-1: special.logsumexp(x, axis),
        "logsumexp",
    ),
    Subject("scipy.special.xlogy", lambda: special.xlogy, "xlogy", inputs=("x", "t")),
)
