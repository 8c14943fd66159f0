r"""Inline text: `$latex$`, `` `code` ``, `**bold**`, `@eq:label`, and backslash for a literal.

The grammar is small enough to be strict: an unclosed `$` or backtick is an error with its text,
because the alternative is a page that shows half a formula as words. `**` inside a
word or beside a space (the Python powers `h**2` and `h ** 2`) stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Text:
    """Words, with nothing in them to be read as markup."""

    text: str


@dataclass(frozen=True)
class Math:
    """An inline formula, as LaTeX without its dollars."""

    latex: str


@dataclass(frozen=True)
class Literal:
    """Inline code."""

    code: str


@dataclass(frozen=True)
class Bold:
    """Strong text, which may hold formulas and code."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True)
class Reference:
    """The number of the formula with this label."""

    label: str


Inline = Text | Math | Literal | Bold | Reference

_TOKEN = re.compile(
    r"""\\(?P<escaped>[\\$`*@])
      | \$(?P<math>(?:\\.|[^$\\])+)\$
      | `(?P<code>[^`]+)`
      | (?<!\w)\*\*(?P<bold>(?=\S)(?:`[^`]*`|\$[^$]*\$|[^*]|\*(?!\*))+?(?<=\S))\*\*(?!\w)
      | @eq:(?P<label>[A-Za-z][A-Za-z0-9_-]*)
      | (?P<open>[$`])""",
    re.VERBOSE | re.DOTALL,
)
_SPECIAL = re.compile(r"[\\$`*@]")


def literal(text: str) -> str:
    r"""Write any text so that prose shows it as it is.

    Returns the text with a backslash before each character that prose would read as markup. Use
    it for words from elsewhere: file names, error messages, what a user typed.

    >>> literal("costs $5 ** 2")
    'costs \\$5 \\*\\* 2'
    >>> parse(literal("costs $5 ** 2"))
    (Text(text='costs $5 ** 2'),)
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def parse(text: str) -> tuple[Inline, ...]:
    """Read prose into its inline parts.

    Returns text, formulas, code, bold and references in order. Raises BackproofError for a `$` or a
    backtick that is never closed.

    >>> parse("so $x^2$ and `x**2`")
    (Text(text='so '), Math(latex='x^2'), Text(text=' and '), Literal(code='x**2'))
    >>> parse("costs 5$")
    Traceback (most recent call last):
        ...
    backproof.theory.errors.BackproofError: the prose 'costs 5$': found $ at position 7, never \
closed; expected a second $. Next: close it, or write \\$ for a literal $.
    """
    parts: list[Inline] = []
    words = ""
    end = 0
    for token in _TOKEN.finditer(text):
        words += text[end : token.start()]
        end = token.end()
        kind = token.lastgroup
        value = token.group(kind) if kind else ""
        if kind == "escaped":
            words += value
            continue
        if kind == "open":
            raise BackproofError(
                f"the prose {text!r}",
                f"{value} at position {token.start()}, never closed",
                f"a second {value}",
                f"close it, or write \\{value} for a literal {value}",
            )
        if words:
            parts.append(Text(words))
            words = ""
        if kind == "math":
            parts.append(Math(value))
        elif kind == "code":
            parts.append(Literal(value))
        elif kind == "label":
            parts.append(Reference(value))
        else:
            parts.append(Bold(parse(value)))
    words += text[end:]
    if words:
        parts.append(Text(words))
    return tuple(parts)


def plain(text: str) -> str:
    """Drop the markup of a prose text, for places that hold words only (a browser tab).

    >>> plain("The **sum rule** for $J$")
    'The sum rule for J'
    """
    return "".join(map(_words, parse(text)))


def _words(part: Inline) -> str:
    match part:
        case Text(found) | Math(found) | Literal(found):
            return found
        case Reference(label):
            return f"({label})"
        case Bold(parts):
            return "".join(map(_words, parts))


def paragraphs(text: str) -> list[str]:
    """Split prose at its blank lines.

    >>> paragraphs("One line\\nof text.\\n\\nAnother.")
    ['One line\\nof text.', 'Another.']
    """
    return [part for part in (p.strip() for p in re.split(r"\n\s*\n", text)) if part]
