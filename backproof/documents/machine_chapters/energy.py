"""Chapter: the energy, its symbols and its graph."""

from __future__ import annotations

from backproof.documents.chapters.material import Material
from backproof.documents.chapters.pictures import picture
from backproof.drawings.graph import graph_picture
from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks
from backproof.theory.notation import Entry
from backproof.theory.printing.latex import latex

INTRO = (
    "An energy is stated, and with it a distribution: every joint state $x$ has the probability "
    "$p(x) = e^{-E(x)}/Z$, where $Z$ sums $e^{-E}$ over all states (an integral over real units). "
    "Low energy is high probability. Everything below follows from this one line."
)
PARTS = (
    "The energy has two parts: what each unit has alone, and the *interaction* $C$ of biases and "
    "couplings, which is linear in the state of each unit. A weight multiplies a pair of units "
    "that are on together; a positive one makes such states more probable."
)


def energy(machine: Machine) -> Section:
    """What is stated: symbols, the graph, and E."""
    rows = []
    for group in machine.groups:
        tensor = machine.state(group.name)
        role = "visible" if group.name in machine.visible else "hidden"
        what = f"{literal(group.unit.name)} units, {role}"
        rows.append((f"${latex(Entry(tensor, tensor.indices()))}$", what, _extent(group.shape)))
    weights = {c.weight: c.between for c in machine.couplings}
    for name, tensor in machine.parameters.items():
        rows.append(
            (
                f"${latex(Entry(tensor, tensor.indices()))}$",
                _role(name, weights),
                _extent(tensor.shape),
            )
        )
    model = machine.energy()
    order = "; then ".join(" and ".join(f"`{n}`" for n in block) for block in blocks(machine))
    caption = (
        "The graph: a line joins units that are coupled, filled units are visible. Groups of one "
        f"colour share no line and are drawn at once: {order}."
    )
    found: list[Block] = [
        Prose(INTRO),
        picture(caption, graph_picture(machine)),
        Table(("symbol", "what it is", "how many"), rows),
    ]
    found += [Material(model).formula(equation) for equation in model.equations]
    return Section("The energy", [*found, Prose(PARTS.replace("*", "**"))])


def _extent(shape: tuple[object, ...]) -> str:
    return " × ".join(f"${latex(size)}$" for size in shape)


def _role(name: str, weights: dict[str, tuple[str, ...]]) -> str:
    if name in weights:
        return f"weights between {' and '.join(f'`{n}`' for n in weights[name])}"
    kind, _, group = name.partition("_")
    said = {"b": "biases", "q": "precisions", "mu": "means", "sigma": "deviations"}
    return f"{said.get(kind, 'parameters')} of `{group}`"
