"""Functions of every entry as chains of calls that NumPy runs over vectors of the processor.

    logaddexp(0, z)   →   max(z, 0) + log(1 + exp(−|z|))
    expit(z)          →   exp(min(z, 0)) / (1 + exp(−|z|))

Both are the same number, without overflow, and of the same relative accuracy in both tails: the
exponential is at most one, and what is added to one is never negative.
"""

from __future__ import annotations

import ast

from backproof.numerics.planning.calls import Context, called, keyword

SOFTPLUS = """
np.maximum({z}, 0, out={s})
np.abs({z}, out={t})
np.negative({t}, out={t})
np.exp({t}, out={t})
np.log1p({t}, out={t})
np.add({t}, {s}, out={t})
"""
SIGMOID = """
np.abs({z}, out={s})
np.negative({s}, out={s})
np.exp({s}, out={s})
np.add({s}, 1, out={s})
np.minimum({z}, 0, out={t})
np.exp({t}, out={t})
np.divide({t}, {s}, out={t})
"""


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
    return chain(SOFTPLUS, z, keyword(call, "out"), context)


def sigmoid(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``special.expit(z, out=t)``, which calls libm for every entry.

    The conditions: whole arrays of one shape, and single precision, in which two of NumPy's
    exponentials cost less than one of libm's.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "special.expit":
        return None
    return chain(SIGMOID, call.args[0], keyword(call, "out"), context) if context.single else None


def chain(
    form: str, z: ast.expr, target: ast.expr | None, context: Context
) -> list[ast.stmt] | None:
    """The lines of a form; it reads z before it writes to the target, so that both may be one."""
    array, own = context.real(z), context.real(target) if target is not None else None
    if array is None or own is None or array.shape != own.shape or not own.rank:
        return None
    operands = {"z": array.name, "t": own.name, "s": ast.unparse(context.scratch(own))}
    return ast.parse(form.format(**operands)).body
