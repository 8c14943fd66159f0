"""The local rules of the chain rule: what one equation sends back to each of its operands."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.theory.calculus.tape import Matrices, Tape
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.maps import as_factors
from backproof.theory.normal import apart, is_map
from backproof.theory.notation import Delta, Entry, Factor, Map, Ones, row_major, slot

ONE = Contraction(sp.S.One)
LINEAR, PRODUCT, CHAIN = "linearity", "product rule", "chain rule"
LOG_SUM_EXP, EXTREME = "gradient of log-sum-exp", "gradient of an extreme"
FACTORS = "gradient of a product"
DERIVATIVE = "derivative of the "  # and the name of a function of a matrix
REASONS = {
    LINEAR: "the derivative of a sum is the sum of the derivatives",
    PRODUCT: "a contraction is linear in each factor: the others stay",
    CHAIN: "cotangent times the local derivative, entry by entry",
    LOG_SUM_EXP: "∂ log Σ_k exp z_k / ∂z_k = exp(z_k − log Σ_k exp z_k)",
    FACTORS: "∂ Π_j z_j / ∂z_k is the product of the others, Π_{j≠k} z_j",
    EXTREME: "only the first entry that attains the extreme moves it",
}


def pullbacks(
    equation: Equation, cotangent: Contraction, active: set[str], tape: Tape
) -> Iterator[tuple[Entry, str, Contraction]]:
    """Each active operand entry, the rule used, and Σ_t t̄ · ∂t/∂entry before the deltas.

    ``tape`` holds the quantities that a derivative needs: the softmax of a log-sum-exp's operand,
    the place where an extreme is attained, other functions of the same matrix.
    """
    if isinstance(equation.rhs, Reduction):
        yield from _reduction_pullbacks(equation, equation.rhs, cotangent, active, tape)
        return
    if isinstance(equation.rhs, MatrixValue):
        yield from _matrix_pullbacks(equation, equation.rhs, cotangent, active, tape)
        return
    for term in equation.rhs.terms:
        term = apart(term)
        whole = is_map(term) and len(equation.rhs.terms) == 1 and term.coefficient == 1
        for n, factor in enumerate(term.factors):
            others = term.factors[:n] + term.factors[n + 1 :]
            rest = Contraction(term.coefficient, others, term.over)
            if isinstance(factor, Entry) and factor.tensor.name in active:
                rule = PRODUCT if _solid(others) else LINEAR
                yield factor, rule, _times(equation, cotangent, rest)
            elif isinstance(factor, Map):
                through = equation.entry if whole else None
                for argument, derivative in partials(factor, active, through):
                    yield argument, CHAIN, _times(equation, cotangent, rest, derivative)


def _solid(factors: tuple[Factor, ...]) -> bool:
    return any(not isinstance(f, Ones) for f in factors)


def _times(
    equation: Equation, cotangent: Contraction, rest: Contraction, slope: Contraction = ONE
) -> Contraction:
    """Σ over the equation's indices of slope · cotangent · rest."""
    cotangent = apart(cotangent)
    coefficient = cotangent.coefficient * rest.coefficient * slope.coefficient
    factors = slope.factors + cotangent.factors + rest.factors
    return Contraction(coefficient, factors, (*equation.indices, *cotangent.over, *rest.over))


def partials(
    factor: Map, active: set[str], through: Entry | None = None
) -> Iterator[tuple[Entry, Contraction]]:
    """∂map/∂argument for each active argument; written through the output where that is exact.

    >>> from backproof.theory.declarations import size
    >>> from backproof.theory.notation import Index, Tensor
    >>> i = Index("i", size("n"))
    >>> z, h = (Entry(Tensor(name, (size("n"),), ("i",)), (i,)) for name in "zh")
    >>> [(argument, slope)] = partials(Map(sp.tanh(slot(0)), (z,)), {"z"}, through=h)
    >>> slope.factors[0].expression, slope.factors[0].arguments == (h,)
    (1 - _0**2, True)
    """
    symbols: dict[sp.Symbol, Entry] = {slot(n): a for n, a in enumerate(factor.arguments)}
    output = slot(len(factor.arguments))
    for position, argument in enumerate(factor.arguments):
        if argument.tensor.name not in active:
            continue
        slope = sp.diff(factor.expression, slot(position))
        if slope == 0:
            continue
        known = dict(symbols)
        if through is not None:
            slope = _through_output(slope, factor.expression, output)
            known[output] = through
        coefficient, factors = as_factors(slope, known)
        yield argument, Contraction(coefficient, tuple(factors))


def second_partials(
    factor: Map, active: set[str], through: Entry | None = None
) -> Iterator[tuple[Entry, Entry, Contraction]]:
    """∂²map/∂u∂v for each ordered pair of active arguments, through the output where exact."""
    symbols: dict[sp.Symbol, Entry] = {slot(n): a for n, a in enumerate(factor.arguments)}
    output = slot(len(factor.arguments))
    moving = [(slot(n), a) for n, a in enumerate(factor.arguments) if a.tensor.name in active]
    for first, u in moving:
        for second, v in moving:
            slope = sp.diff(factor.expression, first, second)
            if slope == 0:
                continue
            known = dict(symbols)
            if through is not None:
                slope = _through_output(slope, factor.expression, output)
                known[output] = through
            coefficient, factors = as_factors(slope, known)
            yield u, v, Contraction(coefficient, tuple(factors))


def _through_output(slope: sp.Expr, expression: sp.Expr, output: sp.Symbol) -> sp.Expr:
    """The slope with the function's own value named: 1 − h² rather than cosh⁻²."""
    ratio = slope / expression
    if ratio.is_number:  # an exponential along the way: (e^(−s/2) a)′ is −½ times itself
        return ratio * output
    same: dict[sp.Basic, sp.Expr] = {expression: output}
    if isinstance(expression, sp.Pow):
        same[1 / expression] = 1 / output
    return slope.xreplace(same) if expression.args else slope


def _reduction_pullbacks(
    equation: Equation,
    reduction: Reduction,
    cotangent: Contraction,
    active: set[str],
    tape: Tape,
) -> Iterator[tuple[Entry, str, Contraction]]:
    """The softmax of a log-sum-exp, the place of an extreme, the other factors of a product.

    ∂ logsumexp z / ∂z = softmax z;  ∂ max z / ∂z[k] = δ[k, argmax z], k a row-major place.
    """
    if reduction.operand.tensor.name not in active:
        return
    factor: Factor
    if reduction.kind == "logsumexp":
        rule, factor = LOG_SUM_EXP, tape.softmax(equation)
    elif reduction.kind == "prod":
        rule, factor = FACTORS, tape.others(equation)
    else:
        rule, factor = EXTREME, Delta(row_major(reduction.over), tape.position(equation))
    share = Contraction(sp.S.One, (factor,), reduction.over)
    yield reduction.operand, rule, _times(equation, cotangent, share)


def _matrix_pullbacks(
    equation: Equation,
    value: MatrixValue,
    cotangent: Contraction,
    active: set[str],
    tape: Tape,
) -> Iterator[tuple[Entry, str, Contraction]]:
    """The derivative that the matrix function states, ∂F(A)/∂A[a,b]."""
    if value.operand.tensor.name not in active:
        return
    function = BY_NAME[value.function]
    others = Matrices(tape, value.operand, value.over)
    rule = derivative_of(value.function)
    if function.pullback is not None:
        share = function.pullback(equation.entry, others, cotangent, *value.over)
        stack = equation.indices[: len(equation.indices) - len(value.out)]
        summed = (*stack, *value.over, *share.over)  # the pullback has summed the others
        yield value.operand, rule, Contraction(share.coefficient, share.factors, summed)
        return
    assert function.slope is not None
    slope = function.slope(equation.entry, others, *value.over)
    for term in () if slope is None else slope.terms if isinstance(slope, Sum) else (slope,):
        share = Contraction(term.coefficient, term.factors, (*value.over, *term.over))
        yield value.operand, rule, _times(equation, cotangent, share)


def derivative_of(function: str) -> str:
    """The name of the rule of a function of a matrix."""
    return f"{DERIVATIVE}{function.replace('_', ' ')}"


def because(rule: str) -> str:
    """The identity behind a rule, in words a reader can check."""
    if rule.startswith(DERIVATIVE):
        function = BY_NAME[rule.removeprefix(DERIVATIVE).replace(" ", "_")]
        return f"{function.reference}; {function.hypothesis}"
    return REASONS[rule]
