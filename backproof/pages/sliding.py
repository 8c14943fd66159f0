"""A figure that the reader moves: every frame is in the page, sliders choose the one that shows.

It is a `Figure`, so that formats that do not move show one frame of it; HTML without a script and
HTML on paper do the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from backproof.pages.blocks import Figure


@dataclass(frozen=True)
class Sliding(Figure):
    """A still `Figure`, and for HTML an inline SVG with a group for each setting of the knobs.

    ``moving`` holds groups `<g class="frame">` in the order in which the last knob turns fastest;
    ``knobs`` are pairs of a name and the values as text; ``start`` is the frame shown at first.

    >>> knobs = (("h", ("0.1", "0.2")),)
    >>> Sliding(b"<svg/>", "svg", "A", "a", b"", "<svg></svg>", knobs).settings()
    (0,)
    """

    moving: str = ""
    knobs: Sequence[tuple[str, Sequence[str]]] = ()
    start: int = 0

    def settings(self) -> tuple[int, ...]:
        """The position of each knob at the start."""
        places, left = [], self.start
        for _, values in reversed(self.knobs):
            left, place = divmod(left, len(values))
            places.append(place)
        return tuple(reversed(places))

    def controls(self) -> str:
        """The sliders, hidden until a script finds them."""
        rows = []
        for (name, values), place in zip(self.knobs, self.settings(), strict=True):
            texts = escape("|".join(values))
            rows.append(
                f'<label><span>{escape(name)}</span><input type="range" min="0" '
                f'max="{len(values) - 1}" value="{place}" step="1" data-values="{texts}" '
                f'aria-label="{escape(name)}" aria-valuetext="{escape(values[place])}">'
                f"<output>{escape(values[place])}</output></label>"
            )
        return f'<div class="knobs" hidden>{"".join(rows)}</div>'

    def figure(self, anchor: str, caption: str) -> str:
        """All of it as HTML, under a caption that is HTML already."""
        return (
            f'<figure id="{anchor}" class="sliding">{self.moving}{self.controls()}'
            f"<figcaption>{caption}</figcaption></figure>"
        )
