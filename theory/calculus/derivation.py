"""`derive`: gradients, Jacobians, Hessians and Hessian-vector products, each with its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from backproof.theory.calculus.asked import directions_of, targets_of
from backproof.theory.calculus.differentiate import cotangents
from backproof.theory.calculus.per_sample import per_sample as gradients_of_each
from backproof.theory.calculus.symmetry import Conventions, chosen
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import letters_of, without_letters
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, Tensor
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Derivation:
    """What was derived from a model: equations, the steps that led to them, and the results.

    ``results`` maps what was asked for to the tensor that holds it; ``derivation[name]`` is its
    equation.  ``equations`` are those of the model followed by the derived ones, in an order in
    which they can be computed.  ``per_sample`` names the number of examples where the results
    are the gradients of each example's loss, and ``symmetric`` the convention of each symmetric
    matrix that is not taken as unconstrained.
    """

    model: Model
    wrt: tuple[str, ...]
    order: int
    equations: tuple[Equation, ...]
    results: Mapping[str, Tensor]
    derivation_steps: tuple[Step, ...]
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    per_sample: str = ""
    symmetric: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Tensor]:
        """Everything that a kernel is called with: the model's arguments and directions."""
        return {**self.model.arguments, **self.inputs}

    @property
    def steps(self) -> tuple[Step, ...]:
        """How the model was stated, then how each cotangent was derived."""
        return self.model.steps + self.derivation_steps

    @property
    def derived(self) -> tuple[Equation, ...]:
        """The equations beyond the model's own."""
        own = {e.tensor.name for e in self.model.equations}
        return tuple(e for e in self.equations if e.tensor.name not in own)

    @property
    def value(self) -> Tensor:
        """The model's output."""
        return self.model.output

    def __getitem__(self, name: str) -> Equation:
        """The equation of a result (``g["W"]``) or of any quantity by its own name."""
        target = self.results[name].name if name in self.results else name
        for equation in self.equations:
            if equation.tensor.name == target:
                return equation
        raise BackproofError(
            "derivation",
            f"no result for {name}",
            f"one of {', '.join(self.results)}",
            f"derive with wrt including {name!r}",
        )

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        return text(self)

    def _repr_latex_(self) -> str:
        from backproof.theory.printing.latex import latex

        return f"$${latex(self)}$$"


def derive(
    model: Model,
    wrt: str | Sequence[str] | None = None,
    order: int = 1,
    along: str | Mapping[str, str] | None = None,
    per_sample: str | None = None,
    symmetric: str | Mapping[str, str] | None = None,
) -> Derivation:
    """Derive the derivatives of a model's output.

    ``order=1`` gives the gradient of a scalar output (shape of ``wrt``) or the Jacobian of an
    array (output shape, then the shape of ``wrt``).  ``order=2`` gives the Hessian of a scalar
    (``wrt`` shape twice; for several names also the mixed blocks, under ``"a,b"``), and with
    ``along="v"`` the Hessian-vector product Σ_b ∂²f/∂a∂b v[b] without forming the Hessian: ``v``
    becomes an input of the shape of ``wrt`` (``v_name`` for several names, or give a mapping).
    The default ``wrt`` is all parameters, or all real inputs of a model without parameters.

    ``per_sample="N"`` gives the gradient of each example's loss, of which there are N: of the
    output for the batch that holds one example alone.  A result has the examples' axis in front
    (an input of each example keeps its shape).  What one example is, the equations say; where
    examples interact, as in batch normalisation, it is refused.

    Symmetric inputs are taken as unconstrained: all n·n entries are independent.  With
    ``symmetric="constrained"`` the two entries S[i,j] and S[j,i] are one variable, and the result
    is G + Gᵀ − diag(G); with ``"projected"`` it is (G + Gᵀ)/2; a mapping names a convention for
    each name (`backproof.theory.calculus.symmetry`).  Directions are then symmetric too.

    Raises `BackproofError` for unknown or integer names, for orders that a non-scalar lacks, and
    for a convention of a name that is not declared symmetric.

    >>> from backproof.theory.trace.tracing import trace
    >>> print(derive(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"), wrt="W"))
    t1[i] = Σ_j W[i,j] x[j] - y[i]
    f = Σ_i t1[i]**2
    dt1[i] = 2 t1[i]
    dW[i,j] = dt1[i] x[j]
    >>> loss = trace("np.mean((X @ w - y)**2)", X="N d", w="d", y="N")
    >>> print(derive(loss, wrt="w", per_sample="N")["w"])
    dw[n,i] = dt1[n] X[n,i]
    """
    if len(model.outputs) > 1:
        raise BackproofError(
            "bp.derive",
            f"a model with the outputs {', '.join(model.outputs)}",
            "one output",
            f"derive one of them, model.up_to({next(iter(model.outputs))!r})",
        )
    targets = targets_of(model, wrt)
    defined = {e.tensor.name for e in model.equations}
    names = {*model.arguments, *defined, *(s.name for s in model.sizes)}
    names.update(*(step.names for step in model.steps))  # one meaning a name, in the steps too
    directions = directions_of(targets, along, names) if along is not None and order == 2 else {}
    stated = without_letters(model.equations, {d.name for d in directions.values()}, names)
    letters = letters_of(stated, names)
    conventions = Conventions(chosen(symmetric, targets), names, letters)
    work = _Work(model, targets, conventions, list(stated), [])
    if per_sample is not None:
        if order != 1 or along is not None:
            found = f"order={order}" + (" with along" if along else "")
            raise BackproofError("per_sample", found, "order 1", "drop it")
        each = work.take(*gradients_of_each(model, targets, per_sample, names, letters))
        return replace(work.finished(1, work.convert(each)), per_sample=per_sample)
    gradients = work.take(*cotangents(stated, model.output, targets, names, letters))
    if order == 1 and along is None:
        return work.finished(1, work.convert(gradients))
    if order != 2:
        found = f"order={order}" + (" with along" if along else "")
        raise BackproofError("bp.derive", found, "order 1, or 2", "use order=2 for along=")
    if model.output.shape:
        shape = ", ".join(map(str, model.output.shape))
        raise BackproofError(
            "bp.derive",
            f"order=2 of an output of shape ({shape})",
            "a scalar",
            "sum the output, or use order=1",
        )
    if along is None:
        return work.hessian(work.convert(gradients))
    return work.along(gradients, directions)


@dataclass
class _Work:
    """A derivation in the making: its equations and steps so far."""

    model: Model
    targets: list[Tensor]
    conventions: Conventions
    equations: list[Equation]
    steps: list[Step]

    def take(
        self, equations: list[Equation], steps: list[Step], results: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Keep more equations and steps; what they are about is passed on."""
        self.equations += equations
        self.steps += steps
        return results

    def convert(self, derivatives: dict[str, Tensor]) -> dict[str, Tensor]:
        """The derivatives in the conventions for symmetric matrices."""
        return self.take(*self.conventions.apply(derivatives))

    def cotangents(
        self, equations: Sequence[Equation], output: Tensor, wrt: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Reverse accumulation through the gradient's own equations."""
        names, letters = self.conventions.names, self.conventions.letters
        return self.take(*cotangents(equations, output, wrt, names, letters, order=2))

    def hessian(self, gradients: dict[str, Tensor]) -> Derivation:
        """∂gradient/∂partner for every pair of names; the mixed blocks once."""
        results: dict[str, Tensor] = {}
        for position, target in enumerate(self.targets):
            partners = self.targets[position:]
            available = needed(self.equations, [gradients[target.name]])
            blocks = self.cotangents(available, gradients[target.name], partners)
            for name, block in self.convert(blocks).items():
                results[name if name == target.name else f"{target.name},{name}"] = block
        return self.finished(2, results)

    def along(self, gradients: dict[str, Tensor], directions: dict[str, Tensor]) -> Derivation:
        """∇(Σ gradient · direction): reverse accumulation once more, over a scalar."""
        letters, names = self.conventions.letters, self.conventions.names
        terms = []
        for target in self.targets:
            own = target.indices()
            factors = (Entry(gradients[target.name], own), Entry(directions[target.name], own))
            terms.append(Contraction(sp.S.One, factors, own))
        slope = Tensor(next(n for k in range(1, 10**6) if (n := f"s{k}") not in names))
        names.add(slope.name)
        self.equations.append(letters.write(slope, (), Sum(tuple(terms))))
        products = self.convert(self.cotangents(self.equations, slope, self.targets))
        return self.finished(2, products, {d.name: d for d in directions.values()})

    def finished(
        self, order: int, results: dict[str, Tensor], inputs: dict[str, Tensor] | None = None
    ) -> Derivation:
        """The derivation, with the equations that its results need."""
        kept = needed(self.equations, [self.model.output, *results.values()])
        wrt = tuple(t.name for t in self.targets)
        return Derivation(
            self.model,
            wrt,
            order,
            kept,
            results,
            tuple(self.steps),
            inputs or {},
            symmetric=self.conventions.of,
        )
