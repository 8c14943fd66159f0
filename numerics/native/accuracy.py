"""What the vectorisable functions of ``functions.h`` promise: bounds in units of the last place.

An ulp is the gap between a floating-point number and the next. The bounds hold over the whole
range, near zero, where overflow begins and where results are subnormal; they are tested against
mpmath. Every other function is the C library's (glibc states its own) or, where C has none,
SciPy's.
"""

from __future__ import annotations

ULPS = {
    "vexp": 1.0,
    "vexpm1": 2.0,
    "vlog": 1.0,
    "vlog1p": 2.5,
    "vtanh": 3.0,
    "vsigmoid": 3.0,
    "vsoftplus": 3.0,
}
