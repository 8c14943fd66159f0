"""L, β and γ of a loss on the domain of its data: derived, then enclosed.

For a ridge loss (`backproof.theory.algorithms.losses`) with |w| ≤ r and |x| ≤ R, |s| ≤ rR and

    L = sup|φ′| R + μ r,    γ = μ + min(0, inf φ″) R²,    β = max(μ + max(0, sup φ″) R², −γ).

Suprema are upper ends of enclosures, kept as exact fractions; so L and β are never too small and γ
never too large.  Other losses of at most three variables are bounded by |∇f| and by the Frobenius
norm of ∇²f.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.theory.algorithms.growth import exact
from backproof.theory.algorithms.losses import S, WrittenLoss, ridge_form, write_out
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.model import Model

RTOL = 1e-3


@dataclass(frozen=True)
class LossConstants:
    """|∇f| ≤ L, γ ≤ curvature ≤ β, and |∇f(w; z) − ∇f(w; z′)| ≤ D ≤ 2L, as exact numbers.

    γ < 0 says that the loss is not convex on the domain.  ``rests_on`` as for a claim.
    """

    lipschitz: sp.Rational
    smoothness: sp.Rational
    convexity: sp.Rational
    spread: sp.Rational
    rests_on: frozenset[str] = frozenset({"derived", "enclosed", "assumed"})


def ridge_constants(
    model: Model,
    *,
    wrt: str = "w",
    data: str = "x",
    radius: Any,
    norm: Any,
    values: Mapping[str, Sequence[Any]] | None = None,
    size: int = 2,
) -> LossConstants:
    """The constants of a ridge loss for |w| ≤ ``radius``, |x| ≤ ``norm`` and the other inputs.

    ``values`` lists what each other input may be; ``size`` is the dimension at which the form is
    read off, at least 2.

    Raises `BackproofError` where the loss is no ridge loss.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.logaddexp(0, -y*(w @ x))", w="d", x="d", y="")
    >>> found = ridge_constants(model, radius=1, norm=2, values={"y": (-1, 1)})
    >>> float(found.lipschitz) < 2 and 1 <= found.smoothness < 1.002, found.convexity
    (True, 0)
    """
    written = write_out(model, wrt, _sizes(model, size))
    form = ridge_form(written, wrt, data)
    if form is None:
        raise BackproofError(
            "the loss", str(model.output), "φ(w·x, …) + μ|w|²/2", "use box_constants for others"
        )
    r, length = exact(radius), exact(norm)
    others = {name: tuple(map(exact_signed, v)) for name, v in (values or {}).items()}
    _complete(written, (wrt, data), others)
    ends = (-r * length, r * length)
    slope, high, low = sp.S.Zero, sp.S.Zero, sp.S.Zero
    penalties = []
    for chosen in itertools.product(*others.values()):
        numbers = {
            written.symbols[name][0]: number for name, number in zip(others, chosen, strict=True)
        }
        penalties.append(sp.sympify(form.penalty.subs(numbers)))
        slope = max(slope, _largest(form.slope.subs(numbers), ends))
        curvature = sp.sympify(form.curvature.subs(numbers))
        top = _largest(curvature, ends)
        high = max(high, top)
        low = min(low, top - _largest(top - curvature, ends))
    least, most = min(penalties), max(penalties)
    if low > -RTOL * high:  # the slack of an enclosure of 0 ≤ φ″; settled by the sign of φ″
        low = sp.S.Zero if _nonnegative(form.curvature, written, others) else low
    along = most + high * length**2
    against = least + low * length**2
    return LossConstants(
        slope * length + most * r, max(along, -against), against, 2 * slope * length
    )


def box_constants(
    model: Model,
    *,
    wrt: str = "w",
    box: Mapping[str, Sequence[tuple[Any, Any]]],
    sizes: Mapping[str, int] | None = None,
) -> LossConstants:
    """L and β of any loss of at most three free variables over a box: sup|∇f| and sup‖∇²f‖_F.

    ``box`` gives each input its intervals, one an entry; equal ends fix an entry.  γ is −β: no
    convexity is claimed.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("(w[1]*np.tanh(w[0]*x) - x)**2/2", w="2", x="")
    >>> found = box_constants(model, box={"w": [(-1, 1), (-1, 1)], "x": [(0, 1)]})
    >>> 1 < found.lipschitz < 3 and 1 < found.smoothness < 8
    True
    """
    written = write_out(model, wrt, sizes or {})
    fixed, free, intervals = {}, [], []
    for name, symbols in written.symbols.items():
        for symbol, (low, high) in zip(symbols, box[name], strict=True):
            if low == high:
                fixed[symbol] = exact_signed(low)
            else:
                free.append(symbol)
                intervals.append((exact_signed(low), exact_signed(high)))
    if not 1 <= len(free) <= 3:
        raise UnsupportedError("box", f"{len(free)} free variables", "one to three", "fix some")
    names = {s: sp.Symbol("xyz"[n], real=True) for n, s in enumerate(free)}

    def norm(entries: Sequence[sp.Expr]) -> sp.Rational:
        squares = sp.Add(*(sp.sympify(e).subs(fixed).xreplace(names) ** 2 for e in entries))
        missing = set(names.values()) - squares.free_symbols
        padded = squares + sp.Add(*(0 * s for s in missing))
        used = [n for n, s in enumerate(free) if names[s] in padded.free_symbols]
        if not used:
            return _root(sp.sympify(squares))
        claim = certify(
            padded,
            0,
            [intervals[n] for n in used] if len(used) > 1 else intervals[used[0]],
            RTOL * 10,
        )
        return _root(sp.Rational(claim.upper))

    gradient = norm(written.gradient)
    hessian = norm([entry for row in written.hessian for entry in row])
    return LossConstants(gradient, hessian, -hessian, 2 * gradient)


def exact_signed(number: Any) -> sp.Rational:
    """A rational number, decimals as they are written."""
    found = sp.nsimplify(number, rational=True) if isinstance(number, float) else sp.sympify(number)
    if not found.is_Rational:
        raise BackproofError("a domain", str(number), "a rational number", "round it outwards")
    return found


def _largest(expression: sp.Expr, ends: tuple[sp.Expr, sp.Expr]) -> sp.Rational:
    """An upper bound of |expression| over |s| ≤ rR, as an exact number."""
    expression = sp.sympify(expression)
    if not expression.has(S):
        return sp.Rational(abs(expression))
    claim = certify(expression.subs(S, sp.Symbol("x")), 0, ends, RTOL)
    if not claim.upper < float("inf"):
        raise BackproofError("the loss", str(expression), "a bounded slope", "shrink the domain")
    return sp.Rational(claim.upper)


def _nonnegative(
    curvature: sp.Expr, written: WrittenLoss, others: Mapping[str, Sequence[sp.Expr]]
) -> bool:
    """Whether φ″ is a product of factors of known sign: squares, σ and 1 − σ."""
    from backproof.theory.scalars import sigmoid

    sign = 1
    for factor in sp.Mul.make_args(curvature):
        base, exponent = factor.as_base_exp()
        if factor.is_number:
            sign *= 1 if factor >= 0 else -1
        elif exponent.is_even or isinstance(base, sigmoid):
            continue
        elif base.is_Add and isinstance(base + 1, sigmoid):  # σ − 1 ≤ 0
            sign *= -1
        else:
            return False
    return sign > 0


def _root(square: sp.Rational) -> sp.Rational:
    """A rational at least √square, within a relative 2⁻⁴⁰."""
    scaled = sp.ceiling(sp.sqrt(square) * 2**40)
    return sp.Rational(int(scaled), 2**40)


def _sizes(model: Model, size: int) -> dict[str, int]:
    """Every symbolic size of the inputs is the same."""
    return {
        symbol.name: size
        for tensor in model.arguments.values()
        for extent in tensor.shape
        for symbol in sp.sympify(extent).free_symbols
    }


def _complete(
    written: WrittenLoss, known: tuple[str, ...], others: Mapping[str, Sequence[sp.Expr]]
) -> None:
    missing = set(written.symbols) - set(known) - set(others)
    strange = set(others) - set(written.symbols)
    if missing or strange:
        raise BackproofError(
            "values",
            f"nothing for {', '.join(sorted(missing))}" if missing else f"{', '.join(strange)}",
            "values of each input but the weights and the data",
            "pass values={'y': (-1, 1)}",
        )
