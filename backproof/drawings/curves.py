"""Curves as inline SVG: axes, a legend, what is fixed, and one group a frame."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, isfinite, log10

from backproof.numerics.evidence import Curve
from backproof.numerics.scene import Scene

WIDTH, HEIGHT = 660, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 34, 42
DOT = 3.4


def moving_svg(scene: Scene) -> str:
    """The whole picture; the frame that starts is marked as shown."""
    plane = _Plane(scene.x_range, scene.y_range)
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM + 8
    curves = (*scene.fixed, *scene.frames[0].curves)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(scene.caption)}">',
        plane.frame(scene.axes.x, scene.axes.y),
        _legend(curves),
        # A picture within the picture cuts off what leaves the plane.
        f'<svg x="{LEFT}" y="{TOP - 4}" width="{across}" height="{down}" '
        f'viewBox="{LEFT} {TOP - 4} {across} {down}">',
        _drawn(plane, scene.fixed, 0),
    ]
    for number, frame in enumerate(scene.frames):
        shown = " shown" if number == scene.start else ""
        readout = f'<text class="readout" x="{WIDTH - RIGHT - 6}" y="{HEIGHT - BOTTOM - 8}">'
        readout += f"{escape(frame.readout)}</text>"
        drawn = _drawn(plane, frame.curves, len(scene.fixed))
        parts.append(f'<g class="frame{shown}">{drawn}{readout if frame.readout else ""}</g>')
    return "".join([*parts, "</svg></svg>"])


class _Plane:
    """Numbers to places on the picture."""

    def __init__(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        self.x_range, self.y_range = x_range, y_range

    def x(self, value: float) -> float:
        low, high = self.x_range
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Far outside is as good as a little outside."""
        low, high = self.y_range
        inside = min(max(value, low - 2 * (high - low)), high + 2 * (high - low))
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - inside) / (high - low)

    def frame(self, x_label: str, y_label: str) -> str:
        """Ticks, grid lines and labels."""
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        parts = []
        for value in ticks(*self.x_range):
            x = self.x(value)
            parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>')
            parts.append(
                f'<text class="tick" x="{x:.1f}" y="{bottom + 16}">{_number(value)}</text>'
            )
        for value in ticks(*self.y_range):
            y = self.y(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>')
            parts.append(
                f'<text class="tick side" x="{LEFT - 6}" y="{y + 4:.1f}">{_number(value)}</text>'
            )
        parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>')
        middle = (LEFT + right) / 2
        parts.append(f'<text class="label" x="{middle}" y="{HEIGHT - 6}">{escape(x_label)}</text>')
        parts.append(
            f'<text class="label" transform="translate(13 {(TOP + bottom) / 2}) rotate(-90)">'
            f"{escape(y_label)}</text>"
        )
        return "".join(parts)


def _number(value: float) -> str:
    """With the sign that is printed before numbers."""
    return f"{value:g}".replace("-", "−")


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round numbers between two ends.

    >>> ticks(0, 1)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def _legend(curves: Sequence[Curve]) -> str:
    parts, x = [], float(LEFT)
    for number, curve in enumerate(curves):
        if not curve.name:
            continue
        colour = f"c{number % 6}"
        sign = f'<path class="{colour}" d="M{x:.0f} 14h18"/>'
        if curve.kind == "points":
            sign = f'<g class="dots {colour}"><circle cx="{x + 9:.0f}" cy="14" r="{DOT}"/></g>'
        elif curve.kind == "band":
            sign = f'<path class="band {colour}" d="M{x:.0f} 8h18v12h-18Z"/>'
        parts.append(
            f'{sign}<text class="name" x="{x + 23:.0f}" y="18">{escape(curve.name)}</text>'
        )
        x += 46 + 6.6 * len(curve.name)
    return "".join(parts)


def _drawn(plane: _Plane, curves: Sequence[Curve], first: int) -> str:
    return "".join(_curve(plane, curve, first + n) for n, curve in enumerate(curves))


def _curve(plane: _Plane, curve: Curve, number: int) -> str:
    xs, ys = [float(v) for v in curve.x], [float(v) for v in curve.y]
    colour = f"c{number % 6}"
    places = [
        f"{plane.x(x):.1f} {plane.y(y):.1f}" for x, y in zip(xs, ys, strict=True) if isfinite(y)
    ]
    if curve.kind == "points":
        dots = [place.split() for place in places]
        circles = "".join(f'<circle cx="{x}" cy="{y}" r="{DOT}"/>' for x, y in dots)
        return f'<g class="dots {colour}">{circles}</g>'
    if curve.kind == "band":
        upper = [float(v) for v in curve.upper]
        back = [f"{plane.x(x):.1f} {plane.y(y):.1f}" for x, y in zip(xs, upper, strict=True)]
        return f'<path class="band {colour}" d="M{"L".join(places + back[::-1])}Z"/>'
    return f'<path class="{colour}" d="M{"L".join(places)}"/>'
