"""Training reaches optima that are known: bars and stripes, shifter, parity.

N distinct patterns, equally often: no distribution has a mean log-likelihood above −log N.  With
the exact gradient a machine comes to it as near as its hidden units let it; chains in the place of
the model's expectation bring noise, and contrastive divergence a bias.
"""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

import backproof as bp

KNOWN = json.loads(
    (Path(__file__).resolve().parents[2] / "cases" / "known_answers.json").read_text("utf-8")
)


def bars_and_stripes(n: int) -> np.ndarray:
    """n × n pixels, whole rows or whole columns."""
    found = set()
    for bits in product((0, 1), repeat=n):
        rows = np.repeat(np.array(bits)[:, None], n, 1)
        found |= {tuple(rows.ravel()), tuple(rows.T.ravel())}
    return np.array(sorted(found), float)


def shifter(n: int) -> np.ndarray:
    """n bits, the same bits moved round by −1, 0 or 1, and one of three labels."""
    rows = [
        [*bits, *np.roll(bits, shift), *(shift == s for s in (-1, 0, 1))]
        for bits in product((0.0, 1.0), repeat=n)
        for shift in (-1, 0, 1)
    ]
    return np.array(rows, float)


def parity(n: int) -> np.ndarray:
    """n bits with an even number of ones."""
    return np.array([b for b in product((0.0, 1.0), repeat=n) if sum(b) % 2 == 0])


def known(kind: str, n: int, key: str) -> float:
    return float(next(answer for answer in KNOWN[kind] if answer["n"] == n)[key])


CASES = {  # patterns, hidden units, the best mean log-likelihood, evaluations, tolerance
    "bars and stripes 2": (
        bars_and_stripes(2),
        4,
        known("bars_and_stripes", 2, "best_mean_loglik_uniform"),
        80,
        1e-5,
    ),
    "bars and stripes 3": (
        bars_and_stripes(3),
        8,
        known("bars_and_stripes", 3, "best_mean_loglik_uniform"),
        150,
        1e-5,
    ),
    "shifter 4": (shifter(4), 16, known("shifter", 4, "best_mean_loglik_with_label"), 320, 0.01),
    "parity 3": (parity(3), 3, known("parity", 3, "best_mean_loglik"), 120, 1e-5),
    "parity 4": (parity(4), 6, known("parity", 4, "best_mean_loglik"), 120, 1e-5),
}


def named(rows: np.ndarray) -> list[dict[str, float]]:
    return [{f"v{i}": x for i, x in enumerate(row)} for row in rows]


@pytest.mark.parametrize("name", CASES)
def test_the_exact_gradient_reaches_the_optimum(name: str) -> None:
    """L-BFGS by `bp.exact`: within the tolerance of −log N, and never above."""
    rows, hidden, best, evaluations, tolerance = CASES[name]
    assert best == pytest.approx(-np.log(len(rows)), abs=1e-12)
    n, data = rows.shape[1], named(rows)
    machine = bp.energy.rbm(n, hidden)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        W, b, c = np.split(x, [n * hidden, n * hidden + n])
        values = {"W": W.reshape(n, hidden), "b_v": b, "b_h": c}
        exact = bp.exact.solve(machine, values=values)
        slope = exact.gradient(data)
        bias = [slope["bias"][f] for f in (*(f"v{i}" for i in range(n)), *hidden_names)]
        return -exact.log_likelihood(data), -np.concatenate([slope["couplings"], bias])

    hidden_names = [f"h{j}" for j in range(hidden)]
    start = 0.3 * np.random.default_rng(0).normal(size=n * hidden + n + hidden)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxfun": evaluations})
    assert best - tolerance < -found.fun <= best + 1e-12


def learnt(
    rows: np.ndarray, hidden: int, k: int, chains: int | None, scale: float, centre: bool
) -> float:
    """The exact mean log-likelihood after stochastic gradients, at a rate that falls to zero."""
    n = rows.shape[1]
    random = np.random.Generator(np.random.SFC64(0))
    values = {
        "W": scale * random.standard_normal((n, hidden)),
        "b_v": np.zeros(n),
        "b_h": np.zeros(hidden),
    }
    machine = bp.energy.rbm(n, hidden)
    means = {"v": rows.mean(0)} if centre else None
    one = bp.sampling.learner(machine, values, random, k, chains, centre=means)
    training = bp.sampling.Training(one, {"v": rows}, len(rows))
    for part in range(20):
        training.advance(100, 0.4 * min(1, (20 - part) / 10))
    exact = bp.exact.solve(machine, values=one.conditionals.values)
    return float(exact.log_likelihood(named(np.unique(rows, axis=0))))


@pytest.mark.parametrize("centre", [False, True], ids=["plain", "centred"])
@pytest.mark.parametrize(
    ("kind", "rows", "hidden", "chains", "scale", "tolerance"),
    [
        ("persistent chains", bars_and_stripes(2), 6, 400, 0.3, 0.12),
        ("persistent chains", parity(3), 6, 400, 2.0, 0.12),
        ("contrastive divergence", np.tile(bars_and_stripes(2), (20, 1)), 6, None, 0.3, 0.3),
    ],
    ids=["bars and stripes, PCD-5", "parity, PCD-5", "bars and stripes, CD-5"],
)
def test_chains_come_near_the_optimum(
    kind: str,
    rows: np.ndarray,
    hidden: int,
    chains: int | None,
    scale: float,
    tolerance: float,
    centre: bool,
) -> None:
    """Fixed seeds, so no false alarm; independent units reach −4 log 2 and −3 log 2 alone."""
    best = -np.log(len(np.unique(rows, axis=0)))
    found = learnt(rows, hidden, 5, chains, scale, centre)
    assert best - tolerance < found < best, kind


def test_an_update_that_ignores_the_model_does_not_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: ascent of the data's part alone, the chains' rows being zero."""
    from backproof.numerics.sampling.contrastive import Learner

    def still(self: Learner, visible: dict[str, np.ndarray], fields: object) -> object:
        return {"v": np.zeros_like(visible["v"])}

    monkeypatch.setattr(Learner, "_moved", still)
    rows = bars_and_stripes(2)
    assert learnt(rows, 6, 1, 50, 0.3, False) < -np.log(len(rows)) - 0.3
