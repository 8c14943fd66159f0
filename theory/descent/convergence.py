"""When an optimiser converges on quadratics: read off the derivative of its own step.

On ½ xᵀAx − bᵀx with A symmetric positive definite, a step that is linear in θ and its state is a
matrix M times them, plus a constant.  In the basis of A's eigenvectors M falls apart into one
small matrix M(λ) for each eigenvalue λ; the iteration converges from every start if and only if
all eigenvalues of every M(λ) lie inside the unit circle, which the Schur–Cohn conditions say of
the coefficients of its characteristic polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.descent.iteration import iteration
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.optimisers import UpdateRule
from backproof.theory.trace.tracing import trace

CURVATURE, ROOT = sp.Symbol("lambda", positive=True), sp.Symbol("z")


@dataclass(frozen=True)
class Convergence:
    """The step of an optimiser on a quadratic, along one eigenvector of its matrix.

    ``matrix`` is M(λ), the derivative of the next (θ, state) in the present one;
    ``polynomial`` is det(z − M(λ)); ``conditions`` are expressions that are all positive if and
    only if it has all roots inside the unit circle; ``learning_rate`` holds the bounds below which
    ``lr`` has to stay, which the others follow from.
    """

    rule: UpdateRule
    matrix: sp.Matrix
    polynomial: sp.Poly
    conditions: tuple[sp.Expr, ...]
    learning_rate: tuple[sp.Expr, ...]

    def __str__(self) -> str:
        bounds = ", ".join(map(str, self.learning_rate))
        where = "lambda the largest eigenvalue"
        return f"{self.rule.title} converges on quadratics for 0 < lr < {bounds}, {where}"


def convergence(rule: UpdateRule) -> Convergence:
    """When the optimiser converges on quadratics, as a bound of its learning rate.

    Raises `BackproofError` for a step that is not linear in the parameter and its state, and for
    more than one state.

    References: B. T. Polyak, Some methods of speeding up the convergence of iteration methods
    (1964); E. I. Jury, Theory and Application of the z-Transform Method (1964), section 3.

    >>> from backproof.theory.optimisers import gradient_descent, momentum
    >>> convergence(gradient_descent).learning_rate, convergence(momentum).learning_rate
    ((2/lambda,), (2*(beta + 1)/lambda,))
    >>> print(convergence(momentum))
    Momentum converges on quadratics for 0 < lr < 2*(beta + 1)/lambda, lambda the largest eigenvalue
    >>> convergence(momentum).matrix
    Matrix([
    [-lambda*lr + 1, beta],
    [    -lambda*lr, beta]])
    """
    matrix = transition(rule)
    polynomial = sp.Poly(matrix.charpoly(ROOT).as_expr(), ROOT)
    conditions = tuple(map(sp.factor, inside_unit_circle(rule.name, polynomial)))
    lr = next(s for s in matrix.free_symbols if s.name == "lr")
    return Convergence(rule, matrix, polynomial, conditions, _bounds(conditions, lr))


def transition(rule: UpdateRule) -> sp.Matrix:
    """M(λ), derived: the Jacobian of the step on λx²/2 − bx in x and its state."""
    curve = {"c": "", "b": "", "x": ""}
    step = iteration(rule, trace("c * x**2 / 2 - b * x", **curve), "x")
    moving = list(step.outputs)
    symbols = {n: _symbol(n, t.assumptions) for n, t in step.arguments.items()}
    symbols["c"] = CURVATURE
    rows = []
    for name in moving:
        slopes = derive(step.up_to(name), [n for n in moving if n in step.up_to(name).arguments])
        values = evaluate(slopes, {n: symbols[n] for n in slopes.arguments})
        found = {n: sp.expand(values[t.name]) for n, t in slopes.results.items()}
        rows.append([found.get(n, sp.S.Zero) for n in moving])
    matrix = sp.Matrix(rows)
    changing = {symbols[n] for n in (*moving, "b", "t") if n in symbols} & matrix.free_symbols
    if changing:
        raise BackproofError(
            rule.name,
            f"a step whose derivative depends on {sorted(map(str, changing))[0]}",
            "a step that is linear in the parameter and its state",
            "its convergence is not a matter of one matrix",
        )
    return matrix


def inside_unit_circle(name: str, polynomial: sp.Poly) -> tuple[sp.Expr, ...]:
    """What has to be positive for all roots of a monic polynomial of degree 1 or 2."""
    _one, *rest = polynomial.all_coeffs()
    if len(rest) == 1:
        return (1 - rest[0], 1 + rest[0])
    if len(rest) == 2:
        b, c = rest
        return (1 + b + c, 1 - b + c, 1 - c, 1 + c)
    raise BackproofError(
        name, f"a step with {len(rest) - 1} states", "one at most", "its conditions are not stated"
    )


def _symbol(name: str, assumptions: frozenset[str]) -> sp.Symbol:
    """Decay rates are taken as positive: at zero the state does nothing."""
    known = assumptions & {"positive", "nonnegative", "fraction"}
    return sp.Symbol(name, positive=True) if known else sp.Symbol(name, real=True)


def _bounds(conditions: tuple[sp.Expr, ...], lr: sp.Symbol) -> tuple[sp.Expr, ...]:
    """The least upper bounds of the learning rate in conditions that are linear in it."""
    found = []
    for condition in conditions:
        slope, start = sp.Poly(condition, lr).all_coeffs() if condition.has(lr) else (0, 0)
        if sp.factor(slope).is_negative:
            found.append(sp.factor(-start / slope))
    return tuple(
        b for b in found if not any(sp.factor(sp.together(b - o)).is_positive for o in found)
    )
