"""An objective averaged over operators on its input, and the invariance that this imposes.

    J_G(θ; x) = (1/|G|) Σ_{g ∈ G} J(θ; g x)

For a group G the sum runs over the same terms when x is replaced by h x, so that

    J_G(θ; h x) = J_G(θ; x)        for each h in G.

If the model can move g from the image to its parameters, f(θ; g x) = f(g* θ; x), as any model
that is linear in the image can (g* is the adjoint), this reads J_G(h* θ; x) = J_G(θ; x); where
J_G has one minimiser θ*, as a strictly convex J_G has, it follows that h* θ* = θ* and

    f(θ*; h x) = f(θ*; x)          for each h in G and each image x.

Reference: Chen, Dobriban, Lee, A group-theoretic framework for data augmentation (2020).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import size
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import Nested, evaluate
from backproof.theory.letters import letters_of
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.rewriting.tidy import tidy, with_aliases


def averaged(model: Model, operators: Sequence[Model], over: str = "x") -> Model:
    """The mean of an objective over an image as it is and as each operator makes it.

    ``operators`` are models of `backproof.theory.augmentation` with the image ``x`` as their only
    input and of its shape, the identity left out; ``over`` names the image in the model.

    Raises `BackproofError` for an operator with further inputs or of another shape.

    >>> from backproof.theory.augmentation import flip
    >>> from backproof.theory.trace.tracing import trace
    >>> loss = trace("np.sum((np.sum(W*x, axis=(1, 2)) - y)**2)", W="h w", x="N h w", y="N")
    >>> print(averaged(loss, [flip("N h w")]))
    t1_1[n] = Σ_i,j W[i,j] x[n,i,j] - y[n]
    f_1 = Σ_n t1_1[n]**2
    t1_2[n] = Σ_i,j W[i,j] x[n,i,w-j-1] - y[n]
    f_2 = Σ_n t1_2[n]**2
    f_G = (f_1 + f_2) / 2
    """
    if over not in model.inputs or model.inputs[over].dtype != "real":
        known = ", ".join(model.inputs)
        raise BackproofError("averaged", f"the name {over}", f"one of {known}", "check the name")
    image = model.inputs[over]
    equations: list[Equation] = []
    values: list[Tensor] = []
    for number, operator in enumerate([None, *operators], start=1):
        moved = image
        if operator is not None:
            _check(operator, image)
            made = _renamed(operator.equations, f"_{number}", {"x": image})
            equations += made
            moved = next(
                e.tensor for e in made if e.tensor.name == f"{operator.output.name}_{number}"
            )
        copies = _renamed(model.equations, f"_{number}", {over: moved})
        equations += copies
        values.append(copies[[e.tensor for e in model.equations].index(model.output)].tensor)
    names = {*model.arguments, *(e.tensor.name for e in equations)}
    letters = letters_of(model.equations, names | {s.name for s in model.sizes})
    own = model.output.indices()
    share = sp.Rational(1, len(values))
    mean = Sum(tuple(Contraction(share, (Entry(value, own),)) for value in values))
    output = Tensor(f"{model.output.name}_G", model.output.shape, model.output.axes)
    equations.append(letters.write(output, own, mean))
    operations = ", ".join(o.title or o.output.name for o in operators)
    return tidy(
        Model(
            tuple(equations),
            model.inputs,
            model.parameters,
            output,
            model.steps,
            f"{model.title or model.output.name}, averaged",
            (*model.story, f"Averaged over the identity and: {operations}."),
        )
    )


def _check(operator: Model, image: Tensor) -> None:
    """An operator from images of this shape to images of this shape, with no other input."""
    if list(operator.arguments) != ["x"]:
        found = f"inputs {', '.join(operator.arguments)}"
        raise BackproofError("averaged", found, "the image x alone", "fix the others")
    for tensor in (operator.inputs["x"], operator.output):
        if tensor.shape != image.shape:
            found, wanted = (f"({', '.join(map(str, t.shape))})" for t in (tensor, image))
            raise BackproofError("averaged", f"an image {found}", wanted, "state equal shapes")


def _renamed(
    equations: Sequence[Equation], suffix: str, known: dict[str, Tensor]
) -> list[Equation]:
    """A copy of equations under new names, inputs replaced by other tensors."""
    alias: dict[str, Equation] = {}
    copies: list[Equation] = []

    def stands_for(old: Tensor, new: Tensor) -> None:
        own = old.indices()
        alias[old.name] = Equation(old, own, Sum((Contraction(sp.S.One, (Entry(new, own),)),)))

    for equation in equations:
        for tensor in equation.operands:
            if tensor.name in known and tensor.name not in alias:
                stands_for(tensor, known[tensor.name])
        new = equation.tensor
        named = Tensor(f"{new.name}{suffix}", new.shape, new.axes, new.dtype, new.below)
        copies.append(Equation(named, equation.indices, with_aliases(equation, alias).rhs))
        stands_for(new, named)
    return copies


@dataclass(frozen=True)
class Invariance:
    """A group of permutations of the pixels, found exactly at some sizes, identity first."""

    permutations: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]

    @property
    def statement(self) -> str:
        """What averaging over the group imposes, with its hypotheses."""
        at = ", ".join(f"{name} = {n}" for name, n in self.sizes)
        return (
            f"{', '.join(self.names)} are a group G of {len(self.permutations)} permutations "
            f"of the pixels (enumerated at {at}). Averaged over G, J_G(θ; g x) = J_G(θ; x) for "
            "each g in G. Hypotheses: f(θ; g x) = f(g* θ; x) for some g* θ, and J_G has one "
            "minimiser θ* (as when it is strictly convex). "
            "Conclusion: f(θ*; g x) = f(θ*; x) for each g in G."
        )

    def __str__(self) -> str:
        return self.statement


def invariance(operators: Sequence[Model], **sizes: int) -> Invariance:
    """The invariance that averaging over operators imposes, if with the identity they are a group.

    The permutation of each operator is enumerated on an image of numbered pixels.

    Raises `BackproofError` for an operator that is no permutation of the pixels (a crop, a
    warp), and where the composition of two is not among them.

    >>> from backproof.theory.augmentation import flip
    >>> len(invariance([flip("h w")], h=3, w=4).permutations)
    2
    """
    found: dict[tuple[int, ...], str] = {}
    for operator in operators:
        title = operator.title or operator.output.name
        permutation = _permutation(operator, title, sizes)
        found.setdefault(permutation, title)
    identity = tuple(range(len(next(iter(found), ()))))
    found = {identity: "The identity", **found}
    for (a, first), (b, second) in itertools.product(found.items(), repeat=2):
        if tuple(a[n] for n in b) not in found:
            raise BackproofError(
                "invariance", f"no operator for {first} after {second}", "a group", "add it"
            )
    return Invariance(tuple(found), tuple(found.values()), tuple(sorted(sizes.items())))


def _permutation(operator: Model, title: str, sizes: dict[str, int]) -> tuple[int, ...]:
    """Which pixel each pixel of the result comes from."""
    if list(operator.arguments) != ["x"]:
        found = f"{title} with inputs {', '.join(operator.arguments)}"
        raise BackproofError("invariance", found, "an operator of x alone", "fix its inputs")
    known = {size(name): n for name, n in sizes.items()}
    shape = [int(z.xreplace(known)) for z in operator.inputs["x"].shape]
    numbers = itertools.count()

    def filled(extents: Sequence[int]) -> Nested:
        if not extents:
            return next(numbers)
        return tuple(filled(extents[1:]) for _ in range(extents[0]))

    image = filled(shape)
    count = next(numbers)
    result = evaluate(operator, {"x": image}, sizes)[operator.output.name]
    places = tuple(int(p) for p in _flat(result))
    if sorted(places) != list(range(count)):
        raise BackproofError("invariance", title, "a permutation of the pixels", "leave it out")
    return places


def _flat(nested: Nested) -> list[sp.Expr]:
    if isinstance(nested, tuple):
        return [leaf for row in nested for leaf in _flat(row)]
    return [nested]
