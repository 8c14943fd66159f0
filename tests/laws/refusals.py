"""What every refusal says: what was wrong where, what was expected, and the next move."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from backproof.theory.errors import BackproofError, UnsupportedError


def refused(
    action: Callable[[], Any],
    *words: str,
    place: tuple[int, int] | None = None,
    unsupported: bool = False,
) -> str:
    """The action raises the library's own error, whose message holds the given words.

    The message reads ``where: found …; expected …. Next: ….`` with something in each place;
    ``place`` is the line and column of the source that it must name.
    """
    with pytest.raises(UnsupportedError if unsupported else BackproofError) as raised:
        action()
    message = str(raised.value)
    parts = re.fullmatch(r"(.+?): found (.+); expected (.+)\. Next: (.+)\.", message, re.DOTALL)
    assert parts, message
    assert all(part.strip() for part in parts.groups()), message
    for word in words:
        assert word in message, f"{word!r} is not in: {message}"
    if place is not None:
        line, column = place
        assert f"line {line}, column {column}" in parts[1], message
    return message
