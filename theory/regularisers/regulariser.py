"""A regulariser: a penalty on each entry of the weights.  Gradient and proximal map are derived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from backproof.theory.declarations import array
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.proximal import CENTRE, JUMP, SCALE, Proximal, proximal
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.scalars import Elementwise, absolute, larger, root, sgn
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, number

WEIGHT = sp.Symbol("w", real=True)
Strength = float | str | Sequence[float | str]


@dataclass(frozen=True)
class Regulariser:
    """Ω(w) = Σ ω(w), a sum over all entries of an array.

    ``penalty`` is ω as a function of one entry and of the ``strengths``, whose names it states.
    ``reference`` says where it comes from, ``about`` what has to be known of it, and ``of`` what
    it is a penalty of.  With ``grouped`` the sum is over groups, the vectors along the last axis,
    and ω is a function of their norms.
    """

    name: str
    penalty: Callable[..., sp.Expr]
    strengths: tuple[str, ...]
    reference: str
    about: str
    of: str = "weights"
    grouped: bool = False

    def expression(self) -> sp.Expr:
        """ω in the symbol w and the symbols of the strengths."""
        return self.penalty(WEIGHT, *(sp.Symbol(s, positive=True) for s in self.strengths))

    @property
    def conventions(self) -> tuple[str, ...]:
        """What the gradient takes for granted where ω has a kink.

        >>> from backproof.theory.regularisers import l1
        >>> l1.conventions
        ('|x|′(0) = 0',)
        """
        functions = {type(f) for f in self.expression().atoms(Elementwise)}
        functions = {root} if self.grouped else functions  # |w| of a norm is the norm
        return tuple(sorted(f.convention for f in functions if f.convention))

    def derived_proximal(self) -> Proximal:
        """The proximal map of t ω for one entry, or one norm, with the steps that lead to it.

        Raises `UnsupportedError` where there is no closed form.
        """
        return proximal(self.expression(), WEIGHT)

    def model(self, shape: str | tuple[int | str, ...], strength: Strength | None = None) -> Model:
        """The model Ω = Σ ω(w) of an array ``w`` of some shape.

        ``strength`` is a number, or the name of a scalar input; one for each strength.  Without
        it the strengths are inputs by their own names.

        >>> from backproof.theory.regularisers import elastic_net
        >>> print(elastic_net.model("m n"))
        Ω = Σ_i,j (λ |w[i,j]| + μ w[i,j]**2)
        """
        build = _Builder(self, {"w": shape}, strength)
        total = add_penalty(build.statement, self, [build.tensors["w"]], build.values)
        return build.model(total, "Ω", f"The penalty {self.name}", self._story())

    def proximal(
        self, shape: str | tuple[int | str, ...], strength: Strength | None = None
    ) -> Model:
        """The model p = argmin_x ½ Σ (x − v)² + t Ω(x), entry by entry, of ``v`` and a step ``t``.

        A penalty of norms moves each group along itself, p = v prox(|v|)/|v|: of all x of one
        norm the nearest to v is the multiple of v.

        Raises `UnsupportedError` where there is no closed form.

        Reference: Parikh and Boyd, Proximal Algorithms (2014), section 1.1.

        >>> from backproof.theory.regularisers import l1
        >>> print(l1.proximal("n"))
        p[i] = relu(|v[i]| - t λ) sgn(v[i])
        """
        derived = self.derived_proximal()
        build = _Builder(self, {"v": shape, "t": ""}, strength)
        symbols = (CENTRE, SCALE, *(sp.Symbol(s, positive=True) for s in self.strengths))

        arguments = (build.array("t"), *build.values)
        if self.grouped:
            result = _along(build, derived, symbols, arguments)
        else:

            def at(*values: sp.Expr) -> sp.Expr:
                return derived.map.subs(dict(zip(symbols, values, strict=True)), simultaneous=True)

            result = build.statement.elementwise(at, build.array("v"), *arguments)
        build.statement.steps[:0] = derived.steps
        story = (*self._story(), *((f"A tie: {JUMP}.",) if derived.jumps else ()))
        return build.model(result, "p", f"The proximal map of {self.name}", story)

    def _story(self) -> tuple[str, ...]:
        return (self.about, f"Reference: {self.reference}.")


def strengths_of(regulariser: Regulariser, given: Strength) -> tuple[float | str, ...]:
    """One strength for each that the penalty has, numbers not negative; refused otherwise."""
    several: tuple[Any, ...] = tuple(given) if isinstance(given, tuple | list) else (given,)
    wanted = regulariser.strengths
    for value in several:
        if not isinstance(value, str) and not 0 <= value < float("inf"):
            raise BackproofError(
                "strength", f"{value} for {regulariser.name}", "a number ≥ 0, or a name", "fix it"
            )
    if len(several) != len(wanted):
        raise BackproofError(
            "strength",
            f"{len(several)} for {regulariser.name}",
            f"{len(wanted)}: {', '.join(wanted)}",
            "give a tuple" if len(wanted) > 1 else "give one number or name",
        )
    return several


def add_penalty(
    statement: Statement,
    regulariser: Regulariser,
    tensors: Sequence[Tensor],
    strengths: Sequence[Value],
) -> Value:
    """Σ ω over all entries of all tensors, as a value of the statement, linear in the strengths."""
    symbols = tuple(sp.Symbol(s, positive=True) for s in regulariser.strengths)
    form = sp.expand(regulariser.penalty(WEIGHT, *symbols))
    parts = [(form.coeff(s), value) for s, value in zip(symbols, strengths, strict=True)]
    rest = form - sum(part * s for (part, _), s in zip(parts, symbols, strict=True))
    assert sp.expand(rest) == 0, f"{regulariser.name} is not linear in its strengths"
    total: Value | None = None
    for tensor in tensors:
        for part, strength in parts:
            indices = tensor.indices()
            whole = Value(indices, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))
            if regulariser.grouped:
                whole, part = norm(statement, whole), part.replace(absolute, lambda x: x)
            each = statement.elementwise(lambda w, part=part: part.subs(WEIGHT, w), whole)
            term = statement.multiply(strength, statement.total(each, each.indices))
            total = term if total is None else statement.add(total, term)
    assert total is not None
    return total


def norm(statement: Statement, value: Value) -> Value:
    """√Σ_j w[…,j]², the norm of the vectors along the last axis."""
    squares = statement.elementwise(lambda w: w**2, value)
    return statement.elementwise(
        root, statement.bind(statement.total(squares, squares.indices[-1:]))
    )


def _along(
    build: _Builder, derived: Proximal, symbols: tuple[sp.Symbol, ...], arguments: Sequence[Value]
) -> Value:
    """v · prox(ρ)/max(ρ, θ) with ρ = |v|: where ρ is not above the threshold, prox(ρ) is zero."""
    statement, v = build.statement, build.array("v")
    assert derived.threshold is not None
    size = derived.map.replace(absolute, lambda x: x).replace(sgn, lambda _: sp.S.One)
    share = size / larger(CENTRE, derived.threshold)

    def at(*values: sp.Expr) -> sp.Expr:
        return share.subs(dict(zip(symbols, values, strict=True)), simultaneous=True)

    shrunk = statement.bind(statement.elementwise(at, norm(statement, v), *arguments), "shrinkage")
    return statement.multiply(Value((*shrunk.axes, None), shrunk.rhs), v)


class _Builder:
    """Inputs by name and shape, and the strengths as numbers or scalar inputs."""

    def __init__(
        self,
        regulariser: Regulariser,
        shapes: dict[str, str | tuple[int | str, ...]],
        strength: Strength | None,
    ) -> None:
        given = strengths_of(regulariser, regulariser.strengths if strength is None else strength)
        declared = {name: array(shape).shape for name, shape in shapes.items()}
        sizes = {s.name for shape in declared.values() for size in shape for s in size.free_symbols}
        names = [s for s in given if isinstance(s, str)]
        clash = sorted(sizes & {*declared, "p"})
        if clash:
            raise BackproofError("shape", f"the size {clash[0]}", "another letter", "rename it")
        if regulariser.grouped and not min(map(len, list(declared.values())[:1])):
            raise BackproofError("shape", "a scalar", "vectors along the last axis", "add an axis")
        for name in names:
            if not name.isidentifier() or name in declared or name in sizes:
                raise BackproofError(
                    "strength", f"the name {name}", "a free name", "choose another"
                )
        letters = Letters(taken={*declared, *names, *sizes, "p"})
        self.tensors = {n: Tensor(n, shape, letters.axes(shape)) for n, shape in declared.items()}
        self.tensors |= {n: Tensor(n) for n in names}
        for name in {"t", *names} & set(self.tensors):  # a step and a strength are positive
            self.tensors[name] = replace(self.tensors[name], assumptions=frozenset({"positive"}))
        self.statement = Statement(self.tensors, letters)
        self.values = [self.array(s) if isinstance(s, str) else number(float(s)) for s in given]

    def array(self, name: str) -> Value:
        """An input as a value."""
        indices = self.tensors[name].indices()
        entry = Entry(self.tensors[name], indices)
        return Value(indices, Sum((Contraction(sp.S.One, (entry,)),)))

    def model(self, result: Value, name: str, title: str, story: tuple[str, ...]) -> Model:
        """The model of one result."""
        entry = self.statement.bind(result, name).entry
        assert entry is not None
        steps = tuple(self.statement.steps)
        equations = tuple(self.statement.equations)
        return tidy(Model(equations, self.tensors, {}, entry.tensor, steps, title, story))
