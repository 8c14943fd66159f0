"""Chapter: who depends on whom."""

from __future__ import annotations

from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import Independence, blanket, blocks, independence, lateral
from backproof.theory.printing.latex import latex

INTRO = (
    "Two groups interact where the mixed second difference of the energy, $\\partial^2 E/\\partial "
    "x \\, \\partial y$, does not vanish: that is how couplings are read off. Those that do are "
    "each other's **Markov blanket**. If all second differences between two sets vanish, the "
    "energy is a sum of a part for each, $e^{-E}$ is a product, and the two are independent given "
    "the rest."
)


def structure(machine: Machine) -> Section:
    """Markov blankets, independence as derived statements, and the colouring."""
    rows = []
    for group in machine.groups:
        near = ", ".join(f"`{n}`" for n in blanket(machine, group.name)) or "none"
        rows.append((f"`{group.name}`", near, "yes" if lateral(machine, group.name) else "no"))
    found: list[Block] = [
        Prose(INTRO),
        Table(("group", "its Markov blanket", "coupled among itself"), rows),
    ]
    found += [Prose(_said(machine, claim)) for claim in claims(machine)]
    order = "; then ".join(" and ".join(f"`{n}`" for n in block) for block in blocks(machine))
    found.append(
        Prose(
            "A group may be drawn while the others wait. Groups that do not interact may be drawn "
            f"at once, which colours the graph and makes a sweep: {order}."
        )
    )
    return Section("Who depends on whom", found)


def claims(machine: Machine) -> list[Independence]:
    """For the visible groups: what they are independent of, given their blanket and without it."""
    found = []
    for name in machine.visible:
        near = blanket(machine, name)
        far = [g.name for g in machine.groups if g.name != name and g.name not in near]
        if far and near:
            found.append(independence(machine, name, far, near))
            found.append(independence(machine, name, far))
    return found


def _said(machine: Machine, claim: Independence) -> str:
    left, right, given = (
        ", ".join(f"`{n}`" for n in names) for names in (claim.left, claim.right, claim.given)
    )
    condition = f" given {given}" if given else ""
    if claim.holds:
        first, second = (", ".join(latex(machine.state(n)) for n in part) for part in claim.parts)
        rest = ", ".join(latex(machine.state(n)) for n in claim.given)
        split = f"$E = E_1({first};\\, {rest}) + E_2({second};\\, {rest})$" if rest else ""
        why = f"all second differences between them vanish, so {split or 'E is a sum'}"
        return f"**{left} ⊥ {right}{condition}**: {why}."
    path = " – ".join(f"`{n}`" for n in claim.path)
    why = f"the path {path} joins them"
    return f"Not so without it: {left} and {right} are dependent{condition} in general; {why}."
