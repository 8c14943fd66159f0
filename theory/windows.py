"""Windows of an image: where they stand, and what each of their places reads.

Window i of an axis of size H reads, at its place u, the position ``s·i + d·u`` of the image with
p zeros (or repeated edges) on both sides; there are ⌊(H + 2p − d(k − 1) − 1)/s⌋ + 1 of them.

Reference: V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning
(arXiv:1603.07285), relationship 15.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Affine, Index, affine, fresh

Extent = int | str
PerAxis = Extent | tuple[Extent, ...]
OFFSETS = "uvw"


@dataclass(frozen=True)
class Windows:
    """The size of the windows of each axis, their stride, padding and dilation.

    >>> Windows.of("pool", 2, stride=2).along(0, sp.Symbol("H", integer=True, positive=True))
    floor(H/2)
    """

    who: str
    size: tuple[sp.Expr, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @classmethod
    def of(
        cls,
        who: str,
        size: PerAxis,
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
    ) -> Windows:
        """One number or one an axis; a size that is not a tuple is that of a square."""
        given = size if isinstance(size, tuple) else (size, size)
        sizes = tuple(read_size(str(s)) for s in given)
        rank = len(sizes)
        return cls(
            who,
            sizes,
            _numbers(who, "stride", stride, rank, 1),
            _numbers(who, "padding", padding, rank, 0),
            _numbers(who, "dilation", dilation, rank, 1),
        )

    @classmethod
    def side_by_side(
        cls,
        who: str,
        size: PerAxis,
        stride: int | tuple[int, ...] | None,
        padding: int | tuple[int, ...],
    ) -> Windows:
        """Windows of which each begins where the last one ends, unless a stride is given."""
        if stride is None:
            sizes = cls.of(who, size).size
            if not all(s.is_Integer for s in sizes):
                named = ", ".join(str(s) for s in sizes if not s.is_Integer)
                raise BackproofError(
                    who,
                    f"windows of size {named} side by side",
                    "a stride that is a number, since it multiplies an index",
                    "write stride=2, or a window of numbers",
                )
            stride = tuple(int(s) for s in sizes)
        return cls.of(who, size, stride, padding)

    def __len__(self) -> int:
        return len(self.size)

    @property
    def single(self) -> bool:
        """Whether every window is one place, and every place a window."""
        return all(n == 1 for n in (*self.size, *self.stride)) and not any(self.padding)

    def along(self, axis: int, extent: sp.Expr) -> sp.Expr:
        """How many windows fit on an axis of this size, padding included; one at least."""
        reach = sp.expand(self.dilation[axis] * (self.size[axis] - 1) + 1)
        left = sp.expand(extent - reach)
        if left.is_negative:
            raise BackproofError(
                self.who,
                f"a window over {reach} places on an axis of {extent}",
                "a window that fits",
                "shrink the window, or pad the axis",
            )
        return sp.expand(quotient(left, self.stride[axis]) + 1)

    def inner(self) -> tuple[Index, ...]:
        """Indices of the places inside a window."""
        letters = [OFFSETS[k] if k < len(OFFSETS) else f"u{k}" for k in range(len(self))]
        return tuple(fresh(Index(w, s)) for w, s in zip(letters, self.size, strict=True))

    def place(self, axis: int, window: Index, inner: Index) -> Affine:
        """The position ``s·window + d·inner`` of the padded axis."""
        steps = (sp.Integer(self.stride[axis]), sp.Integer(self.dilation[axis]))
        return affine(sp.S.Zero, zip((window, inner), steps, strict=True))


def quotient(size: sp.Expr, stride: int) -> sp.Expr:
    """⌊size / stride⌋, whole numbers in front and one floor alone: ⌊(⌊a/m⌋ + b)/n⌋ = ⌊(a + mb)/mn⌋.

    >>> H = sp.Symbol("H", integer=True, positive=True)
    >>> quotient(quotient(H, 2) - 3, 2)
    floor((H + 2)/4) - 2
    """
    if stride == 1:
        return size
    inner = [t for t in sp.Add.make_args(size) if isinstance(t, sp.floor)]
    if len(inner) == 1 and (size - inner[0]).is_integer:
        size = size - inner[0] + inner[0].args[0]
    numerator, denominator = sp.together(size / stride).as_numer_denom()
    number, rest = sp.expand(numerator).as_coeff_Add()
    whole, left = divmod(number, denominator)
    return whole + sp.floor(sp.together((rest + left) / denominator))


def _numbers(who: str, what: str, given: object, rank: int, least: int) -> tuple[int, ...]:
    """One whole number an axis."""
    numbers: tuple[object, ...] = given if isinstance(given, tuple) else (given,) * rank
    whole: list[int] = []
    if len(numbers) != rank:
        found, expected = f"{len(numbers)} numbers for {what}", f"{rank}, one an axis"
        raise BackproofError(who, found, expected, f"write {what} as one number, or {rank}")
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise BackproofError(
                who,
                f"{what} {number!r}",
                f"a whole number from {least}: no array has it as the size of an axis, so that a "
                "name for it could not be told from the inputs",
                f"write {what}={max(least, 1)}",
            )
        whole.append(number)
    return tuple(whole)
