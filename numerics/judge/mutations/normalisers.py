"""Softmax over the wrong axis: normalised over the examples, or over everything."""

from __future__ import annotations

from collections.abc import Iterator

from backproof.numerics.judge.mutations.mutation import Mutation, Scene
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Entry, Factor, Index, Map, Subscript, Tensor


def normalisers(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """The log-sum-exp of a matrix over its other axis (or both), in all its uses or in one."""
    rhs = equation.rhs
    if not isinstance(rhs, Reduction) or rhs.kind != "logsumexp" or len(rhs.over) != 1:
        return
    subscripts = rhs.operand.subscripts
    plain = len(set(subscripts)) == 2 and all(isinstance(s, Index) for s in subscripts)
    if not plain or len(subscripts) != 2 or len(equation.indices) != 1:
        return
    users = [
        e for e in scene.statement.equations if equation.tensor in e.operands
    ]  # each reads L[n] beside z[n, k]
    (other,) = equation.indices
    (over,) = rhs.over
    for words, kept in (("the other axis", (over,)), ("everything", ())):
        name = f"{equation.tensor.name}_{other.letter if kept else other.letter + over.letter}"
        tensor = Tensor(name, tuple(i.size for i in kept), tuple(i.letter for i in kept))
        summed = tuple(i for i in (other, over) if i not in kept)
        reduced = Equation(tensor, kept, Reduction("logsumexp", rhs.operand, summed))
        groups = [users] + [[user] for user in users if len(users) > 1]
        for group in groups:
            changed = {name: reduced}
            for user in group:
                through = _through(user, equation.tensor, tensor, rhs)
                if through is not None:
                    changed[user.tensor.name] = through
            if len(changed) == len(group) + 1:
                where = ", ".join(user.tensor.name for user in group)
                said = f"the softmax of {rhs.operand.tensor.name} taken over {words} in {where}"
                yield Mutation("softmax axis", f"softmax {name} {where}", said, changed, 3)


def _through(user: Equation, old: Tensor, new: Tensor, rhs: Reduction) -> Equation | None:
    """An equation that reads L'[k] (or L') for L[n], where z[n, k] stands beside it."""
    assert isinstance(user.rhs, Sum)
    axis = rhs.operand.subscripts.index(rhs.over[0])
    partner = None
    for factor in user.rhs.factors:
        entries = factor.arguments if isinstance(factor, Map) else (factor,)
        for e in entries:
            if isinstance(e, Entry) and e.tensor == rhs.operand.tensor:
                partner = e.subscripts[axis]
    if partner is None:
        return None
    place: tuple[Subscript, ...] = (partner,) if new.shape else ()

    def read(factor: Factor) -> Factor:
        if isinstance(factor, Entry) and factor.tensor == old:
            return Entry(new, place)
        if isinstance(factor, Map):
            return Map(factor.expression, tuple(map(read, factor.arguments)))  # type: ignore[arg-type]
        return factor

    try:
        terms = tuple(
            Contraction(t.coefficient, tuple(map(read, t.factors)), t.over) for t in user.rhs.terms
        )
        return Equation(user.tensor, user.indices, Sum(terms))
    except BackproofError:
        return None
