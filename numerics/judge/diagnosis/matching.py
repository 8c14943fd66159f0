"""Which derived quantity a local array is: itself, transposed, or times a simple factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from backproof.numerics.judge.calls.binding import Binding
from backproof.numerics.judge.calls.capturing import Line, Local, lines_of, locals_of
from backproof.numerics.judge.diagnosis.probes import Probe
from backproof.numerics.judge.mutations.mutation import terms_of
from backproof.numerics.judge.reference.contractions import sum_of
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import EXTENDED, Array
from backproof.numerics.judge.statement import Statement
from backproof.theory.equations import Contraction, Reduction, Sum
from backproof.theory.notation import Delta, Map, Ones, distinct, indices_in
from backproof.theory.printing.text import text

CLOSE = 1e-8  # relative, in float64


@dataclass(frozen=True)
class Match:
    """What a local variable holds: a quantity's name where it is one, and words in any case."""

    name: str
    line: int
    quantity: str | None
    words: str


@dataclass(frozen=True)
class Locals:
    """The local variables of the function, in order, as far as quantities explain them.

    ``first`` is the first one that nothing explains and that nothing right is computed from;
    ``astray`` is an earlier one that holds another quantity than its name says (``dz1`` is dh1).
    """

    explained: tuple[Match, ...]
    first: Local | None
    source: str
    astray: Match | None = None
    astray_source: str = ""

    @property
    def seen(self) -> frozenset[str]:
        """The quantities that stand in a local variable as derived."""
        return frozenset(m.quantity for m in self.explained if m.quantity is not None)


def matched(binding: Binding, statement: Statement, probes: Sequence[Probe]) -> Locals | None:
    """The locals of the function at some generic points, held against the derived quantities."""
    runs = [locals_of(binding, probe.point.values) for probe in probes]
    if not runs or not runs[0] or len({_shape(run) for run in runs}) != 1:
        return None
    candidates = [dict(quantities(statement, probe.base)) for probe in probes]
    factors = [dict(multiples(statement, probe.base)) for probe in probes]
    lines = lines_of(binding.function)
    final = {(r.name, r.line): n for n, r in enumerate(runs[0])}
    order = sorted(final.values())
    matches: dict[int, Match] = {}
    for n in order:
        found = _match([run[n] for run in runs], candidates, factors, statement)
        if found is not None:
            matches[n] = found
    guilty = _first_guilty([runs[0][n] for n in order], [n in matches for n in order], lines)
    source = lines[guilty.line].text if guilty is not None and guilty.line in lines else ""
    before = [m for n, m in matches.items() if guilty is None or runs[0][n].line <= guilty.line]
    astray = _astray(matches, statement, guilty)
    told = lines[astray.line].text if astray is not None and astray.line in lines else ""
    return Locals(tuple(before), guilty, source, astray, told)


def _astray(matches: dict[int, Match], statement: Statement, guilty: Local | None) -> Match | None:
    """The first local that is named as a quantity and never holds it, but another one."""
    plain = {_plain(name): name for name in statement.defining}
    for match in matches.values():
        wanted = plain.get(_plain(match.name))
        if wanted is None or (guilty is not None and match.line >= guilty.line):
            continue
        own = [m for m in matches.values() if m.name == match.name]
        held = any(wanted in m.words.replace("ᵀ", "").split() for m in own)
        if not held and any(m.quantity is not None for m in own):
            return match
    return None


def _plain(name: str) -> str:
    """A name without case and underscores; ``grad_`` and ``delta`` are d."""
    return name.lower().replace("_", "").replace("grad", "d").replace("delta", "d")


def _shape(run: Sequence[Local]) -> tuple[tuple[str, int], ...]:
    return tuple((local.name, local.line) for local in run)


def _match(
    locals_: Sequence[Local],
    candidates: Sequence[dict[str, Array]],
    factors: Sequence[dict[str, object]],
    statement: Statement,
) -> Match | None:
    name, line = locals_[0].name, locals_[0].line
    for quantity in candidates[0]:
        for turn in ("", "ᵀ"):
            for factor in factors[0]:
                if all(
                    _equal(local.value, _turned(values[quantity], turn), scale[factor])
                    for local, values, scale in zip(locals_, candidates, factors, strict=True)
                ):
                    own = quantity if quantity in statement.tensors and not factor else None
                    words = f"{factor} {quantity}{turn}".strip()
                    return Match(name, line, own, words)
    return None


def _turned(value: Array, turn: str) -> Array:
    return value.T if turn else value


def _equal(local: Array, value: Array, factor: object) -> bool:
    if local.size != value.size:
        return False
    if local.shape != value.shape:
        if tuple(n for n in local.shape if n > 1) != tuple(n for n in value.shape if n > 1):
            return False
        value = value.reshape(local.shape)
    with np.errstate(all="ignore"):
        scaled = np.asarray(value * EXTENDED(factor))  # type: ignore
        top = np.max(np.abs(scaled), initial=0)
        return bool(np.all(np.abs(local - scaled) <= CLOSE * top)) and bool(top > 0)


def multiples(statement: Statement, here: Evaluation) -> Iterator[tuple[str, object]]:
    """Simple factors: 1, −1, 2, ½, and the sizes that the equations divide by."""
    yield from (("", 1), ("−1 ·", -1), ("2 ·", 2), ("½ ·", 0.5), ("−2 ·", -2))
    below: dict[sp.Expr, None] = {}
    for equation in statement.equations:
        for term in terms_of(equation):
            for symbol in sp.fraction(sp.together(term.coefficient))[1].free_symbols:
                below[symbol] = None
    for symbol in below:
        n = here.size(symbol)
        yield from ((f"{symbol} ·", n), (f"1/{symbol} ·", 1 / EXTENDED(n)))
        yield from ((f"−{symbol} ·", -n), (f"−1/{symbol} ·", -1 / EXTENDED(n)))


def quantities(statement: Statement, here: Evaluation) -> Iterator[tuple[str, Array]]:
    """Every quantity, then the parts of their equations: terms, maps, one-hot labels, shifts."""
    for name in statement.tensors:
        if name in here.real:
            yield name, here.real[name].value
    for equation in statement.equations:
        here.current = equation.tensor.name
        rhs = equation.rhs
        if isinstance(rhs, Reduction):
            yield from _of_reduction(rhs, here)
            continue
        for factor in rhs.factors:
            if isinstance(factor, Map | Delta):
                yield text(factor), here.factor(factor).along(distinct(indices_in(factor))).value
        for term in terms_of(equation):
            parts = [Contraction(sp.S.One, term.factors, term.over)]
            solid = tuple(f for f in term.factors if not isinstance(f, Ones))
            if len(terms_of(equation)) > 1 or term.coefficient != 1:
                parts.append(Contraction(term.coefficient, solid, term.over))
            for part in parts:
                free = tuple(i for i in equation.indices if i in part.free)
                yield text(part), sum_of(Sum((part,)), free, here).value


def _of_reduction(rhs: Reduction, here: Evaluation) -> Iterator[tuple[str, Array]]:
    """The usual steps on the way to a log-sum-exp."""
    if rhs.kind != "logsumexp":
        return
    axes = distinct(indices_in(rhs.operand))
    z = here.entry(rhs.operand).along(axes).value
    over = tuple(axes.index(i) for i in rhs.over)
    top = np.max(z, axis=over, keepdims=True)
    name = text(rhs.operand)
    weights = np.exp(z - top)
    yield f"max {name}", np.squeeze(top, over)
    yield f"{name} − max", z - top
    yield f"exp({name} − max)", weights
    yield f"Σ exp({name} − max)", np.sum(weights, axis=over)
    yield f"exp({name})", np.exp(z)
    yield f"Σ exp({name})", np.sum(np.exp(z), axis=over)
    yield f"{name} − logsumexp", z - top - np.log(np.sum(weights, axis=over, keepdims=True))


def _first_guilty(
    records: Sequence[Local], explained: Sequence[bool], lines: dict[int, Line]
) -> Local | None:
    """The first unexplained local that no explained (or so excused) local is computed from."""
    excused = list(explained)
    for n in reversed(range(len(records))):
        if not excused[n]:
            excused[n] = any(
                excused[m] and _reads(records, n, m, lines) for m in range(n + 1, len(records))
            )
    for record, innocent in zip(records, excused, strict=True):
        if not innocent:
            return record
    return None


def _reads(records: Sequence[Local], n: int, m: int, lines: dict[int, Line]) -> bool:
    """Whether record m is computed from the value of record n."""
    name = records[n].name
    line = lines.get(records[m].line)
    if line is None or name not in line.reads:
        return False
    return all(records[k].name != name for k in range(n + 1, m))
