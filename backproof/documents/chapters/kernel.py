"""Chapter: the kernel, its source beside the equations that each line implements."""

from __future__ import annotations

from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Code, Implementation, ImplementationRow, Prose, Section
from backproof.theory.printing.latex import latex

HEADER = {"numpy": "import numpy as np\nfrom scipy import special\n\n\n"}
LANGUAGE = {"numpy": "NumPy", "c": "C", "jax": "JAX", "torch": "torch"}


def kernel(material: Material) -> Section:
    """One row an equation, and the whole source to copy."""
    compiled = material.kernel
    rows = [
        ImplementationRow(latex(block.equation, material.statement), "\n".join(block.lines))
        for block in compiled.blocks
    ]
    language = LANGUAGE[compiled.backend]
    intro = (
        f"The same equations as {language} code ({compiled.dtype}). Buffers are planned once for "
        "each assignment of sizes and reused; results are the caller's own arrays."
    )
    code = Code(HEADER.get(compiled.backend, "") + compiled.source)
    return Section("The kernel", (Prose(intro), Implementation(rows), code))
