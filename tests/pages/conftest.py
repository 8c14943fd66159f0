"""The sample pages, as fixtures."""

from __future__ import annotations

import pytest
from pages.sample_page import every_block, every_text_hostile

from backproof.pages.blocks import Page


@pytest.fixture
def page() -> Page:
    """Every block, labels, references, characters beyond ASCII."""
    return every_block()


@pytest.fixture
def hostile_page() -> Page:
    """Every block, with markup and script in every text field."""
    return every_text_hostile()
