"""A kernel whose equations run as C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.bound import BoundKernel, by_calls
from backproof.numerics.foreign import as_numpy, in_kind, namespace
from backproof.numerics.kernel import Kernel
from backproof.numerics.native.crossing import Assignment, Crossing
from backproof.numerics.native.entrance import entrance, entrance_type
from backproof.numerics.native.program import Program
from backproof.numerics.sizes import check_sizes
from backproof.numerics.statement import Stated
from backproof.theory.equations import Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor


class NativeKernel(Kernel):
    """Equations compiled to C: called as any kernel, and the results are the caller's own.

    ``source`` is the C that runs, one block an equation. Sizes are arguments of the C functions,
    so that batches of other sizes need no compilation, and threads may call it at once. Functions
    that C lacks are called in NumPy, between one C function and the next.
    """

    def __init__(self, stated: Stated, program: Program, products: Future[tuple[int, int]]) -> None:
        arguments, results = stated.arguments, stated.results
        known = [t.name for t in (*program.arrays, *program.numbers)]
        for name, value in {
            "equations": stated.equations,
            "steps": (*stated.steps, *program.steps),
            "blocks": program.blocks,
            "source": program.source,
            "dtype": arguments.dtype,
            "backend": "c",
            "arguments": arguments,
            "results": results,
            "alone": stated.alone,
            "_crossing": Crossing(program, arguments.names, arguments.dtype, products),
            "_tensors": tuple(arguments.tensors.values()),
            "_place": tuple(known.index(t.name) for t in results.values()),
            "_assignments": {},
            "_learned": set(),
        }.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_enter", None)
        object.__setattr__(self, "_waits", not program.calls)  # for the quick way in
        self._open()

    _crossing: Crossing
    _tensors: tuple[Tensor, ...]
    _place: tuple[int, ...]
    _assignments: dict[tuple[int, ...], Assignment]
    _learned: set[tuple[int, ...]]
    _enter: Any
    _waits: bool
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __call__(self, /, **arrays: Any) -> Any:
        """The value, or the dictionary of results; errors as those of `Kernel`."""
        if self._enter is not None:
            found = self._enter.call(arrays)
            if found is not None:
                return found
        return self._explained(arrays)

    def _explained(self, arrays: dict[str, Any]) -> Any:
        """The call with every check, and with inputs converted."""
        self._open()
        own = arrays.pop("out", None) if "out" not in self.arguments.tensors else None
        if (library := namespace(arrays)) is not None:
            given = {n: as_numpy(n, array, library) for n, array in arrays.items()}
            return in_kind(self(**given, **({"out": own} if own is not None else {})), library)
        values, sizes = self.arguments.bind(arrays)
        at = self._assignment(sizes)
        ordered = [self._in_order(v, t) for v, t in zip(values, self._tensors, strict=True)]
        self._learn(ordered, sizes, at)
        found, bad = self._crossing(ordered, at)
        if bad:
            self.arguments.refuse_nan(values)
            raise IndexError("a position that the kernel computed lies outside its axis")
        out = dict(zip(self.results, (found[n] for n in self._place), strict=True))
        judged = [out["value"]] if "value" in out else list(out.values())
        if not all(np.all(np.isfinite(array)) for array in judged):
            self.arguments.refuse_nan(values)
        for name, target in (own or {}).items():
            out[name] = _copied(name, target, out)
        return out["value"] if self.alone else out

    def _in_order(self, value: Any, tensor: Tensor) -> np.ndarray:
        kind = np.intp if tensor.dtype == "integer" else self.dtype
        return np.require(value, kind, ("C", "A"))

    def _assignment(self, sizes: tuple[int, ...]) -> Assignment:
        found = self._assignments.get(sizes)
        if found is None:
            known = dict(zip(self.arguments.sizes, sizes, strict=True))
            check_sizes(self.equations, known)
            _check_coefficients(self.equations, known)
            if len(self._assignments) >= 64:
                self._assignments.clear()
            found = self._crossing.assignment(self.arguments.sizes, sizes)
            self._assignments[sizes] = found
        return found

    # the quick way -------------------------------------------------------------------------

    def _bound(self, arrays: dict[str, Any]) -> BoundKernel:
        self._open(wait=True)
        if self._enter is None:
            return by_calls(self, arrays)
        self(**arrays)  # with every check; the sizes are learned
        program = self._crossing.program
        _, sizes = self.arguments.bind(arrays)
        at = self._assignment(sizes)
        kinds = (np.intp if t.dtype == "integer" else self.dtype for t in program.arrays)
        made = tuple(np.empty(s, k) for s, k in zip(at.shapes, kinds, strict=True))
        numbers = np.empty(max(len(program.numbers), 1), self.dtype)
        run = self._enter.bind(arrays, made, numbers)
        if run is None:
            return by_calls(self, arrays)
        run()
        written = (*made, *(numbers[n : n + 1].reshape(()) for n in range(numbers.size)))
        return BoundKernel(
            {n: written[p] for n, p in zip(self.results, self._place, strict=True)}, run
        )

    def _open(self, wait: bool = False) -> None:
        """Take the quick way in as soon as it is there; none where NumPy has a part."""
        if self._waits and (wait or entrance().done()):
            quick = entrance_type() if wait else entrance().result()
            object.__setattr__(self, "_enter", quick and self._entrance(quick))
            object.__setattr__(self, "_waits", False)

    def _entrance(self, quick: Any) -> Any:
        """The quick way into this kernel; `None` where it has more arguments than that takes."""
        program = self._crossing.program
        count = len(program.arrays)
        labels = tuple(int(t.dtype == "integer") for t in self._tensors)
        place = tuple(n if n < count else count - n - 1 for n in self._place)
        names = list(self.results)
        try:
            return quick(
                self._crossing.addresses[0],
                self.arguments.names,
                tuple(len(t.shape) for t in self._tensors),
                labels,
                tuple(len(t.shape) for t in program.arrays),
                tuple(int(t.dtype == "integer") for t in program.arrays),
                len(program.numbers),
                tuple(names),
                place,
                self.dtype.itemsize == 4,
                self.alone,
                names.index("value") if "value" in names else -1,
            )
        except OverflowError:
            return None

    def _learn(self, ordered: Sequence[np.ndarray], sizes: tuple[int, ...], at: Assignment) -> None:
        lengths = tuple(n for array in ordered for n in array.shape)
        if self._enter is None or lengths in self._learned:
            return
        below = tuple(
            -1 if t.below is None else int(t.below.xreplace(at.extents)) for t in self._tensors
        )
        shapes = tuple(n for shape in at.shapes for n in shape)
        entries = sum(a.size for a in ordered) + sum(int(np.prod(s)) for s in at.shapes)
        work = at.length + entries * self.dtype.itemsize
        self._enter.learn(lengths, sizes, shapes, below, at.length, work)
        self._learned.add(lengths)


def _copied(name: str, target: Any, out: Mapping[str, Any]) -> Any:
    """A result in an array of the caller's."""
    if name not in out or np.shape(target) != np.shape(out[name]):
        raise BackproofError(
            f"out={{{name!r}: …}}",
            f"an array of shape {np.shape(target)}",
            f"one of {', '.join(out)} with the shape of that result",
            "pass np.empty of that shape",
        )
    np.copyto(target, out[name])
    return target


def _check_coefficients(equations: Sequence[Equation], sizes: Mapping[sp.Symbol, int]) -> None:
    """Refuse sizes for which a coefficient such as 1/(n − 1) is no number."""
    known = {s: sp.Integer(n) for s, n in sizes.items()}
    for equation in equations:
        for term in equation.rhs.terms if isinstance(equation.rhs, Sum) else ():
            value = term.coefficient.xreplace(known) if term.coefficient.free_symbols else sp.S.One
            if value.has(sp.zoo, sp.nan):
                facts = ", ".join(f"{size} = {extent}" for size, extent in sizes.items())
                raise BackproofError(
                    "kernel",
                    f"a division by zero with {facts}",
                    "sizes that leave no denominator zero",
                    "pass more rows (a variance with ddof=1 needs two)",
                )
