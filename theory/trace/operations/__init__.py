"""What NumPy and SciPy names mean: one small file a subject, listed here.

Each file has a table from the full name (``numpy.sum``) to a function that takes the `Statement`
and the call's arguments.  A new operation is one more row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backproof.theory.trace.operations import (
    creation,
    diagonals,
    joining,
    linear,
    matrices,
    moving,
    pointwise,
    reductions,
    selection,
    shaping,
    statistics,
    triangular,
)

Operation = Callable[..., Any]

SUBJECTS = (
    *(pointwise, reductions, statistics, linear, diagonals, matrices, triangular),
    *(selection, shaping, joining, moving, creation),
)

SEQUENCES = (  # functions that take a list of arrays apart themselves
    *(
        f"numpy.{name}"
        for name in (
            *("array", "asarray", "block", "column_stack", "concatenate", "hstack", "stack"),
            *("vstack", "linalg.multi_dot", "select"),
        )
    ),
    "scipy.linalg.cho_solve",
)

OPERATIONS: dict[str, Operation] = {
    name: operation for subject in SUBJECTS for name, operation in subject.TABLE.items()
}

METHODS = (
    "sum",
    "mean",
    "var",
    "std",
    "max",
    "min",
    "dot",
    "transpose",
    "trace",
    "copy",
    "clip",
    "squeeze",
    "astype",
    "argmax",
    "argmin",
    "reshape",
    "ravel",
    "flatten",
    "swapaxes",
    "take",
    "cumsum",
    "prod",
    "ptp",
    "diagonal",
    "repeat",
)
