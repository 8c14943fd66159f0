"""Closed forms: one quantity as one formula, ``dW = X.T @ (softmax(X @ W) - Y) / n``.

A derivation is a list of short equations.  Its closed form writes the intermediate quantities out
where that stays short, and keeps the others by name, each with a line of its own (``where …``).
Nothing is derived here: a closed form is a way to see equations that exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation, MatrixValue, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model, needed
from backproof.theory.notation import Index, Map, entries_in, slot
from backproof.theory.printing.recognition import softmax_pair
from backproof.theory.printing.substitution import Substitution, leaves, mentions
from backproof.theory.rewriting.flattening import flattened

REPEATED = 3  # what a quantity that stands several times may add to a line and be written out


@dataclass(frozen=True)
class Closed:
    """A result, the quantities that it keeps by name, and those that stand written out.

    ``equations`` are in the order in which they can be computed, the result last.
    """

    equations: tuple[Equation, ...]
    written: Mapping[str, Equation]
    context: Model | Derivation

    @property
    def result(self) -> Equation:
        """The equation of the quantity that was asked for."""
        return self.equations[-1]

    @property
    def kept(self) -> tuple[str, ...]:
        """The names that stay, since the line would be too long without them."""
        return tuple(e.tensor.name for e in self.equations[:-1])

    @property
    def leaves(self) -> int:
        """The names, numbers and functions in the longest of the lines."""
        substitution = Substitution(self.written, self.context.equations)
        return max(leaves(substitution.products(e)) for e in self.equations)

    def __str__(self) -> str:
        from backproof.theory.printing.forms import text

        return text(self)

    def _repr_latex_(self) -> str:
        from backproof.theory.printing.forms import latex

        return f"$${latex(self)}$$"


def closed(of: Model | Derivation, name: str | None = None, longest: int = 24) -> Closed:
    """One quantity of a model or a derivation as a single formula.

    Intermediate quantities are written out.  One that would be repeated, or would make a line
    longer than ``longest`` names, numbers and functions, keeps its name and gets a line.  The
    default ``name`` is the model's output, or the only result of a derivation.

    Raises `BackproofError` for an unknown name, or where there are several results.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> from backproof.theory.declarations import array
    >>> m = trace(
    ...     "-np.sum(Y * special.log_softmax(X @ W, axis=1)) / X.shape[0]",
    ...     X="n d", W="d k", Y=array("n k", simplex=True),
    ... )
    >>> print(closed(derive(m, "W")))
    dW = X.T @ (softmax(X @ W) - Y) / n
    """
    result = of[_asked(of, name)]
    around = needed(of.equations, [result.tensor])
    definitions = {e.tensor.name: e for e in around if e.tensor != result.tensor}
    fixed = {n for e in around for n in _picked(e)}
    fixed |= {n for n, e in definitions.items() if e.tensor.dtype != "real" or _has_no_name(e)}
    kept = {n for n in definitions if n in fixed}
    while True:
        lines = _Lines(result, kept, definitions, of)
        more = lines.repeated() or lines.splitting(longest)
        if more is None:
            return Closed(lines.equations, lines.written, of)
        kept.add(more)


def _asked(of: Model | Derivation, name: str | None) -> str:
    if name is not None:
        return name
    if isinstance(of, Model):
        return of.output.name
    if len(of.results) > 1:
        raise BackproofError(
            "bp.closed", "no name", f"one of {', '.join(of.results)}", "say which: closed(g, 'W')"
        )
    return next(iter(of.results))


def _picked(equation: Equation) -> set[str]:
    """The names under a label, a window or a fixed place, and diagonals of functions of matrices.

    What they stand for has no such place of its own, so that they cannot be written out.
    """
    found = set()
    for factor in equation.rhs.factors:
        for entry in entries_in(factor):
            if not all(isinstance(s, Index) for s in entry.subscripts):
                found.add(entry.tensor.name)
    return found


def _has_no_name(equation: Equation) -> bool:
    """Whether what defines a quantity has no name that a reader would know: eigenvectors."""
    return isinstance(equation.rhs, MatrixValue) and equation.rhs.function == "eigenvectors"


class _Lines:
    """The result and the names that are kept, each as a line; which names make them long."""

    def __init__(
        self,
        result: Equation,
        kept: set[str],
        definitions: Mapping[str, Equation],
        of: Model | Derivation,
    ) -> None:
        self._stated, self._kept, self._of = definitions, kept, of
        written: dict[str, Equation] = {}
        for name, equation in definitions.items():
            if name not in kept:
                written[name] = flattened(equation, written, definitions)
        self.written = written
        self._substitution = Substitution(written, of.equations)
        lines = [flattened(result, written, definitions)]
        standing = self._standing = self._names(lines[0])
        for name in (n for n in reversed(list(definitions)) if n in kept):
            if standing[name]:
                lines.append(flattened(definitions[name], written, definitions))
                standing.update(self._names(lines[-1]))
        self.equations = tuple(reversed(lines))
        self._result = result

    def _names(self, line: Equation) -> Counter[str]:
        return mentions(self._substitution.products(line))

    def _length(self, equation: Equation) -> int:
        return leaves(self._substitution.products(equation))

    def repeated(self) -> str | None:
        """The last quantity that is written out several times and is not short."""
        total: Counter[str] = Counter()
        for line in self.equations:
            total.update(self._uses(line))
        for name in reversed(list(self.written)):
            length = self._length(self.written[name])
            if total[name] > 1 and (self._times(name) - 1) * length > REPEATED:
                return name
        return None

    def _times(self, name: str) -> int:
        """How often a quantity would stand in the lines if it were not written out."""
        return _Lines(self._result, self._kept | {name}, self._stated, self._of)._standing[name]

    def splitting(self, longest: int) -> str | None:
        """The quantity that best divides the longest line in two, where that is too long."""
        line = max(self.equations, key=self._length)
        length = self._length(line)
        if length <= longest:
            return None
        best, shortest = None, length
        for name, uses in self._uses(line).items():
            own = self._length(self.written[name])
            rest = max(own, length - uses * (own - 1))
            if own > 1 and rest < shortest:
                best, shortest = name, rest
        return best

    def _uses(self, line: Equation) -> Counter[str]:
        """How often each written quantity stands in a line, as it was stated."""
        uses = Counter({line.tensor.name: 1})
        stated = {**self._stated, self._result.tensor.name: self._result}
        for name in (line.tensor.name, *reversed(list(self.written))):
            for other, times in _stated_mentions(stated[name]).items():
                if uses[name] and other in self.written:
                    uses[other] += uses[name] * times
        del uses[line.tensor.name]
        return uses


def _stated_mentions(equation: Equation) -> Counter[str]:
    """How often an equation mentions each quantity; a square counts once, a softmax its logits."""
    found: Counter[str] = Counter()
    terms = equation.rhs.terms if isinstance(equation.rhs, Sum) else (equation.rhs,)
    for term in terms:
        for factor in dict.fromkeys(term.factors):
            if not isinstance(factor, Map):
                found.update(e.tensor.name for e in entries_in(factor))
                continue
            pair = softmax_pair(factor.expression)
            for n, argument in enumerate(factor.arguments):
                times = sum(e == slot(n) for e in sp.preorder_traversal(factor.expression))
                found[argument.tensor.name] += times if pair is None or n == pair[0] else 0
    return found
