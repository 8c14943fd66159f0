"""A page as a Jupyter notebook (format 4.5): prose and formulas to read, Python cells to run.

The text is that of the Markdown page; figures are attachments of their cells, so that the one
file is complete.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from backproof.pages import markdown
from backproof.pages.blocks import Block, Code, Figure, Page
from backproof.pages.inline import paragraphs
from backproof.pages.numbering import Place, PlacedSection, placed
from backproof.theory.errors import BackproofError


def render(page: Page) -> str:
    """Render a page as the JSON text of a notebook.

    Returns the text of an `.ipynb` file without outputs. Raises what `markdown.render` does.

    >>> from backproof.pages.blocks import Section
    >>> page = Page("Sum", "", (Section("Run", (Code("1 + 1"),)),))
    >>> [cell["cell_type"] for cell in json.loads(render(page))["cells"]]
    ['markdown', 'markdown', 'code']
    """
    numbered = placed(page)
    cells = [_text(markdown.opening(page, numbered.front))]
    for part in numbered.sections:
        cells.extend(_cells(part, numbered.front))
    if page.footer:
        footer = [markdown.inline(text, numbered.front) for text in paragraphs(page.footer)]
        cells.append(_text("\n\n".join(["---", *footer])))
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number}"
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cells(part: PlacedSection, front: Place) -> list[dict[str, Any]]:
    heading = PlacedSection(part.number, part.title, part.anchor, ())
    cells = [_text(markdown.section(heading, front))]
    for block, place in part.blocks:
        try:
            cell = _cell(block, place)
        except BackproofError as error:
            error.add_note(f"in section {part.number}, {part.title!r}")
            raise
        plain = cell["cell_type"] == "markdown" and "attachments" not in cell
        if plain and cells[-1]["cell_type"] == "markdown" and "attachments" not in cells[-1]:
            cells[-1] = _text("".join([*cells[-1]["source"], "\n\n", *cell["source"]]))
        else:
            cells.append(cell)
    return cells


def _cell(block: Block, place: Place) -> dict[str, Any]:
    if isinstance(block, Code) and block.language == "python":
        return {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": block.source.rstrip().splitlines(keepends=True),
        }
    if isinstance(block, Figure):
        name = f"{block.stem}.{block.kind}"
        kind = "image/svg+xml" if block.kind == "svg" else "image/png"
        data = base64.b64encode(block.svg_or_png).decode()
        cell = _text(markdown.picture(block, place, f"attachment:{name}"))
        return {**cell, "attachments": {name: {kind: data}}}
    return _text(markdown.draw(block, place))


def _text(source: str) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
