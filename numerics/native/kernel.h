/* What every kernel includes: the scalar functions, and products of matrices. */
#include "functions.h"
#include "axes.h"

/* Every entry counts 8 bytes in the space between arguments and results, also a float. */
#define PADDED(count) (((count) * 8 + 63) / 64 * 64)

/* c[i][j] = start[j] + scale * sum over l of a[i][l] b[l][j], by steps in memory; without a start the
 * sum alone; where the start is c, the sum is added to each entry of c. */
typedef void product(long rows, long columns, long summed, real scale, const real *a, long a_row,
                     long a_summed, const real *b, long b_summed, long b_column,
                     const real *start, real *c, long c_row);
static product *gemm;

/* The same where rows, columns and what is summed have several axes each, the innermost last. */
typedef void products(int rows, const axis *row, int columns, const axis *column, int summed,
                      const axis *deep, real scale, const real *a, const real *b, int adding,
                      real *c);
static products *contraction;

void link(void *const *functions)
{
    gemm = (product *)functions[0], contraction = (products *)functions[1];
}

/* A place that the kernel computed: outside the axis it is marked, and not read. */
static inline long inside(long place, long size, int *bad)
{
    if (place >= 0 && place < size) return place;
    *bad = 1;
    return 0;
}
