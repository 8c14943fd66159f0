"""``--backend``: the kernel of a derivation in the language that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import backproof as bp
from backproof.commands.options import Precision
from backproof.commands.showing import as_json
from backproof.numerics.kernel import Kernel
from backproof.theory.errors import BackproofError


def printed(
    derivation: bp.Derivation,
    backend: str,
    dtype: Precision,
    as_json_: bool,
    others: Mapping[str, object],
) -> str:
    """The source of the kernel; ``others`` are options about equations, which go with no kernel."""
    if asked := [name for name, value in others.items() if value]:
        found = f"{asked[0]}, which is about equations, beside --backend"
        raise BackproofError("--backend", found, "one of the two", f"leave {asked[0]} out")
    kernel = bp.compile(derivation, dtype, backend)
    if not as_json_:
        return kernel.source
    told = {"arguments": list(kernel.arguments.names), "results": list(kernel.results)}
    about = {"backend": kernel.backend, "dtype": str(kernel.dtype)}
    return as_json({**about, **told, "source": kernel.source})


def single(derivation: bp.Derivation, machine: bool, backend: str, dtype: Precision) -> Kernel:
    """The kernel that a page shows; the page of a machine has one for each group."""
    if machine:
        found, move = "a machine, whose page has several kernels", "leave --backend out"
        raise BackproofError("--backend", found, "one kernel to print", move)
    return bp.compile(derivation, dtype, backend)
