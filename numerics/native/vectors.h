/* The vectors of numbers that this processor has, and the size of a tile in its registers. */
#include "functions.h"
#include "axes.h"

#if defined(__AVX512F__)
#define BYTES 64
#define ROWS 8
#elif defined(__AVX__)
#define BYTES 32
#define ROWS 4
#else
#define BYTES 16
#define ROWS 4
#endif
#define VECTORS 3
#define LANES ((long)(BYTES / sizeof(real)))
#define WIDTH (VECTORS * LANES)

typedef real vector __attribute__((vector_size(BYTES), aligned(sizeof(real)), may_alias));
/* Before a loop of a constant length, all of which is to be written out. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline))
