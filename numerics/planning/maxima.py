"""The place of the first largest entry of small windows, gone through place by place.

Where the maxima are known already, an entry is compared with its window's maximum, from the last
place to the first, so that of equal entries the first stays; places are counted in bytes.

    np.argmax(v.reshape(*t.shape, -1), axis=-1, out=t)   →   not_equal(v[…, 2], m, miss)
                                                             place = 2 + (place − 2) · miss   …
"""

from __future__ import annotations

import ast
import itertools

from backproof.numerics.planning.arrays import Array, root
from backproof.numerics.planning.calls import Context, called, keyword
from backproof.numerics.planning.shapes import constants, shape_of

PLACES = 16  # the most places of a window that are gone through one after another


def first_maxima(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.argmax(v.reshape(*t.shape, -1), axis=-1, out=t)`` of small windows, place by place.

    The condition: at most `PLACES` places, of a number that is known.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    target = keyword(call, "out") if isinstance(call, ast.Call) else None
    if not isinstance(call, ast.Call) or not called(call, "argmax") or target is None:
        return None
    array = context.arrays.get(target.id) if isinstance(target, ast.Name) else None
    source = call.args[0]
    if array is None or not isinstance(source, ast.Call) or not array.integer:
        return None
    if not ast.unparse(source).endswith(f".reshape(*{array.name}.shape, -1)"):
        return None
    assert isinstance(source.func, ast.Attribute)
    view = source.func.value
    shape, owner = shape_of(view, context.arrays), context.arrays.get(root(view) or "")
    if shape is None or owner is None or owner.integer:
        return None
    extents = shape[array.rank :]
    if not extents or not all(size.isdecimal() for size in extents):
        return None
    places = list(itertools.product(*(range(int(size)) for size in extents)))
    if not 1 < len(places) <= PLACES:
        return None
    entries = [
        f"{ast.unparse(view)}[{', '.join([':'] * array.rank + list(map(str, p)))}]" for p in places
    ]
    known = context.maxima.get(_kept(view, array.rank))
    top = context.arrays.get(known) if known is not None else None
    if top is not None and top.shape == array.shape:
        return _compared(entries, array, top, context)
    return _in_turn(entries, array, context)


def _kept(view: ast.expr, rank: int) -> tuple[str, tuple[int, ...]]:
    """The code of what is reduced, and its axes that stay, in the order of the target's."""
    function = view.func if isinstance(view, ast.Call) else None
    if isinstance(function, ast.Attribute) and function.attr == "transpose":
        order = constants(view.args) or []  # type: ignore[attr-defined]
        return ast.unparse(function.value), tuple(order[:rank])
    return ast.unparse(view), tuple(range(rank))


def _compared(entries: list[str], array: Array, top: Array, context: Context) -> list[ast.stmt]:
    """The place where an entry first equals the maximum."""
    preamble = context.preamble
    kinds = {"miss": "np.bool_", "place": "np.int8"}
    made = {
        wish: ast.unparse(
            preamble.array(preamble.lying("empty", array.shape, array.memory, kind), wish)
        )
        for wish, kind in kinds.items()
    }
    step = ast.unparse(
        preamble.array(preamble.lying("empty", array.shape, array.memory, "np.int8"), "step")
    )
    bytes_ = ast.unparse(preamble.name(f"{made['miss']}.view(np.int8)", "missed", made["miss"]))
    last = len(entries) - 1
    code = [f"{made['place']}.fill({last})"]
    for number, entry in reversed(list(enumerate(entries[:-1]))):
        form = NEARER if number else FIRST_OF_ALL
        code.append(
            form.format(
                v=entry, m=top.name, n=number, miss=made["miss"], b=bytes_, p=made["place"], s=step
            )
        )
    code.append(f"np.copyto({array.name}, {made['place']})")
    return ast.parse("\n".join(code)).body


NEARER = """
np.not_equal({v}, {m}, out={miss})
np.subtract({p}, {n}, out={s}, dtype=np.int8)
np.multiply({s}, {b}, out={s})
np.add({s}, {n}, out={p}, dtype=np.int8)
"""
FIRST_OF_ALL = """
np.not_equal({v}, {m}, out={miss})
np.multiply({p}, {b}, out={p})
"""


def _in_turn(entries: list[str], array: Array, context: Context) -> list[ast.stmt]:
    """A later place takes over where it is larger."""
    preamble = context.preamble
    best = preamble.array(preamble.lying("empty", array.shape, array.memory, preamble.kind), "best")
    larger = preamble.array(preamble.lying("empty", array.shape, array.memory, "np.intp"), "larger")
    lines: list[ast.stmt] = []
    for number, entry in enumerate(entries):
        names = {"v": entry, "t": array.name, "b": ast.unparse(best), "m": ast.unparse(larger)}
        lines += ast.parse((LATER if number else FIRST).format(**names, n=number)).body
    return lines


FIRST = "np.copyto({b}, {v})\n{t}.fill(0)"
LATER = """
np.greater({v}, {b}, out={m}, casting='unsafe')
np.multiply({m}, {n}, out={m})
np.maximum({t}, {m}, out={t})
np.maximum({b}, {v}, out={b})
"""
