"""Errors that name the object, what was found, what was expected and the next move."""

from __future__ import annotations


class BackproofError(ValueError):
    """Bad input, refused with a reason.

    The message reads ``where: found …; expected …. next move``.

    >>> print(BackproofError("W", "shape (3,)", "two axes", "write W as 'm n'"))
    W: found shape (3,); expected two axes. Next: write W as 'm n'.
    """

    def __init__(self, where: str, found: str, expected: str, move: str) -> None:
        self.where, self.found, self.expected, self.move = where, found, expected, move
        super().__init__(f"{where}: found {found}; expected {expected}. Next: {move}.")

    def __reduce__(self) -> tuple[type[BackproofError], tuple[str, str, str, str]]:
        """What another process needs to raise it again."""
        return type(self), (self.where, self.found, self.expected, self.move)


class UnsupportedError(BackproofError):
    """An operation that the library does not know, with the place and what to write instead."""
