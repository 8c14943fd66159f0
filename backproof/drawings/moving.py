"""A scene as a block of a page: moving in HTML, one frame of it elsewhere."""

from __future__ import annotations

from backproof.documents.chapters.pictures import picture
from backproof.documents.evidence import evidence_plot
from backproof.drawings.curves import moving_svg
from backproof.numerics.evidence import Evidence, Row
from backproof.numerics.scene import Scene
from backproof.pages.inline import literal
from backproof.pages.sliding import Sliding


def moving_picture(scene: Scene) -> Sliding:
    """All frames of a scene, and the one that it starts with as a still."""
    shown = scene.frames[scene.start]
    plot = evidence_plot(Evidence([Row("", 0, "=", 0)], [*scene.fixed, *shown.curves], scene.axes))
    (axes,) = plot.axes
    axes.set_xlim(scene.x_range)
    axes.set_ylim(scene.y_range)
    caption = literal(scene.caption)
    still = picture(caption, plot)
    return Sliding(
        still.svg_or_png,
        still.kind,
        caption,
        scene.caption,
        still.pdf,
        moving_svg(scene),
        tuple((knob.name, knob.shown) for knob in scene.knobs),
        scene.start,
    )
