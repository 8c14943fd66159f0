"""A layer of a network, and the stage on which layers state their equations one after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, tee

import sympy as sp

from backproof.theory.declarations import array
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Subscript, Tensor, fresh
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Value

FEATURES = "ijklqrsuv"  # letters of the axes that layers make, in order
Shape = tuple[sp.Expr, ...]


class Layer(ABC):
    """Equations that make one array from another.

    A layer states its equations on a `Stage`; its parameters and the shape of its result are
    read off them.  Sizes are numbers or names.

    >>> from backproof.theory.layers import Dense
    >>> print(Dense("h").model("N d"))
    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    >>> Dense("h").parameters("N d"), Dense("h").shape("N d")
    ({'W1': (h, d), 'b1': (h,)}, (N, h))
    """

    @abstractmethod
    def state(self, stage: Stage, h: Value) -> Value:
        """The result for the array ``h``, one entry, its equations written down."""

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The sizes that the layer states."""
        return ()

    def model(self, input: str | Sequence[int | str]) -> Model:
        """The layer alone, for an input ``x`` of this shape."""
        return stated(input, [self], type(self).__name__).model

    def parameters(self, input: str | Sequence[int | str]) -> dict[str, Shape]:
        """The shape of each parameter, for an input of this shape."""
        return {name: t.shape for name, t in self.model(input).parameters.items()}

    def shape(self, input: str | Sequence[int | str]) -> Shape:
        """The shape of the result, for an input of this shape."""
        return self.model(input).output.shape


@dataclass
class Stage:
    """Where layers are stated: the equations, parameters and letters so far.

    A layer with parameters opens a new number, which its parameters and quantities carry
    (``W2``, ``z2``) and so do those of the layers without parameters that follow (``h2``).
    ``weights`` are the parameters that a penalty acts on: all but biases, gains and shifts.
    A ``head`` is what else the last layer tells of the same array: its names carry it (``W2_s``).
    """

    statement: Statement
    letters: Iterator[str]
    number: int = 0
    parameters: dict[str, Tensor] = field(default_factory=dict)
    weights: list[Tensor] = field(default_factory=list)
    head: str = ""
    _open: bool = False

    def apply(self, layer: Layer, h: Value) -> Value:
        """The result of a layer."""
        self._open = True
        return layer.state(self, h)

    def fields(self, layer: Layer, h: Value, heads: Sequence[str]) -> list[Value]:
        """The result of a layer, and that of the same layer with other parameters for each head."""
        number, letters, results = self.number, self.letters, []
        for self.head in ("", *heads):
            self.letters, letters = tee(letters)
            self.number = number
            results.append(self.apply(layer, h))
        if heads and self.number == number:
            found = f"a last layer without parameters, for {', '.join(heads)}"
            raise BackproofError("network", found, "one with parameters", "end with a dense layer")
        return results

    def axis(self, size: sp.Expr) -> Index:
        """A new axis, with a letter of its own."""
        return fresh(Index(next(self.letters), size))

    def parameter(self, name: str, *indices: Index, weight: bool = True) -> Entry:
        """A parameter of the current layer, an array with these axes, at these indices."""
        if self._open:
            self.number, self._open = self.number + 1, False
        name = f"{name}{self.number}" + (f"_{self.head}" if self.head else "")
        if name in self.statement.tensors or name in self.statement.sizes:
            found = f"the name {name}, of a size" if name in self.statement.sizes else name
            raise BackproofError("layer", found, "a free name", f"rename the size {name}")
        letters = tuple(i.letter for i in indices)
        tensor = Tensor(name, tuple(i.size for i in indices), letters)
        self.statement.tensors[name] = self.parameters[name] = tensor
        if weight:
            self.weights.append(tensor)
        return Entry(tensor, indices)

    def bind(self, value: Value, symbol: str) -> Value:
        """Write a quantity of the current layer down, unless it already is one."""
        return self.statement.bind(value, f"{self.head or symbol}{self.number}")


def entry_of(h: Value) -> Entry:
    """The entry that the input of a layer is."""
    assert h.entry is not None
    return h.entry


def total(axes: Sequence[Axis], *terms: tuple[Sequence[Index], Sequence[Entry]]) -> Value:
    """The sum of products of entries, each summed over some indices."""
    contractions = (Contraction(sp.S.One, tuple(f), tuple(over)) for over, f in terms)
    return Value(tuple(axes), Sum(tuple(contractions)))


def shifted(stage: Stage, z: Value, index: Index) -> Value:
    """The array plus a bias, one number for each value of an index."""
    bias = Contraction(sp.S.One, (stage.parameter("b", index, weight=False),))
    return Value(z.axes, Sum((*z.rhs.terms, bias)))


def at(entry: Entry, places: dict[int, Subscript]) -> Entry:
    """The entry with the subscripts at some positions replaced."""
    subscripts = list(entry.subscripts)
    for place, subscript in places.items():
        subscripts[place] = subscript
    return Entry(entry.tensor, tuple(subscripts))


def mean(h: Value, over: Sequence[Index]) -> Value:
    """The mean over some indices, whose axes stay with size one."""
    scale = 1 / sp.Mul(*(i.size for i in over))
    terms = (Contraction(scale * t.coefficient, t.factors, (*t.over, *over)) for t in h.rhs.terms)
    return Value(tuple(None if i in over else i for i in h.axes), Sum(tuple(terms)))


def last_axes(who: str, h: Value, count: int, what: str) -> tuple[Index, ...]:
    """The last indices of an array; refused where it has fewer axes."""
    if len(h.indices) < count:
        shape = ", ".join(map(str, h.shape))
        raise BackproofError(
            who, f"an input of shape ({shape})", what, "reshape, or choose another layer"
        )
    return h.indices[len(h.indices) - count :]


@dataclass
class Stated:
    """Layers on an input: where they were stated, and the last layer's results, one a head."""

    stage: Stage
    results: list[Value]
    model: Model


def stated(
    input: str | Sequence[int | str],
    layers: Sequence[Layer],
    title: str,
    more: frozenset[str] = frozenset(),
    heads: Sequence[str] = (),
) -> Stated:
    """Layers on an input ``x``, stated one after another, the last one once more for each head.

    ``more`` are further names that no index may have.
    """
    shape = array(input if isinstance(input, str) else tuple(input)).shape
    if not shape or not layers:
        found = "no layers" if shape else "an input without axes"
        raise BackproofError("network", found, "one or more", "write e.g. 'N d' and [Dense(10)]")
    for layer in layers:
        if not isinstance(layer, Layer):
            found = f"{layer!r} among the layers"
            raise BackproofError("network", found, "a layer", "write e.g. bp.layers.Dense(10)")
    extents = (*shape, *(n for layer in layers for n in layer.extents))
    sizes = {s.name for n in extents for s in n.free_symbols}
    if "x" in sizes:
        raise BackproofError("network", "a size named x", "another name", "rename it: x is input")
    front, letters = _letters(shape, sizes | more)
    x = Tensor("x", shape, front)
    statement = Statement({"x": x}, Letters(taken={"x", *sizes, *more}))
    statement.sizes |= sizes
    stage = Stage(statement, letters)
    indices = x.indices()
    h = total(indices, ((), (Entry(x, indices),)))
    for layer in layers[:-1]:
        h = stage.apply(layer, h)
    results = stage.fields(layers[-1], h, heads)
    equations, output = tuple(statement.equations), entry_of(results[0]).tensor
    model = Model(equations, {"x": x}, stage.parameters, output, title=title)
    return Stated(stage, results, model)


def _letters(shape: Shape, taken: set[str]) -> tuple[tuple[str, ...], Iterator[str]]:
    """The letters of the input's axes, and an endless supply of others.

    A batch named N is n; of an image, i and j are the places.
    """
    batch = {"N": ["n"], "B": ["b"]}.get(str(shape[0]), [])
    count_ = len(shape) - len(batch)
    wishes = [*batch, *(["k", "i", "j"] if count_ > 2 else ["i", "j"])]
    free = [w for w in FEATURES if w not in taken and w not in wishes[: len(shape)]]
    supply = chain(free, (f"i{n}" for n in count()))
    wishes += [next(supply) for _ in range(len(shape) - len(wishes))]
    return tuple(next(supply) if w in taken else w for w in wishes[: len(shape)]), supply
