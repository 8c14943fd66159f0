"""Figures that the reader moves: every frame is in the page, one of them shows."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import backproof as bp
from backproof.drawings.curves import HEIGHT, WIDTH, moving_svg, ticks
from backproof.drawings.moving import moving_picture
from backproof.numerics.evidence import Axes, Curve
from backproof.numerics.scene import Frame, Knob, Scene, scene
from backproof.pages import write
from backproof.pages.blocks import Page, Prose, Section

HOSTILE = '<script>alert(1)</script>" onload="x'


def slopes(name: str = "line") -> Scene:
    """Lines a x + c for two knobs of unequal length."""
    return scene(
        [Knob("a", (-1, 0.5)), Knob("c", (0, 1, 2))],
        lambda a, c: Frame((Curve(name, (0, 1), (c, a + c)),), f"a + c = {a + c}"),
        Axes(name, name),
        f"Lines {name}",
        x_range=(0, 1),
        y_range=(-1, 3),
        fixed=(Curve("", (0, 1), (0, 0), "band", (1, 1)), Curve("end", (1,), (1,), "points")),
        start=4,
    )


def page(moved: Scene) -> Page:
    """A page with one such figure."""
    return Page("A page", "", (Section("One", (Prose("It moves."), moving_picture(moved))),))


def test_every_frame_is_drawn_in_the_order_of_the_knobs() -> None:
    text = moving_svg(slopes())
    frames = re.findall(r'<g class="frame( shown)?">.*?a \+ c = ([^<]*)</text></g>', text)
    assert [value for _, value in frames] == ["-1", "0", "1", "0.5", "1.5", "2.5"]
    assert [bool(shown) for shown, _ in frames] == [n == 4 for n in range(6)]


def test_a_line_lies_where_the_axes_say() -> None:
    """The ends of y = 1.5 at x = 1 against the ticks that are drawn, by proportion."""
    text = moving_svg(slopes())
    (shown,) = re.findall(r'<g class="frame shown"><path class="c2" d="M(.*?)"/>', text)
    places = [tuple(map(float, pair.split())) for pair in shown.split("L")]
    height = {
        float(value.replace("−", "-")): float(y) - 4
        for y, value in re.findall(r'class="tick side" x="50" y="([\d.]+)">([^<]*)<', text)
    }
    across = {
        float(value): float(x)
        for x, value in re.findall(r'class="tick" x="([\d.]+)" y="\d+">([^<]*)<', text)
    }
    assert height[1.0] < height[0.0]  # what is larger stands higher
    scale = (height[1.0] - height[0.0]) / 1.0
    for (x, y), (expected_x, expected_y) in zip(places, ((0, 1), (1, 1.5)), strict=True):
        assert abs(x - across[expected_x]) < 0.11
        assert abs(y - (height[0.0] + scale * expected_y)) < 0.16


def test_html_has_sliders_and_no_foreign_script(tmp_path: Path) -> None:
    (file,) = write(page(slopes()), tmp_path / "page.html")
    text = file.read_text("utf-8")
    assert text.count("<script>") == 1
    assert text.count('<g class="frame') == 6
    assert text.count('type="range"') == 2
    assert 'data-values="−1|0.5"' in text
    assert 'max="2" value="1"' in text  # the start, 4 = 1·3 + 1
    assert '<div class="knobs" hidden>' in text  # without a script a still picture
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_other_formats_show_one_frame(tmp_path: Path) -> None:
    moved = page(slopes())
    written = write(moved, tmp_path / "page.md")
    assert [f.suffix for f in written] == [".md", ".svg"]
    assert "**Figure 1.** Lines line" in written[0].read_text("utf-8")
    assert {f.suffix for f in write(moved, tmp_path / "page.tex")} == {".tex", ".pdf"}
    assert "attachment:" in write(moved, tmp_path / "page.ipynb")[0].read_text("utf-8")


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    (file,) = write(page(slopes(HOSTILE)), tmp_path / "page.html")
    text = file.read_text("utf-8")
    assert "<script>alert" not in text
    assert 'onload="' not in text


def test_far_away_points_stay_numbers() -> None:
    far = scene(
        [Knob("a", (1,))],
        lambda a: Frame((Curve("f", (0, 0.5, 1), (0, np.inf, 1e300)),)),
        Axes(),
        "Far",
        x_range=(0, 1),
        y_range=(0, 1),
    )
    text = moving_svg(far)
    assert "inf" not in text
    assert "e+" not in text
    assert f"0 0 {WIDTH} {HEIGHT}" in text


def test_ticks_are_round() -> None:
    assert ticks(-1, 3) == [-1, 0, 1, 2, 3]
    assert ticks(0, 0.07) == [0, 0.02, 0.04, 0.06]


def test_a_scene_has_a_frame_for_every_setting() -> None:
    good = slopes()
    with pytest.raises(bp.BackproofError, match="every setting"):
        Scene(good.knobs, good.frames[:5], good.axes, (0, 1), (0, 1), "c")
    with pytest.raises(bp.BackproofError, match="every setting"):
        Scene(good.knobs, good.frames, good.axes, (0, 1), (0, 1), "c", start=6)
