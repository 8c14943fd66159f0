"""Laws of scalar functions and of their rewritings, each checked with 50 digits."""

import random
from collections.abc import Callable, Sequence
from inspect import signature

import mpmath
import sympy as sp

from backproof.theory.evaluation.arithmetic import Precise
from backproof.theory.notation import slot
from backproof.theory.scalars import Elementwise, defined

DIGITS = 50
CLOSE = mpmath.mpf(10) ** -40
X, Y = sp.symbols("x y", real=True)
KINKED = (sp.floor, sp.Max, sp.Min, sp.Abs, sp.sign, sp.Piecewise, sp.Heaviside)


def points(
    arity: int, seed: int = 0, count: int = 8, domain: sp.Set = sp.Reals
) -> list[tuple[mpmath.mpf, ...]]:
    """Generic points of (−0.9, 2)ᵃʳⁱᵗʸ without a kink, moved into a bounded domain."""
    source = random.Random(seed)
    found = [
        tuple(mpmath.mpf(source.randint(-9 * 10**8, 2 * 10**9)) / 10**9 for _ in range(arity))
        for _ in range(count)
    ]
    if domain.sup == sp.oo:
        return found if domain.inf != 0 else [tuple(x + 1 for x in point) for point in found]
    low, width = domain.inf, domain.sup - domain.inf
    return [tuple(low + width * (x + 1) / 3 for x in point) for point in found]


def arguments_of(function: type[Elementwise]) -> tuple[sp.Symbol, ...]:
    """As many slots as the function has arguments."""
    return tuple(slot(n) for n in range(len(signature(function.definition).parameters)))


def derivative_of(function: type[Elementwise]) -> None:
    """``fdiff`` is the derivative of the definition: SymPy's, and the numerical slope."""
    arguments = arguments_of(function)
    value = function(*arguments)
    for position, argument in enumerate(arguments):
        stated = numerically(value.diff(argument), arguments)
        symbolic = numerically(smooth(function.definition(*arguments).diff(argument)), arguments)
        own = numerically(value, arguments)
        for point in points(len(arguments), domain=function.domain):
            before, after = point[:position], point[position + 1 :]

            def along(x: mpmath.mpf, before=before, after=after, own=own) -> mpmath.mpf:  # type: ignore[no-untyped-def]
                return own(*before, x, *after)

            slope = Precise().slope(along, point[position])
            assert_near(stated(*point), slope, f"{function.__name__}′ at {point}")
            assert_near(symbolic(*point), slope, f"{function.__name__}′ by SymPy at {point}")


def second_derivative_of(function: type[Elementwise]) -> None:
    """The derivative of ``fdiff`` is a derivative again: no rule is left at order two."""
    arguments = arguments_of(function)
    for first in arguments:
        slope = function(*arguments).diff(first)
        for second in arguments:
            found = numerically(slope.diff(second), arguments)
            twice = sp.diff(function.definition(*arguments), first, second)
            expected = numerically(smooth(twice), arguments)
            for point in points(len(arguments), seed=1, domain=function.domain):
                assert_near(found(*point), expected(*point), f"{function.__name__}″ at {point}")


def smooth(derivative: sp.Expr) -> sp.Expr:
    """SymPy's derivative away from jumps: no distributions, and ⌊x⌋, which it leaves, is flat."""
    derivative = derivative.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return derivative.replace(
        lambda e: isinstance(e, sp.Derivative) and isinstance(e.expr, sp.floor),
        lambda _: sp.S.Zero,
    )


def numbers_are_those_of_the_definition(function: type[Elementwise]) -> None:
    """At numbers, kinks and ties among them, the function is its definition."""
    halves = [x for n in range(-1, 5) if (x := sp.Rational(n, 2)) in function.domain]
    arity = len(arguments_of(function))
    for x in halves:
        for y in (
            [h for h in halves if h != 0 or function.domain == sp.Reals]
            if arity == 2
            else [sp.S.Zero]
        ):
            at = (x, y)[:arity]
            found, expected = function(*at), function.definition(*at)
            assert sp.N(defined(found) - expected, 30) == 0, f"{function.__name__}{at}"
            assert abs(sp.N(found, 30) - sp.N(expected, 30)) < 1e-25


def numerically(expression: sp.Expr, arguments: Sequence[sp.Symbol]) -> Callable[..., mpmath.mpf]:
    """The expression as an mpmath function, in SymPy's own functions."""
    written = defined(sp.sympify(expression))
    flat = written.replace(sp.Subs, lambda *_: sp.S.Zero)  # SymPy leaves ⌊x⌋′ open: it is 0
    flat = flat.replace(sp.Derivative, lambda *_: sp.S.Zero)
    modules = [{"erfinv": mpmath.erfinv}, "mpmath"]
    return sp.lambdify(list(arguments), flat, modules=modules)


def is_identity(before: sp.Expr, after: sp.Expr, seed: int = 0) -> int:
    """The two expressions agree wherever the first is a real number; at how many points."""
    symbols = sorted(before.free_symbols | after.free_symbols, key=str)
    functions = [numerically(side, symbols) for side in (before, after)]
    compared = 0
    for point in points(len(symbols), seed):
        try:
            expected = functions[0](*point)
        except (ZeroDivisionError, ValueError, OverflowError):
            continue
        if isinstance(expected, mpmath.mpc) or not mpmath.isfinite(expected):
            continue
        assert_near(functions[1](*point), expected, f"{before} → {after} at {symbols} = {point}")
        compared += 1
    return compared


def rewrite_is_identity(
    rule: Callable[[sp.Expr], sp.Expr | None], expressions: Sequence[sp.Expr]
) -> int:
    """What a rule makes of an expression is equal to it; how many of them it changes."""
    changed = 0
    for seed, expression in enumerate(expressions):
        for part in sp.preorder_traversal(expression):
            after = rule(part) if isinstance(part, sp.Expr) else None
            if after is not None and after != part:
                assert is_identity(part, after, seed), f"{part} has no real value anywhere"
                changed += 1
    return changed


def kinked(function: type[Elementwise]) -> bool:
    """Whether the definition has a kink, or the derivative a jump."""
    arguments = arguments_of(function)
    definition = function.definition(*arguments)
    return definition.has(*KINKED)


def assert_near(a: mpmath.mpf, b: mpmath.mpf, what: str) -> None:
    """Equal but for the last ten of fifty digits."""
    assert abs(a - b) <= CLOSE * (1 + abs(a) + abs(b)), f"{a} ≠ {b}: {what}"
