"""Draws the picture of the README: one statement, and what follows from it.

    python docs/picture.py          writes docs/backproof.svg

Everything in the panels is computed when the picture is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import numpy as np

import backproof as bp

SOURCE = """\
z = W @ x + b
h = np.tanh(z)
return np.sum((h - y)**2) / 2"""
SHAPES = {"W": "m n", "x": "n", "b": "m", "y": "m"}
HAND = """\
def backward(W, x, b, y):
    h = np.tanh(W @ x + b)
    dz = {dz}
    return np.outer(dz, x)"""

WIDTH, PANEL, GAP, LINE, SIZE = 920, 424, 72, 18, 13
INK, ASIDE, EDGE, PAPER = "#1f2328", "#59636e", "#d1d9e0", "#ffffff"
ARROW = "#8b949e"  # visible on a light page and on a dark one
TINTS = {"state": "#0072B2", "derive": "#7a4fa3", "run": "#007a5e", "judge": "#b34700"}


def right(W: np.ndarray, x: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The gradient by W, as the first version in the picture has it."""
    h = np.tanh(W @ x + b)
    return np.outer((1 - h**2) * (h - y), x)


def wrong(W: np.ndarray, x: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The same with h(1-h), the derivative of another function."""
    h = np.tanh(W @ x + b)
    return np.outer(h * (1 - h) * (h - y), x)


def picture() -> str:
    """The picture as SVG."""
    model = bp.trace(SOURCE, **SHAPES)
    gradient = bp.derive(model, wrt="W")
    lines = [line for block in bp.compile(gradient).blocks for line in block.lines]
    judged = [
        *HAND.format(dz="(1 - h**2) * (h - y)").splitlines(),
        _verdict(right, gradient),
        "",
        *HAND.format(dz="h * (1 - h) * (h - y)").splitlines()[2:3],
        _verdict(wrong, gradient),
    ]
    shapes = ", ".join(f"{name}: {shape}" for name, shape in SHAPES.items())
    panels = [
        ("state", "once, in NumPy", [f"# {shapes}", *SOURCE.splitlines()]),
        ("derive", "the gradient, by named rules", str(gradient).splitlines()),
        ("run", "it, as NumPy code", [*lines[:4], "…", *lines[-5:]]),
        ("judge", "code written by hand", judged),
    ]
    return _drawn(panels)


def _verdict(function: Callable[..., np.ndarray], gradient: bp.Derivation) -> str:
    """The judge's verdict, as a comment under the code."""
    return f"    # {bp.verify(function, against=gradient, outputs=('W',), seed=1).verdict}"


def _drawn(panels: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """Two rows of two panels, in reading order, with arrows between them."""
    heights = [
        56 + LINE * max(len(lines) for _, _, lines in panels[row : row + 2]) for row in (0, 2)
    ]
    tops = [8, 8 + heights[0] + 40]
    total = tops[1] + heights[1] + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" '
        f'font-size="{SIZE}" role="img" '
        'aria-label="One statement: its derivation, its code, and a verdict on other code">',
    ]
    for number, (name, what, lines) in enumerate(panels):
        left = 8 + number % 2 * (PANEL + GAP - 16)
        parts += _panel(left, tops[number // 2], heights[number // 2], name, what, lines)
    parts += _arrows(tops[0] + heights[0] / 2, tops[0] + heights[0], tops[1])
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    left: int, top: int, height: int, name: str, what: str, lines: Sequence[str]
) -> list[str]:
    tint = TINTS[name]
    parts = [
        f'<rect x="{left}" y="{top}" width="{PANEL}" height="{height}" rx="8" '
        f'fill="{PAPER}" stroke="{EDGE}"/>',
        f'<rect x="{left}" y="{top}" width="6" height="{height}" rx="3" fill="{tint}"/>',
        f'<text x="{left + 20}" y="{top + 26}" fill="{tint}" font-weight="bold">{name}'
        f'<tspan fill="{ASIDE}" font-weight="normal" dx="8">{escape(what)}</tspan></text>',
    ]
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        colour = {"# verified": TINTS["run"], "# refuted": TINTS["judge"]}.get(line.strip())
        style = f'fill="{colour}" font-weight="bold"' if colour else f'fill="{INK}"'
        y = top + 52 + LINE * number
        parts.append(f'<text x="{left + 20 + 8 * indent}" y="{y}" {style}>{escape(line)}</text>')
    return parts


def _arrows(middle: float, bottom: int, top: int) -> list[str]:
    """From what is stated to what is derived, and from there to code and to verdicts."""
    start, first, second = 8 + PANEL + 8, 8 + PANEL // 2, 8 + PANEL + GAP - 16 + PANEL // 2
    across = f"M{start} {middle:g}h{GAP - 34}m-7 -5l7 5l-7 5"
    down = f"V{top - 6}m-5 -7l5 7l5 -7"
    half = (bottom + top) // 2
    return [
        f'<path d="{path}" fill="none" stroke="{ARROW}" stroke-width="2" stroke-linejoin="round"/>'
        for path in (across, f"M{second} {bottom + 6}{down}", f"M{second} {half - 4}H{first}{down}")
    ]


if __name__ == "__main__":
    path = Path(__file__).with_name("backproof.svg")
    path.write_text(picture(), encoding="utf-8", newline="\n")
    print(path)
