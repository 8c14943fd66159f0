"""A deep belief network as a page: its two forms, why they agree, sampling, inference, learning."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np

from backproof.documents.chapters.derivation import step_table
from backproof.documents.chapters.material import Material
from backproof.documents.chapters.pictures import picture
from backproof.documents.machine import once
from backproof.documents.machine_chapters.evidence import row
from backproof.drawings.graph import belief_picture
from backproof.numerics.exact.belief import BeliefSolution, binary_states
from backproof.numerics.kernel import compile
from backproof.pages.blocks import Block, Code, Evidence, EvidenceRow, Page, Prose, Section, Table
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.belief import BeliefNetwork
from backproof.theory.energy.deep_belief import DeepBelief, dbn, one_implies_two
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.printing.latex import latex


def belief_page(network: DeepBelief, title: str = "") -> Page:
    """The page of a deep belief network, in the order of a lesson."""
    parts = (_network, _top, _implication, _directed, _sampling, _inference, _learning, _evidence)
    sections = [section for part in parts if (section := part(network)) is not None]
    heading = title or f"Deep belief network of {len(network.layers)} layers"
    return Page(heading, "Derived, compiled and checked by backproof", once(sections))


def _network(network: DeepBelief) -> Section:
    top, lower = network.names[-2:], network.names[:-1]
    name = {layer: _name(network, layer) for layer in network.names}
    joint = "".join(f"\\,P({name[a]} \\mid {name[b]})" for a, b in pairwise(lower))
    intro = (
        "Binary layers, the visible one below. The two on top are undirected, a restricted "
        "Boltzmann machine; each lower layer is drawn from the one above it: "
        f"$P = P({name[top[0]]}, {name[top[1]]}){joint}$. The energy on top is a prior over "
        f"${name[top[0]]}$, the layers below turn it into data."
    )
    rows = []
    for k, group in enumerate(network.layers):
        tensor = _state(network, group.name)
        role = "visible" if k == 0 else "hidden"
        count = f"${latex(group.size)}$"
        rows.append((f"${latex(Entry(tensor, tensor.indices()))}$", f"binary units, {role}", count))
    caption = (
        "Lines join the undirected layers, arrows point from a layer to the one that is drawn "
        "from it; filled units are visible."
    )
    found: list[Block] = [
        Prose(intro),
        picture(caption, belief_picture(network.layers)),
        Table(("symbol", "what it is", "how many"), rows),
    ]
    return Section("The network", found)


def _top(network: DeepBelief) -> Section:
    model = network.top.energy()
    lower, upper = (_name(network, layer) for layer in network.names[-2:])
    intro = (
        f"**Form (1).** The joint probability of the last two layers is $e^{{-E}}/Z$ with the "
        f"energy below; $Z$ sums over all states of ${lower}$ and ${upper}$."
    )
    return Section("The top: an energy", [Prose(intro), *_formulas(model)])


def _implication(network: DeepBelief) -> Section:
    theorem = one_implies_two(network)
    lower, upper = (_name(network, layer) for layer in network.names[-2:])
    intro = (
        f"**Theorem: (1) implies (2).** With ${upper}$ fixed, what the energy of form (1) says of "
        f"${lower}$ is a product of units, each in the field $z$ below: the directed form that "
        "the lower layers have (a bar marks a derivative of $E$). So a restricted machine that has "
        "been learnt can be opened: its lower layer becomes directed, and a new machine takes the "
        "upper one."
    )
    verdict = "holds" if theorem.holds else "does not follow"
    said = (
        f"The derived conditional and the stated one are the same equations: the theorem {verdict} "
        f"(by: {', '.join(theorem.rests_on)}). Reference: {theorem.reference}. The converse does "
        "not hold: given what a directed layer shows, the units above it are dependent. That is "
        "why sampling downward is easy and inference upward is hard."
    )
    found: list[Block] = [Prose(intro), *_formulas(theorem.conclusion)]
    found += [step_table(theorem.steps, "How it follows from the energy"), Prose(said)]
    return Section("Why the two forms agree", found)


def _directed(network: DeepBelief) -> Section | None:
    if len(network.layers) < 3:
        return None
    intro = "**Form (2)** of the directed layers, and the logarithm of what each gives to a state:"
    found: list[Block] = [Prose(intro)]
    for lower in network.names[:-2]:
        found += _formulas(network.downward(lower))
        part = network.log_probability()[1 + network.names.index(lower)]
        found.append(Material(part).formula(part.equations[-1]))
    total = " + ".join(f"l_{{\\mathrm{{{n}}}}}" for n in network.names[:-2])
    found.append(Prose(f"Together $\\log P(v, h) = -E - \\log Z + {total}$."))
    return Section("Below: directed layers", found)


def _sampling(network: DeepBelief) -> Section:
    intro = (
        "**Ancestral sampling**: Gibbs sweeps of the two top layers, then one pass downward, layer "
        "by layer. The pass is exact given what the top has; only the top needs a chain."
    )
    code = "\n".join(
        [
            "generator = np.random.default_rng(1)",
            "chains = bp.sampling.Chains.start(network.top, values, 100, generator)",
            "states = chains.advance(sweeps=1000)",
            "",
            "# downward: a uniform number below p switches a unit on",
            "for layer in reversed(network.names[:-2]):",
            '    p = bp.compile(network.downward(layer, "N"))(…)',
            "    states[layer] = generator.random(p.shape) < p",
        ]
    )
    found: list[Block] = [Prose(intro), Code(code)]
    for lower in reversed(network.names[:-2]):
        found.append(Code(compile(network.downward(lower, "N")).source))
    return Section("Sampling", found)


def _inference(network: DeepBelief) -> Section:
    top = free_energy(network.top)
    intro = (
        "Given data, the layers above a directed one are dependent: two causes of one effect "
        "explain each other away. The posterior has no closed form, and is replaced by a stated "
        "approximation: **recognition** weights upward, $q(h \\mid v) = \\prod_k \\prod_j "
        "\\sigma(r_j + \\sum_i R_{ji} h^{(k-1)}_i)$. What it gives is a bound, "
        "$\\log p(v) \\ge \\langle \\log P(v, h) - \\log q(h \\mid v) \\rangle_q$, and the gap is "
        "the Kullback–Leibler divergence of $q$ from the posterior. The last layer is summed out: "
        "the top gives minus its free energy:"
    )
    return Section("Inference, an approximation", [Prose(intro), *_formulas(top)])


def _learning(network: DeepBelief) -> Section | None:
    if len(network.layers) < 3:
        return None
    gradient = derive(network.layer_likelihood("v"), wrt=("W1", "b_v"))
    material = Material(gradient.model, gradient)
    intro = (
        "**Layer by layer**: a restricted machine is learnt on the data, its hidden states on the "
        "data are the data of the next. Each new layer raises the bound above, as long as it "
        "begins where the theorem says that nothing has changed. **Up and down** (wake and sleep) "
        "then tunes all: states drawn upward by $q$ teach the directed layers, states dreamt "
        "downward teach $q$. Both maximise the mean log-likelihood $J$ of a directed layer, whose "
        "gradient is derived here; a bar is a derivative of $J$."
    )
    found: list[Block] = [Prose(intro)]
    found += [material.formula(equation) for equation in gradient.model.equations[-2:]]
    found += [material.formula(equation) for equation in gradient.derived]
    return Section("Learning", found)


# Evidence ----------------------------------------------------------------------------------


def _evidence(network: DeepBelief) -> Section:
    """The network with two units a layer, beside sums over all its states."""
    intro = (
        "On an instance with two units a layer and random parameters, beside sums over all states. "
        "**Derived** is what symbolic rules gave, **enumerated** what a sum over every state gave."
    )
    return Section("The evidence", (Prose(intro), Evidence(list(checks(len(network.layers))))))


def checks(count: int, seed: int = 0) -> Iterator[EvidenceRow]:
    """What is checked of a network of some layers: the sum of its parts, form (2), the bound."""
    random, sizes = np.random.default_rng(seed), [2] * count
    network = dbn(sizes)
    W = [random.normal(size=(2, 2)) for _ in range(count - 1)]
    b = [random.normal(size=2) for _ in range(count)]
    R = [random.normal(size=(2, 2)) for _ in range(count - 1)]
    given = {
        "recognition_R": [r.tolist() for r in R],
        "recognition_r": [x.tolist() for x in b[1:]],
    }
    exact = BeliefSolution(BeliefNetwork.from_lists(sizes, W, b, given))
    values = {f"W{k}": w for k, w in enumerate(W, 1)}
    values |= {f"b_{n}": x for n, x in zip(network.names, b, strict=True)}
    bits = binary_states(2)
    every = np.array(list(product(bits, repeat=count)))  # (state, layer, unit)
    known = {**values, **{n: every[:, k] for k, n in enumerate(network.names)}}
    top, *lower = network.log_probability("N")
    parts = [-np.asarray(compile(top)(**{n: known[n] for n in top.arguments}))]
    parts += [np.asarray(compile(m)(**{n: known[n] for n in m.arguments})) for m in lower]
    joint = np.exp(sum(parts) - exact.log_Z)
    shares = np.array([joint[(every[:, 0] == v).all(1)].sum() for v in bits])
    worst = float(np.abs(shares - exact.probabilities).max())
    yield row("the parts of $\\log P(v, h)$ sum to $p(v)$ over all hidden states", worst)
    worst = 0.0
    for name, above in zip(network.names[:-1], network.names[1:], strict=True):
        model = network.downward(name, "N")
        p = np.asarray(compile(model)(**{n: known[n] for n in model.arguments}))
        k, j = network.names.index(name), network.names.index(above)
        for state in bits:
            at = (every[:, j] == state).all(1)
            mean = joint[at] @ every[at, k] / joint[at].sum()
            worst = max(worst, float(np.abs(p[at] - mean).max()))
    yield row("form (2) is the conditional of the joint, at the top by the theorem", worst)
    data = bits.tolist()
    gap = float((exact.log_probability(data) - exact.elbo(data)).min())
    yield row("the bound lies below $\\log p(v)$", max(0.0, -gap), f"smallest gap {gap:.1e}")


def _formulas(model: Model) -> list[Block]:
    material = Material(model)
    return [material.formula(equation) for equation in material.model.equations]


def _name(network: DeepBelief, layer: str) -> str:
    return latex(_state(network, layer))


def _state(network: DeepBelief, layer: str) -> Tensor:
    """The tensor of a layer's states."""
    machine = network.top if layer in network.names[-2:] else network.pair(layer)
    return machine.state(layer)
