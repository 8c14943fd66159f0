"""What is measured: log-likelihoods that are sums, and brackets of those that are not."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from machines import Run, belief_bounds, bounds, free_energies

import backproof as bp
from backproof.documents.chapters.pictures import picture
from backproof.drawings.energies import (
    bracket_picture,
    energy_histogram,
    receptive_fields,
    samples_over_time,
)
from backproof.pages.blocks import Figure

PACKAGES = ("backproof", "numpy", "scipy")
Found = dict[str, Any]


def measured(run: Run, to: Path) -> Found:
    """Train what is not trained yet, and answer how good each machine is on the test images."""
    plan, images, start = run.plan, run.images, time.process_time()
    figures: list[Figure] = []
    rows = []
    for name, centre in (("small plain", False), ("small centred", True)):
        learner, seconds = run.restricted(name, plan.small, plan.small_epochs, centre)
        rows.append({"name": name, "seconds": seconds, **small(run, learner)})
    figures += small_pictures(run, learner)
    first, seconds = run.restricted("restricted", plan.hidden, plan.epochs, True)
    rows.append({"name": "restricted", "seconds": seconds, **restricted(run, first)})
    figures.append(histogram(run, first))
    deep, seconds = run.deep("deep", first)
    rows.append({"name": "deep", "seconds": seconds, **boltzmann(run, deep)})
    figures.append(over_time(run, deep))
    sampler, top, seconds = run.belief("belief", first)
    hidden = first.conditionals.draw("h", {"v": images.train[:10_000]}, sampler.random)
    rows.append({"name": "belief", "seconds": seconds, **belief(run, sampler, top, hidden)})
    share = np.clip(run.mean, 1e-3, 1 - 1e-3)
    test = images.test
    independent = (test * np.log(share) + (1 - test) * np.log(1 - share)).sum(1).mean()
    return {
        "images": {"train": len(images.train), "test": len(test), "shape": list(images.shape)},
        "plan": asdict(plan),
        "independent": float(independent),
        "machines": rows,
        "figures": [kept(figure, to) for figure in figures],
        "measuring": time.process_time() - start - run.spent,
        "versions": {name: version(name) for name in PACKAGES},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}",
    }


# machines ----------------------------------------------------------------------------------


def small(run: Run, learner: Any) -> Found:
    """A machine whose log Z is a sum over the states of its hidden units."""
    values = doubles(learner)
    log_Z = bp.exact.solve(learner.machine, values=values).log_Z
    found = bracketed(run, learner, run.images.train)
    parts = {n: free_energies(learner.machine, values, getattr(run.images, n)) for n in SPLITS}
    scores = {name: float(-F.mean() - log_Z) for name, F in parts.items()}
    return {"log_Z": log_Z, "bracket": found, **scores, "parameters": size(values), "kind": "exact"}


SPLITS = ("train", "test")


def restricted(run: Run, learner: Any) -> Found:
    """A machine with F(v) in closed form and log Z in a bracket."""
    values, found = doubles(learner), bracketed(run, learner, run.images.train)
    F = free_energies(learner.machine, values, run.images.test)
    return {"bracket": found, **between(-F, found), "parameters": size(values), "kind": "estimate"}


def boltzmann(run: Run, learner: Any) -> Found:
    """A deep machine: the variational bound of each image, log Z in a bracket."""
    found = bracketed(run, learner, run.images.train)
    L = bounds(learner, run.images.test)
    known = size(learner.conditionals.values)
    return {"bracket": found, **between(L, found), "parameters": known, "kind": "bound"}


def belief(run: Run, sampler: Any, top: Any, hidden: np.ndarray) -> Found:
    """A deep belief network: the bound by its recognition model, log Z of the top in a bracket."""
    found = bracketed(run, top, hidden)
    L = belief_bounds(sampler, run.images.test, run.plan.draws)
    layers = [*sampler.generative, sampler.top]
    known = sum(
        layer.W.size + layer.b.size if hasattr(layer, "W") else size(layer.values)
        for layer in layers
    )
    return {"bracket": found, **between(L, found), "parameters": known, "kind": "bound"}


def bracketed(run: Run, learner: Any, data: np.ndarray) -> Found:
    """log Z from below and above by annealing."""
    path = run.path(learner, data)
    start = run.samples(learner, path, run.plan.sweeps)
    found = bp.sampling.bracket(path, run.plan.betas, start, seed=5)
    low, high = found.forward, found.reverse
    return {
        "low": low.mean,
        "high": high.mean,
        "gap": found.gap,
        "forward": low.log_Z,
        "forward error": low.error,
        "reverse": high.log_Z,
        "reverse error": high.error,
    }


def between(rows: np.ndarray, found: Found) -> Found:
    """The mean over the images less either end of the bracket, with its standard error."""
    error = rows.std(ddof=1) / np.sqrt(len(rows))
    mean = float(rows.mean())
    return {
        "low": mean - found["high"],
        "high": mean - found["low"],
        "sampling error": float(error),
    }


def doubles(learner: Any) -> dict[str, np.ndarray]:
    """The parameters in double precision."""
    return {name: x.astype(float) for name, x in learner.conditionals.values.items()}


def size(values: dict[str, np.ndarray]) -> int:
    """How many numbers the parameters are."""
    return sum(x.size for x in values.values())


# pictures ----------------------------------------------------------------------------------


def small_pictures(run: Run, learner: Any) -> list[Figure]:
    """The receptive fields of the small centred machine, and how its bracket closes."""
    values = doubles(learner)
    log_Z = bp.exact.solve(learner.machine, values=values).log_Z
    path = run.path(learner, run.images.train)
    at = run.samples(learner, path, run.plan.sweeps)
    steps = [n for n in (10, 30, 100, 300, 1000, 3000) if n <= max(100, run.plan.betas)]
    brackets = [(n, bp.sampling.bracket(path, n, at, seed=n)) for n in steps]
    count = values["W"].shape[1]
    ends = [found.gap for _, found in brackets]
    return [
        described(
            f"The receptive fields of the centred machine with {count} hidden units: weights "
            "below zero are blue, above zero red.",
            receptive_fields(values["W"], run.images.shape),
            f"{count} images of weights, mostly strokes and blobs of both signs",
        ),
        described(
            "The bracket of its $\\log Z$ closes with the number of intermediate machines, on the "
            "states that the chains have reached: it need not close on the sum. The "
            "line is the sum over all states of the hidden units.",
            bracket_picture(brackets, log_Z),
            f"The gap between both estimates goes from {ends[0]:.2f} at {steps[0]} intermediate "
            f"machines to {ends[-1]:.2f} at {steps[-1]}, beside the exact {log_Z:.2f}",
        ),
    ]


def histogram(run: Run, learner: Any) -> Figure:
    """Free energies of test images and of samples of the restricted machine."""
    values = doubles(learner)
    conditionals = learner.conditionals
    random = np.random.Generator(np.random.SFC64(8))
    states = {**conditionals.start(len(learner.chains["v"]), random), **learner.chains}
    chains = bp.sampling.Chains(conditionals, states, random)
    drawn = np.concatenate([s["v"] for s in chains.samples(20, thin=max(1, run.plan.sweeps // 20))])
    F = {
        "test images": free_energies(learner.machine, values, run.images.test),
        "samples": free_energies(learner.machine, values, drawn),
    }
    means = ", ".join(f"{name} {x.mean():.1f}" for name, x in F.items())
    return described(
        f"Free energies of the test images and of {len(drawn):,} samples of the machine with "
        f"{values['W'].shape[1]} hidden units, less those of its data's mean.",
        energy_histogram({name: x - F["test images"].mean() for name, x in F.items()}),
        f"Two histograms of free energy that overlap; their means are {means}",
    )


def over_time(run: Run, learner: Any) -> Figure:
    """Chains of the deep machine that start from independent pixels."""
    conditionals = learner.conditionals
    random = np.random.Generator(np.random.SFC64(9))
    states = conditionals.start(8, random)
    chains = bp.sampling.Chains(conditionals, states, random)
    times, shown = [0, 1, 3, 10, 30, 100, 300, 1000], []
    for before, after in zip([0, *times[:-1]], times, strict=True):
        at = chains.advance(after - before)
        shown.append(conditionals.mean("v", at) if after else at["v"])
    named = ", ".join(map(str, times))
    return described(
        "Eight chains of the deep Boltzmann machine, a row each, from pixels in their biases alone "
        f"on the left; then $P(v = 1 \\mid h^{{(1)}})$ after {named.removeprefix('0, ')} sweeps.",
        samples_over_time(shown, run.images.shape),
        "Noise on the left becomes digits to the right; a chain keeps its digit for many sweeps",
    )


def described(caption: str, figure: Any, alt: str) -> Figure:
    """A figure with words for those who do not see it."""
    return replace(picture(caption, figure), alt=alt)


def kept(figure: Figure, to: Path) -> dict[str, str]:
    """The figure's file in the folder of the page, and its words."""
    file = to / f"{figure.stem}.{figure.kind}"
    file.write_bytes(figure.svg_or_png)
    return {"file": file.name, "caption": figure.caption, "alt": figure.alt}
