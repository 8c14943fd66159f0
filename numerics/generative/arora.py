"""The check of Arora, Bhaskara, Ge and Ma: the decoder, the correlation test, a layer learnt."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.generative.layer_learning import correlated, layerwise, learnt, matched
from backproof.numerics.generative.proportions import clopper_pearson
from backproof.numerics.generative.sparse_chances import decoder_failure
from backproof.numerics.generative.sparse_nets import (
    SparseLayer,
    active,
    decoded,
    noisy,
    random_net,
    shown,
)
from backproof.theory.generative.sparse_layer import OFF, ON, RHO, SparseChances, covariance

Array = np.ndarray[Any, np.dtype[Any]]
LEVEL = 1e-8
BELOW, HIDDEN, DEGREE = 400, 100, 60
SPARSITY = (1, 2, 4, 6, 8, 12, 16)
NETS = 400
FLIPS = Fraction(1, 20)
PAIRS = 40_000


def decoding(count: int, nets: int, seed: int, flips: Fraction = Fraction(0)) -> tuple[int, int]:
    """Of fresh networks and hidden rows, how many decode with an error, and miss the first unit.

    >>> decoding(1, 3, seed=0)[0] in (0, 1, 2, 3)
    True
    """
    layer = SparseLayer(BELOW, HIDDEN, DEGREE)
    wrong = missed = 0
    for number in range(nets):
        rng = np.random.default_rng([seed, number])
        matrix = layer.sample(rng)
        hidden = np.zeros((1, HIDDEN), np.int8)
        hidden[0, :count] = 1  # which units are active does not matter: columns are alike
        seen = shown(matrix, hidden)
        if flips:
            seen = noisy(seen, float(flips), rng)
        read = decoded(matrix, seen, DEGREE)
        wrong += int((read != hidden).any())
        missed += int(read[0, 0] == 0)
    return wrong, missed


def related_pairs(layer: SparseChances, pairs: int, seed: int) -> Array:
    """Pairs of observed bits with a positive edge from one hidden unit, each in a fresh network.

    Only the two rows of G that matter are drawn: shape (pairs, 2).
    """
    rng = np.random.default_rng(seed)
    hidden = active(layer.hidden, layer.count, pairs, rng)
    bits = []
    for _ in range(2):
        edges = rng.random(hidden.shape) < float(layer.edge)
        row = edges * rng.choice([-1, 1], size=edges.shape)
        row[:, 0] = 1
        bits.append((row * hidden).sum(axis=1) > 0)
    return np.stack(bits, axis=1)


def decoder_rows(tell: Progress) -> tuple[list[Row], list[tuple[float, float]], list[int]]:
    """Failures against exact chances, over the number of active units, and with flipped bits."""
    level = f"statistical at {LEVEL:g}"
    rows, bounds, counts = [], [], []
    for n, count in enumerate(SPARSITY):
        tell("decoding", n, len(SPARSITY))
        chances = decoder_failure(SparseChances(BELOW, HIDDEN, DEGREE, count))
        wrong, missed = decoding(count, NETS, seed=count)
        low, high = clopper_pearson(missed, NETS, LEVEL)
        share = missed / NETS
        within = max(share - low, high - share)
        rows.append(
            Row(f"an active unit is missed, s = {count}", chances.missed, "~", share, within, level)
        )
        below, above = clopper_pearson(wrong, NETS, LEVEL)
        rows.append(
            Row(
                f"any error is at least so likely, s = {count}",
                chances.lower,
                "≤",
                above,
                level=level,
            )
        )
        rows.append(Row(f"… and at most, s = {count}", chances.upper, "≥", below, level=level))
        bounds.append((chances.lower, chances.upper))
        counts.append(wrong)
    noise = decoder_failure(SparseChances(BELOW, HIDDEN, DEGREE, 2, FLIPS))
    _, missed = decoding(2, NETS, seed=99, flips=FLIPS)
    low, high = clopper_pearson(missed, NETS, LEVEL)
    within = max(missed / NETS - low, high - missed / NETS)
    rows.append(
        Row(
            "missed with 5 % of bits flipped, s = 2",
            noise.missed,
            "~",
            missed / NETS,
            within,
            level,
        )
    )
    return rows, bounds, counts


def correlation_rows() -> list[Row]:
    """The covariance of related pairs: derived, computed exactly, and sampled."""
    layer = SparseChances(BELOW, HIDDEN, DEGREE, 4)
    bits = related_pairs(layer, PAIRS, seed=7)
    both = int(bits.all(axis=1).sum())
    activity = Fraction(layer.count, layer.hidden)
    on, off = layer.at_least(layer.count - 1, 0), layer.at_least(layer.count, 1)
    chance = float(activity * on**2 + (1 - activity) * off**2)
    low, high = clopper_pearson(both, PAIRS, LEVEL)
    share = both / PAIRS
    within = max(share - low, high - share)
    stated = RHO * (1 - RHO) * (ON - OFF) ** 2
    level = f"statistical at {LEVEL:g}"
    return [
        Row("covariance of related bits", 0, "=", (covariance() - stated).expand()),
        Row("related bits are on together", chance, "~", share, within, level),
    ]


def learnt_layer(samples: int = 12_000, seed: int = 3) -> dict[str, Any]:
    """A layer of 400 × 150 units learnt from samples alone, beside the truth."""
    rng = np.random.default_rng(seed)
    layer = SparseLayer(400, 150, 16, regular=True)
    matrix = layer.sample(rng)
    hidden = active(150, 5, samples, rng)
    seen = shown(matrix, hidden)
    threshold = float(SparseChances(400, 150, 16, 5).related_covariance) / 2
    found = learnt(seen, threshold, least=4)
    nearest, _ = matched(matrix, found.matrix)
    visible = (matrix == 1).any(axis=1)  # a unit without a positive edge is never on
    truth = (matrix == 1).astype(np.float32)
    related = truth @ truth.T > 0
    np.fill_diagonal(related, False)
    graph = correlated(seen, threshold)
    ordered = found.matrix[:, nearest]
    return {
        "units": found.matrix.shape[1],
        "columns": int((matrix == ordered)[visible].all(axis=0).sum()),
        "entries": float((matrix != ordered)[visible].mean()),
        "hidden": float((found.hidden[:, nearest] != hidden).mean()),
        "missing pairs": float((related & ~graph).sum() / related.sum()),
        "false pairs": float((graph & ~related).sum() / (~related).sum()),
    }


def learnt_layers(samples: int = 16_000, seed: int = 0) -> dict[str, float]:
    """Two layers of 2400, 800 and 1000 units learnt from the bottom: shares that are right.

    Units count where all their positive edges are right; bits of hidden units that are wrong.
    Units of one layer are correlated through the layer above, which blurs the test of pairs: this
    takes minutes and finds most units, not all.
    """
    rng = np.random.default_rng(seed)
    layers = [SparseLayer(2400, 800, 24, True), SparseLayer(800, 1000, 16, True)]
    net = random_net(layers, 2, rng)
    seen, middle, top = net.samples(samples, rng)
    count = round(float(middle.sum(axis=1).mean()))
    lower = float(SparseChances(2400, 800, 24, count).related_covariance) / 2
    upper = float(SparseChances(800, 1000, 16, 2).related_covariance) / 2
    below, above = layerwise(seen, (lower, upper), (6, 4))
    nearest, _ = matched(net.matrices[0], below.matrix)
    # The true upper matrix over the units that were found.
    carried = np.zeros((below.matrix.shape[1], 1000), np.int8)
    carried[nearest] = net.matrices[1]
    highest, _ = matched(carried, above.matrix)
    return {
        "lower units": positives_right(net.matrices[0], below.matrix[:, nearest]),
        "upper units": positives_right(carried, above.matrix[:, highest]),
        "lower hidden": float((below.hidden[:, nearest] != middle).mean()),
        "upper hidden": float((above.hidden[:, highest] != top).mean()),
    }


def positives_right(true: Array, found: Array) -> float:
    """The share of columns with the same positive edges."""
    return float(((true == 1) == (found == 1)).all(axis=0).mean())


def learning_rows(made: dict[str, Any]) -> list[Row]:
    """What was learnt, counted against the network that generated the samples."""
    return [
        Row("hidden units found, of 150, at least", 145, "≤", made["units"], level="computed"),
        Row(
            "columns equal to the truth, of 150, at least",
            145,
            "≤",
            made["columns"],
            level="computed",
        ),
        Row("wrong signs among all pairs, at most", 2e-3, "≥", made["entries"], level="computed"),
        Row("hidden bits read wrongly, at most", 2e-3, "≥", made["hidden"], level="computed"),
        Row(
            "related pairs that the test misses, at most",
            0.1,
            "≥",
            made["missing pairs"],
            level="computed",
        ),
        Row("other pairs that it takes, at most", 1e-3, "≥", made["false pairs"], level="computed"),
    ]


def check(progress: Progress | None = None) -> Evidence:
    """Decoding against exact chances over sparsity, the correlation test, and a layer learnt."""
    tell = progress or silent
    rows, bounds, counts = decoder_rows(tell)
    rows += correlation_rows()
    tell("learning a layer", 0, 1)
    rows += learning_rows(learnt_layer())
    tell("learning a layer", 1, 1)
    ends = [clopper_pearson(NETS - wrong, NETS, 0.01) for wrong in counts]
    degrees = list(range(20, 201, 20))
    sharp = [
        decoder_failure(SparseChances(8 * d, 100, d, 4)).missed for d in degrees
    ]  # s d/m stays ½
    curves = [
        Curve(
            "bounds of exact chances",
            SPARSITY,
            [1 - high for _, high in bounds],
            "band",
            [1 - low for low, _ in bounds],
        ),
        Curve("decoded without error", SPARSITY, [1 - wrong / NETS for wrong in counts], "points"),
        Curve(
            "99 %, Clopper–Pearson",
            SPARSITY,
            [low for low, _ in ends],
            "band",
            [high for _, high in ends],
        ),
        Curve("an active unit is missed", degrees, sharp, panel=1),
    ]
    axes = [
        Axes("active hidden units s", "success", title=f"m = {BELOW}, n = {HIDDEN}, d = {DEGREE}"),
        Axes("degree d", "chance", log_y=True, title="s d/m = 1/2"),
    ]
    caption = (
        f"Decoding {NETS} fresh networks at each sparsity, and how errors fall with the degree."
    )
    return Evidence(rows, curves, axes, caption)
