"""What a block asks of its fields, checked when it is made: the error then names the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OWN_DISPLAY = re.compile(
    r"(?<!\\)\$|(?<!\\)\\[\[(]|\\tag\b|\\label\b|\\begin\{(?:align|equation|gather)\*?\}|\n\s*\n"
)


def require_text(block: object) -> None:
    """Raise TypeError where a field declared as text holds something else."""
    for field in fields(block):  # type: ignore[arg-type]
        value = getattr(block, field.name)
        if field.type == "str" and not isinstance(value, str):
            raise TypeError(
                f"{type(block).__name__}.{field.name} is a {type(value).__name__}: {value!r}; "
                f"give its text, for example str(...) or sympy.latex(...)"
            )


def keep_tuple(block: object, name: str, *kinds: type) -> None:
    """Keep a sequence field as a tuple; TypeError where it or a member is of another kind."""
    owner = f"{type(block).__name__}.{name}"
    members = getattr(block, name)
    if isinstance(members, (str, bytes)) or not isinstance(members, Sequence):
        raise TypeError(f"{owner} is a {type(members).__name__}; give a tuple")
    for place, member in enumerate(members):
        if not isinstance(member, kinds):
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(
                f"{owner}[{place}] is a {type(member).__name__}: {member!r}; "
                f"expected {expected}; text goes in as Prose(text)"
            )
    object.__setattr__(block, name, tuple(members))


def require_latex(block: object, name: str) -> None:
    """Raise ValueError where a LaTeX field is empty, or brings its own display or number."""
    owner, latex = f"{type(block).__name__}.{name}", getattr(block, name)
    if not latex.strip():
        raise ValueError(f"{owner} is empty in {block!r}; give its LaTeX, or write Prose instead")
    own = _OWN_DISPLAY.search(latex)
    if own:
        found = own.group().strip() or "a blank line"
        raise ValueError(
            f"{owner} is {latex!r} and holds {found}; give only what stands inside one display "
            f"(the page adds dollars, number and label; use 'aligned' for several lines)"
        )


def require_label(block: object, name: str) -> None:
    """Raise ValueError where a label could not stand in a link of every format."""
    label = getattr(block, name)
    if label and not _LABEL.fullmatch(label):
        raise ValueError(
            f"{type(block).__name__}.{name} is {label!r}; a label starts with a letter and holds "
            f"only letters, digits, '_' and '-'"
        )
