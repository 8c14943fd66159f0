"""The page, from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backproof.pages.blocks import Block, Figure, Page, Prose, Section, Table

TITLES = {
    "small plain": "restricted, {small} hidden, plain",
    "small centred": "restricted, {small} hidden, centred",
    "restricted": "restricted, {hidden} hidden, centred",
    "deep": "deep Boltzmann, {hidden} and {top} hidden, centred",
    "belief": "deep belief, {hidden} and {pixels} hidden",
}
KINDS = {"exact": "exact", "estimate": "estimate", "bound": "estimate of a lower bound"}
PUBLISHED = {"small plain": -149.05, "small centred": -142.56}  # PyDeep, RBM_MNIST_small


def page(found: dict[str, Any], folder: Path) -> Page:
    """The outcome in a table, what is a bound and what is an estimate, pictures, the method."""
    images = found["images"]
    height, width = images["shape"]
    found = {**found, "plan": {**found["plan"], "pixels": height * width}}
    subtitle = (
        f"{images['train']:,} images of {height} × {width} binary pixels for learning, "
        f"{images['test']:,} for testing"
    )
    sections = [
        Section("The outcome", _outcome(found), "outcome"),
        Section("What each number is", _meaning(found), "meaning"),
        Section("Pictures", [_picture(one, folder) for one in found["figures"]], "pictures"),
        Section("How they were learnt", _method(found), "how"),
    ]
    footer = "Written by `python docs/mnist`. Its numbers are in `mnist.json`."
    return Page("Handwritten digits by energies", subtitle, sections, footer)


def _outcome(found: dict[str, Any]) -> list[Block]:
    rows = [["independent pixels", "", "", _number(found["independent"]), "exact"]]
    for one in found["machines"]:
        rows.append(
            [
                TITLES[one["name"]].format(**found["plan"]),
                f"{one['parameters']:,}",
                f"{one['seconds']:.0f} s",
                f"**{_number(one['test'])}**" if one["kind"] == "exact" else _range(one),
                KINDS[one["kind"]],
            ]
        )
    header = ("machine", "parameters", "learnt in", "test log-likelihood", "which is")
    said = [Table(header, rows), Prose(_words(found))]
    if images_of_mnist(found):
        said.append(Prose(_published(found)))
    return said


def images_of_mnist(found: dict[str, Any]) -> bool:
    """Whether these are the images that the published numbers are about."""
    return bool(found["images"]["shape"] == [28, 28])


def _range(one: dict[str, Any]) -> str:
    return f"**{_number(one['low'])} … {_number(one['high'])}**"


def _number(x: float, digits: int = 2, sign: str = "") -> str:
    return f"{x:{sign}.{digits}f}".replace("-", "−")


def _words(found: dict[str, Any]) -> str:
    by = {one["name"]: one for one in found["machines"]}
    told = []
    for name, word in (("deep", "deep Boltzmann machine"), ("belief", "deep belief network")):
        for other in ("small centred", "restricted"):
            best = by[other].get("test", by[other].get("high"))
            far, near = by[name]["low"] - best, by[name]["high"] - best
            said = "above" if far > 0 else "not decidedly above" if near > 0 else "below"
            told.append(
                f"the {word} is {said} the {TITLES[other].format(**found['plan'])} "
                f"({_number(far, sign='+')} from its own lower end to the other's upper one)"
            )
    return "Nats an image, the mean over the test images. In these numbers " + "; ".join(told) + "."


def _published(found: dict[str, Any]) -> str:
    by = {one["name"]: one for one in found["machines"]}
    told = [
        f"{name.split()[1]}, {_number(by[name]['test'])} here and {_number(number)} there"
        for name, number in PUBLISHED.items()
    ]
    return (
        f"PyDeep publishes exact test log-likelihoods of the machine with {found['plan']['small']} "
        "hidden units on the same images, thresholded at one half: "
        + "; ".join(told)
        + ". Its recipe is persistent chains with one sweep, batches of 100 and 50 epochs too, at "
        "a constant rate of 0.01; here the rate starts higher and falls to zero."
    )


def _meaning(found: dict[str, Any]) -> list[Block]:
    plan = found["plan"]
    rows = []
    for one in found["machines"]:
        ends = one["bracket"]
        exact = _number(one["log_Z"], 3) if "log_Z" in one else "–"
        low, high = (_number(ends[end], 3) for end in ("low", "high"))
        rows.append([TITLES[one["name"]].format(**plan), exact, low, high, _number(ends["gap"], 3)])
    states = f"{2 ** plan['small']:,}"
    return [
        Table(("machine", "log Z, a sum", "forward", "reverse", "gap"), rows),
        Prose(
            f"**Exact.** With {plan['small']} hidden units $\\log Z$ is a sum over their {states} "
            "states, the visible units being summed out in closed form: the log-likelihood is "
            "known up to rounding. It rests on what is derived and enumerated."
        ),
        Prose(
            "**Estimate.** With more hidden units $F(v)$ is still in closed form, but $\\log Z$ is "
            f"annealed: {plan['runs']} runs over {plan['betas']:,} intermediate machines upward "
            "from independent units, and as many downward from samples. In expectation the first "
            "is below $\\log Z$ and the second above, and the two ends of a range are these two. "
            "The second statement needs exact samples; here are persistent chains after "
            f"{plan['sweeps']:,} more sweeps, which may not have mixed. No end is a bound with "
            f"certainty: {_missed(found)}."
        ),
        Prose(
            "**Estimate of a lower bound.** With two hidden layers $F(v)$ is not in closed form. "
            "The deep Boltzmann machine has the derived mean-field bound $\\log p(v) \\geq L(v) - "
            "\\log Z$, the deep belief network the bound by its recognition model, estimated by "
            f"{plan['draws']} draws for each image. The true log-likelihood is above by an unknown "
            "amount, and the bound itself is known up to the bracket of $\\log Z$."
        ),
    ]


def _missed(found: dict[str, Any]) -> str:
    """How the brackets of the machines whose log Z is known compare with it."""
    told, missed = [], False
    for one in found["machines"]:
        if "log_Z" not in one:
            continue
        low, high, log_Z = one["bracket"]["low"], one["bracket"]["high"], one["log_Z"]
        off = low - log_Z if log_Z < low else max(log_Z - high, 0.0)
        missed |= bool(off)
        where = f"misses it by {_number(off)}" if off else "holds it"
        told.append(f"the {one['name'].split()[1]} one's {where}")
    rule = ". A difference below the largest miss is not decided by brackets" if missed else ""
    return "of the brackets beside a sum, " + ", ".join(told) + rule


def _picture(one: dict[str, str], folder: Path) -> Figure:
    file = folder / one["file"]
    kind: Any = file.suffix[1:]
    return Figure(file.read_bytes(), kind, one["caption"], one["alt"])


def _method(found: dict[str, Any]) -> list[Block]:
    plan = found["plan"]
    seconds = found["measuring"] + sum(one["seconds"] for one in found["machines"])
    return [
        Prose(
            "Every formula is derived from the energy: the fields and means by which units are "
            "drawn, the learning rule, the bound, and the centring, which is a gauge: steps are "
            "those of the centred energy's parameters, written for the plain ones. Nothing is "
            "coded for these machines."
        ),
        Prose(
            f"Restricted machines: persistent chains ({plan['chains']}, one sweep a step), batches "
            f"of {plan['batch']}, {plan['small_epochs']} epochs for the small ones and "
            f"{plan['epochs']} for the larger, at a rate of {plan['rate']} that falls linearly to "
            "zero in the second half; visible biases start at the log odds of the data's means, "
            "weights at normal numbers of deviation 0.01."
        ),
        Prose(
            "The deep Boltzmann machine has the larger restricted machine as its lower two layers, "
            f"and small random weights above; it takes {plan['deep_epochs']} epochs with "
            f"{plan['rounds']} rounds of the mean-field equations, and its chains are those that "
            "the restricted machine was left with. The deep belief network has the larger "
            "restricted machine as its first layer, and the same turned round as its top: form (1) "
            "implies form (2), so it starts as that machine. The top then learns for "
            f"{plan['deep_epochs']} epochs, from hidden states that are drawn for every batch. The "
            "times of both are on top of that of the restricted machine."
        ),
        Prose(
            f"In all {seconds / 60:.1f} minutes of one processor, of which measuring and pictures "
            f"took {found['measuring'] / 60:.1f}, in float32 ({found['machine']}; NumPy "
            f"{found['versions']['numpy']}). "
            "A run that is cut goes on where it was, and gives the same parameters, bit for bit."
        ),
    ]
