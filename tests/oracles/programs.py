"""Random NumPy programs: what a person might write, line by line, with its shapes known.

A program is grown from inputs by the rules of `oracles.grammar`.  Each rule proposes an expression
over what is already there, its shape in size names, and guards: expressions that must stay well
above zero, so that no domain ends and no kink lies near.  A proposal is run by NumPy under both
assignments of sizes before it is taken; one that is not finite, large or unguarded is left out.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import strategies as st
from scipy import special

import backproof as bp

Shape = tuple[str, ...]
SIZES: tuple[Mapping[str, int], ...] = ({"n": 2, "m": 3, "k": 4}, {"n": 4, "m": 1, "k": 3})
MARGIN = 0.04  # guards stay above it: the steps of finite differences are far smaller
LARGE = 60.0
INPUTS: dict[str, Shape] = {
    "x": ("n",), "y": ("n",), "u": ("m",), "X": ("n", "m"), "Y": ("n", "m"), "W": ("m", "k"),
    "A": ("n", "n"), "B": ("m", "m"), "T": ("k", "n", "m"), "s": (), "c": (), "r": ("n", "1"),
    "q": ("1", "m"), "p": ("n",), "P": ("n", "m"), "d": ("n+1",), "D": ("2*n", "m"),
}  # fmt: skip
POSITIVE = ("p", "P")
LABELS: dict[str, tuple[Shape, str]] = {"t": (("n",), "m"), "l": (("k",), "n")}  # shape, below


@dataclass(frozen=True)
class Term:
    """An expression and its shape."""

    text: str
    shape: Shape


@dataclass(frozen=True)
class Proposal:
    """An expression, its shape, and the expressions that have to stay above MARGIN."""

    text: str
    shape: Shape
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """The lines of a function body and the inputs that they use."""

    source: str
    shape: Shape
    names: tuple[str, ...]
    seed: int

    def declared(self) -> dict[str, str | Any]:
        """The inputs as `bp.trace` takes them."""
        return {
            name: bp.array(" ".join(LABELS[name][0]), dtype=int, below=LABELS[name][1])
            if name in LABELS
            else bp.array(" ".join(INPUTS[name]), positive=name in POSITIVE)
            for name in self.names
        }

    def reals(self) -> tuple[str, ...]:
        """The inputs that are not labels."""
        return tuple(name for name in self.names if name not in LABELS)

    def numbers(self, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        """The numbers that the program was grown with."""
        numbers = sample(self.seed, sizes)
        return {name: numbers[name] for name in self.names}

    def function(self) -> Callable[..., Any]:
        """The program as a Python function of its inputs, run by NumPy."""
        lines = "\n".join(f"    {line}" for line in self.source.splitlines())
        scope: dict[str, Any] = {"np": np, "scipy": scipy, "special": special}
        exec(f"def function({', '.join(self.names)}):\n{lines}\n", scope)
        return scope["function"]

    def __repr__(self) -> str:
        shapes = {name: " ".join(INPUTS[name]) for name in self.reals()}
        return f"Program(seed={self.seed}, shapes={shapes})\n{self.source}\n"


def extent(size: str, sizes: Mapping[str, int]) -> int:
    """The number that a size stands for."""
    return int(eval(size, {}, dict(sizes)))


def sample(seed: int, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Numbers for all inputs: magnitudes in (0.2, 1.5), labels below their bound."""
    random = np.random.default_rng([seed, *sizes.values()])
    numbers: dict[str, np.ndarray] = {}
    for name, shape in INPUTS.items():
        extents = [extent(size, sizes) for size in shape]
        signs = 1 if name in POSITIVE else random.choice([-1, 1], size=extents)
        numbers[name] = np.asarray(signs * random.uniform(0.2, 1.5, size=extents))
    for name, (shape, below) in LABELS.items():
        extents = [extent(size, sizes) for size in shape]
        numbers[name] = random.integers(extent(below, sizes), size=extents)
    return numbers


def gap(array: np.ndarray, axis: Any = None) -> float:
    """How far the largest entry along some axes is ahead of the next."""
    if axis is None:
        axis = tuple(range(np.ndim(array)))
    axes = [a % np.ndim(array) for a in (axis if isinstance(axis, tuple) else (axis,))]
    moved = np.moveaxis(array, axes, range(-len(axes), 0))
    flat = np.sort(moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1), axis=-1)
    return float(np.min(flat[..., -1] - flat[..., -2])) if flat.shape[-1] > 1 else np.inf


@dataclass
class Workshop:
    """A program in the making."""

    draw: Callable[[Any], Any]
    seed: int
    lines: list[str] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    scopes: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.terms = [Term(name, shape) for name, shape in INPUTS.items()]
        functions = {"np": np, "special": special, "gap": gap}
        self.scopes = [functions | sample(self.seed, sizes) for sizes in SIZES]

    def choice(self, values: Sequence[Any]) -> Any:
        """One of some values."""
        return self.draw(st.sampled_from(values))

    def pick(self, fits: Callable[[Term], bool] = lambda term: True) -> Term | None:
        """A term that fits, newer ones as likely as all inputs together."""
        fitting = [term for term in self.terms if fits(term)]
        fresh = [term for term in fitting if term.text not in INPUTS]
        if fresh and self.draw(st.integers(0, 3)):
            return self.choice(fresh[::-1])
        return self.choice(fitting) if fitting else None

    def holds(self, proposal: Proposal) -> bool:
        """Whether a proposal is finite, moderate and guarded under both assignments of sizes."""
        for sizes, scope in zip(SIZES, self.scopes, strict=True):
            with np.errstate(all="ignore"):
                value = eval(proposal.text, scope)
                guards = [eval(guard, scope) for guard in proposal.guards]
            shape = tuple(extent(size, sizes) for size in proposal.shape)
            assert np.shape(value) == shape, (proposal, np.shape(value), shape)
            if not np.isfinite(value).all() or np.max(np.abs(value)) > LARGE:
                return False
            if not all(guard > MARGIN for guard in guards):
                return False
        return True

    def add(self, proposal: Proposal) -> None:
        """Keep a proposal, as it stands or under a name of its own."""
        text = proposal.text
        if isinstance(ast.parse(text, mode="eval").body, ast.BinOp | ast.UnaryOp):
            text = f"({text})"
        if self.draw(st.booleans()):
            text = f"a{len(self.lines) + 1}"
            self.lines.append(f"{text} = {proposal.text}")
            for scope in self.scopes:
                scope[text] = eval(proposal.text, scope)
        self.terms.append(Term(text, proposal.shape))

    def finish(self, result: Term) -> Program:
        """The program that returns a term, without the lines that it does not use."""
        kept = [f"return {result.text}"]
        for line in reversed(self.lines):
            name = line.split(" = ")[0]
            if any(name in words(other) for other in kept):
                kept.insert(0, line)
        used = {word for line in kept for word in words(line)}
        names = tuple(name for name in (*INPUTS, *LABELS) if name in used)
        return Program("\n".join(kept), result.shape, names, self.seed)


def words(line: str) -> set[str]:
    """The identifiers of the right-hand side of a line."""
    tree = ast.parse(line.split(" = ")[-1].removeprefix("return "))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
