"""The source that a kernel shows: the lines of its equations, before the planner arranges them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from backproof.numerics.arguments import Arguments
from backproof.numerics.lowering import Lowering
from backproof.theory.notation import Tensor
from backproof.theory.printing.text import text


def source(lowering: Lowering, arguments: Arguments, results: Mapping[str, Tensor]) -> str:
    """A function of the arguments, the sizes and the buffers; one block an equation."""
    own = {lowering.code_name[t.name] for t in results.values() if t.shape}
    shared = [b.name for b in lowering.buffers if b.name not in own]
    fresh = [b.name for b in lowering.buffers if b.name in own]
    inputs = [lowering.code_name[n] for n in arguments.names]
    sizes = [lowering.size_code[s].name for s in arguments.sizes]
    signature = f"def kernel({', '.join([*inputs, *sizes, *shared, *fresh])}):"
    lines = textwrap.wrap(signature, 92, subsequent_indent=" " * len("def kernel("))
    for block in lowering.blocks:
        lines.append(f"    # {text(block.equation)}")
        lines += [f"    {line}" for line in block.lines]
    scalars = dict.fromkeys(lowering.code_name[t.name] for t in results.values() if not t.shape)
    returned = ", ".join(scalars) + ("," if len(scalars) == 1 else "")
    lines.append(f"    return ({returned})")
    return "\n".join(lines) + "\n"
