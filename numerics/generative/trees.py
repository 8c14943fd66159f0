"""Broadcasting simulated: whole trees read back from their leaves, and the census far below.

Every tree has its own stream of random numbers, (seed, number of the tree): an answer depends on
the seed and not on how many processes share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError

Array = np.ndarray[Any, np.dtype[Any]]
Progress = Callable[[str, int, int], None]
LEAVES = 2**27  # of one tree; an array of them must fit into memory
COUNTED = 2**53  # leaves of a census: integers beyond are not exact in double precision


@dataclass(frozen=True)
class TreeModel:
    """The b-ary tree of a depth; a child copies with probability ``copies``, else draws of q."""

    b: int
    copies: float
    depth: int
    colours: int = 2

    def __post_init__(self) -> None:
        right = self.b >= 2 and 0 <= self.copies <= 1 and self.depth >= 1 and self.colours >= 2
        if not right:
            raise BackproofError(
                "TreeModel", str(self), "b ≥ 2, a probability, depth ≥ 1, colours ≥ 2", "check it"
            )

    @property
    def leaves(self) -> int:
        """b^depth."""
        return self.b**self.depth

    def sample(self, rng: np.random.Generator) -> tuple[int, Array]:
        """The colour of the root and those of the leaves, children beside each other."""
        if self.leaves > LEAVES:
            raise BackproofError(
                "TreeModel", f"{self.leaves} leaves", f"at most {LEAVES}", "ask for less depth"
            )
        kind = np.int8 if self.colours <= 127 else np.int32
        level = rng.integers(0, self.colours, size=1, dtype=kind)
        root = int(level[0])
        for _ in range(self.depth):
            level = np.repeat(level, self.b)
            fresh = np.flatnonzero(rng.random(len(level), dtype=np.float32) >= self.copies)
            level[fresh] = rng.integers(0, self.colours, size=len(fresh), dtype=kind)
        return root, level


# what reads the root -------------------------------------------------------------------------


def census(model: TreeModel, leaves: Array, rng: np.random.Generator) -> int:
    """Shallow: the colour that most leaves have, ties drawn by lot."""
    return most_frequent(np.bincount(leaves, minlength=model.colours), rng)


def plurality(model: TreeModel, leaves: Array, rng: np.random.Generator) -> int:
    """Deep: level by level, each vertex takes the colour of most of its children."""
    level = leaves
    while len(level) > 1:
        level = modes(level.reshape(-1, model.b), rng)
    return int(level[0])


def log_odds(model: TreeModel, leaves: Array) -> float:
    """log P(root is 0 | leaves) − log P(root is 1 | leaves), by belief propagation.

    A child with log odds l gives its parent 2 artanh(θ tanh(l/2)).
    """
    if model.colours != 2:
        raise BackproofError("beliefs", f"{model.colours} colours", "two", "use plurality")
    with np.errstate(divide="ignore"):  # θ = 1: certainty has infinite odds
        odds = 2 * np.arctanh(model.copies) * (1.0 - 2.0 * leaves)  # of colour 0, at the parent
        while len(odds) > 1:
            odds = odds.reshape(-1, model.b).sum(axis=1)
            if len(odds) > 1:
                odds = 2 * np.arctanh(model.copies * np.tanh(odds / 2))
    return float(odds[0])


def beliefs(model: TreeModel, leaves: Array, rng: np.random.Generator) -> int:
    """Best: the likelier of two colours by `log_odds`, ties by lot."""
    odds = log_odds(model, leaves)
    return int(rng.integers(2)) if odds == 0 else int(odds < 0)


READERS: dict[str, Callable[[TreeModel, Array, np.random.Generator], int]] = {
    "census": census,
    "plurality": plurality,
    "beliefs": beliefs,
}


def modes(rows: Array, rng: np.random.Generator) -> Array:
    """The most frequent entry of each row, ties drawn by lot."""
    found = np.empty(len(rows), rows.dtype)
    chunk = max(1, 2**22 // rows.shape[1] ** 2)
    for start in range(0, len(rows), chunk):
        part = rows[start : start + chunk]
        votes = (part[:, :, None] == part[:, None, :]).sum(axis=2, dtype=np.float32)
        # Entries of tied colours are equally many: the lot falls fairly on colours.
        votes += rng.random(votes.shape, dtype=np.float32)
        found[start : start + chunk] = part[np.arange(len(part)), votes.argmax(axis=1)]
    return found


def most_frequent(counts: Array, rng: np.random.Generator) -> int:
    """The place of the largest count, ties drawn by lot."""
    return int(rng.choice(np.flatnonzero(counts == counts.max())))


# many trees ----------------------------------------------------------------------------------


def read_tree(model: TreeModel, readers: Sequence[str], seed: int, number: int) -> list[bool]:
    """Whether each reader finds the root of the tree with that number."""
    rng = np.random.default_rng([seed, number])
    root, leaves = model.sample(rng)
    return [READERS[name](model, leaves, rng) == root for name in readers]


def successes(
    model: TreeModel,
    readers: Sequence[str],
    *,
    trees: int,
    seed: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, int]:
    """How many of the trees each reader reads right; over ``workers`` processes.

    >>> successes(TreeModel(2, 1.0, 3), ["beliefs", "census"], trees=5, seed=0)
    {'beliefs': 5, 'census': 5}
    """
    strange = set(readers) - set(READERS)
    if strange:
        raise BackproofError("readers", str(strange), ", ".join(READERS), "choose of these")
    return _counted(
        partial(read_tree, model, tuple(readers), seed), readers, trees, workers, progress
    )


def census_far_below(model: TreeModel, seed: int, number: int) -> list[bool]:
    """Whether the census finds the root, without a tree: counts alone are a Markov chain.

    Of the b Z_c children of colour c, Binomial(b Z_c, λ) copy; the others draw, together, a
    multinomial sample of the q colours.
    """
    if model.leaves > COUNTED:
        raise BackproofError(
            "census_far_below", f"{model.leaves} leaves", f"at most {COUNTED}", "ask for less depth"
        )
    rng = np.random.default_rng([seed, number])
    root = int(rng.integers(model.colours))
    counts = np.zeros(model.colours, np.int64)
    counts[root] = 1
    uniform = np.full(model.colours, 1 / model.colours)
    for _ in range(model.depth):
        kept = rng.binomial(model.b * counts, model.copies)
        fresh = int((model.b * counts - kept).sum())
        counts = kept + rng.multinomial(fresh, uniform)
    return [most_frequent(counts, rng) == root]


def census_successes(model: TreeModel, *, trees: int, seed: int, workers: int = 1) -> int:
    """How many of as many censuses find the root.

    >>> census_successes(TreeModel(4, 1.0, 20, 3), trees=4, seed=0)
    4
    """
    made = _counted(partial(census_far_below, model, seed), ["census"], trees, workers, None)
    return made["census"]


def _counted(
    one: Callable[[int], list[bool]],
    names: Sequence[str],
    trees: int,
    workers: int,
    progress: Progress | None,
) -> dict[str, int]:
    found = np.zeros(len(names), int)
    if workers == 1:
        for number in range(trees):
            found += one(number)
            if progress:
                progress("trees", number + 1, trees)
    else:
        start = "fork" if "fork" in get_all_start_methods() else "spawn"
        with ProcessPoolExecutor(workers, mp_context=get_context(start)) as pool:
            chunk = max(1, trees // (8 * workers))
            for number, row in enumerate(pool.map(one, range(trees), chunksize=chunk)):
                found += row
                if progress:
                    progress("trees", number + 1, trees)
    return dict(zip(names, found.tolist(), strict=True))
