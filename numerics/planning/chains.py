"""Functions of every entry that cost less over vectors, where there are enough entries.

    np.logaddexp(0, z, out=t)   →   softplus(z, t, s)
    special.expit(z, out=t)     →   sigmoid(z, t, s)         see `numerics.vectors`

Which of the two is called is decided once for each assignment of sizes.
"""

from __future__ import annotations

import ast

from backproof.numerics.planning.calls import Context, called, keyword
from backproof.numerics.planning.shapes import product_of

MANY = {"softplus": 64, "sigmoid": 512}  # entries from which on the chain of calls costs less


def softplus(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.logaddexp(0, z, out=t)``, which calls libm twice for every entry.

    The condition: z and t are whole arrays of one shape.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, "logaddexp"):
        return None
    zero, z = call.args
    if not (isinstance(zero, ast.Constant) and zero.value == 0):
        return None
    return chain("softplus", z, keyword(call, "out"), context)


def sigmoid(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``special.expit(z, out=t)``, which calls libm for every entry.

    The conditions: whole arrays of one shape, and single precision, in which two of NumPy's
    exponentials cost less than one of libm's.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "special.expit":
        return None
    if not context.single:
        return None
    return chain("sigmoid", call.args[0], keyword(call, "out"), context)


def chain(
    name: str, z: ast.expr, target: ast.expr | None, context: Context
) -> list[ast.stmt] | None:
    """The call of a chain; it reads z before it writes to the target, so that both may be one."""
    array, own = context.real(z), context.real(target) if target is not None else None
    if array is None or own is None or target is None or array.shape != own.shape or not own.rank:
        return None
    preamble = context.preamble
    zeros = ast.unparse(preamble.zeros(own.shape, own.memory))
    enough = f"{product_of(own.shape)} >= {MANY[name]}"
    code = f"vectors.{name}({zeros}) if {enough} else vectors.brief_{name}"
    return [ast.Expr(ast.Call(preamble.name(code, name), [z, target, context.scratch(own)], []))]
