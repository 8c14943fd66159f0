"""What follows from an optimiser's equations: identities, linear iterations, L-BFGS's direction."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import LbfgsInvHessProduct

from backproof.numerics import optimisers
from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.descent.convergence import convergence
from backproof.theory.descent.iteration import iteration
from backproof.theory.descent.two_loop import two_loop
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.optimisers import (
    OPTIMISERS,
    UpdateRule,
    adagrad,
    adam,
    adamw,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
    sgd,
)
from backproof.theory.trace.tracing import trace

# Identities, entry by entry in exact arithmetic ------------------------------------------------

HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
THETA, G = (HALF, -THIRD, sp.Integer(2)), (THIRD, -sp.Rational(3, 4), sp.Integer(0))
STATE, OTHER = (sp.Integer(1), -HALF, THIRD), (HALF, THIRD, sp.Integer(3))
NUMBERS = {
    "lr": sp.Rational(1, 7),
    "beta": HALF,
    "beta1": sp.Rational(9, 10),
    "beta2": sp.Rational(2, 3),
    "rho": sp.Rational(3, 5),
    "eps": sp.Rational(1, 11),
    "decay": sp.Rational(1, 5),
    "t": sp.Integer(3),
}


def moved(rule: UpdateRule, **fixed: object) -> tuple[sp.Expr, ...]:
    """The next parameter in exact numbers, some of the inputs changed."""
    model = rule.model()
    states = [q.name for q in rule.state]
    known = {"theta": THETA, "g": G, **dict(zip(states, (STATE, OTHER), strict=False)), **NUMBERS}
    known |= fixed
    values = evaluate(model, {name: known[name] for name in model.arguments})
    return tuple(map(sp.sympify, values["theta_new"]))


def test_momentum_that_decays_at_once_is_gradient_descent() -> None:
    descent = moved(gradient_descent)
    assert descent == tuple(x - g / 7 for x, g in zip(THETA, G, strict=True))
    assert moved(momentum, beta=0) == moved(nesterov, beta=0) == descent
    assert moved(momentum) != descent


def test_decay_of_nothing_changes_nothing() -> None:
    assert moved(sgd, decay=0) == moved(gradient_descent)
    assert moved(adamw, decay=0) == moved(adam)
    assert moved(adamw) != moved(adam)


def test_adam_without_memory_is_descent_along_signs() -> None:
    # θ − α g / (|g| + ε): the sign of g as ε goes to zero, and no step where g is zero
    expected = tuple(
        x - g / 7 / (abs(g) + sp.Rational(1, 11)) for x, g in zip(THETA, G, strict=True)
    )
    assert moved(adam, beta1=0, beta2=0) == expected
    assert moved(adagrad, r=(0, 0, 0)) == expected
    tiny = moved(adam, beta1=0, beta2=0, eps=sp.Rational(1, 10**12))
    for x, g, new in zip(THETA, G, tiny, strict=True):
        assert abs(new - (x - sp.sign(g) / 7)) < sp.Rational(1, 10**11)


def test_the_first_step_of_adam_does_not_depend_on_its_rates() -> None:
    start = {"t": 1, "m": (0, 0, 0), "v": (0, 0, 0)}
    assert moved(adam, **start) == moved(adam, beta1=0, beta2=0)


def test_rmsprop_is_adam_without_mean_and_correction() -> None:
    # β₁ = 0 and t → ∞, where the corrections are 1; ε stands elsewhere, so it is taken to 0
    late = moved(adam, v=OTHER, t=400, beta1=0, eps=0, beta2=NUMBERS["rho"])
    for a, b in zip(late, moved(rmsprop, eps=0, r=OTHER), strict=True):
        assert abs(sp.N(a - b, 30)) < sp.Float("1e-25")


# Iterations ------------------------------------------------------------------------------------


def quadratic() -> Model:
    """½ xᵀAx − bᵀx."""
    return trace("x @ A @ x / 2 - b @ x", A=array("n n", symmetric=True), b="n", x="n")


LINEAR = (gradient_descent, sgd, momentum, nesterov)
KNOWN = {"beta": 0.7, "decay": 0.3}


def transition(rule: UpdateRule, matrix: np.ndarray, numbers: dict[str, float]) -> np.ndarray:
    """The derivative of the next (x, state) in the present one, from the derived Jacobian."""
    step = iteration(rule, quadratic(), "x", **numbers)
    moving, n = list(step.outputs), len(matrix)
    rows = []
    for name in moving:
        one = step.up_to(name)
        inside = [m for m in moving if m in one.arguments]
        given = {"A": matrix, "b": np.zeros(n), **{m: np.zeros(n) for m in moving}}
        kernel = compile(derive(one, inside))
        out = kernel(**{k: given[k] for k in kernel.arguments.names})
        rows.append([out[m] if m in inside else np.zeros((n, n)) for m in moving])
    return np.block(rows)


def positive_definite(seed: int, n: int = 4) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(n, n))
    return root @ root.T + 0.5 * np.eye(n)


@pytest.mark.parametrize("rule", LINEAR, ids=lambda r: r.name)
def test_the_iteration_on_a_quadratic_is_its_derivative(rule: UpdateRule) -> None:
    numbers = {q.name: KNOWN.get(q.name, 0.1) for q in rule.hyperparameters}
    A = positive_definite(1)
    matrix = transition(rule, A, numbers)
    rng = np.random.default_rng(2)
    moving = list(iteration(rule, quadratic(), "x").outputs)
    at = {name: rng.normal(size=4) for name in moving}
    b = rng.normal(size=4)
    kernel = compile(iteration(rule, quadratic(), "x", **numbers))
    zero = kernel(A=A, b=b, **{name: np.zeros(4) for name in moving})
    found = kernel(A=A, b=b, **at)
    linear = matrix @ np.concatenate([at[name] for name in moving])
    for n, name in enumerate(moving):
        np.testing.assert_allclose(found[name], zero[name] + linear[4 * n : 4 * n + 4], atol=1e-12)


@pytest.mark.parametrize("rule", LINEAR, ids=lambda r: r.name)
def test_it_falls_apart_along_the_eigenvectors(rule: UpdateRule) -> None:
    numbers = {q.name: KNOWN.get(q.name, 0.1) for q in rule.hyperparameters}
    A = positive_definite(3)
    whole = np.linalg.eigvals(transition(rule, A, numbers))
    small = convergence(rule).matrix
    parts = []
    for eigenvalue in np.linalg.eigvalsh(A):
        at = {s: numbers.get(s.name, eigenvalue) for s in small.free_symbols}
        parts += list(np.linalg.eigvals(np.array(small.subs(at), dtype=float)))
    np.testing.assert_allclose(np.sort_complex(whole), np.sort_complex(parts), atol=1e-9)


def test_bounds_are_those_of_the_books() -> None:
    lr, beta, decay = (sp.Symbol(n, positive=True) for n in ("lr", "beta", "decay"))
    c = sp.Symbol("lambda", positive=True)
    expected = {
        gradient_descent: 2 / c,  # Goodfellow et al. (2016), section 4.3; Nesterov (2004), 1.2.3
        sgd: 2 / (c + decay),
        momentum: 2 * (1 + beta) / c,  # Polyak (1964), theorem 9
        nesterov: 2 * (1 + beta) / (c * (1 + 2 * beta)),
    }
    for rule, bound in expected.items():
        (found,) = convergence(rule).learning_rate
        assert sp.expand(sp.together(found - bound)) == 0, rule.name
    polynomial = convergence(momentum).polynomial.as_expr()
    z = sp.Symbol("z")
    assert sp.expand(polynomial - (z**2 - (1 + beta - lr * c) * z + beta)) == 0


@pytest.mark.parametrize("rule", LINEAR, ids=lambda r: r.name)
@pytest.mark.parametrize("seed", [5, 6])
def test_below_the_bound_it_converges_and_above_it_does_not(rule: UpdateRule, seed: int) -> None:
    A = positive_definite(seed)
    b = np.random.default_rng(seed).normal(size=4)
    top = float(np.linalg.eigvalsh(A)[-1])
    (bound,) = convergence(rule).learning_rate
    known = {q.name: KNOWN[q.name] for q in rule.hyperparameters if q.name in KNOWN}
    limit = float(bound.subs({s: known.get(s.name, top) for s in bound.free_symbols}))
    solution = np.linalg.solve(A + known.get("decay", 0) * np.eye(4), b)
    for share, converges in ((0.97, True), (1.03, False)):
        numbers = {**known, "lr": share * limit}
        radius = max(abs(np.linalg.eigvals(transition(rule, A, numbers))))
        assert (radius < 1) == converges
        kernel = compile(iteration(rule, quadratic(), "x", **numbers))
        at = {name: np.ones(4) for name in iteration(rule, quadratic(), "x").outputs}
        gaps = []
        for _ in range(600):
            at = kernel(A=A, b=b, **at)
            gaps.append(
                np.linalg.norm(np.concatenate([at["x"] - solution, *list(at.values())[1:]]))
            )
        assert (gaps[-1] < gaps[200]) == converges
        if not converges:  # the rate of divergence is the spectral radius
            assert gaps[-1] / gaps[-201] == pytest.approx(radius**200, rel=1e-3)


def test_several_parameters_have_states_of_their_own() -> None:
    step = iteration(adam, mlp(["d", "k"]), lr=0.1, beta1=0.9, beta2=0.99, eps=1e-8)
    assert list(step.outputs) == ["W1", "m_W1", "v_W1", "b1", "m_b1", "v_b1"]
    assert str(optimisers.adam(lr=0.1).iteration(mlp(["d", "k"]))).endswith(
        "b1_new[j] = b1[j] - 0.1 m_hat_b1[j] / (sqrt(v_hat_b1[j]) + eps)"
    )
    assert set(step.arguments) == {"x", "y", "W1", "b1", "m_W1", "v_W1", "m_b1", "v_b1", "t"}
    rng = np.random.default_rng(7)
    at = {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=3)}
    data = {"x": rng.normal(size=(5, 2)), "y": rng.integers(0, 3, size=5)}
    rule = optimisers.adam(lr=0.1, beta1=0.9, beta2=0.99, eps=1e-8)
    gradient = compile(derive(mlp(["d", "k"])))(**data, **at)
    expected, state = rule.step(at, {name: gradient[name] for name in at})
    zeros = {f"{q}_{name}": np.zeros_like(a) for name, a in at.items() for q in "mv"}
    found = compile(step)(**data, **at, **zeros, t=1)
    for name in at:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-14)
        np.testing.assert_allclose(found[f"v_{name}"], state.of[name]["v"], atol=1e-16)


def test_two_parameters_look_ahead_each_by_its_own_velocity() -> None:
    model = trace("np.sum((u - 1)**2) * np.sum((w + u)**2)", u="n", w="n")
    step = compile(iteration(nesterov, model, ("u", "w"), lr=0.01, beta=0.9))
    rng = np.random.default_rng(8)
    at = {name: rng.normal(size=3) for name in ("u", "w", "v_u", "v_w")}
    found = step(**at)
    ahead = {name: at[name] + 0.9 * at[f"v_{name}"] for name in ("u", "w")}
    gradient = compile(derive(model, ("u", "w")))(**ahead)
    for name in ("u", "w"):
        velocity = 0.9 * at[f"v_{name}"] - 0.01 * gradient[name]
        np.testing.assert_allclose(found[f"v_{name}"], velocity, atol=1e-13)
        np.testing.assert_allclose(found[name], at[name] + velocity, atol=1e-13)


@pytest.mark.parametrize("rule", OPTIMISERS, ids=lambda r: r.name)
def test_names_of_the_model_and_of_the_rule_do_not_collide(rule: UpdateRule) -> None:
    shapes = {"m": "n", "v": "n", "g": "n", "t": "", "lr": "", "theta_new": "n"}
    model = trace("np.sum(m * v**2 * g * t * lr * theta_new)", **shapes)
    step = iteration(rule, model, "v")
    assert "lr_2" in step.arguments
    assert ("t_2" in step.arguments) == rule.counts
    names = [*step.arguments, *(e.tensor.name for e in step.equations)]
    assert len(set(names)) == len(names)
    assert [name for name in step.outputs if name in step.arguments] == list(step.outputs)


def test_only_arguments_are_moved() -> None:
    model = trace("h = np.tanh(x)\nreturn np.sum(h)", x="n")
    with pytest.raises(BackproofError, match="h, which the model computes"):
        iteration(momentum, model, "h")


# L-BFGS ----------------------------------------------------------------------------------------


def pairs(seed: int, memory: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps, changes of the gradient of a convex quadratic along them, and a gradient."""
    rng = np.random.default_rng(seed)
    s = rng.normal(size=(memory, n))
    return s, s @ positive_definite(seed, n), rng.normal(size=n)


@pytest.mark.parametrize("memory", [1, 2, 5])
def test_the_two_loops_are_scipys_inverse_hessian(memory: int) -> None:
    s, y, g = pairs(9, memory, 6)
    found = compile(two_loop(memory, scaled=False))(s=s, y=y, g=g)
    np.testing.assert_allclose(found, LbfgsInvHessProduct(s, y).matvec(g), rtol=1e-9)


@pytest.mark.parametrize("memory", [1, 3])
def test_the_two_loops_are_bfgs_updates_of_a_multiple_of_the_identity(memory: int) -> None:
    # Nocedal and Wright (2006), equations 7.16 and 7.20, with every matrix formed
    s, y, g = pairs(10, memory, 5)
    inverse = s[-1] @ y[-1] / (y[-1] @ y[-1]) * np.eye(5)
    for a, b in zip(s, y, strict=True):
        rho = 1 / (a @ b)
        left = np.eye(5) - rho * np.outer(b, a)
        inverse = left.T @ inverse @ left + rho * np.outer(a, a)
    np.testing.assert_allclose(compile(two_loop(memory))(s=s, y=y, g=g), inverse @ g, rtol=1e-9)
