"""Memory: where in one block of bytes each buffer lies, so that the dead make room for the living.

Buffers whose lifetimes meet lie apart; the largest are placed first, each at the lowest place
that is free during its life.  Reference: Pisarchyk & Lee, Efficient Memory Management for Deep
Neural Net Inference (2020), arXiv:2001.03288 (greedy by size).
"""

from __future__ import annotations

from collections.abc import Mapping

from backproof.numerics.planning.lifetimes import Lifetime

ALIGNMENT = 64  # a cache line, and the widest vector register


def places(lives: Mapping[str, Lifetime], sizes: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """The offset of each buffer, and the bytes that all of them need together."""
    home = {name: _first_owner(name, lives) for name in lives}
    spans: dict[str, tuple[int, int]] = {}
    for name, owner in home.items():
        begin, end = spans.get(owner, (lives[name].first, lives[name].last))
        spans[owner] = min(begin, lives[name].first), max(end, lives[name].last)
    offsets: dict[str, int] = {}
    total = 0
    for owner in sorted(spans, key=lambda n: (-sizes[n], n)):
        begin, end = spans[owner]
        neighbours = sorted(
            (offsets[o], offsets[o] + _padded(sizes[o]))
            for o in offsets
            if spans[o][0] <= end and begin <= spans[o][1]
        )
        place = 0
        for low, high in neighbours:
            if place + _padded(sizes[owner]) <= low:
                break
            place = max(place, high)
        offsets[owner] = place
        total = max(total, place + _padded(sizes[owner]))
    return {name: offsets[owner] for name, owner in home.items()}, total


def _first_owner(name: str, lives: Mapping[str, Lifetime]) -> str:
    """The buffer at the head of the chain of those that took its memory over."""
    taken = lives[name].takes
    return name if taken is None else _first_owner(taken, lives)


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
