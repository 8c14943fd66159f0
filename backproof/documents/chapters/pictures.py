"""Chapter: figures."""

from __future__ import annotations

import io
from typing import Any

from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Figure, Section


def pictures(material: Material) -> Section | None:
    """Matplotlib figures as vector graphics, for the page and for LaTeX."""
    if not material.figures:
        return None
    blocks = [picture(caption, figure) for caption, figure in material.figures]
    return Section("Pictures", blocks)


def picture(caption: str, figure: Any) -> Figure:
    """A matplotlib figure as a block."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "backproof"}):
        return Figure(
            _saved(figure, "svg", {"Date": None}),
            "svg",
            caption,
            getattr(figure, "_backproof_alt", caption),
            pdf=_saved(figure, "pdf", {"CreationDate": None}),
        )


def _saved(figure: Any, kind: str, metadata: dict[str, None]) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, bbox_inches="tight", metadata=metadata)
    return buffer.getvalue()
