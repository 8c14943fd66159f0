/* Which contractions are sums of strips (dots.c): few rows, and half of LONG products or more. */
#define LONG 1024 /* summed at once */
#define FEW 64    /* rows at most */

typedef void dots(const axis *row, int row_axes, const axis *column, int column_axes,
                  const axis *deep, int deep_axes, real scale, const real *a, const real *b,
                  int adding, real *c);
