"""What a product of two matrices costs, by how its factors and its result lie in memory.

    C = A B      A: rows × inner, B: inner × columns, each by rows or by columns

Where C lies by columns, the product that runs is that of the transposes, ``Cᵀ = Bᵀ Aᵀ``.  Columns
(rows, where both factors of a small product lie by columns) are computed a register at a time, so a
last register that is not full costs as much as one that is.  A larger product first packs its
factors, each entry at a price that depends on how it lies; so does a small one of rows with rows,
whose kernel of dot products is for few and long ones alone.

The figures are fitted to the fastest of many calls of OpenBLAS 0.3 with its kernels for AVX-512.
With those for AVX2 all layouts cost the same to a few per cent, so nothing is lost there.
"""

from __future__ import annotations

REGISTER = 64  # bytes
MULTIPLY_ADD = 0.0021  # nanoseconds for each byte of an entry
SMALL = 100**3  # multiply-adds up to which a product runs on its factors as they lie
DOTS = 1.3  # what dot products cost more
MANY, SHORT = 1200, 32  # dot products, and entries in each, from which on and below which it packs
BEGUN = 150.0  # nanoseconds to begin a small product that packs
SMALL_PACKED = {4: (0.1, 0.4), 8: (0.28, 0.2)}  # nanoseconds an entry of its A and B
PACKED = {  # nanoseconds an entry, by the size of a real: A by rows, by columns; B likewise
    4: ((0.0, 0.045), (0.07, 0.245)),
    8: ((0.11, 0.28), (0.0, 0.15)),
}


def product_cost(
    sizes: tuple[int, int, int], by_columns: tuple[bool, bool, bool], itemsize: int
) -> float:
    """Nanoseconds for ``C = A B``; ``sizes`` are rows, inner and columns.

    ``by_columns`` tells of A, B and C whether they lie so.

    >>> x_wt = product_cost((64, 64, 128), (False, True, False), 4)
    >>> round(x_wt / product_cost((64, 64, 128), (True, True, False), 4), 2)
    1.87
    """
    (rows, inner, columns), (first, second, turned) = sizes, by_columns
    if turned:
        rows, columns, first, second = columns, rows, not second, not first
    if 1 in sizes:  # a vector lies both ways
        first = second = False
    lanes = max(REGISTER // itemsize, 1)
    small = rows * inner * columns <= SMALL
    side, other = (rows, columns) if small and first and second else (columns, rows)
    time = MULTIPLY_ADD * itemsize * inner * other * -(-side // lanes) * lanes
    if not small:
        of_first, of_second = PACKED.get(itemsize, PACKED[8])
        return time + inner * (rows * of_first[first] + columns * of_second[second])
    if second and not first and rows * columns <= MANY and inner >= SHORT:
        return DOTS * time
    if second and not first:
        each_first, each_second = SMALL_PACKED.get(itemsize, SMALL_PACKED[8])
        return time + inner * (rows * each_first + columns * each_second) + BEGUN
    return time
