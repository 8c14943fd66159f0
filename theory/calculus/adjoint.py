"""The adjoint of a linear map, derived: ⟨A x, v⟩ = ⟨x, Aᵀ v⟩ says that Aᵀv is the gradient in x."""

from __future__ import annotations

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import letters_of
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, Tensor


def adjoint(model: Model, wrt: str = "x", along: str = "v") -> Model:
    """The model Aᵀ v of a model A x that is linear in ``x``, with ``v`` of the shape of its output.

    It is the gradient of Σ y v in x, which does not depend on x.  Of an affine model it is the
    adjoint of the linear part.

    Raises `BackproofError` where the gradient does depend on x, and for names in use.

    >>> from backproof.theory.trace.tracing import trace
    >>> print(adjoint(trace("A @ x", A="m n", x="n")))
    dx[j] = Σ_i v[i] A[i,j]
    >>> from backproof.theory.augmentation import flip
    >>> print(adjoint(flip("N h w")))
    dx[n,i,j] = v[n,i,w-j-1]
    """
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes}
    if along in names or not along.isidentifier():
        raise BackproofError("adjoint", f"the name {along}", "a free name", "choose another")
    out = model.output
    direction = Tensor(along, out.shape, out.axes)
    own = out.indices()
    product = Contraction(sp.S.One, (Entry(out, own), Entry(direction, own)), own)
    pairing = Tensor(next(n for k in range(1, 10**4) if (n := f"s{k}") not in names))
    letters = letters_of(model.equations, {*names, along})
    equation = letters.write(pairing, (), Sum((product,)))
    inputs = {**model.inputs, along: direction}
    paired = Model((*model.equations, equation), inputs, model.parameters, pairing)
    gradient = derive(paired, wrt)
    result = gradient.results[wrt]
    kept = needed(gradient.equations, [result])
    used = {t.name for e in kept for t in e.operands} | {e.tensor.name for e in kept}
    moved = gradient.model.arguments[wrt].name
    if moved in used:
        raise BackproofError(
            "adjoint", f"a model that is not linear in {wrt}", f"A {wrt}", "linearise it, bp.derive"
        )
    return Model(
        kept,
        {n: t for n, t in inputs.items() if n in used},
        {n: t for n, t in model.parameters.items() if n in used},
        result,
        (*model.steps, *gradient.derivation_steps),
        f"Adjoint of {model.title or model.output.name}",
        (f"⟨A {wrt}, {along}⟩ = ⟨{wrt}, Aᵀ {along}⟩ for all {wrt} and {along}.",),
    )
