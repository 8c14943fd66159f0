"""Which equations can be at fault: what the wrong outputs need and the right ones do not."""

from __future__ import annotations

from collections.abc import Iterable

from backproof.numerics.judge.statement import Statement


def suspects(
    statement: Statement, wrong: Iterable[str], right: Iterable[str], seen: Iterable[str] = ()
) -> list[str]:
    """The quantities that may be wrong, in the order of the equations.

    A quantity that a right output is computed from is cleared, and so is one that was ``seen`` to
    be right.  If one fault explains all wrong outputs, only quantities that all of them need
    remain; if no quantity is needed by all, those that any needs do.

    >>> from backproof.theory.calculus.derivation import derive
    >>> from backproof.theory.networks import mlp
    >>> g = derive(mlp([3, 4, 2]))
    >>> statement = Statement.of(g, list(g.results))
    >>> suspects(statement, ["dW1", "db1"], ["dW2", "db2"])
    ['dh1', 'dz1']
    """
    wrong, right = list(wrong), list(right)
    cleared = set(seen) | set(statement.arguments)
    for name in right:
        cleared |= statement.ancestors(name)
    chains = [statement.ancestors(name) - cleared for name in wrong]
    if not chains:
        return []
    shared = set.intersection(*chains)
    left = shared or set.union(*chains)
    return [e.tensor.name for e in statement.equations if e.tensor.name in left]
