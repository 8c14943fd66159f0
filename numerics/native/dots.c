/* Contractions of few results and long sums, whose operands both lie along what is summed.
 *
 * There no operand need be turned: rows of both are copied one beside the other, a tile of results
 * is a tile of vectors, lane by lane partial sums, and these are added up at its end.  The error is
 * that of panels.h with a block of LONG, whose sum is LANES sums and then their sum.
 */
#include "vectors.h"
#include "packing.h"
#include "dots.h"

#define ACROSS 3  /* columns of a tile */
#define STRIDE (LONG + LANES) /* not a power of two, that rows do not meet in the caches */

typedef struct { real a[FEW * (LONG + 16)], b[ACROSS * 8 * (LONG + 16)]; } strips;
static _Thread_local strips copies __attribute__((aligned(64)));

INLINE real lanes_of(vector sum)
{
#ifdef __clang__
    real total = 0;
    for (int k = 0; k < LANES; k++) total += sum[k];
    return total;
#else
    typedef bits lane __attribute__((vector_size(BYTES)));
UNROLLED
    for (int width = LANES / 2; width > 0; width /= 2) {
        lane other;
        for (int k = 0; k < LANES; k++) other[k] = (k + width) % LANES;
        sum += __builtin_shuffle(sum, other);
    }
    return sum[0];
#endif
}

/* rows and columns are constants wherever this is used. */
INLINE void dotted(const int rows, const int columns, long depth, const real *a, const real *b,
                   real scale, int adding, real *c, const long *at_row, const long *at_column)
{
    vector total[ROWS][ACROSS];
UNROLLED
    for (int i = 0; i < rows; i++)
UNROLLED
        for (int j = 0; j < columns; j++) total[i][j] = (vector){0};
    for (long l = 0; l < depth; l += LANES) {
        vector right[ACROSS];
UNROLLED
        for (int j = 0; j < columns; j++) right[j] = *(const vector *)(b + j * STRIDE + l);
UNROLLED
        for (int i = 0; i < rows; i++) {
            const vector left = *(const vector *)(a + i * STRIDE + l);
UNROLLED
            for (int j = 0; j < columns; j++) total[i][j] += left * right[j];
        }
    }
UNROLLED
    for (int i = 0; i < rows; i++)
UNROLLED
        for (int j = 0; j < columns; j++) {
            real *to = c + at_row[i] + at_column[j];
            const real sum = scale * lanes_of(total[i][j]);
            *to = adding ? *to + sum : sum;
        }
}

#define DOTTED(rows, columns)                                                                    \
    static void dotted_##rows##_##columns(long depth, const real *a, const real *b, real scale,  \
                                          int adding, real *c, const long *at_row,               \
                                          const long *at_column)                                 \
    {                                                                                            \
        dotted(rows, columns, depth, a, b, scale, adding, c, at_row, at_column);                 \
    }
DOTTED(ROWS, 3) DOTTED(ROWS, 1) DOTTED(1, 3) DOTTED(1, 1)

/* to[i * STRIDE + l] = from[across[i] + along[l]], with zeros up to a whole vector. */
static void strip(real *to, const real *from, const long *across, long rows, const long *along,
                  long depth)
{
    for (long l = 0, length; l < depth; l += length) {
        length = run(along + l, depth - l);
        for (long i = 0; i < rows; i++) copied(to + i * STRIDE + l, from + across[i] + along[l], length);
    }
    for (long i = 0; i < rows; i++)
        for (long l = depth; l % LANES; l++) to[i * STRIDE + l] = 0;
}

void in_strips(const axis *row, int row_axes, const axis *column, int column_axes,
                      const axis *deep, int deep_axes, real scale, const real *a, const real *b,
                      int adding, real *c)
{
    const long rows = extent(row, row_axes), columns = extent(column, column_axes);
    const long summed = extent(deep, deep_axes), breadth = ACROSS * 8;
    long a_row[FEW], c_row[FEW], a_deep[LONG], b_deep[LONG], b_column[ACROSS * 8];
    long c_column[ACROSS * 8];
    strips *const own = &copies;
    places(a_row, row, row_axes, 0, rows, LEFT);
    places(c_row, row, row_axes, 0, rows, RESULT);
    for (long from = 0; from < summed; from += LONG) {
        const long depth = least(summed - from, LONG);
        places(a_deep, deep, deep_axes, from, depth, LEFT);
        places(b_deep, deep, deep_axes, from, depth, RIGHT);
        strip(own->a, a, a_row, rows, a_deep, depth);
        for (long left = 0; left < columns; left += breadth) {
            const long width = least(columns - left, breadth);
            places(b_column, column, column_axes, left, width, RIGHT);
            places(c_column, column, column_axes, left, width, RESULT);
            strip(own->b, b, b_column, width, b_deep, depth);
            for (long j = 0; j < width;) {
                const long step = width - j >= ACROSS ? ACROSS : 1;
                for (long i = 0; i < rows;) {
                    const long height = rows - i >= ROWS ? ROWS : 1;
                    (height > 1 ? (step > 1 ? dotted_ROWS_3 : dotted_ROWS_1)
                                : (step > 1 ? dotted_1_3 : dotted_1_1))(
                        depth, own->a + i * STRIDE, own->b + j * STRIDE, scale, adding || from, c,
                        c_row + i, c_column + j);
                    i += height;
                }
                j += step;
            }
        }
    }
}
