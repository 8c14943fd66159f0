"""A figure that moves: curves for every setting of one or two knobs.

The curves are computed here, once for each setting; a page only chooses which it shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from backproof.numerics.evidence import Axes, Curve
from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Knob:
    """A quantity that the reader sets, and the values it may take, as they are shown."""

    name: str
    values: tuple[Any, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The values as text."""
        texts = (f"{v:g}" if isinstance(v, float) else str(v) for v in self.values)
        return tuple(text.replace("-", "−") for text in texts)


@dataclass(frozen=True)
class Frame:
    """What one setting shows: curves, and in a few words what is to be read off."""

    curves: tuple[Curve, ...]
    readout: str = ""


@dataclass(frozen=True)
class Scene:
    """``frames`` in the order of `itertools.product` over the values of the knobs.

    ``fixed`` curves stand in every frame; ``start`` is the number of the frame that a page on
    paper shows. The ranges of both axes hold for all frames.
    """

    knobs: tuple[Knob, ...]
    frames: tuple[Frame, ...]
    axes: Axes
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    caption: str
    fixed: tuple[Curve, ...] = ()
    start: int = 0

    def __post_init__(self) -> None:
        wanted = prod(len(knob.values) for knob in self.knobs)
        names = {tuple(curve.name for curve in frame.curves) for frame in self.frames}
        if len(self.frames) != wanted or len(names) != 1 or not 0 <= self.start < wanted:
            raise BackproofError(
                "Scene",
                f"{len(self.frames)} frames, curves {sorted(names)}, start {self.start}",
                f"{wanted} frames with the same curves, and one of them to start with",
                "make a frame for every setting",
            )


def scene(
    knobs: Sequence[Knob], frame: Callable[..., Frame], axes: Axes, caption: str, **named: Any
) -> Scene:
    """The scene whose frame at a setting is ``frame(*values)``.

    >>> found = scene(
    ...     [Knob("a", (1, 2))],
    ...     lambda a: Frame((Curve("line", (0, 1), (0, a)),)),
    ...     Axes(),
    ...     "A line of slope a.",
    ...     x_range=(0, 1),
    ...     y_range=(0, 2),
    ... )
    >>> [frame.curves[0].y for frame in found.frames]
    [(0, 1), (0, 2)]
    """
    frames = tuple(frame(*values) for values in settings(knobs))
    named.setdefault("start", len(frames) // 2)
    return Scene(tuple(knobs), frames, axes, caption=caption, **named)


def settings(knobs: Sequence[Knob]) -> Iterator[tuple[Any, ...]]:
    """Every combination of values, the last knob turning fastest."""
    return itertools.product(*(knob.values for knob in knobs))
