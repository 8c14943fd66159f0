/* Scalar functions that a compiler can vectorise: no branches, no tables, no calls.
 *
 * `real` is double, or float where SINGLE is defined.  Each reduces its argument exactly and sums
 * a Taylor series there; the bounds that numerics/native/accuracy.py states are tested against
 * mpmath.  NaN gives NaN, overflow infinity, underflow subnormal numbers and then zero.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef SINGLE
typedef float real;
typedef int32_t bits;
#define LIBM(name) name##f
#define R(number) number##f
#define MANTISSA 23
#define BIAS 127
#define SHIFT 0x1.8p23f        /* adding it rounds to a whole number, kept in the low bits */
#define LOWEST (-104.0f)       /* e^x is 0 below, infinity above */
#define HIGHEST 89.0f
#define LN2_HIGH 0x1.62e4p-1f  /* log 2 in two parts; n times the first is exact */
#define LN2_LOW 0x1.7f7d1cp-20f
#define SQRT_HALF_BITS 0x3f3504f3
#else
typedef double real;
typedef int64_t bits;
#define LIBM(name) name
#define R(number) number
#define MANTISSA 52
#define BIAS 1023
#define SHIFT 0x1.8p52
#define LOWEST (-746.0)
#define HIGHEST 710.0
#define LN2_HIGH 0x1.62e42fefa38p-1
#define LN2_LOW 0x1.ef35793c7673p-45
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcd
#endif

static inline bits bits_of(real x) { bits b; memcpy(&b, &x, sizeof b); return b; }
static inline real real_of(bits b) { real x; memcpy(&x, &b, sizeof x); return x; }
static inline real two_to(bits n) { return real_of((n + BIAS) * ((bits)1 << MANTISSA)); }
static inline bits nearest(real x) { return bits_of(x + SHIFT) - bits_of(SHIFT); }
static inline real number(bits n) { return real_of(n + bits_of(SHIFT)) - SHIFT; }

/* x = n log 2 + r with |r| <= log(2)/2; e^r - 1 = r + r^2 (1/2 + r/6 + ...) is returned. */
static inline real reduced(real x, real *n)
{
    real whole = (x * R(0x1.71547652b82fep0) + SHIFT) - SHIFT;
    real r = (x - whole * LN2_HIGH) - whole * LN2_LOW, p;
    *n = whole;
#ifdef SINGLE
    p = 1.0f / 40320;
#else
    p = 1.0 / 87178291200;
    p = p * r + 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
#endif
    p = p * r + (real)(1.0 / 5040);
    p = p * r + (real)(1.0 / 720);
    p = p * r + (real)(1.0 / 120);
    p = p * r + (real)(1.0 / 24);
    p = p * r + (real)(1.0 / 6);
    p = p * r + R(0.5);
    return r + r * r * p;
}

static inline real within(real x, real low, real high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

static inline real vexp(real x)
{
    real n, p = R(1.0) + reduced(within(x, LOWEST, HIGHEST), &n);
    bits half = nearest(n * R(0.5)), rest = nearest(n) - half;  /* 2^n may not be a number */
    return p * two_to(half) * two_to(rest);
}

static inline real vexpm1(real x)
{
    real n, p = reduced(within(x, -(MANTISSA + 2), HIGHEST), &n);
    bits half = nearest(n * R(0.5)), rest = nearest(n) - half;
    real one = n > MANTISSA + 2 ? R(0.0) : two_to(-half) * two_to(-rest);  /* 2^-n */
    p = ((R(1.0) - one) + p) * two_to(half) * two_to(rest);
    return x == 0 ? x : p;
}

/* log(1 + f) - f + f^2/2 = s (f^2/2 + R(s^2)), s = f / (2 + f), by the series of artanh. */
static inline real log_rest(real f, real half_square)
{
    real s = f / (R(2.0) + f), z = s * s, p;
#ifdef SINGLE
    p = 2.0f / 11;
#else
    p = 2.0 / 25;
    p = p * z + 2.0 / 23;
    p = p * z + 2.0 / 21;
    p = p * z + 2.0 / 19;
    p = p * z + 2.0 / 17;
    p = p * z + 2.0 / 15;
    p = p * z + 2.0 / 13;
    p = p * z + 2.0 / 11;
#endif
    p = p * z + (real)(2.0 / 9);
    p = p * z + (real)(2.0 / 7);
    p = p * z + (real)(2.0 / 5);
    p = p * z + (real)(2.0 / 3);
    return s * (half_square + z * p);
}

/* The exponent n and f of x = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for normal x > 0. */
static inline real split(real x, bits *n)
{
    bits b = bits_of(x) - SQRT_HALF_BITS;
    *n = b >> MANTISSA;
    return real_of((b & (((bits)1 << MANTISSA) - 1)) + SQRT_HALF_BITS) - R(1.0);
}

static inline real log_special(real x, real value)  /* at 0, below, at infinity and NaN */
{
    value = x == 0 ? -INFINITY : value;
    value = x < 0 ? NAN : value;
    return x < INFINITY ? value : x;
}

static inline real vlog(real x)
{
    bits n;
    int small = x < two_to(1 - BIAS);  /* subnormal */
    real f = split(small ? x * two_to(MANTISSA + 2) : x, &n), half_square = R(0.5) * f * f;
    real whole = number(n - (small ? MANTISSA + 2 : 0));
    real rest = log_rest(f, half_square) + whole * LN2_LOW;
    return log_special(x, whole * LN2_HIGH - ((half_square - rest) - f));
}

static inline real vlog1p(real x)
{
    bits n;
    real u = R(1.0) + x, f = split(u, &n), whole = number(n), lost, half_square, rest;
    lost = (n > 0 ? R(1.0) - (u - x) : x - (u - R(1.0))) / u;  /* 1 + x = u (1 + lost) */
    lost = n == 0 ? R(0.0) : lost;
    f = n == 0 ? x : f;
    half_square = R(0.5) * f * f;
    rest = log_rest(f, half_square) + (whole * LN2_LOW + lost);
    rest = log_special(u, whole * LN2_HIGH - ((half_square - rest) - f));
    return x == 0 ? x : rest;
}

/* e = e^(-2 |x|) - 1 lies between -1 and 0, so that the power of two, down to the last of the
 * mantissa, is a number as it is. */
static inline real vtanh(real x)
{
    real low = -(MANTISSA + 2), n, p, two, e = R(-2.0) * LIBM(fabs)(x);
    p = reduced(e < low ? low : e, &n);
    two = two_to(nearest(n));
    e = (two - R(1.0)) + p * two;
    return LIBM(copysign)(e / (R(2.0) + e), x);
}

static inline real vsigmoid(real x)
{
    real e = vexp(-LIBM(fabs)(x)), one = R(1.0);
    return (x < 0 ? e : one) / (one + e);
}

static inline real vsoftplus(real x)
{
    real top = x < 0 ? R(0.0) : x;
    return top + vlog1p(vexp(-LIBM(fabs)(x)));
}

static inline real vlogaddexp(real x, real y)
{
    real gap = x == y ? R(0.0) : LIBM(fabs)(x - y), top = x > y ? x : y;  /* x = y may be infinite */
    return (gap != gap ? gap : top) + vlog1p(vexp(-gap));
}

/* Functions with a convention, as NumPy's: NaN comes through.  One choice after the other, since
 * choices inside choices become branches. */
static inline real relu(real x) { return x < 0 ? R(0.0) : x; }
static inline real larger(real x, real y) { real z = x > y ? x : y; return x != x ? x : z; }
static inline real smaller(real x, real y) { real z = x < y ? x : y; return x != x ? x : z; }
static inline real step(real x) { return x > 0 ? R(1.0) : x != x ? x : R(0.0); }
static inline real sgn(real x) { return x > 0 ? R(1.0) : x < 0 ? R(-1.0) : x != x ? x : R(0.0); }
static inline real nonzero(real x) { return x != 0 ? R(1.0) : R(0.0); }
static inline real rsqrt(real x) { return step(x) / LIBM(sqrt)(x + nonzero(x == 0)); }
static inline real modulo(real x, real y) { return x - y * LIBM(floor)(x / y); }
static inline real square(real x) { return x * x; }
static inline real cube(real x) { return x * x * x; }
static inline real xlogy(real x, real y)
{
    return x == 0 && y == y ? R(0.0) : x * vlog(y);
}
static inline real rel_entr(real x, real y)
{
    real ratio = x / y;
    if (x != x || y != y) return NAN;
    if (!(x > 0 && y > 0)) return x == 0 && y >= 0 ? R(0.0) : INFINITY;
    if (ratio > R(0.5) && ratio < 2) return x * vlog1p((x - y) / y);
    return x * (ratio > 0 && ratio < INFINITY ? vlog(ratio) : vlog(x) - vlog(y));
}
static inline real ndtr(real x) { return R(0.5) * LIBM(erfc)(-x * R(0.70710678118654752440)); }
