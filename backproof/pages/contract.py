"""What a block asks of its fields, checked when it is made: the error then names the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields

from backproof.theory.errors import BackproofError

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OWN_DISPLAY = re.compile(
    r"(?<!\\)\$|(?<!\\)\\[\[(]|\\tag\b|\\label\b|\\begin\{(?:align|equation|gather)\*?\}|\n\s*\n"
)


def require_text(block: object) -> None:
    """Raise BackproofError where a field declared as text holds something else."""
    for field in fields(block):  # type: ignore[arg-type]
        value = getattr(block, field.name)
        if field.type == "str" and not isinstance(value, str):
            raise BackproofError(
                f"{type(block).__name__}.{field.name}",
                f"{value!r}, a {type(value).__name__}",
                "text",
                "give str(...) or sympy.latex(...) of it",
            )


def keep_tuple(block: object, name: str, *kinds: type) -> None:
    """Keep a sequence field as a tuple; BackproofError where it or a member is of another kind."""
    owner = f"{type(block).__name__}.{name}"
    members = getattr(block, name)
    if isinstance(members, (str, bytes)) or not isinstance(members, Sequence):
        raise BackproofError(owner, f"a {type(members).__name__}", "a tuple", "write (…, …)")
    for place, member in enumerate(members):
        if not isinstance(member, kinds):
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise BackproofError(
                f"{owner}[{place}]",
                f"{member!r}, a {type(member).__name__}",
                expected,
                "build one of these; text goes in as Prose(text)",
            )
    object.__setattr__(block, name, tuple(members))


def require_latex(block: object, name: str) -> None:
    """Raise BackproofError where a LaTeX field is empty, or brings its own display or number."""
    owner, latex = f"{type(block).__name__}.{name}", getattr(block, name)
    if not latex.strip():
        raise BackproofError(owner, f"nothing in {block!r}", "LaTeX", "give it, or write Prose")
    own = _OWN_DISPLAY.search(latex)
    if own:
        found = own.group().strip() or "a blank line"
        raise BackproofError(
            owner,
            f"{found} in {latex!r}",
            "only what stands inside one display",
            "remove it (the page adds dollars, number and label; 'aligned' makes lines)",
        )


def require_label(block: object, name: str) -> None:
    """Raise BackproofError where a label could not stand in a link of every format."""
    label = getattr(block, name)
    if label and not _LABEL.fullmatch(label):
        raise BackproofError(
            f"{type(block).__name__}.{name}",
            repr(label),
            "a letter, then letters, digits, '_' and '-'",
            "rename it",
        )
