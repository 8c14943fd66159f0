"""Images: arrays whose last two axes are rows and columns, what stands in front being a batch.

Between pixels an image is read by bilinear interpolation: at the position (p, q), with the whole
parts ⌊p⌋, ⌊q⌋ and the fractions a, b,

    x(p, q) = (1−a)(1−b) x[⌊p⌋, ⌊q⌋]   + (1−a) b x[⌊p⌋, ⌊q⌋+1]
            +    a (1−b) x[⌊p⌋+1, ⌊q⌋] +     a b x[⌊p⌋+1, ⌊q⌋+1]

and pixels outside are zero.  This is linear in the image: the whole parts are labels, and the
weights do not depend on x.  A position far outside reads zero like one on the first ring around
the image, to which it is moved, so that every label is on the padded image.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from backproof.theory.declarations import Array, array
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Map,
    Subscript,
    Tensor,
    fresh,
    slot,
)
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.scalars import floor, larger, smaller
from backproof.theory.trace.operations.joining import pad
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value

NAMES = (
    *("y", "X", "row", "column", "p", "q", "above", "before", "a", "b", "ones", "ones_2"),
    *("cosine", "sine"),
)
Shape = str | tuple[int | str, ...]


class Image:
    """An image ``x`` of some shape, further inputs, and the statement of what is made of them.

    With ``each``, a further input has one value for each entry of the first axis of x.
    ``front`` are the indices in front of rows and columns; they stay as they are.
    """

    def __init__(
        self, shape: Shape, inputs: Mapping[str, Array] | None = None, each: bool = False
    ) -> None:
        sizes = array(shape).shape
        if len(sizes) < 2 + each:
            need = "rows and columns" + (", with an axis of images in front" if each else "")
            raise BackproofError("image", f"{len(sizes)} axes", need, "write e.g. 'n h w'")
        first = sizes[:1] if each else ()
        declared = {n: (first + spec.shape, spec) for n, spec in (inputs or {}).items()}
        named = {s.name for z in sizes for s in z.free_symbols}
        clash = sorted(named & {"x", *NAMES, *declared})
        if clash:
            move = "rename the size"
            raise BackproofError("image", f"the size {clash[0]}", "another letter", move)
        letters = Letters(taken={"x", *NAMES, *declared, *named})
        self.tensors = {"x": Tensor("x", sizes, letters.axes(sizes))}
        for name, (extents, spec) in declared.items():
            axes = letters.axes(extents)
            self.tensors[name] = Tensor(name, extents, axes, spec.dtype, spec.below)
        self.each = each
        self.statement = Statement(self.tensors, letters)
        self.front = self.tensors["x"].indices()[:-2]

    @property
    def size(self) -> tuple[sp.Expr, sp.Expr]:
        """The numbers of rows and columns."""
        return self.tensors["x"].shape[-2], self.tensors["x"].shape[-1]

    def pixels(self, rows: sp.Expr, columns: sp.Expr) -> tuple[Index, Index]:
        """Fresh indices for the rows and columns of a result."""
        i, j = self.tensors["x"].indices()[-2:]
        return fresh(Index(i.letter, rows)), fresh(Index(j.letter, columns))

    def given(self, name: str, *own: Index) -> Entry:
        """An input at these indices; the axis of images in front where it has one."""
        front = self.front[:1] if self.each else ()
        return Entry(self.tensors[name], (*front, *own))

    def read(self, row: Subscript, column: Subscript) -> Entry:
        """x at a row and a column, for every image."""
        return Entry(self.tensors["x"], (*self.front, row, column))

    def value(self, entry: Entry, *axes: Index) -> Value:
        """An entry as a value over these axes."""
        return Value(tuple(axes), Sum((Contraction(sp.S.One, (entry,)),)))

    def model(self, result: Value, title: str, *story: str) -> Model:
        """The model of a result, which is called y."""
        entry = self.statement.bind(result, "y").entry
        if entry is None or entry.tensor.name != "y":  # the image itself
            raise BackproofError("image", "a result that is x", "a change", "leave it out")
        equations, steps = tuple(self.statement.equations), tuple(self.statement.steps)
        return tidy(Model(equations, self.tensors, {}, entry.tensor, steps, title, story))

    # positions -----------------------------------------------------------------------------

    def _counted(self, name: str, index: Index) -> Value:
        """The position of a pixel as a number, counted: how many pixels come before it.

        ``ones[m] = Σ_j δ[m, h + j]`` is h zeros followed by h ones, and ``Σ_k ones[h − 1 + i − k]``
        counts the k below i.
        """
        size = index.size
        m, j, k = (fresh(Index(index.letter, s)) for s in (sp.expand(2 * size), size, size))
        step = Contraction(sp.S.One, (Delta(m, Affine(size, ((j, sp.S.One),))),), (j,))
        ones = self.statement.bind(Value((m,), Sum((step,))), "ones").entry
        assert ones is not None
        place = Affine(size - 1, ((index, sp.S.One), (k, -sp.S.One)))
        count = Contraction(sp.S.One, (Entry(ones.tensor, (place,)),), (k,))
        return self.statement.bind(Value((index,), Sum((count,))), name)

    def rows(self, index: Index) -> Value:
        """The row of each pixel as a number, over rows and columns."""
        row = self._counted("row", index)
        return Value((*row.axes, None), row.rhs)

    def columns(self, index: Index) -> Value:
        """The column of each pixel as a number."""
        return self._counted("column", index)

    def interpolated(self, down: Value, right: Value) -> Value:
        """x at real positions, one for each pixel of the result (and each image, with ``each``)."""
        h, w = self.size
        i, j = self.pixels(h, w)
        image = self.value(self.read(i, j), *self.front, i, j)
        around = ((0, 0),) * len(self.front) + ((1, 2), (1, 2))
        padded = self.statement.bind(pad(self.statement, image, around), "X").entry
        assert padded is not None
        pixels = self.pixels(down.shape[-2], down.shape[-1])
        at = (*(self.front[:1] if self.each else ()), *pixels)
        above, a = self._parts(down, h, ("p", "above", "a"), at)
        before, b = self._parts(right, w, ("q", "before", "b"), at)
        terms = []
        for further in ((0, 0), (0, 1), (1, 0), (1, 1)):
            shares = [slot(n) if step else 1 - slot(n) for n, step in enumerate(further)]
            places = (_beyond(above, further[0]), _beyond(before, further[1]))
            pixel = Entry(padded.tensor, (*self.front, *places))
            terms.append(Contraction(sp.S.One, (Map(sp.Mul(*shares), (a, b)), pixel)))
        return Value((*self.front, *pixels), Sum(tuple(terms)))

    def _parts(
        self, position: Value, size: sp.Expr, names: tuple[str, str, str], at: tuple[Index, ...]
    ) -> tuple[Entry, Entry]:
        """The whole part of a position on the padded image, a label, and its fraction."""
        place, label, share = names
        bind, elementwise = self.statement.bind, self.statement.elementwise
        bound = bind(
            elementwise(lambda p: smaller(larger(p, -sp.S.One), size) + 1, position), place
        )
        fraction = bind(elementwise(lambda p: p - floor(p), bound), share).entry
        assert bound.entry is not None
        assert fraction is not None
        below = Sum((Contraction(sp.S.One, (Map(floor(slot(0)), (bound.entry,)),)),))
        kind = {"dtype": "integer", "below": sp.expand(size + 2)}
        tensor = self.statement.declare(label, bound.indices, **kind)
        equation = self.statement.letters.write(tensor, bound.indices, below)
        self.statement.equations.append(equation)
        return Entry(tensor, at), Entry(fraction.tensor, at)


def _beyond(label: Entry, steps: int) -> Subscript:
    """The label, or the place that many steps further."""
    return label if steps == 0 else Affine(sp.Integer(steps), ((label, sp.S.One),))
