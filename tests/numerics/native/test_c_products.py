"""Products of matrices and contractions in C: every layout, every edge, and the stated error.

The oracle is `numpy.einsum` in double precision on strided views; entries are whole numbers where
the result must be exact; otherwise the error stays within the bound that ``accuracy.py`` states.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.c_compiler import needs_c

from backproof.numerics.native import compiler, matrix_products
from backproof.numerics.native.accuracy import product_error

pytestmark = needs_c
Axis = tuple[int, int, int, int]  # the extent, and the steps in the operands and the result
INT, LONG, POINTER = ctypes.c_int, ctypes.c_long, ctypes.c_void_p


def called(
    single: bool,
    axes: Sequence[Sequence[Axis]],
    scale: float,
    arrays: Sequence[np.ndarray],
    adding: bool,
) -> None:
    """The contraction in C, in place."""
    _, address = matrix_products.matrix_products(single)
    real = ctypes.c_float if single else ctypes.c_double
    kinds = [INT, POINTER] * 3 + [real, POINTER, POINTER, INT, POINTER]
    function = ctypes.CFUNCTYPE(None, *kinds)(address)
    rows = [np.array(some, np.intp) for some in axes]
    counted = [x for some in rows for x in (len(some), some.ctypes.data)]
    a, b, c = (array.ctypes.data for array in arrays)
    function(*counted, scale, a, b, int(adding), c)


def places(axes: Sequence[Axis], which: int) -> np.ndarray:
    """Where each position of the axes lies."""
    at = np.zeros(1, np.intp)
    for extent, *steps in axes:
        at = (at[:, None] + steps[which] * np.arange(extent)).reshape(-1)
    return at


def expected(
    axes: Sequence[Sequence[Axis]],
    scale: float,
    arrays: Sequence[np.ndarray],
    adding: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """The result in double precision, and the sum of the products' absolute values."""
    rows, columns, deep = axes
    a, b, c = (array.astype(float) for array in arrays)
    left = a[places(rows, 0)[:, None] + places(deep, 0)]
    right = b[places(deep, 1)[:, None] + places(columns, 1)]
    where = places(rows, 2)[:, None] + places(columns, 2)
    size = np.abs(c) if adding else np.zeros_like(c)
    if not adding:
        c[where] = 0
    np.add.at(c, where, scale * (left @ right))
    np.add.at(size, where, abs(scale) * (np.abs(left) @ np.abs(right)))
    return c, size


def room(axes: Sequence[Sequence[Axis]], which: int) -> int:
    """How many numbers an array has at least."""
    return 1 + sum(max(n - 1, 0) * steps[which] for some in axes for n, *steps in some)


def laid(extents: Sequence[int], order: Sequence[int], gap: int = 0) -> list[int]:
    """Steps of axes that lie in some order, outermost first, with a gap after each."""
    steps, step = [0] * len(extents), 1
    for which in reversed(order):
        steps[which] = step
        step = step * extents[which] + gap
    return steps


def check(
    single: bool,
    axes: Sequence[Sequence[Axis]],
    seed: int,
    scale: float = 1.0,
    adding: bool = False,
    whole: bool = False,
) -> None:
    random = np.random.default_rng(seed)
    kind = np.float32 if single else np.float64

    def drawn(count: int) -> np.ndarray:
        if whole:
            return random.integers(-3, 4, count).astype(kind)
        return random.normal(size=count).astype(kind)

    arrays = [drawn(room(axes, which)) for which in range(3)]
    right, size = expected(axes, scale, arrays, adding)
    summed = int(np.prod([n for n, *_ in axes[2]]))
    called(single, axes, scale, arrays, adding)
    off = np.abs(arrays[2] - right)
    bound = 0.0 if whole else product_error(summed, single) * size
    assert np.all(off <= bound), f"off by {np.max(off - bound)}"


DEPTHS = st.sampled_from((1, 7, 8, 31, 97, 511, 512, 513, 1100))
SIZES = st.one_of(st.integers(1, 20), st.sampled_from((31, 48, 53, 64, 97)))
LAYOUTS = [(row, column) for row in ("rows", "summed") for column in ("columns", "summed")]


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_order_of_two_matrices(layout: tuple[str, str], single: bool) -> None:
    """Both operands by rows and by columns, at sizes on both sides of every edge of a tile."""

    @settings(max_examples=25)
    @given(SIZES, SIZES, DEPTHS, st.integers(0, 9))
    def law(rows: int, columns: int, summed: int, seed: int) -> None:
        a = laid((rows, summed), (1, 0) if layout[0] == "rows" else (0, 1), gap=seed % 3)
        b = laid((summed, columns), (0, 1) if layout[1] == "columns" else (1, 0), gap=seed % 2)
        axes = [
            [(rows, a[0], 0, columns + seed % 4)],
            [(columns, 0, b[1], 1)],
            [(summed, a[1], b[0], 0)],
        ]
        check(single, axes, seed, adding=bool(seed % 2), whole=True)
        check(single, axes, seed, scale=-0.7, adding=bool(seed % 2))

    law()


@pytest.mark.parametrize("single", [False, True])
def test_axes_of_every_kind(single: bool) -> None:
    """One to three axes of each kind, in any order in memory, windows among them."""

    @settings(max_examples=30)
    @given(st.data())
    def law(data: Any) -> None:
        extent = st.sampled_from((1, 2, 3, 5, 7, 8, 13, 24))
        count = st.integers(1, 3)
        kinds = [data.draw(st.lists(extent, min_size=n, max_size=n)) for n in data.draw(
            st.tuples(count, count, count))]  # fmt: skip
        rows, columns, deep = kinds

        def steps(extents: list[int], windows: bool = False) -> list[int]:
            found = laid(extents, data.draw(st.permutations(range(len(extents)))))
            if windows:  # of two axes that share a subscript neither is outside the other
                found = [data.draw(st.sampled_from((1, 2, 6, step))) for step in found]
            return found

        a = steps([*rows, *deep], data.draw(st.booleans()))
        b = steps([*deep, *columns], data.draw(st.booleans()))
        c = steps([*rows, *columns])
        axes = [
            [(n, a[k], 0, c[k]) for k, n in enumerate(rows)],
            [(n, 0, b[len(deep) + k], c[len(rows) + k]) for k, n in enumerate(columns)],
            [(n, a[len(rows) + k], b[k], 0) for k, n in enumerate(deep)],
        ]
        check(single, axes, data.draw(st.integers(0, 9)), adding=data.draw(st.booleans()))

    law()


@pytest.mark.parametrize("single", [False, True])
def test_windows_summed_into_an_image(single: bool) -> None:
    """The places of the result may lie over one another: each product is added once."""
    side, window, channels, filters = 9, 3, 5, 6
    whole = side + window - 1
    axes = [
        [(window, channels * 9 // 3, 0, whole), (window, 1, 0, 1), (channels, 9, 0, whole**2)],
        [(side, 0, side, whole), (side, 0, 1, 1)],
        [(filters, channels * 9, side**2, 0)],
    ]
    check(single, axes, 0, adding=True, whole=True)


def test_sums_of_nothing() -> None:
    for adding in (False, True):
        axes = [[(5, 1, 0, 7)], [(7, 0, 1, 1)], [(3, 1, 1, 0), (0, 1, 1, 0)]]
        check(False, axes, 0, adding=adding, whole=True)


# Products of two matrices that start from a row of numbers ---------------------------------

STARTS = (  # few of each; tiles; panels; edges of both; a result that is turned; dots; one column
    (3, 5, 4), (9, 53, 20), (3, 7, 300), (17, 53, 300), (64, 40, 33), (70, 53, 1301),
    (16, 150, 100), (20, 9, 1500), (1200, 1, 40), (5, 7, 0), (9, 24, 300),
)  # fmt: skip


def every_start(single: bool) -> None:
    """Nothing, a row and the result itself, of whole numbers, in every layout of the operands."""
    address, _ = matrix_products.matrix_products(single)
    real = ctypes.c_float if single else ctypes.c_double
    sizes, operand = [LONG] * 3, [POINTER, LONG, LONG]
    kinds = [*sizes, real, *operand, *operand, POINTER, POINTER, LONG]
    function = ctypes.CFUNCTYPE(None, *kinds)(address)
    random = np.random.default_rng(0)
    kind = np.float32 if single else np.float64
    for rows, columns, summed in STARTS:
        bias = random.integers(-9, 10, columns).astype(kind)
        a = random.integers(-3, 4, (rows, summed)).astype(kind)
        b = random.integers(-3, 4, (summed, columns)).astype(kind)
        for left in (a, np.asfortranarray(a)):
            for right in (b, np.asfortranarray(b)):
                for start in ("nothing", "a row", "the result"):
                    c = random.integers(-9, 10, (rows, columns)).astype(kind)
                    first = {"nothing": 0 * c, "a row": bias, "the result": c}[start]
                    expected = first + 2 * (a @ b)
                    places = {"nothing": 0, "a row": bias.ctypes.data, "the result": c.ctypes.data}
                    steps = [step // c.itemsize for step in (*left.strides, *right.strides)]
                    function(
                        rows, columns, summed, 2,
                        left.ctypes.data, *steps[:2], right.ctypes.data, *steps[2:],
                        places[start], c.ctypes.data, columns,
                    )  # fmt: skip
                    off = np.max(np.abs(c - expected))
                    assert off == 0, f"{rows} × {columns} from {start} is off by {off}"


@pytest.mark.parametrize("single", [False, True])
def test_a_product_starts_from_a_row(single: bool) -> None:
    every_start(single)


# Wrong code is found -----------------------------------------------------------------------

MUTANTS: dict[str, tuple[str, ...]] = {  # texts and what each is exchanged for
    "lanes that are not all added": (
        "width > 0; width /= 2",
        "width > 1; width /= 2",
        "for (int k = 0; k < LANES; k++) total",  # this and its like are Clang's
        "for (int k = 1; k < LANES; k++) total",
    ),
    "the end of a strip left as it was": ("to[i * STRIDE + l] = 0;", "to[i * STRIDE + l] = 1;"),
    "a strip that starts over": ("scale, adding || from, c,", "scale, adding, c,"),
    "rows that are not turned": (
        "low[j] = j & s ? j - s + ROWS : j;",
        "low[j] = j;",
        "square[i][j] = from[j][i];",
        "square[i][j] = from[i][j];",
    ),
    "rows of an edge forgotten": ("k < length; k += ROWS", "k + ROWS <= length; k += ROWS"),
    "columns of an edge forgotten": ("&& j < columns; j +=", "&& j + ROWS <= columns; j +="),
    "few columns forgotten": ("length < ROWS || columns < ROWS", "length < ROWS"),
    "a block forgotten": (".start = from ? c : start", ".start = start"),
    "places of another block": ("if (listed != from)", "if (listed < 0)"),
    "columns that do not follow": ("int known = column_axes == 1 &&", "int known ="),
    "a panel too early": ("i * span + (from - begin) * ROWS", "i * span + (from - begin)"),
    "a carry forgotten": ("digit[k] = 0, digit[k - 1]++;", "digit[k] = 0;"),
    "the last of a run": ("memcpy(to + length - n, from + length - n, n * sizeof(real));", ""),
    "runs that are no runs": ("at[length] == at[0] + length", "1"),
    "a result turned that is not": ("run(at_row, ROWS) == ROWS && run", "run"),
}


def changed(texts: Sequence[str]) -> tuple[int, int]:
    """The addresses of products in which some texts are exchanged for others."""
    sources = []
    for part in ("tiles.c", "dots.c"):
        source = (compiler.HERE / part).read_text("utf-8")
        for file in ("packing.h", "panels.h"):
            header = (compiler.HERE / file).read_text("utf-8")
            source = source.replace(f'#include "{file}"', header)
        sources.append(source)
    mutated = list(sources)
    for right, wrong in zip(texts[::2], texts[1::2], strict=True):
        assert any(right in source for source in sources)
        mutated = [source.replace(right, wrong) for source in mutated]
    tiles, dots = (
        compiler.loaded(compiler.library(source, options=("-O1",))) for source in mutated
    )
    return matrix_products.joined(tiles, dots, False)


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_the_packing_are_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = changed(MUTANTS[name])
    monkeypatch.setattr(matrix_products, "matrix_products", lambda single: addresses)
    with pytest.raises(AssertionError, match="off by"):
        sweep()


STARTING: dict[str, tuple[str, ...]] = {
    "a row for each row": ("? own->at_row + i : same", "? own->at_row + i : own->at_row + i"),
    "a start that is not spread": ("i < rows && start && start != c", "0"),
    "a start added to no edge": ("start ? start + start_row[i] + at_column[j] : start", "0"),
    "a start before the columns": ("start ? start + first : start", "start"),
    "a start at every block": ("from || start == c;", "start == c;"),
    "few columns side by side": ("if (c_row == 1 && spread", "if (0 && spread"),
}


@pytest.mark.parametrize("name", STARTING)
def test_mutants_of_a_start_are_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = changed(STARTING[name])
    monkeypatch.setattr(matrix_products, "matrix_products", lambda single: addresses)
    with pytest.raises(AssertionError, match="off by"):
        every_start(False)


SWEPT = ((13, 53, 19), (61, 100, 1301), (16, 40, 9), (16, 5, 19))


def sweep() -> None:
    """Products that every line of the packing has a part in."""
    for seed, (rows, columns, summed) in enumerate(SWEPT):
        for a in ((summed, 1), (1, rows)):
            for b in ((columns, 1), (1, summed)):
                axes = [
                    [(rows, a[0], 0, columns + 1)],
                    [(columns, 0, b[1], 1)],
                    [(summed, a[1], b[0], 0)],
                ]
                check(False, axes, seed, whole=True)
    row, column = [(6, 9, 0, 1000)], [(3, 0, 8, 1), (8, 0, 1, 100)]
    check(False, [row, column, [(9, 1, 24, 0)]], 0, whole=True)
    row, column = [(6, 15, 0, 80)], [(4, 0, 12, 20), (5, 0, 1, 1), (4, 0, 60, 900)]
    check(False, [row, column, [(5, 3, 12, 0), (3, 1, 1, 0), (1100, 1, 40, 0)]], 0, whole=True)
