"""The losses by backproof: the NumPy source itself, traced; the closed form of the derivative."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

import numpy as np
from losses import Loss
from scipy import special

import backproof as bp


def model(loss: Loss) -> bp.Model:
    """The loss, traced."""
    known = {name: {word: True} for name, word in loss.known.items()}
    shapes = {name: bp.array(shape, **known.get(name, {})) for name, shape in loss.shapes.items()}
    return bp.trace(loss.source, **shapes)


class Writing:
    """The only way to state a loss here: its NumPy source."""

    def __init__(self, loss: Loss) -> None:
        self._loss = loss
        self.closed = bp.closed(bp.derive(model(loss), loss.wrt))

    def latex(self) -> str:
        return bp.latex(self.closed)

    def text(self) -> str:
        return bp.text(self.closed)

    def nodes(self) -> int:
        """The nodes of the syntax tree of the lines: every name, number, operator and call."""
        lines = [line.strip().removeprefix("where ") for line in self.text().splitlines()]
        return sum(map(_nodes, lines))

    def value(self, which: int) -> np.ndarray:
        """By running the lines as NumPy."""
        scope: dict[str, Any] = {"np": np, "special": special}
        scope |= {**self._loss.sizes(which), **self._loss.numbers(which)}
        exec(bp.text(self.closed, form="numpy"), scope)
        return np.asarray(scope[f"d{self._loss.wrt}"])

    def stated_value(self, which: int) -> np.ndarray:
        return np.asarray(self._loss.function()(**self._loss.numbers(which)))


def _nodes(line: str) -> int:
    counted = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Attribute)
    (statement,) = ast.parse(line).body
    assert isinstance(statement, ast.Assign)
    return sum(isinstance(node, counted) for node in ast.walk(statement.value))


def writings(loss: Loss) -> list[Any]:
    """What is tried, in order."""
    return [(f"closed(derive(trace(source), {loss.wrt!r}))", partial(Writing, loss))]
