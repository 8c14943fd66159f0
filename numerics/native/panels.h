/* Contractions whose operands are first laid out in panels, as the registers want them.
 *
 * c[at(i) + at(j)] (+)= scale * sum over l of a[at(i) + at(l)] b[at(l) + at(j)]: rows i, columns j
 * and what is summed l each run through axes, and each axis has a step of its own in each array.
 * So a matrix in any order of its axes is one case, and so are the windows of a convolution
 * (i + u has the step of i and the step of u) and their sums into an image.  A block of `b` and a
 * block of `a` are packed, and a tile of c is summed in registers over the depth of the block.
 *
 * Rounding: each entry of c is the sum of `summed` products, in blocks of DEPTH at most, so that
 * |error| <= (summed + blocks + 2) u |scale| sum |a b|, u half the gap beside 1.
 */
#define DEPTH_OF_BLOCK 512 /* summed in registers at once */
#define ROWS_OF_BLOCK 2048
#define ROWS_PACKED 256
#define ROOM (DEPTH_OF_BLOCK * ROWS_PACKED)
#define SMALL (1L << 19) /* bytes of a result that stays in the second cache */

typedef struct { real a[ROOM], b[DEPTH_OF_BLOCK * WIDTH]; } room;
static _Thread_local room packing __attribute__((aligned(64)));

/* A tile of sums from two panels: rows <= ROWS and vectors <= VECTORS are constants. */
INLINE void summed_tile(const int rows, const int vectors, long depth, const real *a, long a_row,
                        long a_deep, const real *b, long b_deep, real scale, const real *start,
                        const long *start_row, real *to, const long *at_row)
{
    vector total[ROWS][VECTORS];
UNROLLED
    for (int i = 0; i < rows; i++)
UNROLLED
        for (int v = 0; v < vectors; v++) total[i][v] = (vector){0};
    for (long l = 0; l < depth; l++) {
        vector row[VECTORS];
UNROLLED
        for (int v = 0; v < vectors; v++) row[v] = *(const vector *)(b + v * LANES);
UNROLLED
        for (int i = 0; i < rows; i++) {
            const real one = a[i * a_row];
UNROLLED
            for (int v = 0; v < vectors; v++) total[i][v] += one * row[v];
        }
        a += a_deep, b += b_deep;
    }
UNROLLED
    for (int i = 0; i < rows; i++)
UNROLLED
        for (int v = 0; v < vectors; v++) {
            vector sum = scale * total[i][v];
            if (start) sum += *(const vector *)(start + start_row[i] + v * LANES);
            *(vector *)(to + at_row[i] + v * LANES) = sum;
        }
}

typedef void tile_of(long depth, const real *a, long a_row, long a_deep, const real *b, long b_deep,
                     real scale, const real *start, const long *start_row, real *to,
                     const long *at_row);
#define TILE(rows, vectors)                                                                       \
    static void tile_##rows##_##vectors(long depth, const real *a, long a_row, long a_deep,       \
                                        const real *b, long b_deep, real scale,                   \
                                        const real *start, const long *start_row, real *to,       \
                                        const long *at_row)                                       \
    {                                                                                             \
        summed_tile(rows, vectors, depth, a, a_row, a_deep, b, b_deep, scale, start, start_row,   \
                    to, at_row);                                                                  \
    }
TILE(1, 1) TILE(1, 2) TILE(1, 3) TILE(2, 1) TILE(2, 2) TILE(2, 3) TILE(4, 1) TILE(4, 2) TILE(4, 3)
#if ROWS == 8
TILE(8, 1) TILE(8, 2) TILE(8, 3)
#endif
static tile_of *const tiles[][VECTORS] = {
    {tile_1_1, tile_1_2, tile_1_3}, {tile_2_1, tile_2_2, tile_2_3}, {tile_4_1, tile_4_2, tile_4_3},
#if ROWS == 8
    {tile_8_1, tile_8_2, tile_8_3},
#endif
};

static const long inside[8] = {0, WIDTH, 2 * WIDTH, 3 * WIDTH, /* rows of a tile by itself */
                               4 * WIDTH, 5 * WIDTH, 6 * WIDTH, 7 * WIDTH};
static const long same[8] = {0}; /* one row for all of them */

/* At most ROWS rows, by the tallest tiles that fit. */
static inline void rows_of_tile(long rows, long vectors, long depth, const real *a, long a_row,
                                long a_deep, const real *b, long b_deep, real scale,
                                const real *start, const long *start_row, real *to,
                                const long *at_row)
{
    for (long from = 0, which = sizeof tiles / sizeof *tiles - 1, size = ROWS; from < rows;) {
        if (size > rows - from) {
            size /= 2, which--;
            continue;
        }
        tiles[which][vectors - 1](depth, a + from * a_row, a_row, a_deep, b, b_deep, scale, start,
                                  start_row + from, to, at_row + from);
        from += size;
    }
}

/* A tile goes to its places: by columns where ROWS rows lie side by side, else by runs of columns.
 * Rows come one after the other, so that places that lie over one another are added up. */
static void stored(real tile[ROWS][WIDTH], long rows, long columns, const real *start,
                   const long *start_row, real *c, const long *at_row, const long *at_column)
{
    if (rows == ROWS && run(at_row, ROWS) == ROWS && run(at_column, columns) < ROWS) {
        for (long j = 0; j < columns; j += ROWS) {
            line square[ROWS];
            for (int i = 0; i < ROWS; i++) square[i] = *(const line *)(tile[i] + j);
            turned(square);
            for (int i = 0; i < ROWS && j + i < columns; i++) {
                const long place = at_row[0] + at_column[j + i];
                if (start) square[i] += *(const line *)(start + place);
                *(line *)(c + place) = square[i];
            }
        }
        return;
    }
    for (long j = 0, length; j < columns; j += length) {
        length = run(at_column + j, columns - j);
        for (int i = 0; i < rows; i++)
            put(c + at_row[i] + at_column[j], tile[i] + j, length,
                start ? start + start_row[i] + at_column[j] : start);
    }
}

/* What the tiles of one panel read and write. */
typedef struct {
    const real *a, *b;
    long a_panel, a_row, a_deep, b_deep, depth;
    real scale;
    const real *start; /* c itself, a row of numbers for all rows, or nothing */
    real *c;
    const long *at_row, *at_column;
    int straight; /* whole vectors of columns that follow one another; then only the first is told */
} work;

/* All tiles of a panel of b below some rows of a. */
static void column_of_tiles(const work *own, long rows, long columns)
{
    const long vectors = (columns + LANES - 1) / LANES;
    const int straight = own->straight;
    real tile[ROWS][WIDTH] __attribute__((aligned(64)));
    for (long i = 0; i < rows; i += ROWS) {
        const long block = least(rows - i, ROWS);
        const real *a = own->a + i / ROWS * own->a_panel;
        const long *start_row = own->start == own->c ? own->at_row + i : same;
        rows_of_tile(block, vectors, own->depth, a, own->a_row, own->a_deep, own->b, own->b_deep,
                     own->scale, straight && own->start ? own->start + own->at_column[0] : 0, start_row,
                     straight ? own->c + own->at_column[0] : tile[0],
                     straight ? own->at_row + i : inside);
        if (!straight)
            stored(tile, block, columns, own->start, start_row, own->c, own->at_row + i, own->at_column);
    }
}

static long even(long total, long most, long unit)
{
    const long parts = (total + most - 1) / most, part = (total + parts - 1) / parts;
    return (part + unit - 1) / unit * unit;
}

/* How many of the columns that are left come into one panel: of four vectors two and two, as a tile
 * that is one vector wide waits for its operands. */
static inline long breadth(long columns)
{
    return columns > WIDTH && columns <= WIDTH + LANES ? 2 * LANES : least(columns, WIDTH);
}

/* Rows of tiles below one panel of b after the other: b is packed once, a where its axes are many. */
static void in_panels(const axis *row, int row_axes, const axis *column, int column_axes,
                      const axis *deep, int deep_axes, real scale, const real *a, const real *b,
                      const real *start, real *c, int left_array, int right_array)
{
    const long rows = extent(row, row_axes), columns = extent(column, column_axes);
    const long summed = extent(deep, deep_axes);
    const int plain = row_axes == 1 && deep_axes == 1;
    const int lies = column_axes == 1 && deep_axes == 1 && column->step[right_array] == 1;
    const long most = even(summed, DEPTH_OF_BLOCK, ROWS);
    const long height = even(rows, plain ? ROWS_OF_BLOCK : ROWS_PACKED, ROWS);
    const long span = plain ? summed : least(summed, ROOM / height / most * most);
    long a_row[ROWS_OF_BLOCK], c_row[ROWS_OF_BLOCK], a_deep[DEPTH_OF_BLOCK], b_deep[DEPTH_OF_BLOCK];
    long b_column[WIDTH], c_column[WIDTH], listed = -1; /* the block whose b_deep is known */
    room *const own = &packing;
    for (long top = 0; top < rows; top += height) {
        const long tall = least(rows - top, height);
        places(c_row, row, row_axes, top, tall, RESULT);
        if (!plain) places(a_row, row, row_axes, top, tall, left_array);
        for (long begin = 0; begin < summed; begin += span) {
            const long end = least(begin + span, summed);
            for (long from = begin; from < end && !plain; from += most) {
                const long depth = least(end - from, most);
                places(a_deep, deep, deep_axes, from, depth, left_array);
                for (long i = 0; i < tall; i += ROWS)
                    panel(own->a + (i * span + (from - begin) * ROWS), ROWS, a, a_row + i,
                          least(tall - i, ROWS), a_deep, depth);
            }
            for (long left = 0, width; left < columns; left += width) {
                width = breadth(columns - left);
                const long padded = (width + LANES - 1) / LANES * LANES;
                const int known = column_axes == 1 && column->step[RESULT] == 1 && width == padded;
                if (known) c_column[0] = left;
                else places(c_column, column, column_axes, left, width, RESULT);
                const int straight = known || (width == padded && run(c_column, width) == width);
                if (!lies || width != padded)
                    places(b_column, column, column_axes, left, width, right_array);
                for (long from = begin; from < end; from += most) {
                    const long depth = least(end - from, most);
                    work part = {.a = own->a + (from - begin) * ROWS, .a_panel = ROWS * span,
                                 .a_row = 1, .a_deep = ROWS, .b = own->b, .b_deep = padded,
                                 .depth = depth, .scale = scale, .start = from ? c : start,
                                 .c = c, .at_row = c_row, .at_column = c_column,
                                 .straight = straight};
                    if (plain) {
                        part.a_row = row->step[left_array], part.a_deep = deep->step[left_array];
                        part.a_panel = ROWS * part.a_row;
                        part.a = a + top * part.a_row + from * part.a_deep;
                    }
                    if (lies && width == padded) {
                        part.b_deep = deep->step[right_array];
                        part.b = b + left + from * part.b_deep;
                    } else {
                        if (listed != from) places(b_deep, deep, deep_axes, from, depth, right_array);
                        listed = from;
                        panel(own->b, padded, b, b_column, width, b_deep, depth);
                    }
                    column_of_tiles(&part, tall, width);
                }
            }
        }
    }
}
