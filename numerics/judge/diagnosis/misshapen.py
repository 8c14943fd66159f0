"""Results of the wrong shape: right ones transposed, not summed, or summed over something else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import sympy as sp

from backproof.numerics.judge.calls.case import numbers
from backproof.numerics.judge.calls.subject import Trial
from backproof.numerics.judge.diagnosis.causes import Cause
from backproof.numerics.judge.diagnosis.seen import Seen
from backproof.numerics.judge.points.point import SAFETY
from backproof.numerics.judge.reference.contractions import sum_of
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import Array, Running
from backproof.numerics.judge.statement import Statement
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import Index

ELSEWHERE = ", a right result in the place of another"


def misshapen(seen: Seen) -> Cause | None:
    """A result of the wrong shape is a right one transposed, not summed, or summed elsewhere."""
    for name, tensor in seen.statement.outputs.items():
        raw = [(t, numbers(t.case.results.found.get(name))) for t in seen.trials]
        off = [(t, a) for t, a in raw if a is not None and a.shape != t.case.expected_shape(name)]
        off = [(t, a) for t, a in off if t.point.generic] or off
        if not off:
            continue
        some = off[:4]
        sets = [list(_shaped(seen.statement, tensor.name, t, a.shape)) for t, a in some]
        for guesses in zip(*sets, strict=False):
            if all(_is(a, guess[1]) for (_, a), guess in zip(some, guesses, strict=True)):
                words = guesses[0][0]
                kind = "order" if words.endswith(ELSEWHERE) else "shape"
                return Cause(kind, f"{tensor.name} is {words}", tensor.name)
    return None


def _is(got: Array, guess: Running | None) -> bool:
    """Whether a result is a guess within the running error of the guess."""
    if guess is None or got.shape != guess.value.shape:
        return False
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(got - guess.value) <= SAFETY * guess.error + 1e-300))


def _shaped(
    statement: Statement, name: str, trial: Trial, shape: tuple[int, ...]
) -> Iterator[tuple[str, Running | None]]:
    """What may have been returned instead, by its description; `None` of another shape."""
    here = trial.point.reference
    own = here.real[name]
    value = own.value
    for other in statement.outputs.values():
        if other.name != name:
            yield f"{other.name}{ELSEWHERE}", here.real.get(other.name)
    if value.ndim == 2:
        yield "transposed", own.at(np.transpose)
    for axis in range(value.ndim + 1):
        words = "an array with an axis of length 1 too many"
        yield words, own.at(lambda a, n=axis: np.expand_dims(a, n))
    if 1 in value.shape:
        yield "without its axes of length 1", own.at(np.squeeze)
    equation = statement.defining.get(name)
    if equation is None or not isinstance(equation.rhs, Sum):
        return
    for term in equation.rhs.terms:
        yield from _other_sums(equation, term, here, shape)
    yield "flat", own.at(np.ravel)
    yield "a single number, the sum of all entries", own.at(np.sum)
    yield "a single number, the mean of all entries", own.at(np.mean)


def _other_sums(
    equation: Equation, term: Contraction, here: Evaluation, shape: tuple[int, ...]
) -> Iterator[tuple[str, Running | None]]:
    """The term summed over other indices than those that the equation sums over."""
    every: tuple[Index, ...] = (*term.over, *equation.indices)
    carried = [i for i in every if i in Contraction(sp.S.One, term.factors).free]
    for kept in itertools.permutations(carried, len(shape)):
        if kept == equation.indices:
            continue
        over = tuple(i for i in carried if i not in kept)
        found = None
        if here.shape(kept) == shape:
            found = sum_of(Sum((Contraction(term.coefficient, term.factors, over),)), kept, here)
        missing = [i.letter for i in term.over if i in kept]
        wrong = [i.letter for i in equation.indices if i not in kept]
        words = f"summed over {', '.join(i.letter for i in over) or 'nothing'}"
        if missing and not wrong:
            words = f"not summed over {', '.join(missing)}"
        elif wrong:
            words += f" instead of {', '.join(i.letter for i in term.over) or 'nothing'}"
        yield words, found
        n = np.prod([here.size(i.size) for i in over], initial=1)
        yield f"{words}, divided by the count", found and found.at(lambda a, n=n: a / n)
