"""Feed-forward networks of the lecture, stated as index equations.

    z_l[n,j] = Σ_i W_l[j,i] h_{l-1}[n,i] + b_l[j]        h_l[n,j] = g(z_l[n,j])        h_0 = x

with the last z read by an output unit, J = (1/N) Σ_n −log P(y[n] | z[n]).  The regularised
objective is J_Ω = J + Ω.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from backproof.theory.declarations import read_size, size
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.likelihood import in_words, negative_log_likelihood
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Tensor, fresh
from backproof.theory.objective import regularised, strength_inputs
from backproof.theory.regularisers.regulariser import Strength
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.scalars import relu, sigmoid, softplus
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, number
from backproof.theory.units import UNITS

ACTIVATIONS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "relu": relu,
    "logistic": sigmoid,
    "sigmoid": sigmoid,
    "tanh": sp.tanh,
    "softplus": softplus,
    "linear": lambda z: z,
}

LETTERS = "ijklqrsuv"


def mlp(
    sizes: Sequence[int | str],
    activation: str = "relu",
    likelihood: str = "categorical",
    penalty: Mapping[str, Strength] | None = None,
) -> Model:
    """A dense network with its loss, the mean negative log-likelihood plus a penalty.

    ``sizes`` are the widths from input to output, numbers or size names; the batch size is N.
    ``likelihood`` is the unit that reads the last layer, one of `backproof.theory.units`.
    Inputs: ``x`` of shape (N, sizes[0]) and ``y``, N integer labels for ``"categorical"`` and
    (N, sizes[-1]) otherwise.  Parameters: ``W1`` of shape (sizes[1], sizes[0]), ``b1``, ….  A unit
    with a second field, ``"heteroscedastic"`` with its log-variance s, reads it from a head of its
    own on the last hidden layer, of parameters ``W2_s`` and ``b2_s``: together the two heads are
    one layer of twice the width.

    ``penalty={"l2": λ, "l1": μ}`` adds Ω = λ Σ W² + μ Σ |W| over all weights (not biases), any of
    `backproof.theory.regularisers`; a string instead of a number makes λ a scalar input of that
    name, and a penalty with two strengths takes two.  The output is then J_Ω = J + Ω.

    Raises `BackproofError` for fewer than two sizes, unknown names, or strengths that do not fit.

    >>> print(mlp(["d", "h", "c"], activation="tanh"))
    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    h1[n,j] = tanh(z1[n,j])
    z2[n,k] = Σ_j W2[k,j] h1[n,j] + b2[k]
    L[n] = logsumexp_k z2[n,k]
    nll[n] = L[n] - z2[n,y[n]]
    J = Σ_n nll[n] / N
    """
    widths = _widths(sizes)
    g = _choice("activation", activation, ACTIVATIONS)
    unit = _choice("likelihood", likelihood, {u.name: u for u in UNITS})
    batch = size("N")
    letters = _letters(widths, {"r"} if unit.residual is not None else set())
    heads = [f"_{field}" for field in unit.fields[1:]]
    tensors = _tensors(widths, letters, batch, unit.labels, heads)
    sizes_named = {s.name for width in widths for s in width.free_symbols}
    scalars = strength_inputs(penalty, {*tensors, *sizes_named})
    names = {*tensors, *scalars, *sizes_named}
    statement = Statement({**tensors, **scalars}, Letters(taken=names))
    n = fresh(Index("n", batch))
    h = _array(tensors["x"], n, fresh(Index(letters[0], widths[0])))
    for layer in range(1, len(widths)):
        last = layer == len(widths) - 1
        fields = []
        for head in ["", *heads] if last else [""]:
            j = fresh(Index(letters[layer], widths[layer]))
            z = _affine(statement, h, tensors, f"{layer}{head}", n, j)
            fields.append(statement.bind(z, f"{head[1:] or 'z'}{layer}"))
        if not last:
            h = statement.bind(statement.elementwise(g, fields[0]), f"h{layer}")
    n = fields[0].indices[0]
    y = Entry(tensors["y"], (n,) if unit.labels else fields[0].indices)
    each = statement.bind(negative_log_likelihood(statement, unit, fields, y), "nll")
    loss = statement.multiply(number(1 / batch), statement.total(each, each.indices))
    weights = [tensor for name, tensor in tensors.items() if name[0] == "W"]
    output = regularised(statement, statement.bind(loss, "J"), penalty, weights).entry
    assert output is not None
    parameters = {k: t for k, t in tensors.items() if k[0] in "Wb"}
    inputs = {"x": tensors["x"], "y": tensors["y"], **scalars}
    title = f"Dense network {'-'.join(map(str, sizes))}, {activation}, {likelihood}"
    story = (
        f"Output unit: {unit.output}.",
        "Loss: the mean negative log-likelihood, an estimate of J(θ) = −E log P(y | x; θ).",
        *in_words(unit),
    )
    model = Model(
        tuple(statement.equations),
        inputs,
        parameters,
        output.tensor,
        tuple(statement.steps),
        title,
        story,
    )
    return tidy(share_normalisers(model))


def _widths(sizes: Sequence[int | str]) -> list[sp.Expr]:
    if isinstance(sizes, str) or len(sizes) < 2:
        raise BackproofError(
            "mlp", f"sizes {sizes!r}", "two widths or more", "write e.g. [784, 128, 10]"
        )
    return [read_size(str(s)) for s in sizes]


def _letters(widths: list[sp.Expr], names: set[str]) -> list[str]:
    """One letter a layer, none of them the name of a width or of a quantity."""
    busy = names | {s.name for width in widths for s in width.free_symbols}
    free = [letter for letter in LETTERS if letter not in busy]
    return [free[n] if n < len(free) else f"i{n}" for n in range(len(widths))]


def _choice(what: str, name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise BackproofError(what, repr(name), f"one of {', '.join(known)}", "pick one")
    return known[name]


def _tensors(
    widths: list[sp.Expr], letters: list[str], batch: sp.Expr, labels: bool, heads: list[str]
) -> dict[str, Tensor]:
    tensors = {"x": Tensor("x", (batch, widths[0]), ("n", letters[0]))}
    if labels:
        tensors["y"] = Tensor("y", (batch,), ("n",), "integer", widths[-1])
    else:
        tensors["y"] = Tensor("y", (batch, widths[-1]), ("n", letters[-1]))
    for layer in range(1, len(widths)):
        below, above = letters[layer - 1], letters[layer]
        for head in ["", *heads] if layer == len(widths) - 1 else [""]:
            W, b = f"W{layer}{head}", f"b{layer}{head}"
            tensors[W] = Tensor(W, (widths[layer], widths[layer - 1]), (above, below))
            tensors[b] = Tensor(b, (widths[layer],), (above,))
    return tensors


def _array(tensor: Tensor, *indices: Index) -> Value:
    return Value(indices, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))


def _affine(
    statement: Statement, h: Value, tensors: Mapping[str, Tensor], layer: str, n: Index, j: Index
) -> Value:
    """Σ_i W[j,i] h[n,i] + b[j]."""
    rows, i = h.indices
    weight = _array(tensors[f"W{layer}"], j, fresh(i)).anew()
    j_, i_ = weight.indices
    product = statement.contract(weight, h, [(i_, i)], (rows, j_))
    return statement.add(product, _array(tensors[f"b{layer}"], j))
