"""Chapter: the derived equations, one line a quantity, and the conventions they follow."""

from __future__ import annotations

import sympy as sp

from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Block, Prose, Section
from backproof.pages.inline import literal
from backproof.theory.equations import Equation, Reduction
from backproof.theory.notation import Entry, Map
from backproof.theory.printing.latex import latex
from backproof.theory.scalars import Elementwise


def results(material: Material) -> Section | None:
    """Every derived equation; the results say of what they are the derivative."""
    if material.derivation is None:
        return None
    names = {tensor.name: key for key, tensor in material.derivation.results.items()}
    blocks: list[Block] = [Prose(_introduction(material))]
    for equation in material.derivation.derived:
        key = names.get(equation.tensor.name)
        note = f"This is {_meaning(material, key)}." if key else ""
        blocks.append(material.formula(equation, note))
    formulas = [f for key in names.values() if (f := material.closed(key)) is not None]
    if formulas:
        blocks.append(Prose("With what a line needs written out, as far as that stays short:"))
        blocks += formulas
    conventions = _conventions(material.equations)
    if conventions:
        blocks.append(
            Prose("At kinks the conventions are: " + literal("; ".join(conventions)) + ".")
        )
    return Section("The result", blocks)


def _introduction(material: Material) -> str:
    assert material.derivation is not None
    kind = {1: "The gradient", 2: "The second derivative"}[material.derivation.order]
    if material.derivation.order == 1 and material.model.output.shape:
        kind = "The Jacobian"
    if material.derivation.inputs:
        kind = "The Hessian-vector product"
    if material.derivation.per_sample:
        kind = "The gradient of each example's loss"
    return f"{kind}, in the order in which it is computed: what a line needs stands above it."


def _meaning(material: Material, key: str) -> str:
    output = latex(Entry(material.model.output, material.model.output.indices()))
    first, _, second = key.partition(",")
    assert material.derivation is not None
    if material.derivation.order == 2:
        return f"the second derivative of ${output}$ in `{first}`" + (
            f" and `{second}`" if second else ""
        )
    alone = ", for the batch of each example alone," if material.derivation.per_sample else ""
    return f"the derivative of ${output}${alone} in `{first}`, result `{key}` of the kernel"


def _conventions(equations: tuple[Equation, ...]) -> list[str]:
    functions: set[type[sp.Basic]] = set()
    found: list[str] = []
    for equation in equations:
        if isinstance(equation.rhs, Reduction) and equation.rhs.kind in ("max", "min"):
            found.append("of equal extremes the first in row-major order counts")
        for factor in equation.rhs.factors:
            if isinstance(factor, Map):
                functions.update(type(f) for f in factor.expression.atoms(Elementwise))
    found += sorted(f.convention for f in functions if getattr(f, "convention", ""))
    return list(dict.fromkeys(found))
