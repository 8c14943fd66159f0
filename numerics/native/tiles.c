/* Products of matrices: tiles held in registers, of operands as they lie where there is little to do
 * and laid out in panels where there is much (panels.h); the machine's BLAS where that is asked for.
 *
 * c[i][j] = start[j] + scale * sum over l of a[i][l] b[l][j], where a, b and c have steps of their own
 * in memory and only the columns of c must be contiguous.  Without a start c is the sum alone; where
 * the start is c itself, the sum is added to each entry of c.
 */
#include "vectors.h"
#include "packing.h"
#include "dots.h"

#define WORTH (1L << 15) /* multiplications from which on panels are worth laying out, */
#define DEEP 32          /* where so many are summed */
#define DEPTH 256 /* rows of b that are packed at once: a panel stays in the first caches */

typedef void blas(const char *, const char *, const int *, const int *, const int *, const real *,
                  const real *, const int *, const real *, const int *, const real *, real *,
                  const int *);
const int vector_bytes = BYTES;
static blas *library;
static long large = 1L << 40; /* multiplications from which on the library is called */
static dots *in_strips;

/* Called once: dots.c is a library of its own, compiled at the same time as this one. */
void use(void *function, long from, void *strips)
{
    library = (blas *)function, large = from, in_strips = (dots *)strips;
}

#include "panels.h"

/* b[l][j] with contiguous rows of `width` numbers; what lies beyond the columns is never used. */
static void pack(real *packed, long width, long summed, long columns, const real *b, long b_summed,
                 long b_column)
{
    long across[WIDTH], along[DEPTH];
    for (long j = 0; j < columns; j++) across[j] = j * b_column;
    for (long l = 0; l < summed; l++) along[l] = l * b_summed;
    panel(packed, width, b, across, columns, along, summed);
}

static void tiled(long rows, long columns, long summed, real scale, const real *a, long a_row,
                  long a_summed, const real *b, long b_summed, long b_column, const real *start,
                  real *c, long c_row)
{
    real packed[DEPTH * WIDTH] __attribute__((aligned(64)));
    real tile[ROWS][WIDTH] __attribute__((aligned(64)));
    long at_row[ROWS];
    for (int i = 0; i < ROWS; i++) at_row[i] = i * c_row;
    for (long first = 0; first < columns; first += WIDTH) {
        const long width = columns - first < WIDTH ? columns - first : WIDTH;
        const long vectors = (width + LANES - 1) / LANES;
        for (long from = 0; from < summed; from += DEPTH) {
            const long depth = summed - from < DEPTH ? summed - from : DEPTH;
            const int adding = from || start == c;
            const real *part = b + from * b_summed + first * b_column, *left = a + from * a_summed;
            long step = b_summed;
            if (b_column != 1 || width != vectors * LANES) {
                pack(packed, vectors * LANES, depth, width, part, b_summed, b_column);
                part = packed, step = vectors * LANES;
            }
            for (long i = 0; i < rows; i += ROWS) {
                const real *some = left + i * a_row;
                real *to = c + i * c_row + first;
                const real *begin = adding ? to : start ? start + first : start;
                const long block = least(rows - i, ROWS), step_of_start = adding ? c_row : 0;
                if (width == vectors * LANES) {
                    rows_of_tile(block, vectors, depth, some, a_row, a_summed, part, step, scale,
                                 begin, adding ? at_row : same, to, at_row);
                    continue;
                }
                rows_of_tile(block, vectors, depth, some, a_row, a_summed, part, step, scale, 0,
                             same, tile[0], inside);
                for (long k = 0; k < block; k++)
                    put(to + k * c_row, tile[k], width, begin ? begin + k * step_of_start : begin);
            }
        }
    }
}

/* The start in c, so that the sum can be added; whether there is any. */
static int spread(const real *start, long rows, long columns, real *c, long c_row)
{
    for (long i = 0; i < rows && start && start != c; i++)
        memcpy(c + i * c_row, start, columns * sizeof(real));
    return start != 0;
}

/* The contraction; the axes of each kind from the outermost to the innermost, at least one.  Of two
 * matrices that both have to be turned, the right one is; or the left one and the result, where
 * these have fewer entries.  Where they lie along a long sum, none is turned. */
static void contracted(int row_axes, const axis *row, int column_axes, const axis *column,
                       int deep_axes, const axis *deep, real scale, const real *a, const real *b,
                       const real *start, real *c)
{
    const long rows = extent(row, row_axes), columns = extent(column, column_axes);
    const long summed = extent(deep, deep_axes);
    const int both = row[row_axes - 1].step[LEFT] != 1 && column[column_axes - 1].step[RIGHT] != 1;
    const axis *inner = deep + deep_axes - 1;
    if (rows <= FEW && summed >= LONG / 2 && inner->extent >= ROWS &&
        inner->step[LEFT] == 1 && inner->step[RIGHT] == 1)
        in_strips(row, row_axes, column, column_axes, deep, deep_axes, scale, a, b,
                  spread(start, rows, columns, c, row->step[RESULT]), c);
    else if (row_axes + column_axes + deep_axes == 3 && both && rows >= LANES &&
        rows * (summed + columns) < summed * columns && rows * columns * (long)sizeof(real) <= SMALL)
        in_panels(column, column_axes, row, row_axes, deep, deep_axes, scale, b, a,
                  spread(start, rows, columns, c, row->step[RESULT]) ? c : 0, c, RIGHT, LEFT);
    else
        in_panels(row, row_axes, column, column_axes, deep, deep_axes, scale, a, b, start, c,
                  LEFT, RIGHT);
}

void contraction(int row_axes, const axis *row, int column_axes, const axis *column, int deep_axes,
                 const axis *deep, real scale, const real *a, const real *b, int adding, real *c)
{
    const long rows = extent(row, row_axes), columns = extent(column, column_axes);
    if (extent(deep, deep_axes) > 0) {
        if (rows > 0 && columns > 0)
            contracted(row_axes, row, column_axes, column, deep_axes, deep, scale, a, b,
                       adding ? c : 0, c);
        return;
    }
    for (long i = 0; i < rows && !adding; i++)
        for (long j = 0; j < columns; j++)
            c[place(row, row_axes, i, RESULT) + place(column, column_axes, j, RESULT)] = 0;
}

static int whole(long size) { return size > 0 ? (int)size : 1; }

void product(long rows, long columns, long summed, real scale, const real *a, long a_row,
             long a_summed, const real *b, long b_summed, long b_column, const real *start, real *c,
             long c_row)
{
    if (summed <= 0 && !spread(start, rows, columns, c, c_row))
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++) c[i * c_row + j] = 0;
    if (rows <= 0 || columns <= 0 || summed <= 0) return;
    if (summed >= DEEP && rows * columns * summed >= WORTH && rows * columns * summed < large) {
        const axis row = {rows, {a_row, 0, c_row}}, column = {columns, {0, b_column, 1}};
        const axis deep = {summed, {a_summed, b_summed, 0}};
        if (c_row == 1 && spread(start, rows, columns, c, c_row)) start = c; /* rows side by side */
        contracted(1, &row, 1, &column, 1, &deep, scale, a, b, start, c);
        return;
    }
    const long limit = 1L << 30;
    const int plain = (a_summed == 1 || a_row == 1) && (b_column == 1 || b_summed == 1) &&
                      rows < limit && columns < limit && summed < limit && a_row < limit &&
                      a_summed < limit && b_summed < limit && b_column < limit && c_row < limit &&
                      a_row >= 0 && a_summed >= 0 && b_summed >= 0 && b_column >= 0;
    if (!library || !plain || rows * columns * summed < large) {
        tiled(rows, columns, summed, scale, a, a_row, a_summed, b, b_summed, b_column, start, c,
              c_row);
        return;
    }
    /* The library reads columns: it is given the transposes, in the other order. */
    const int a_plain = a_summed == 1 && a_row >= summed, b_plain = b_column == 1 && b_summed >= columns;
    const int m = whole(columns), n = whole(rows), k = whole(summed);
    const int of_a = whole(a_plain ? a_row : a_summed), of_b = whole(b_plain ? b_summed : b_column);
    const int of_c = whole(c_row);
    if (of_a < (a_plain ? k : n) || of_b < (b_plain ? m : k) || of_c < m) {
        tiled(rows, columns, summed, scale, a, a_row, a_summed, b, b_summed, b_column, start, c,
              c_row);
        return;
    }
    const real factor = spread(start, rows, columns, c, c_row) ? R(1.0) : R(0.0);
    library(b_plain ? "N" : "T", a_plain ? "N" : "T", &m, &n, &k, &scale, b, &of_b, a, &of_a,
            &factor, c, &of_c);
}
