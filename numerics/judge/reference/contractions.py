"""Sums of contractions at a point, with running errors.

A contraction loses what its factors have lost, and a rounding for every operation:

    error(c·Σ Π f) = |c| (Σ_f Σ e_f Π_{g≠f}(|g| + e_g) + (terms + factors)·u·Σ Π(|f| + e_f))

which holds for every order of summation and of multiplication.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.judge.reference.quantities import Axes, Named, Quantities, extent
from backproof.numerics.judge.reference.running import (
    EXTENDED,
    ZERO,
    Array,
    Running,
    cleaned,
    constant,
    fits,
    grid,
)
from backproof.numerics.judge.reference.ties import with_shares
from backproof.theory.equations import Contraction, Sum
from backproof.theory.notation import Delta, Index, Ones, Subscript, distinct, indices_in

LARGE = 4096  # entries of an operand from which a path through BLAS pays


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Part:
    """A term aligned to its sum, and the magnitude that its partial sums may reach."""

    running: Running
    magnitude: Array


def sum_of(total: Sum, out: Axes, here: Quantities) -> Running:
    """The value of a sum of contractions, with one axis for each index of ``out``."""
    shape = here.shape(out)
    if not total.terms:
        return Running(np.zeros(shape, EXTENDED), np.zeros(shape, EXTENDED), True)
    parts = [_term(term, out, here) for term in total.terms]
    value = sum((p.running.value for p in parts[1:]), start=parts[0].running.value)
    value = np.broadcast_to(value, shape)
    if not here.bounds:
        return Running(value, ZERO)
    magnitude = sum((p.magnitude for p in parts), start=ZERO)
    error = sum((p.running.error for p in parts), start=ZERO)
    exact = all(p.running.exact for p in parts)
    if len(parts) > 1:
        exact = exact and _stays_whole([p.running for p in parts], magnitude, max, here)
        error = error + len(parts) * here.form.unit * magnitude
    return Running(value, np.broadcast_to(cleaned(error), shape), exact)


def _stays_whole(parts: list[Running], magnitude: Array, join: Any, here: Quantities) -> bool:
    """Whether whole numbers (up to a power of two) meet without rounding."""
    bits = [grid(p) for p in parts]
    return None not in bits and fits(magnitude, join(bits), here.form)


def _term(term: Contraction, out: Axes, here: Quantities) -> Part:
    if here.ties:
        term = with_shares(term, {name: share.shape for name, share in here.ties.items()})
    where = _placements(term, out)
    if where:
        return _placed(term, out, where, here)
    factors = [here.factor(f) for f in term.factors if not isinstance(f, Ones)]
    carried = {i for f in factors for i in f.axes}
    core = tuple(i for i in out if i in carried)
    count, coefficient = 1, term.coefficient
    for i in term.over:
        if i in carried:
            count *= here.size(i.size)
        else:  # an index that nothing carries multiplies by its size
            coefficient = coefficient * i.size
    c, short = constant(extent(coefficient, here.sizes))
    part = _contracted(factors, core, count, here)
    running = part.running
    if c != 1:
        running = _scaled(running, c, short, here)
    aligned = Named(core, running).along(out)
    magnitude = Named(core, Running(part.magnitude * abs(c), ZERO)).along(out).value
    return Part(aligned, magnitude)


def _scaled(running: Running, c: Any, short: bool, here: Quantities) -> Running:
    """The product with a coefficient; a power of two loses nothing."""
    if not here.bounds:
        return Running(running.value * c, ZERO)
    power_of_two = short and np.frexp(abs(c))[0] == 0.5
    rounding = EXTENDED(0) if power_of_two else here.form.unit
    lost = (rounding + (0 if short else here.form.written)) * (
        np.abs(running.value) + running.error
    )
    value, error = running.value * c, abs(c) * (running.error + lost)
    exact = running.exact and short
    exact = exact and _stays_whole([Running(value, ZERO)], np.abs(value), max, here)
    return Running(value, error, exact)


def _contracted(factors: list[Named], core: Axes, count: int, here: Quantities) -> Part:
    if not factors:
        one = np.asarray(EXTENDED(1))
        return Part(Running(one, ZERO, True), one)
    value = _einsum([(f.axes, f.running.value) for f in factors], core, not here.bounds)
    if not here.bounds:
        return Part(Running(value, ZERO), ZERO)
    sizes = [_magnitude(f.running.value, here) for f in factors]
    wide = [m + _magnitude(f.running.error, here) for f, m in zip(factors, sizes, strict=True)]
    outer = _einsum([(f.axes, w) for f, w in zip(factors, wide, strict=True)], core, True)
    inherited = ZERO
    for n, factor in enumerate(factors):
        if np.any(factor.running.error):
            own = [*wide[:n], _magnitude(factor.running.error, here), *wide[n + 1 :]]
            parts = [(f.axes, w) for f, w in zip(factors, own, strict=True)]
            inherited = inherited + _einsum(parts, core, True)
    operations = count - 1 + len(factors) - 1
    exact = all(f.running.exact for f in factors)
    if exact and operations:
        exact = _stays_whole([f.running for f in factors], outer, sum, here)
    lost = np.where(outer > 0, operations * here.form.tiny, EXTENDED(0))  # underflow
    rounding = operations * here.form.unit * outer if operations else ZERO  # 0·∞ of a mask is 0
    return Part(Running(value, cleaned(inherited + rounding + lost), exact), outer)


def _magnitude(array: Array, here: Quantities) -> Array:
    """Absolute values; double precision is enough for a bound, unless the format exceeds it."""
    size = np.abs(array)
    return size if here.form.digits > 53 else np.asarray(size, np.float64)


def _einsum(operands: list[tuple[Axes, Array]], out: Axes, rough: bool) -> Array:
    """Σ over everything not in ``out`` of the product; rough ones may go through BLAS."""
    letters = {i: n for n, i in enumerate(dict.fromkeys(i for axes, _ in operands for i in axes))}
    arguments: list[Any] = []
    for axes, array in operands:
        arguments += [array, [letters[i] for i in axes]]
    large = rough and len(operands) > 1 and max(a.size for _, a in operands) > LARGE
    return np.asarray(np.einsum(*arguments, [letters[i] for i in out], optimize=large))


# deltas that say where a term goes -----------------------------------------------------------


def _placements(term: Contraction, out: Axes) -> dict[Index, Subscript]:
    """Output indices that a delta fixes, and to what."""
    where: dict[Index, Subscript] = {}
    for delta in (f for f in term.factors if isinstance(f, Delta)):
        for index, target in ((delta.left, delta.right), (delta.right, delta.left)):
            if not isinstance(index, Index) or index not in out or index in where:
                continue
            inner = set(indices_in(target))
            taken = any(index in indices_in(s) for s in where.values())
            if index not in inner and not inner & set(where) and not taken:
                where[index] = target
                break
    return where


def _placed(term: Contraction, out: Axes, where: dict[Index, Subscript], here: Quantities) -> Part:
    """The term without those deltas, added to the entries that they name."""
    named = {frozenset((index, target)) for index, target in where.items()}
    rest = tuple(
        f
        for f in term.factors
        if not (isinstance(f, Delta) and frozenset((f.left, f.right)) in named)
    )
    inner = distinct(i for s in where.values() for i in indices_in(s))
    loops = distinct([*(i for i in out if i not in where), *inner])
    over = tuple(i for i in term.over if i not in loops)
    core = Contraction(term.coefficient, rest).renamed(where)
    part = _term(Contraction(core.coefficient, core.factors, over), loops, here)
    shape = here.shape(loops)
    places = tuple(np.broadcast_to(here.positions(where.get(i, i), loops), shape) for i in out)

    def gathered(array: Array) -> Array:
        target = np.zeros(here.shape(out), EXTENDED)
        np.add.at(target, places, np.broadcast_to(array, shape))
        return target

    value = gathered(part.running.value)
    if not here.bounds:
        return Part(Running(value, ZERO), ZERO)
    magnitude, error = gathered(part.magnitude), gathered(part.running.error)
    hits = int(np.prod([here.size(i.size) for i in loops if i not in out], initial=1))
    if hits > 1:
        error = error + hits * here.form.unit * magnitude
    return Part(Running(value, error, part.running.exact and hits == 1), magnitude)
