"""Equations evaluated at a point: the value of every quantity and its running error.

A contraction loses what its factors have lost, and a rounding for every operation:

    error(c·Σ Π f) = |c| (Σ Π(|f| + e_f) − Σ Π|f| + (terms + factors)·u·Σ Π(|f| + e_f))

which holds for every order of summation and of multiplication.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.judge.running import (
    EXTENDED,
    ZERO,
    Array,
    Format,
    Running,
    cleaned,
    constant,
    fits,
    grid,
)
from backproof.numerics.judge.scalars import scalar
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    distinct,
    indices_in,
    slot,
)

Axes = tuple[Index, ...]
Conventions = Mapping[tuple[str, str], Any]  # (equation or "*", kind of kink): what holds there
STATED: dict[str, Any] = {"step": 0, "sgn": 0, "piecewise": "stated", "extreme": "first"}
SIZE = sp.Dummy("size")


@lru_cache(maxsize=8192)
def extent(size: sp.Expr, sizes: tuple[tuple[sp.Symbol, int], ...]) -> sp.Expr:
    """A size or coefficient with numbers for the size symbols."""
    return size.xreplace({s: sp.Integer(n) for s, n in sizes})


@dataclass(frozen=True)
class Named:
    """A running array and the index of each of its axes."""

    axes: Axes
    running: Running

    def along(self, axes: Axes) -> Running:
        """The array as it broadcasts against one with these axes."""
        order = [self.axes.index(i) for i in axes if i in self.axes]
        keep = tuple(slice(None) if i in self.axes else None for i in axes)
        return self.running.at(
            lambda a: a if a.ndim == 0 else np.transpose(a, order)[keep]  # a shared zero stays one
        )


class Evaluation:
    """The quantities of a list of equations at one point.

    ``conventions`` decides entries that lie exactly on a kink; ``bounds=False`` leaves the
    errors out.  After `run`, ``kinks`` names the equations that met a kink, ``doubtful`` those in
    which rounding decides where an extreme is attained, and ``beyond`` those with a number that
    the format cannot hold.
    """

    def __init__(
        self,
        form: Format,
        sizes: Mapping[sp.Symbol, int],
        arrays: Mapping[str, Any],
        conventions: Conventions | None = None,
        bounds: bool = True,
    ) -> None:
        self.form, self.bounds = form, bounds
        self.sizes = tuple(sorted(sizes.items(), key=lambda pair: pair[0].name))
        self.conventions = conventions or {}
        self.real: dict[str, Running] = {}
        self.whole: dict[str, Array] = {}
        self.ties: dict[str, Array] = {}
        self.kinks: set[str] = set()
        self.doubtful: set[str] = set()
        self.beyond: set[str] = set()
        self.current = ""
        for name, array in arrays.items():
            self.give(name, array)

    def give(self, name: str, array: Any) -> None:
        """Define an argument."""
        array = np.asarray(array)
        if array.dtype.kind in "iu":
            self.whole[name] = array
        else:
            self.real[name] = Running.given(array)

    def copy(self) -> Evaluation:
        """An evaluation that starts from the same quantities."""
        other = Evaluation(self.form, dict(self.sizes), {}, self.conventions, self.bounds)
        other.real, other.whole, other.ties = dict(self.real), dict(self.whole), dict(self.ties)
        return other

    def run(self, equations: Iterable[Equation]) -> Evaluation:
        """Compute the left-hand sides in order."""
        with np.errstate(all="ignore"):
            for equation in equations:
                self.define(equation)
        return self

    def define(self, equation: Equation) -> None:
        """Compute one left-hand side."""
        self.current = name = equation.tensor.name
        if isinstance(equation.rhs, Reduction):
            self._reduce(equation, equation.rhs)
        elif isinstance(equation.rhs, Sum):
            self.real[name] = self._sum(equation.rhs, equation.indices)
        else:
            raise UnsupportedError(
                "bp.verify",
                f"{name}, a {type(equation.rhs).__name__}",
                "a sum of contractions or a reduction",
                "judge the quantities before it",
            )
        if name in self.real:
            value = self.real[name].value
            if np.any(np.isfinite(value) & (np.abs(value) > self.form.largest / 16)):
                self.beyond.add(name)

    # what the rules for scalars ask --------------------------------------------------------

    def convention(self, kind: str) -> Any:
        """What holds at a kink in the current equation."""
        chosen = self.conventions
        return chosen.get((self.current, kind), chosen.get(("*", kind), STATED[kind]))

    def kink(self, kind: str) -> None:
        """Note that the current equation met a kink."""
        self.kinks.add(self.current)

    def size(self, size: sp.Expr) -> int:
        """A size expression as a number."""
        return int(extent(size, self.sizes))

    # sums ----------------------------------------------------------------------------------

    def _sum(self, total: Sum, out: Axes) -> Running:
        shape = tuple(self.size(i.size) for i in out)
        if not total.terms:
            return Running(np.zeros(shape, EXTENDED), np.zeros(shape, EXTENDED), True)
        parts = [self._term(term, out) for term in total.terms]
        value = sum((r.value for r, _ in parts[1:]), start=parts[0][0].value)
        value = np.broadcast_to(value, shape)
        if not self.bounds:
            return Running(value, ZERO)
        magnitude = sum((m for _, m in parts), start=ZERO)
        error = sum((r.error for r, _ in parts), start=ZERO)
        exact = all(r.exact for r, _ in parts)
        if len(parts) > 1:
            bits = [grid(r) for r, _ in parts] if exact else [None]
            exact = None not in bits and fits(magnitude, max(bits), self.form)  # type: ignore[type-var,arg-type]
            error = error + len(parts) * self.form.unit * magnitude
        return Running(value, np.broadcast_to(cleaned(error), shape), exact)

    def _term(self, term: Contraction, out: Axes) -> tuple[Running, Array]:
        """A contraction aligned to the output, and its accumulated magnitude."""
        where = self._placements(term, out)
        if where:
            return self._placed(term, out, where)
        parts = [self.factor(f) for f in term.factors if not isinstance(f, Ones)]
        carried = {i for p in parts for i in p.axes}
        core = tuple(i for i in out if i in carried)
        count = 1
        for i in term.over:
            count *= self.size(i.size) if i in carried else 1
        running, magnitude = self._contract(parts, core, count)
        running = self._scaled(running, self._coefficient(term, carried))
        scale = abs(self._coefficient(term, carried)[0])
        return Named(core, running).along(out), Named(core, Running(magnitude * scale, ZERO)).along(
            out
        ).value

    def _coefficient(self, term: Contraction, carried: set[Index]) -> tuple[Any, bool]:
        """The coefficient as a number; an index that nothing carries multiplies by its size."""
        c = term.coefficient
        for i in term.over:
            if i not in carried:
                c = c * i.size
        return constant(extent(c, self.sizes))

    def _scaled(self, running: Running, coefficient: tuple[Any, bool]) -> Running:
        c, short = coefficient
        if c == 1 or not self.bounds:
            return Running(running.value * c, running.error, running.exact)
        lost = self.form.unit * 2 * (np.abs(running.value) + running.error)
        return Running(running.value * c, abs(c) * (running.error + lost), running.exact and short)

    def _contract(self, parts: list[Named], core: Axes, count: int) -> tuple[Running, Array]:
        if not parts:
            one = np.asarray(EXTENDED(1))
            return Running(one, ZERO, True), one
        value = _einsum([(p.axes, p.running.value) for p in parts], core)
        if not self.bounds:
            return Running(value, ZERO), ZERO
        inner = _einsum([(p.axes, np.abs(p.running.value)) for p in parts], core)
        outer = inner
        if any(np.any(p.running.error) for p in parts):
            outer = _einsum([(p.axes, np.abs(p.running.value) + p.running.error) for p in parts], core)
        operations = count - 1 + len(parts) - 1
        exact = all(p.running.exact for p in parts)
        if exact and operations:
            bits = [grid(p.running) for p in parts]
            exact = None not in bits and fits(outer, sum(bits), self.form)  # type: ignore[arg-type]
        lost = np.where(outer > 0, operations * self.form.tiny, EXTENDED(0))
        error = np.maximum(outer - inner, 0) + operations * self.form.unit * outer + lost
        return Running(value, cleaned(error), exact), outer

    # deltas that say where a term goes -------------------------------------------------------

    def _placements(self, term: Contraction, out: Axes) -> dict[Index, Subscript]:
        """Output indices that a delta fixes, and to what (never by the position of a tie)."""
        where: dict[Index, Subscript] = {}
        for delta in (f for f in term.factors if isinstance(f, Delta)):
            if self._tie(delta) is not None:
                continue
            for index, target in ((delta.left, delta.right), (delta.right, delta.left)):
                inner = set(indices_in(target))
                free = isinstance(index, Index) and index in out and index not in where
                if free and not inner & set(where) and index not in inner:
                    if any(index in indices_in(s) for s in where.values()):
                        continue
                    where[index] = target  # type: ignore[index]
                    break
        return where

    def _placed(
        self, term: Contraction, out: Axes, where: dict[Index, Subscript]
    ) -> tuple[Running, Array]:
        """The term without those deltas, added to the entries that they name."""
        used = set()
        for index, target in where.items():
            pairs = ((index, target), (target, index))
            used.add(next(f for f in term.factors if isinstance(f, Delta) and (f.left, f.right) in pairs))
        rest = tuple(f for f in term.factors if f not in used)
        inner = distinct(i for s in where.values() for i in indices_in(s))
        loops = distinct([*(i for i in out if i not in where), *inner])
        over = tuple(i for i in term.over if i not in loops)
        core = Contraction(term.coefficient, rest).renamed(where)
        running, magnitude = self._term(Contraction(core.coefficient, core.factors, over), loops)
        shape = tuple(self.size(i.size) for i in loops)
        places = tuple(
            np.broadcast_to(self._positions(where.get(i, i), loops), shape) for i in out
        )
        whole = tuple(self.size(i.size) for i in out)
        gathered = []
        for array in (running.value, running.error, magnitude):
            target_array = np.zeros(whole, EXTENDED)
            np.add.at(target_array, places, np.broadcast_to(array, shape))
            gathered.append(target_array)
        value, error, magnitude = gathered
        hits = 1
        for i in loops:
            hits *= 1 if i in out else self.size(i.size)
        if hits > 1 and self.bounds:
            error = error + hits * self.form.unit * magnitude
        exact = running.exact and hits == 1
        return Running(value, error, exact), magnitude

    # factors -------------------------------------------------------------------------------

    def factor(self, factor: Factor) -> Named:
        """A factor as an array with one axis for each of its indices."""
        if isinstance(factor, Entry):
            return self.entry(factor)
        axes = distinct(indices_in(factor))
        if isinstance(factor, Map):
            slots: dict[sp.Basic, Running] = {
                slot(n): self.entry(a).along(axes) for n, a in enumerate(factor.arguments)
            }
            for symbol, number in self.sizes:
                slots[symbol] = Running.given(number)
            running = scalar(factor.expression, slots, self)
            shape = tuple(self.size(i.size) for i in axes)
            return Named(
                axes,
                Running(
                    np.broadcast_to(running.value, shape),
                    np.broadcast_to(running.error, shape),
                    running.exact,
                ),
            )
        assert isinstance(factor, Delta)
        tie = self._tie(factor)
        if tie is not None:
            entry, other = tie
            subscripts = (*entry.subscripts, other)
            places = tuple(self._positions(s, axes) for s in subscripts)
            return Named(axes, Running.given(self.ties[entry.tensor.name][places]))
        same = self._positions(factor.left, axes) == self._positions(factor.right, axes)
        return Named(axes, Running.given(same.astype(EXTENDED)))

    def _tie(self, delta: Delta) -> tuple[Entry, Subscript] | None:
        """The position of an extreme in a delta, when ties are shared and not broken."""
        for entry, other in ((delta.left, delta.right), (delta.right, delta.left)):
            if isinstance(entry, Entry) and entry.tensor.name in self.ties:
                return entry, other
        return None

    def entry(self, entry: Entry) -> Named:
        """An entry as an array with one axis for each of its indices."""
        name, subscripts = entry.tensor.name, entry.subscripts
        running = self.real.get(name)
        if running is None:
            running = Running.given(self.whole[name])
        plain = all(isinstance(s, Index) for s in subscripts)
        if plain and len(set(subscripts)) == len(subscripts):
            return Named(subscripts, running)  # type: ignore[arg-type]
        axes = distinct(i for s in subscripts for i in indices_in(s))
        places = tuple(self._positions(s, axes) for s in subscripts)
        self._check(entry.tensor, running.value.shape, places)
        return Named(axes, running.at(lambda a: a if a.ndim == 0 else a[places]))

    def _positions(self, subscript: Subscript, axes: Axes) -> Array:
        """A subscript as an array of positions that broadcasts against the axes."""
        if isinstance(subscript, Index):
            shape = [1] * len(axes)
            shape[axes.index(subscript)] = -1
            return np.arange(self.size(subscript.size)).reshape(shape)
        if isinstance(subscript, Affine):
            total = np.full([1] * len(axes), self.size(subscript.offset))
            for index, coefficient in subscript.terms:
                total = total + self.size(coefficient) * self._positions(index, axes)
            return total
        label = self.whole[subscript.tensor.name]
        places = tuple(self._positions(s, axes) for s in subscript.subscripts)
        return label[places] if places else label

    def _check(self, tensor: Tensor, shape: tuple[int, ...], places: tuple[Array, ...]) -> None:
        for length, place in zip(shape, places, strict=True):
            if place.size and (place.min() < 0 or place.max() >= length):
                raise BackproofError(
                    tensor.name,
                    f"positions {place.min()} … {place.max()} on an axis of size {length}",
                    "positions inside the axis",
                    "check the sizes and the labels",
                )

    # reductions ----------------------------------------------------------------------------

    def _reduce(self, equation: Equation, rhs: Reduction) -> None:
        operand = self.entry(rhs.operand)
        kept = tuple(i for i in operand.axes if i not in rhs.over)
        order = (*equation.indices, *rhs.over)
        assert set(kept) == set(equation.indices)
        x = operand.along(order)
        shape = tuple(self.size(i.size) for i in equation.indices)
        z = x.at(lambda a: a if a.ndim == 0 else a.reshape(*shape, -1))
        name = equation.tensor.name
        if rhs.kind == "logsumexp":
            self.real[name] = self._logsumexp(z)
        elif rhs.kind in ("max", "min"):
            sign = 1 if rhs.kind == "max" else -1
            value = sign * np.max(sign * z.value, axis=-1)
            reach = sign * z.value + z.error >= np.max(
                sign * z.value - z.error, axis=-1, keepdims=True
            )
            error = np.max(np.where(reach, z.error, 0), axis=-1) if self.bounds else ZERO
            self.real[name] = Running(value, error, z.exact)
        else:
            self._position(name, z, 1 if rhs.kind == "argmax" else -1)

    def _logsumexp(self, z: Running) -> Running:
        top = np.max(z.value, axis=-1, keepdims=True)
        weights = np.exp(z.value - top)
        value = top[..., 0] + np.log(np.sum(weights, axis=-1))
        if not self.bounds:
            return Running(value, ZERO)
        share = weights / np.sum(weights, axis=-1, keepdims=True)
        worst = np.max(np.broadcast_to(z.error, z.value.shape), axis=-1)
        mean = 1.25 * np.sum(share * z.error, axis=-1)
        spread = np.where(worst < 0.1, mean, worst)
        count = z.value.shape[-1] + 8
        size = np.abs(value) + np.abs(top[..., 0]) + count
        return Running(value, cleaned(spread + self.form.unit * size))

    def _position(self, name: str, z: Running, sign: int) -> None:
        value = sign * z.value
        top = np.max(value, axis=-1, keepdims=True)
        tied = value == top
        first = np.argmax(value, axis=-1)
        self.whole[name] = first
        error = np.broadcast_to(z.error, value.shape)
        here = np.take_along_axis(error, first[..., None], axis=-1)
        rival = (value + error >= top - here) & (np.arange(value.shape[-1]) != first[..., None])
        certain = tied & (z.exact | ((error == 0) & (here == 0)))
        if np.any(rival & ~certain):
            self.doubtful.add(name)
        if np.any(tied.sum(axis=-1) > 1):
            self.kinks.add(name)
        convention = self.convention("extreme")
        if convention == "last":
            self.whole[name] = value.shape[-1] - 1 - np.argmax(value[..., ::-1], axis=-1)
        elif convention in ("split", "all"):
            share = np.sum(tied, axis=-1, keepdims=True) if convention == "split" else 1
            self.ties[name] = tied.astype(EXTENDED) / share


def _einsum(operands: list[tuple[Axes, Array]], out: Axes) -> Array:
    """Σ over everything not in ``out`` of the product."""
    letters = {i: n for n, i in enumerate(dict.fromkeys(i for axes, _ in operands for i in axes))}
    arguments: list[Any] = []
    for axes, array in operands:
        arguments += [array, [letters[i] for i in axes]]
    return np.asarray(np.einsum(*arguments, [letters[i] for i in out]))
