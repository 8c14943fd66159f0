"""Samplers, transitions and estimators that are right, and others that are not.

Each wrong one says of which contract it is, of which kind the mistake is, and which words the
judge's cause or first finding must hold ("" where no cause is named).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from mutants import draws
from scipy.special import expit

Function = Callable[..., Any]


def _drawn(p: Any, rng: Any) -> Any:
    return (rng.random(np.shape(p)) < p).astype(float)


# right ------------------------------------------------------------------------------------------


def sample_hidden(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(v @ W + b_h), rng)


def sample_hidden_by_binomial(x: Any, W: Any, c: Any, random_state: Any) -> Any:
    return random_state.binomial(1, expit(c + np.einsum("ni,ij->nj", x, W)))


def sample_hidden_by_logistic_noise(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    z = v @ W + b_h
    return (z + rng.logistic(size=z.shape) > 0).astype(np.float32)


def sample_visible(h: Any, W: Any, b_v: Any, seed: int) -> Any:
    return _drawn(expit(h @ W.T + b_v), np.random.default_rng(seed))


def gibbs_step(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    h = _drawn(expit(v @ W + b_h), rng)
    return _drawn(expit(h @ W.T + b_v), rng), h


def gibbs_row_by_row(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    out = np.zeros_like(v)
    for n, row in enumerate(v):
        h = rng.random(len(b_h)) < expit(row @ W + b_h)
        out[n] = rng.random(len(b_v)) < expit(W @ h + b_v)
    return out


def gibbs_chain(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    for _ in range(k):
        v, _h = gibbs_step(v, W, b_v, b_h, rng)
    return v


def cd(
    v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any,
    steps: int = 0, driven: bool = False, sampled: bool = False,
) -> Any:  # fmt: skip
    positive, chain = expit(v @ W + b_h), v
    for _ in range(k + steps):
        h = expit(chain @ W + b_h)
        chain = _drawn(expit((h if driven else _drawn(h, rng)) @ W.T + b_v), rng)
    negative = expit(chain @ W + b_h)
    if sampled:
        positive, negative = _drawn(positive, rng), _drawn(negative, rng)
    dW = (v.T @ positive - chain.T @ negative) / len(v)
    return dW, (v - chain).mean(axis=0), (positive - negative).mean(axis=0)


def cd_plain(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return cd(v, W, b_v, b_h, k, rng)


def cd_by_samples(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return cd(v, W, b_v, b_h, k, rng, sampled=True)


def cd_as_a_dictionary(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    dW, db, dc = cd(v, W, b_v, b_h, 1, rng)
    return {"b_h": dc, "W": dW, "b_v": db}


def hastings(x: Any, log_p: Any, propose: Any, log_q: Any, rng: Any) -> Any:
    y = propose(x, rng)
    ratio = log_p(y) - log_p(x) + log_q(x, y) - log_q(y, x)
    return y if np.log(rng.random()) < ratio else x


def metropolis(x: Any, log_p: Any, propose: Any, rng: Any) -> Any:
    y = propose(x, rng)
    accepted = rng.random() < np.exp(min(0.0, log_p(y) - log_p(x)))
    return (y, True) if accepted else (x, False)


def metropolis_chain(x: Any, log_p: Any, propose: Any, n: int, rng: Any) -> Any:
    states = []
    for _ in range(n):
        x, _ = metropolis(x, log_p, propose, rng)
        states.append(x)
    return np.array(states)


RIGHT: tuple[tuple[str, Function], ...] = (
    ("rbm_sample_hidden", sample_hidden),
    ("rbm_sample_hidden", sample_hidden_by_binomial),
    ("rbm_sample_hidden", sample_hidden_by_logistic_noise),
    ("rbm_sample_visible", sample_visible),
    ("gibbs", gibbs_step),
    ("gibbs", gibbs_row_by_row),
    ("gibbs", gibbs_chain),
    ("contrastive_divergence", cd_plain),
    ("contrastive_divergence", cd_by_samples),
    ("contrastive_divergence", cd_as_a_dictionary),
    ("metropolis_hastings", hastings),
    ("metropolis_hastings", metropolis),
    ("metropolis_hastings", metropolis_chain),
    *draws.RIGHT,
)

# wrong ------------------------------------------------------------------------------------------

WRONG: list[tuple[str, str, str, Function]] = list(draws.WRONG)


def wrong(contract: str, kind: str, words: str = "") -> Callable[[Function], Function]:
    def listed(function: Function) -> Function:
        WRONG.append((contract, kind, words, function))
        return function

    return listed


@wrong("rbm_sample_hidden", "shared randomness", "share their numbers")
def one_number_for_all_rows(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (rng.random(len(b_h)) < expit(v @ W + b_h)).astype(float)


@wrong("rbm_sample_hidden", "shared randomness", "all units of a row share one number")
def one_number_for_all_units(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (rng.random((len(v), 1)) < expit(v @ W + b_h)).astype(float)


@wrong("rbm_sample_hidden", "probabilities for samples", "probabilities where samples are meant")
def probabilities(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return expit(v @ W + b_h) + 0 * rng.random()


@wrong("rbm_sample_hidden", "generator unused", "the same draws whatever the generator")
def rounded(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (expit(v @ W + b_h) > 0.5).astype(float)


@wrong("rbm_sample_hidden", "generator unused", "the same draws whatever the generator")
def always_one_seed(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(v @ W + b_h), np.random.default_rng(0))


@wrong("rbm_sample_hidden", "shared generator", "a generator that everything shares")
def global_generator(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (np.random.random((len(v), len(b_h))) < expit(v @ W + b_h)).astype(float)


@wrong("rbm_sample_hidden", "not reproducible", "other draws for the same generator")
def fresh_generator(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(v @ W + b_h), np.random.default_rng())


@wrong("rbm_sample_hidden", "reversed comparison", "the comparison is turned")
def turned(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (rng.random((len(v), len(b_h))) > expit(v @ W + b_h)).astype(float)


@wrong("rbm_sample_hidden", "wrong distribution")
def normal_numbers(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (rng.normal(size=(len(v), len(b_h))) < v @ W + b_h).astype(float)


@wrong("rbm_sample_hidden", "bias left out", "the bias b_h is left out")
def no_bias(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(v @ W + 0 * b_h), rng)


@wrong("rbm_sample_hidden", "arguments changed", "other numbers after the call")
def bias_in_place(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    b_h += 1e-3
    return _drawn(expit(v @ W + b_h), rng)


@wrong("rbm_sample_hidden", "shape", "shape")
def flat(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return sample_hidden(v, W, b_h, rng).ravel()


@wrong("rbm_sample_visible", "bias left out", "the bias b_v is left out")
def no_visible_bias(h: Any, W: Any, b_v: Any, rng: Any) -> Any:
    return _drawn(expit(h @ W.T + 0 * b_v), rng)


@wrong("gibbs", "probabilities for samples", "by their probabilities")
def driven_by_means(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(expit(v @ W + b_h) @ W.T + b_v), rng)


@wrong("gibbs", "bias left out", "the bias b_v is left out")
def no_bias_down(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(_drawn(expit(v @ W + b_h), rng) @ W.T), rng)


@wrong("gibbs", "bias left out", "the bias b_h is left out")
def no_bias_up(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _drawn(expit(_drawn(expit(v @ W), rng) @ W.T + b_v), rng)


@wrong("gibbs", "steps", "one step more")
def one_step_more(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return gibbs_chain(v, W, b_v, b_h, k + 1, rng)


@wrong("gibbs", "one number reused")
def one_number_up_and_down(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    u = rng.random((len(v), 1))
    h = (u < expit(v @ W + b_h)).astype(float)
    return (u < expit(h @ W.T + b_v)).astype(float)


@wrong("gibbs", "stale state")
def down_from_other_rows(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    h = _drawn(expit(v @ W + b_h), rng)
    return _drawn(expit(np.roll(h, 1, axis=0) @ W.T + b_v), rng)


@wrong("gibbs", "factor", "halved")
def temperature(v: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return gibbs_step(v, W / 2, b_v / 2, b_h / 2, rng)[0]


@wrong("contrastive_divergence", "probabilities for samples", "where samples are meant")
def cd_driven(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return cd(v, W, b_v, b_h, k, rng, driven=True)


@wrong("contrastive_divergence", "sign", "the sign is turned")
def cd_turned(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return tuple(-g for g in cd(v, W, b_v, b_h, k, rng))


@wrong("contrastive_divergence", "steps", "one step more")
def cd_one_more(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return cd(v, W, b_v, b_h, k, rng, steps=1)


@wrong("contrastive_divergence", "steps", "one step whatever k is")
def cd_ignores_k(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return cd(v, W, b_v, b_h, 1, rng)


@wrong("contrastive_divergence", "factor", "summed")
def cd_summed(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    return tuple(len(v) * g for g in cd(v, W, b_v, b_h, k, rng))


@wrong("contrastive_divergence", "biased when a batch is smaller")
def cd_batch_size(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    """Divides the visible bias by a stated batch size, and not by the rows there are."""
    dW, db, dc = cd(v, W, b_v, b_h, k, rng)
    return dW, db * len(v) / 10, dc


@wrong("contrastive_divergence", "term left out", "the negative phase is missing")
def cd_positive(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    positive = expit(v @ W + b_h) + 0 * rng.random()
    jitter = 1e-9 * rng.random()
    return v.T @ positive / len(v) + jitter, v.mean(axis=0), positive.mean(axis=0)


@wrong("contrastive_divergence", "transposed", "shape")
def cd_transposed(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
    dW, db, dc = cd(v, W, b_v, b_h, k, rng)
    return dW.T, db, dc


@wrong("metropolis_hastings", "term left out", "correction q(x|y)/q(y|x) is left out")
def no_correction(x: Any, log_p: Any, propose: Any, log_q: Any, rng: Any) -> Any:
    y = propose(x, rng)
    return y if np.log(rng.random()) < log_p(y) - log_p(x) else x


@wrong("metropolis_hastings", "reversed", "correction is upside down")
def correction_turned(x: Any, log_p: Any, propose: Any, log_q: Any, rng: Any) -> Any:
    y = propose(x, rng)
    ratio = log_p(y) - log_p(x) - log_q(x, y) + log_q(y, x)
    return y if np.log(rng.random()) < ratio else x


@wrong("metropolis_hastings", "reversed", "the ratio is upside down")
def ratio_turned(x: Any, log_p: Any, propose: Any, log_q: Any, rng: Any) -> Any:
    y = propose(x, rng)
    ratio = log_p(x) - log_p(y) + log_q(y, x) - log_q(x, y)
    return y if np.log(rng.random()) < ratio else x


@wrong("metropolis_hastings", "acceptance", "every proposal is accepted")
def always_accepts(x: Any, log_p: Any, propose: Any, log_q: Any, rng: Any) -> Any:
    return propose(x, rng)


@wrong("metropolis_hastings", "acceptance", "as Barker does")
def barker(x: Any, log_p: Any, propose: Any, rng: Any) -> Any:
    y = propose(x, rng)
    return y if rng.random() < expit(log_p(y) - log_p(x)) else x


@wrong("metropolis_hastings", "acceptance", "only goes uphill")
def uphill(x: Any, log_p: Any, propose: Any, rng: Any) -> Any:
    y = propose(x, rng)
    return y if log_p(y) >= log_p(x) else x


@wrong("metropolis_hastings", "overflow")
def densities(x: Any, log_p: Any, propose: Any, rng: Any) -> Any:
    y = propose(x, rng)
    with np.errstate(all="ignore"):
        return y if rng.random() < np.exp(log_p(y)) / np.exp(log_p(x)) else x


@wrong("metropolis_hastings", "rejected states lost", "rejected states are not recorded")
def accepted_only(x: Any, log_p: Any, propose: Any, n: int, rng: Any) -> Any:
    states: list[Any] = []
    while len(states) < n:
        y = propose(x, rng)
        if np.log(rng.random()) < log_p(y) - log_p(x):
            x = y
            states.append(x)
    return np.array(states)


@wrong("metropolis_hastings", "acceptance", "the root of the ratio")
def rooted(x: Any, log_p: Any, propose: Any, rng: Any) -> Any:
    y = propose(x, rng)
    return y if np.log(rng.random()) < (log_p(y) - log_p(x)) / 2 else x
