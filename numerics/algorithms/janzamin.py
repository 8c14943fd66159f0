"""The check of Janzamin, Sedghi and Anandkumar: moments, recovery, and the zero of ReLU."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.algorithms.planted import (
    Planted,
    compared,
    exact_moments,
    plant,
    recover,
    sampled_moments,
)
from backproof.numerics.algorithms.score_kernel import moment, normal_kernel
from backproof.numerics.algorithms.stein import ALPHA, quantile
from backproof.numerics.algorithms.tensor_power import decompose, rank_one_sum
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.algorithms.moments import B, gaussian_mean
from backproof.theory.algorithms.score import normal, score
from backproof.theory.errors import BackproofError

D, UNITS = 5, 3
SIZES = tuple(1 << e for e in (12, 14, 16))
SEEDS = range(3)


def relu(t: sp.Expr) -> sp.Expr:
    """max(0, t)."""
    return sp.Max(0, t)


def score_three() -> dict[str, sp.Expr]:
    """The kinds of entries of S_3 for N(0, I), derived.

    >>> score_three()
    {'111': x1**3 - 3*x1, '112': x1**2*x2 - x2, '123': x1*x2*x3}
    """
    x = sp.symbols("x1:4", real=True)
    s = score(normal(x), x, 3)
    plain = dict(zip(x, sp.symbols("x1:4"), strict=True))
    named = {"111": (0, 0, 0), "112": (0, 0, 1), "123": (0, 1, 2)}
    return {name: s[index].xreplace(plain) for name, index in named.items()}


def relu_moments(highest: int = 4) -> list[sp.Expr]:
    """E[relu(Z) He_k(Z)] for k = 0, …, integrated exactly.

    >>> relu_moments()[3]
    0
    """
    return [gaussian_mean(relu, k) for k in range(highest + 1)]


def relu_by_fourth(seed: int = 0) -> float:
    """The largest error of directions found for a ReLU network without biases, from E[y S_4].

    κ_3(0) = 0, but κ_4(0) = −1/√(2π): a contraction of the fourth moment with any θ has the
    components that the third moment lacks.
    """
    rng = np.random.default_rng(seed)
    net = plant(D, UNITS, seed)
    fourth = float(relu_moments()[4])
    theta = rng.normal(size=D)
    tensor = rank_one_sum(net.amplitudes * fourth * (net.vectors @ theta), net.vectors)
    found = decompose(tensor, UNITS).vectors
    return compared(Planted(found, net.biases, net.amplitudes), net).vectors


def relu_refused() -> bool:
    """Whether the third moment of a ReLU network without biases is refused, being zero."""
    try:
        decompose(rank_one_sum(np.zeros(UNITS), plant(D, UNITS).vectors), UNITS)
    except BackproofError:
        return True
    return False


def sampled_error(points: int, seed: int) -> float:
    """The largest error of a w_j recovered from so many points."""
    net = plant(D, UNITS, 0)
    found = recover(sampled_moments(net, points, seed), UNITS, net.activation)
    return compared(found, net).vectors


def moment_deviation(points: int, seed: int = 0) -> tuple[float, int]:
    """The largest |z| of the sampled E[y S_3] against Σ a_j κ_3(b_j) w_j^{⊗3}; and the entries."""
    net = plant(D, UNITS, 0)
    x = np.random.default_rng(seed).normal(size=(points, D))
    kernel = normal_kernel(D, 3)
    found = moment(kernel, x, net(x))
    return float(np.abs((found.tensor - exact_moments(net)[2]) / found.error).max()), len(
        kernel.indices
    )


def check(progress: Progress | None = None) -> Evidence:
    """Scores and moments in symbols, recovery from exact and from sampled moments, and ReLU."""
    tell = progress or silent
    rows = [
        Row(f"S₃ of N(0, I), entry {name}", sp.sympify(text), "=", entry)
        for (name, entry), text in zip(
            score_three().items(), ("x1**3 - 3*x1", "x1**2*x2 - x2", "x1*x2*x3"), strict=True
        )
    ]
    slope = gaussian_mean(relu, 3, B) + B * sp.exp(-(B**2) / 2) / sp.sqrt(2 * sp.pi)
    rows += [
        Row("κ₃(0) of ReLU", 0, "=", relu_moments()[3]),
        Row("κ₃(b) + b φ(b) of ReLU", 0, "=", sp.expand(slope)),
        Row("a zero third moment is refused", True, "=", relu_refused()),
        Row("ReLU through S₄: error of the w_j", 1e-10, "≥", relu_by_fourth(), 0, "computed"),
    ]
    tell("symbols", 1, 4)
    z, entries = moment_deviation(1 << 16)
    level = f"statistical at {ALPHA:g}"
    rows.append(Row("largest |z| of E[y S₃] − Σ λ_j w_j^⊗3", quantile(entries), "≥", z, 0, level))
    tell("moments", 2, 4)
    worst = [0.0, 0.0, 0.0]
    for seed in range(5):
        net = plant(D, UNITS, seed)
        found = compared(recover(exact_moments(net), UNITS, net.activation), net)
        errors = (found.vectors, found.biases, found.amplitudes)
        worst = [max(pair) for pair in zip(worst, errors, strict=True)]
    for name, error in zip(("w_j", "b_j", "a_j"), worst, strict=True):
        what = f"five planted networks from exact moments: error of the {name}"
        rows.append(Row(what, 1e-9, "≥", error, 0, "computed"))
    tell("exact recovery", 3, 4)
    medians = [float(np.median([sampled_error(n, s) for s in SEEDS])) for n in SIZES]
    steepness = float(np.polyfit(np.log(SIZES), np.log(medians), 1)[0])
    rows += [
        Row("exponent of the error in the number of points", -0.5, "~", steepness, 0.3, "computed"),
        Row(f"error of the w_j from {SIZES[-1]} points", 0.2, "≥", medians[-1], 0, "computed"),
    ]
    tell("sampled recovery", 4, 4)
    guide = [medians[0] * (SIZES[0] / n) ** 0.5 for n in SIZES]
    biases = np.linspace(-3, 3, 121)
    third = sp.lambdify(B, gaussian_mean(relu, 3, B))
    hyper = sp.lambdify(B, gaussian_mean(sp.erf, 3, B))
    return Evidence(
        rows,
        (
            Curve("median error of three runs", SIZES, medians, "points"),
            Curve("N^(−1/2)", SIZES, guide),
            Curve("ReLU", biases.tolist(), third(biases).tolist(), panel=1),
            Curve("erf", biases.tolist(), hyper(biases).tolist(), panel=1),
        ),
        (
            Axes("points N", "largest error of a w_j", True, True, "recovery from samples"),
            Axes("bias b", "κ₃(b)", title="third moment of a unit"),
        ),
        "Left: a planted network of three tanh units in five dimensions, recovered from samples. "
        "Right: the third moment that the method needs; for ReLU it vanishes at zero bias.",
    )
