"""The mutation score by kind: ours, and that of gradient checkers on the same set in one run.

    python tests/mutants/score.py [--every N] [--json FILE] [--alone] [--generated N]

A mutant counts as killed when the verdict is not "verified" in float64, or else in float32; the
right outputs when exactly those that its entry lists are called wrong.  With --generated, N
mutants of derived equations are drawn besides, their kinds marked *, equivalent ones left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants import chance, peers
from mutants.bases import BASES
from mutants.catalogue import Edited, entries
from mutants.generated import Generated, sample
from mutants.layers import LAYERS, judged
from mutants.steps import STEPS

from backproof.numerics.judge import verify
from backproof.numerics.judge.chance import CONTRACTS
from backproof.numerics.judge.verification import Verification

CONTRACT = {c.name: c for c in CONTRACTS}


@dataclass(frozen=True)
class Row:
    """What became of one mutant: ours, and whether each peer refused it."""

    name: str
    kind: str
    killed: bool
    named_outputs: bool
    named_cause: bool
    seconds: float
    peers: dict[str, bool]


Case = tuple[
    str, str, Callable[[str], Verification], Callable[[Verification], tuple[bool, bool]], Any
]


def edited(mutant: Edited, judge: Callable[[str], Verification]) -> Case:
    """A mutant of a catalogue."""
    kind = mutant.kind or (mutant.causes[0] if mutant.causes else "other")

    def explained(result: Verification) -> tuple[bool, bool]:
        wrong = {name for name, state in result.outputs.items() if state == "wrong"}
        causes = {c.kind for c in result.diagnosis.causes} if result.diagnosis else set()
        broken = {f.clause for f in result.findings if f.weight != "note"}
        said = causes or broken
        return not mutant.wrong or wrong == set(mutant.wrong), bool(said & set(mutant.causes))

    return mutant.name, kind, judge, explained, mutant


def cases(seed: int) -> Iterator[Case]:
    """Every mutant of every catalogue."""
    for file, bases in (("wrong.txt", BASES), ("wrong_steps.txt", STEPS)):
        for m in entries(file, bases):
            yield edited(
                m,
                lambda dtype, m=m: verify(
                    m.function(), m.base.derivation(), None, m.base.outputs, dtype, seed
                ),
            )
    for m in entries("wrong_layers.txt", LAYERS):
        yield edited(m, lambda dtype, m=m: judged(m, seed, dtype))
    for contract, kind, words, function in chance.WRONG:
        yield (
            function.__name__,
            kind,
            lambda dtype, f=function, c=contract: verify(f, CONTRACT[c], seed=seed),
            lambda result, w=words: (True, bool(w) and w in " ".join(str(result).split())),
            None,
        )


def drawn(mutant: Generated, seed: int) -> Case:
    """A mutant of derived equations; right outputs are those that its change can reach."""

    def explained(result: Verification) -> tuple[bool, bool]:
        causes = result.diagnosis.causes if result.diagnosis else ()
        statement, own = mutant.source.statement, set(mutant.mutation.names)
        wrong = [name for name, state in result.outputs.items() if state == "wrong"]
        reached = all(own & statement.ancestors(name) for name in wrong)
        new = not own <= set(statement.defining)
        return reached or new, any(c.kind == mutant.kind or c.place in own for c in causes)

    judge: Callable[[str], Verification] = lambda dtype: mutant.judged(seed, dtype)  # noqa: E731
    return mutant.name, f"{mutant.kind}*", judge, explained, None


def rows(every: int, seed: int, alone: bool, more: list[Generated]) -> Iterator[Row]:
    """Every n-th mutant, judged by us and by the peers that are installed."""
    chosen = [*list(cases(seed))[::every], *(drawn(m, seed) for m in more)]
    for name, kind, judge, explained, mutant in chosen:
        start = time.perf_counter()
        result = judge("float64")
        if result.verdict == "verified":
            result = judge("float32")
        seconds = time.perf_counter() - start
        killed = result.verdict != "verified"
        outputs, cause = explained(result) if killed else (False, False)
        found = {} if alone or mutant is None else peers.refused(mutant, seed)
        yield Row(name, kind, killed, killed and outputs, killed and cause, seconds, found)


def table(found: list[Row]) -> str:
    """The score by kind, and the totals beside the peers'."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        kinds[row.kind].append(row)
    names = sorted({p for row in found for p in row.peers})
    head = f"{'kind':<34}{'mutants':>8}{'killed':>8}{'outputs':>9}{'cause':>7}"
    lines = [head + "".join(f"{p:>13}" for p in names)]
    for kind, own in [*sorted(kinds.items()), ("all", found)]:
        score = Counter[str]()
        for row in own:
            score.update(killed=row.killed, outputs=row.named_outputs, cause=row.named_cause)
            score.update(dict(row.peers))
        line = (
            f"{kind:<34}{len(own):>8}{score['killed']:>8}{score['outputs']:>9}{score['cause']:>7}"
        )
        lines.append(line + "".join(f"{score[p]:>13}" for p in names))
    slowest = max(found, key=lambda row: row.seconds)
    lines.append(f"slowest: {slowest.name}, {slowest.seconds:.1f} s")
    alive = [row.name for row in found if not row.killed]
    lines.append(f"alive: {', '.join(alive) or 'none'}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--generated", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    more, equivalent, uncompiled = sample(asked.generated, asked.seed)
    if asked.generated:
        print(f"generated: {len(more)} drawn, {equivalent} equivalent ones left out,")
        print(f"{uncompiled} that no kernel computes")
    found = list(rows(asked.every, asked.seed, asked.alone, more))
    print(table(found))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in found], indent=1), "utf-8")


if __name__ == "__main__":
    main()
