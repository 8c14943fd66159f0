"""Chapter: the statement, with the shape of every symbol."""

from __future__ import annotations

from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.equations import every_index
from backproof.theory.notation import Entry, Tensor
from backproof.theory.printing.latex import latex


def statement(material: Material) -> Section:
    """Symbols, sizes and the equations of the model."""
    model = material.model
    intro = [literal(model.title) + "." if model.title else "The statement, one line a quantity."]
    intro += [literal(sentence) for sentence in model.story]
    blocks: list[Block] = [Prose(" ".join(intro))]
    rows = [_row(name, t, "parameter") for name, t in model.parameters.items()]
    rows = [*(_row(name, t, "input") for name, t in model.inputs.items()), *rows]
    if material.derivation is not None:
        rows += [_row(n, t, "direction") for n, t in material.derivation.inputs.items()]
    blocks.append(Table(("symbol", "name in code", "shape", "what it is"), rows))
    blocks.append(Prose(_ranges(material)))
    blocks += [material.formula(equation) for equation in model.equations]
    return Section("The statement", blocks)


def _row(name: str, tensor: Tensor, role: str) -> tuple[str, str, str, str]:
    symbol = latex(Entry(tensor, tensor.indices()))
    shape = " × ".join(f"${latex(size)}$" for size in tensor.shape) or "scalar"
    what = role
    if tensor.below is not None:
        what = f"{role}, labels $0 \\dots {latex(tensor.below - 1)}$"
    if tensor.assumptions:
        what += ", " + ", ".join(a.replace("_", " ") for a in sorted(tensor.assumptions))
    return f"${symbol}$", f"`{name}`", shape, what


def _ranges(material: Material) -> str:
    """Which index runs how far."""
    found = {i.name: i.size for e in material.equations for i in every_index(e)}
    parts = [f"${name} = 0, \\dots, {latex(size - 1)}$" for name, size in sorted(found.items())]
    return "Indices: " + "; ".join(parts) + "." if parts else "All quantities are scalars."
