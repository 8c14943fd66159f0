"""Terms with deltas: their values go to the diagonal or to the labelled places of an array."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from backproof.numerics.contraction_code import Operand, aligned
from backproof.numerics.contraction_order import weight
from backproof.numerics.operand_code import Operands
from backproof.theory.equations import Contraction
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Ones,
    Subscript,
    distinct,
    indices_in,
    inside,
    row_major,
)

Spot = tuple[tuple[int, sp.Expr], ...]


def spot(term: Contraction, out: tuple[Index, ...]) -> Spot | None:
    """The axes that deltas of the term fix to a number, and the numbers; `None` for other deltas.

    ``δ[m,1] s[i]`` for m and i is the slice ``[1, :]`` of the target.
    """
    fixed: list[tuple[int, sp.Expr]] = []
    for delta in (f for f in term.factors if isinstance(f, Delta)):
        sides = (delta.left, delta.right), (delta.right, delta.left)
        pairs = [(i, s) for i, s in sides if isinstance(i, Index) and i in out]
        if len(pairs) != 1:
            return None
        ((index, place),) = pairs
        number = place.offset if isinstance(place, Affine) and not place.terms else None
        if number is None or not number.is_Integer or not inside(Affine(number), index.size):
            return None
        fixed.append((out.index(index), number))
    return tuple(sorted(fixed, key=lambda pair: pair[0]))


def apart(spots: list[Spot]) -> bool:
    """Whether slices are of the same axes, and no two the same: then each is written once."""
    return len({tuple(axis for axis, _ in s) for s in spots}) == 1 and len({*spots}) == len(spots)


def covered(spots: list[Spot], out: tuple[Index, ...]) -> bool:
    """Whether slices that are apart leave nothing of the target."""
    sizes = [out[axis].size for axis, _ in spots[0]]
    return sp.Integer(len(spots)) == sp.Mul(*sizes)


def sliced(
    term: Contraction, at: Spot, out: tuple[Index, ...], target: str
) -> tuple[str, tuple[Index, ...], Contraction]:
    """The slice of the target, its indices, and the term without the deltas that fix the others."""
    fixed = {out[axis]: number for axis, number in at}
    rest = tuple(f for f in term.factors if not isinstance(f, Delta))
    code = f"{target}[{', '.join(str(fixed.get(i, ':')) for i in out)}]"
    loops = tuple(i for i in out if i not in fixed)
    return code, loops, Contraction(term.coefficient, rest, term.over)


def write(code: Operands, term: Contraction, loops: tuple[Index, ...], view: str) -> None:
    """A term as the values of a view with these indices."""
    plain = tuple(f for f in term.factors if not isinstance(f, Ones))
    carried = {i for f in plain for i in indices_in(f)}
    core = tuple(i for i in loops if i in carried)
    whole = bool(core) and core == loops
    place = view if whole else code.scratch(core) if core else ""
    body = code.contracted(Contraction(sp.S.One, plain, term.over), core, place)
    scale = code.size(term.coefficient)
    if whole:
        if term.coefficient != 1:
            code.lines.append(f"np.multiply({view}, {scale}, out={view})")
        return
    value = aligned(Operand(body, core), loops) if core else body
    amount = value if term.coefficient == 1 and value else f"{scale}*{value}" if value else scale
    code.lines.append(f"{view} = {amount}")


def place(
    code: Operands,
    term: Contraction,
    out: tuple[Index, ...],
    target: str,
    alone: bool = False,
) -> None:
    """Add a term with deltas to the target: to its diagonal, or to the places that labels name.

    Where it is ``alone``, the target is not filled with zeros yet.
    """
    deltas = [f for f in term.factors if isinstance(f, Delta)]
    rest = tuple(f for f in term.factors if not isinstance(f, Delta))
    where: dict[Index, Subscript] = {}
    left_over: list[Factor] = []
    for delta in deltas:
        solved = _solved(delta, out, where)
        if solved is None:
            left_over.append(delta)
        else:
            where[solved[0]] = solved[1]
    inner = [i for s in where.values() for i in indices_in(s)]
    loops = distinct([*(i for i in out if i not in where), *(i for i in inner if i not in where)])
    core_term = Contraction(sp.S.One, (*rest, *left_over)).renamed(where)
    core_term = Contraction(sp.S.One, core_term.factors, term.over)
    carried = {i for f in core_term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    core = tuple(i for i in loops if i in carried)
    if alone:
        if _tiled(code, core_term, where, out, target, term.coefficient):
            return
        code.lines.append(f"{target}.fill(0)")
    buffer = code.scratch(core) if core else ""
    body = code.contracted(core_term, core, buffer)
    scale = code.size(term.coefficient)
    value = aligned(Operand(body, core), loops) if core else body
    amount = value if term.coefficient == 1 and value else f"{scale}*{value}" if value else scale
    once = len(inner) == len(set(inner)) and not set(inner) & set(out)
    digits = {i: _digits(s, i) for i, s in where.items()}
    if where and once and all(digits.values()):
        axes = [j for i in out for j in digits.get(i) or (i,)]
        sizes = ", ".join(code.size(i.size) for i in axes)
        wide = aligned(Operand(body, core), axes) if core else body
        amount = wide if term.coefficient == 1 and wide else f"{scale}*{wide}" if wide else scale
        view = code.free("view")
        code.lines += [f"{view} = {target}.reshape({sizes})", f"{view} += {amount}"]
        return
    if once and all(map(_moves, where.values())):
        shifted(code, where, out, target, Operand(body, core), loops, scale)  # type: ignore[arg-type]
        return
    overlapping = any(isinstance(s, Affine) and len(s.terms) > 1 for s in where.values())
    repeated = overlapping or any(i in term.over for i in inner)
    if not repeated and all(isinstance(s, Index) for s in where.values()):
        letters = {i: chr(ord("a") + n) for n, i in enumerate(loops)}
        spec = "".join(letters[where.get(i, i)] for i in out)  # type: ignore[index]
        code.lines.append(
            f"np.einsum('{spec}->{''.join(letters.values())}', {target})[...] += {amount}"
        )
        return
    places = ", ".join(code.position(where.get(i, i), loops) for i in out)
    if repeated:
        code.lines.append(f"np.add.at({target}, ({places},), {amount})")
    else:
        code.lines.append(f"{target}[{places}] += {amount}")


def _tiled(
    code: Operands,
    term: Contraction,
    where: Mapping[Index, Subscript],
    out: tuple[Index, ...],
    target: str,
    coefficient: sp.Expr,
) -> bool:
    """Write a term whose deltas name every place of the target once, such as windows side by side.

    The target is seen with one axis for each index of its places, and the term is computed there.
    """
    inner = [i for s in where.values() for i in indices_in(s)]
    once = len(inner) == len(set(inner)) and not set(inner) & set(out)
    digits = {i: _digits(s, i) for i, s in where.items()}
    axes = tuple(j for i in out for j in digits.get(i) or (i,))
    carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    if not where or not once or not all(digits.values()) or carried != {*axes}:
        return False
    view = code.free("view")
    code.lines.append(f"{view} = {target}.reshape({', '.join(code.size(i.size) for i in axes)})")
    over = tuple(i for i in term.over if i not in axes)
    code.contracted(Contraction(sp.S.One, term.factors, over), axes, view)
    if coefficient != 1:
        code.lines.append(f"np.multiply({view}, {code.size(coefficient)}, out={view})")
    return True


def shifted(
    code: Operands,
    where: Mapping[Index, Affine],
    out: tuple[Index, ...],
    target: str,
    core: Operand,
    loops: tuple[Index, ...],
    scale: str,
) -> None:
    """Add windows back to the axis they were read from: a loop over all but the longest index.

    The longest index of each affine subscript becomes a slice of the target; its places are
    distinct, so that ``+=`` is a plain addition.
    """
    steps = {
        index: {i: c for i, c in s.terms if isinstance(i, Index)} for index, s in where.items()
    }
    longest = {index: max(s, key=weight) if s else None for index, s in steps.items()}
    looped = [i for s in steps.values() for i in s if i not in longest.values()]
    names = {i: code.free(f"at{n}") for n, i in enumerate(looped)}
    places = []
    for index in out:
        if index not in where:
            places.append(":")
            continue
        vector = longest[index]
        start = [code.size(where[index].offset)] if where[index].offset != 0 else []
        for i, c in steps[index].items():
            if i != vector:
                start.append(names[i] if c == 1 else f"{code.size(c)}*{names[i]}")
        begin = " + ".join(start) or "0"
        if vector is None:
            places.append(begin)
            continue
        step = steps[index][vector]
        size = code.size(vector.size)
        if step == 1:
            places.append(f"{begin}:{begin} + {size}" if start else f":{size}")
        elif step.is_negative:  # written from the low end, the values turned round
            low = f"{begin} - {code.size(-step)}*({size} - 1)"
            stride = f":{code.size(-step)}" if step != -1 else ""
            places.append(f"{low}:{begin} + 1{stride}")
        else:
            places.append(f"{begin}:{begin} + {code.size(step)}*({size} - 1) + 1:{code.size(step)}")
    axes = [longest[i] if i in where else i for i in out]
    kept = tuple(i for i in axes if i is not None)
    inner = [i for i in looped if i in core.axes]
    wide = aligned(core, (*inner, *kept)) if core.axes else core.code or "1.0"
    if inner:
        wide = f"{wide}[{', '.join(names[i] for i in inner)}]"
    backwards = [
        n for n, i in enumerate(kept) for s in steps.values() if i in s and s[i].is_negative
    ]
    if backwards:
        wide = f"np.flip({wide}, {tuple(backwards)})"
    amount = wide if scale == "1" else f"{scale}*{wide}"
    for depth, i in enumerate(looped):
        code.lines.append(f"{'    ' * depth}for {names[i]} in range({code.size(i.size)}):")
    code.lines.append(f"{'    ' * len(looped)}{target}[{', '.join(places)}] += {amount}")


def _digits(subscript: Subscript, index: Index) -> tuple[Index, ...]:
    """The indices whose row-major place a subscript is, if they fill the axis of the index."""
    parts = [p for p, _ in subscript.terms] if isinstance(subscript, Affine) else []
    digits = tuple(p for p in parts if isinstance(p, Index))
    full = len(digits) == len(parts) > 1 and subscript == row_major(digits)
    size = sp.expand(sp.Mul(*(i.size for i in digits)) - index.size)
    return digits if full and size == 0 else ()


def _moves(subscript: Subscript) -> bool:
    """Whether a subscript is an affine combination of indices only."""
    return isinstance(subscript, Affine) and all(isinstance(p, Index) for p, _ in subscript.terms)


def _solved(
    delta: Delta, out: tuple[Index, ...], where: Mapping[Index, Subscript]
) -> tuple[Index, Subscript] | None:
    """An output index that the delta fixes, and to what."""
    sides = (delta.right, delta.left), (delta.left, delta.right)
    for index, target in sides:
        if not isinstance(index, Index) or index not in out or index in where:
            continue
        if not isinstance(target, Entry) and not inside(target, index.size):
            continue  # where the place may lie outside, the delta is a mask
        if index in indices_in(target):
            continue
        if isinstance(target, Index) and target in where:
            continue
        if any(index in indices_in(s) for s in where.values()):
            continue
        return index, target
    return None
