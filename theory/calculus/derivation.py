"""`derive`: gradients, Jacobians, Hessians and Hessian-vector products, each with its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from backproof.theory.calculus.differentiate import cotangents
from backproof.theory.calculus.per_sample import per_sample as gradients_of_each
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters, letters_of, without_letters
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, Tensor
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Derivation:
    """What was derived from a model: equations, the steps that led to them, and the results.

    ``results`` maps what was asked for to the tensor that holds it; ``derivation[name]`` is its
    equation.  ``equations`` are those of the model followed by the derived ones, in an order in
    which they can be computed.  ``per_sample`` names the number of examples where the results
    are the gradients of each example's loss.
    """

    model: Model
    wrt: tuple[str, ...]
    order: int
    equations: tuple[Equation, ...]
    results: Mapping[str, Tensor]
    derivation_steps: tuple[Step, ...]
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    per_sample: str = ""

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

    Symmetric inputs are taken as unconstrained: all n·n entries are independent.

    Raises `BackproofError` for unknown or integer names and for orders that a non-scalar lacks.

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
    targets = _targets(model, wrt)
    defined = {e.tensor.name for e in model.equations}
    names = {*model.arguments, *defined, *(s.name for s in model.sizes)}
    names.update(*(step.names for step in model.steps))  # one meaning a name, in the steps too
    directions = _directions(targets, along, names) if along is not None and order == 2 else {}
    stated = without_letters(model.equations, {d.name for d in directions.values()}, names)
    letters = letters_of(stated, names)
    if per_sample is not None:
        if order != 1 or along is not None:
            found = f"order={order}" + (" with along" if along else "")
            raise BackproofError("per_sample", found, "order 1", "drop it")
        each, steps, results = gradients_of_each(model, targets, per_sample, names, letters)
        keys, own = tuple(t.name for t in targets), [*model.equations, *each]
        made = _derivation(model, keys, 1, own, results, steps, {})
        return replace(made, per_sample=per_sample)
    first, steps, gradients = cotangents(stated, model.output, targets, names, letters)
    equations = [*stated, *first]
    keys = tuple(t.name for t in targets)
    if order == 1 and along is None:
        return _derivation(model, keys, 1, equations, gradients, steps, {})
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
        return _hessian(model, targets, equations, gradients, steps, names, letters)
    return _along(model, targets, equations, gradients, steps, names, letters, directions)


def _targets(model: Model, wrt: str | Sequence[str] | None) -> list[Tensor]:
    known = model.arguments
    defined = {e.tensor.name: e.tensor for e in model.equations if e.tensor != model.output}
    if wrt is None:
        chosen = list(model.parameters) or [n for n, t in known.items() if t.dtype == "real"]
    else:
        chosen = (
            [wrt] if isinstance(wrt, str) else list(wrt) if isinstance(wrt, Iterable) else [wrt]
        )
    targets = []
    for name in dict.fromkeys(chosen):
        tensor = known.get(name) or defined.get(name)
        if tensor is None:
            options = ", ".join([*known, *defined])
            raise BackproofError(
                "wrt", f"the unknown name {name}", f"one of {options}", "check the name"
            )
        if tensor.dtype != "real":
            raise BackproofError(
                "wrt",
                f"{name}, an integer array",
                "a real array",
                "labels have no derivative; drop it",
            )
        targets.append(tensor)
    if any(t.name == "value" for t in targets):
        raise BackproofError(
            "wrt",
            "an input called value",
            "another name",
            "rename it: results hold the output as 'value'",
        )
    if not targets:
        raise BackproofError("wrt", "no names", "at least one", "pass wrt='name'")
    return targets


def _derivation(
    model: Model,
    wrt: tuple[str, ...],
    order: int,
    equations: list[Equation],
    results: dict[str, Tensor],
    steps: list[Step],
    inputs: dict[str, Tensor],
) -> Derivation:
    kept = needed(equations, [model.output, *results.values()])
    return Derivation(model, wrt, order, kept, results, tuple(steps), inputs)


def _hessian(
    model: Model,
    targets: list[Tensor],
    equations: list[Equation],
    gradients: dict[str, Tensor],
    steps: list[Step],
    names: set[str],
    letters: Letters,
) -> Derivation:
    results: dict[str, Tensor] = {}
    for position, target in enumerate(targets):
        partners = targets[position:]
        available = needed(equations, [gradients[target.name]])
        second, more, blocks = cotangents(
            available, gradients[target.name], partners, names, letters, order=2
        )
        equations = [*equations, *second]
        steps = [*steps, *more]
        for partner in partners:
            same = partner == target
            key = target.name if same else f"{target.name},{partner.name}"
            results[key] = blocks[partner.name]
    return _derivation(model, tuple(t.name for t in targets), 2, equations, results, steps, {})


def _directions(
    targets: list[Tensor], along: str | Mapping[str, str], names: set[str]
) -> dict[str, Tensor]:
    """An input of the shape of each target, named as asked."""
    if isinstance(along, str):
        only = len(targets) == 1
        chosen = {t.name: along if only else f"{along}_{t.name}" for t in targets}
    else:
        chosen = dict(along)
        unknown = [n for n in chosen if n not in {t.name for t in targets}]
        if unknown:
            names_ = ", ".join(t.name for t in targets)
            raise BackproofError("along", f"a direction for {unknown[0]}", names_, "drop it")
        missing = [t.name for t in targets if t.name not in chosen]
        if missing:
            raise BackproofError("along", f"no direction for {missing[0]}", "one a name", "add it")
    directions = {}
    for target in targets:
        name = chosen[target.name]
        if name in names or not name.isidentifier():
            raise BackproofError("along", f"the name {name}", "a free name", "choose another")
        names.add(name)
        directions[target.name] = Tensor(name, target.shape, target.axes)
    return directions


def _along(
    model: Model,
    targets: list[Tensor],
    equations: list[Equation],
    gradients: dict[str, Tensor],
    steps: list[Step],
    names: set[str],
    letters: Letters,
    directions: dict[str, Tensor],
) -> Derivation:
    """∇(Σ gradient · direction): reverse accumulation once more, over a scalar."""
    terms = []
    for target in targets:
        indices = target.indices()
        factors = (Entry(gradients[target.name], indices), Entry(directions[target.name], indices))
        terms.append(Contraction(sp.S.One, factors, indices))
    slope = Tensor(next(n for k in range(1, 10**6) if (n := f"s{k}") not in names))
    names.add(slope.name)
    directional = letters.write(slope, (), Sum(tuple(terms)))
    equations = [*equations, directional]
    second, more, products = cotangents(equations, slope, targets, names, letters, order=2)
    keys = tuple(t.name for t in targets)
    inputs = {d.name: d for d in directions.values()}
    return _derivation(model, keys, 2, [*equations, *second], products, [*steps, *more], inputs)
