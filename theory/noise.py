"""Training with noise: the expected loss to second order, which is a penalty.

With ε[a] independent, Gaussian, of mean 0 and variance σ², Taylor's formula gives

    E J(θ, x + ε) = J(θ, x) + (σ²/2) Σ_a ∂²J/∂x[a]² + O(σ⁴)

The trace of the Hessian is carried forwards (`backproof.theory.calculus.laplacian`) and no Hessian
is formed.  For a loss of a network's output z = f(x) it splits,

    Σ_a ∂²J/∂x[a]²  =  Σ ∂²J/∂z∂z ⟨∂z/∂x, ∂z/∂x⟩  +  Σ ∂J/∂z Σ_a ∂²z/∂x[a]²
                       Gauss–Newton                    residual

and for the squared error ½ |z − y|² the first part is |∂f/∂x|², Tikhonov's penalty, while the
second is a multiple of the residual z − y and small where the fit is good.

The formula is exact where J is a polynomial in x of degree 3 at most; linear regression is the
case that gives ridge regression.  Otherwise it is the beginning of a series, and with kinks (relu)
it holds away from them.

Reference: C. Bishop, Training with noise is equivalent to Tikhonov regularization (1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from backproof.theory.calculus.degree import degrees
from backproof.theory.calculus.derivation import derive
from backproof.theory.calculus.differentiate import cotangents
from backproof.theory.calculus.laplacian import laplacian
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters, letters_of
from backproof.theory.model import Model, needed
from backproof.theory.normal import apart, normal
from backproof.theory.notation import Entry, Index, Map, Tensor
from backproof.theory.scalars import Elementwise
from backproof.theory.steps import Step

SIGNS = (
    "A dot over a quantity (D) is its derivative in each noisy entry, two dots (Δ) are the sum of "
    "its second derivatives in them."
)
PARTS = (
    "G is the Gauss–Newton part, for a squared error Tikhonov's penalty |∂f/∂x|²; R is the part "
    "of the residual."
)


@dataclass(frozen=True)
class Expansion:
    """E J(x + ε) to second order, as a model, and what is known of it.

    ``model`` computes it, with the deviation as one more input where that has a name; ``trace``
    is the name of Σ_a ∂²J/∂x[a]², and ``gauss_newton`` and ``residual`` are those of its parts.
    ``degree`` is that of J in the noisy quantity where J is known to be a polynomial; ``kinks``
    are the conventions of the functions with a kink on the way.
    """

    model: Model
    noisy: str
    trace: str
    gauss_newton: str | None
    residual: str | None
    degree: int | None
    kinks: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether nothing is left out: the terms of order σ⁴ hold fourth derivatives."""
        return self.degree is not None and self.degree <= 3

    @property
    def statement(self) -> str:
        """What the model claims, in words."""
        of = f"the expectation over Gaussian noise on {self.noisy}"
        if self.exact:
            return f"Exactly {of}: of degree {self.degree}, fourth derivatives vanish."
        away = f", away from kinks ({'; '.join(self.kinks)})" if self.kinks else ""
        return f"To second order {of}{away}: what is left out is of order σ⁴."

    def __getitem__(self, name: str) -> Equation:
        """The equation of a quantity."""
        return self.model[name]

    def __str__(self) -> str:
        return f"{self.model}\n{self.statement}"

    def _repr_latex_(self) -> str:
        return self.model._repr_latex_()


def expand(
    model: Model, noisy: str, deviation: float | str = "σ", at: str | Sequence[str] = ()
) -> Expansion:
    """Derive E J(x + ε) = J + (σ²/2) Σ_a ∂²J/∂x[a]² for Gaussian noise on a quantity of a model.

    ``noisy`` names an input, a parameter or a quantity in between (hidden units); ``deviation``
    is σ, a number or the name of a scalar input.  ``at`` names the quantities at which the loss
    begins, such as the last layer ``"z2"`` of a network: the trace is then split into the
    Gauss–Newton part ``G_J`` and the part ``R_J`` of the residual.  An output that is an array is
    expanded entry by entry.

    Raises `BackproofError` for unknown or integer names, and for ``at`` out of reach of the noise.

    >>> from backproof.theory.trace.tracing import trace
    >>> print(expand(trace("np.sum((X @ w - y)**2)", X="n d", w="d", y="n"), "X"))
    t1[i] = Σ_j X[i,j] w[j] - y[i]
    f = Σ_i t1[i]**2
    Δf = 2 n Σ_j w[j]**2
    E_f = f + σ**2 Δf / 2
    Exactly the expectation over Gaussian noise on X: of degree 2, fourth derivatives vanish.
    """
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes} | {n for step in model.steps for n in step.names}
    target = _quantity(model, noisy)
    places = [_quantity(model, name) for name in ([at] if isinstance(at, str) else at)]
    scale, inputs = _deviation(deviation, names)
    made = _Making(model, letters_of(model.equations, {*names, *inputs}), {*names, *inputs})
    if any(isinstance(e.rhs, MatrixValue) for e in _reached(model, noisy)):
        parts = {"Δ": made.by_hessian(target, places)}
    else:
        parts = made.forwards(target, places)
    trace = parts["Δ"] if not places else made.define("Δ", [made.whole(t) for t in parts.values()])
    own = model.output.indices()
    half = Contraction(scale, (*(Entry(t) for t in inputs.values() for _ in range(2)),))
    terms = [made.whole(model.output, own), *made.scaled(half, trace, own)]
    expected = made.define("E_", terms, own)
    degree = degrees(model.equations, noisy).get(model.output.name, 0)
    expansion = Expansion(
        made.model(expected, inputs, noisy),
        noisy,
        trace.name,
        parts["G_"].name if places else None,
        parts["R_"].name if places else None,
        degree,
        _kinks(model, noisy),
    )
    story = (*model.story, expansion.statement, *((SIGNS, PARTS) if places else (SIGNS,)))
    return replace(expansion, model=replace(expansion.model, story=story))


class _Making:
    """A model with further equations: the pass of the Laplacian, the parts of the trace, E."""

    def __init__(self, model: Model, letters: Letters, names: set[str]) -> None:
        self.given, self.letters, self.names = model, letters, names
        self.equations, self.steps = list(model.equations), list[Step]()
        self.output = model.output

    def forwards(self, target: Tensor, places: Sequence[Tensor]) -> dict[str, Tensor]:
        """The trace carried forwards, in parts where the loss begins at some quantities."""
        known = {t.name for t in places}
        found = laplacian(self.given.equations, target, self.names, self.letters, known)
        self.equations += found.equations
        self.steps += found.steps
        for name in sorted(known - set(found.aside)):
            raise BackproofError(
                "at", f"{name}, which {target.name} does not reach", "a later quantity", "drop it"
            )
        carried = found.carried.get(self.output.name)
        home = carried.home if carried else self.output.indices()
        main = carried.laplacian if carried else Sum(())
        if not places:
            return {"Δ": self.named("Δ", main, home)}
        parts = {"G_": self.named("G_", main, home)}
        equations, steps, cotangent = cotangents(
            self.given.equations, self.output, places, self.names, self.letters
        )
        self.equations += equations
        self.steps += steps
        own, terms = self.output.indices(), []
        for place in places:
            inner = place.indices()
            aside = found.aside[place.name]
            second = aside.laplacian.renamed(dict(zip(aside.home, inner, strict=True)))
            slope = Contraction(sp.S.One, (Entry(cotangent[place.name], (*own, *inner)),), inner)
            terms += [
                Contraction(t.coefficient, (*slope.factors, *t.factors), (*inner, *t.over))
                for t in map(apart, second.terms)
            ]
        return {**parts, "R_": self.define("R_", terms, own)}

    def by_hessian(self, target: Tensor, places: Sequence[Tensor]) -> Tensor:
        """The trace of a Hessian that is formed, for functions of a matrix."""
        if places:
            raise BackproofError(
                "at", "a model with functions of a matrix", "contractions and maps", "drop at="
            )
        twice = derive(self.given, target.name, order=2)
        self.equations = list(twice.equations)
        self.names |= {e.tensor.name for e in self.equations}
        self.steps += twice.derivation_steps
        over = target.indices()
        hessian = Entry(twice.results[target.name], (*over, *over))
        return self.define("Δ", [Contraction(sp.S.One, (hessian,), over)])

    def named(self, prefix: str, value: Sum, home: tuple[Index, ...]) -> Tensor:
        """The tensor of a value that has its name already, or a new one with that meaning."""
        terms = list(value.terms)
        alone = [f for t in terms for f in t.factors if t.coefficient == 1 and not t.over]
        if len(terms) == 1 and len(alone) == 1 and isinstance(alone[0], Entry):
            for equation in self.equations[len(self.given.equations) :]:
                if equation.entry == alone[0] and isinstance(equation.rhs, Sum):
                    if equation.tensor.name == f"{prefix}{self.output.name}":
                        return equation.tensor
                    terms = list(equation.rhs.terms)
        return self.define(prefix, terms, home)

    def define(
        self, prefix: str, terms: list[Contraction], own: tuple[Index, ...] | None = None
    ) -> Tensor:
        """Write down a quantity of the shape of the output; no terms are zero."""
        of = self.output
        wishes = (f"{prefix}{of.name}{k}" for k in ("", *(f"_{k}" for k in range(2, 10**4))))
        name = next(wish for wish in wishes if wish not in self.names)
        self.names.add(name)
        accent = {"Δ": "ddot"}.get(prefix)
        tensor = Tensor(
            name, of.shape, of.axes, cotangent_of=of.name if accent else None, accent=accent or ""
        )
        own = self.own if own is None else own
        self.equations.append(self.letters.write(tensor, own, normal(Sum(tuple(terms)))))
        return tensor

    @cached_property
    def own(self) -> tuple[Index, ...]:
        """The indices of the output."""
        return self.output.indices()

    def whole(self, tensor: Tensor, own: tuple[Index, ...] | None = None) -> Contraction:
        """A quantity of the shape of the output, as one term."""
        return Contraction(sp.S.One, (Entry(tensor, self.own if own is None else own),))

    def scaled(
        self, factor: Contraction, tensor: Tensor, own: tuple[Index, ...]
    ) -> list[Contraction]:
        """A multiple of such a quantity."""
        entry = Entry(tensor, own)
        return [Contraction(factor.coefficient, (*factor.factors, entry))]

    def model(self, output: Tensor, inputs: dict[str, Tensor], noisy: str) -> Model:
        """The model of what was written, with the inputs that it needs."""
        given = self.given
        return Model(
            needed(self.equations, [output]),
            {**given.inputs, **inputs},
            given.parameters,
            output,
            (*given.steps, *self.steps),
            f"{given.title or given.output.name} with noise on {noisy}",
        )


def _quantity(model: Model, name: str) -> Tensor:
    """An argument or a quantity of the model, of real numbers."""
    known = {**model.arguments, **{e.tensor.name: e.tensor for e in model.equations}}
    if name not in known or name == model.output.name:
        options = ", ".join(n for n in known if n != model.output.name)
        raise BackproofError("noise", f"the name {name}", f"one of {options}", "check the name")
    if known[name].dtype != "real":
        raise BackproofError("noise", f"{name}, an integer array", "real numbers", "drop it")
    return known[name]


def _deviation(deviation: float | str, names: set[str]) -> tuple[sp.Expr, dict[str, Tensor]]:
    """The coefficient of σ², and σ as an input where it has a name."""
    if isinstance(deviation, str):
        if deviation in names or not deviation.isidentifier():
            raise BackproofError("deviation", f"the name {deviation}", "a free name", "rename it")
        return sp.S.Half, {deviation: Tensor(deviation)}
    if not 0 <= deviation < float("inf"):
        raise BackproofError("deviation", f"{deviation}", "a number ≥ 0, or a name", "fix it")
    return sp.Rational(repr(float(deviation))) ** 2 / 2, {}


def _reached(model: Model, noisy: str) -> list[Equation]:
    """The equations between the noisy quantity and the output."""
    reached = degrees(model.equations, noisy)
    return [e for e in needed(model.equations, [model.output]) if e.tensor.name in reached]


def _kinks(model: Model, noisy: str) -> tuple[str, ...]:
    """The conventions at kinks of the functions on the way."""
    found: list[str] = []
    reached = degrees(model.equations, noisy)
    for equation in _reached(model, noisy):
        rhs = equation.rhs
        if equation.tensor.dtype != "real":
            found.append(f"{equation.tensor.name} jumps from one label to the next")
        elif isinstance(rhs, Reduction) and rhs.kind in ("max", "min"):
            found.append(f"{rhs.kind}: of equal entries the first counts")
        for factor in rhs.factors:
            if isinstance(factor, Map) and any(a.tensor.name in reached for a in factor.arguments):
                functions = {type(f) for f in factor.expression.atoms(Elementwise)}
                found += sorted(f.convention for f in functions if f.convention)
                if factor.expression.has(sp.Piecewise):
                    found.append("a branch is flat at its ends")
    return tuple(dict.fromkeys(found))
