/* How operands are laid out: where the positions of some axes lie, runs of them that follow one
 * another in memory, rows that are copied and squares that are turned. */
static inline long least(long x, long y) { return x < y ? x : y; }

enum { LEFT, RIGHT, RESULT };

static long extent(const axis *axes, int count)
{
    long product = 1;
    for (int k = 0; k < count; k++) product *= axes[k].extent;
    return product;
}

/* Where the positions first, first + 1, ... of some axes lie in an array. */
static void places(long *to, const axis *axes, int count, long first, long number, int array)
{
    if (count == 1) {
        for (long j = 0; j < number; j++) to[j] = (first + j) * axes->step[array];
        return;
    }
    long digit[count + 1], base = 0, left = first;
    for (int k = count - 1; k >= 0; k--) {
        digit[k] = left % axes[k].extent, left /= axes[k].extent;
        base += digit[k] * axes[k].step[array];
    }
    const axis *inner = &axes[count - 1];
    for (long done = 0; done < number;) {
        const long run = inner->extent - digit[count - 1];
        const long length = run < number - done ? run : number - done, step = inner->step[array];
        for (long j = 0; j < length; j++) to[done + j] = base + j * step;
        done += length;
        base += length * step, digit[count - 1] += length;
        for (int k = count - 1; k > 0 && digit[k] == axes[k].extent; k--) {
            base += axes[k - 1].step[array] - digit[k] * axes[k].step[array];
            digit[k] = 0, digit[k - 1]++;
        }
    }
}

static long place(const axis *axes, int count, long position, int array)
{
    long at;
    places(&at, axes, count, position, 1, array);
    return at;
}

/* How many places from the first on follow one another. */
static inline long run(const long *at, long count)
{
    long length = 1;
    while (length < count && at[length] == at[0] + length) length++;
    return length;
}

static long runs(const long *at, long count)
{
    long found = count > 0;
    for (long j = 1; j < count; j++) found += at[j] != at[j - 1] + 1;
    return found;
}

/* Copies by constant lengths, the last of which may overlap the one before. */
INLINE void copied(real *to, const real *from, long length)
{
#define PART(n) if (length >= n) {                                                               \
        for (long j = 0; j + n <= length; j += n) memcpy(to + j, from + j, n * sizeof(real));     \
        memcpy(to + length - n, from + length - n, n * sizeof(real));                             \
        return;                                                                                   \
    }
    PART(16) PART(8) PART(4) PART(2)
#undef PART
    *to = *from;
}

/* A square of ROWS x ROWS numbers, its rows and columns exchanged. */
typedef real line __attribute__((vector_size(ROWS * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef bits order __attribute__((vector_size(ROWS * sizeof(real))));

INLINE void turned(line *square)
{
#ifdef __clang__ /* which has no shuffles by a variable order */
    const line *from = memcpy((line[ROWS]){{0}}, square, ROWS * sizeof *square);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < ROWS; j++) square[i][j] = from[j][i];
#else
UNROLLED
    for (int s = 1; s < ROWS; s *= 2) {
        order low, high;
        for (int j = 0; j < ROWS; j++) {
            low[j] = j & s ? j - s + ROWS : j;
            high[j] = j & s ? j + ROWS : j + s;
        }
UNROLLED
        for (int i = 0; i < ROWS; i++) {
            if (i & s) continue;
            const line one = square[i], other = square[i + s];
            square[i] = __builtin_shuffle(one, other, low);
            square[i + s] = __builtin_shuffle(one, other, high);
        }
    }
#endif
}

/* Part of a row goes to its place, what it starts from added, if that is anything. */
INLINE void put(real *to, const real *from, long length, const real *start)
{
    long k = 0;
    for (; k + ROWS <= length; k += ROWS) {
        line sum = *(const line *)(from + k);
        if (start) sum += *(const line *)(start + k);
        *(line *)(to + k) = sum;
    }
    for (; k < length; k++) to[k] = start ? start[k] + from[k] : from[k];
}

/* to[l * width + j] = from[across[j] + along[l]]; what lies beyond the columns is never used. */
static void panel(real *to, long width, const real *from, const long *across, long columns,
                  const long *along, long depth)
{
    if (runs(across, columns) * 3 <= columns) {
        for (long j = 0, length; j < columns; j += length) {
            const real *start = from + across[j];
            length = run(across + j, columns - j);
            if (length == WIDTH)
                for (long l = 0; l < depth; l++)
                    memcpy(to + l * width + j, start + along[l], WIDTH * sizeof(real));
            else if (length == ROWS)
                for (long l = 0; l < depth; l++)
                    memcpy(to + l * width + j, start + along[l], ROWS * sizeof(real));
            else
                for (long l = 0; l < depth; l++) copied(to + l * width + j, start + along[l], length);
        }
        return;
    }
    for (long l = 0, length; l < depth; l += length) {
        length = run(along + l, depth - l);
        for (long j = 0, k; length >= ROWS && columns >= ROWS && j < columns; j += ROWS) {
            const long column = least(j, columns - ROWS); /* the last squares may overlap */
            for (k = 0; k < length; k += ROWS) {
                const long row = l + least(k, length - ROWS);
                line square[ROWS];
UNROLLED
                for (int i = 0; i < ROWS; i++)
                    square[i] = *(const line *)(from + across[column + i] + along[row]);
                turned(square);
UNROLLED
                for (int i = 0; i < ROWS; i++)
                    *(line *)(to + (row + i) * width + column) = square[i];
            }
        }
        if (length < ROWS || columns < ROWS)
            for (long k = l; k < l + length; k++)
                for (long j = 0; j < columns; j++) to[k * width + j] = from[across[j] + along[k]];
    }
}
