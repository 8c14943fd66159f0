"""Feed-forward networks of the lecture, stated as index equations.

    z_l[n,j] = Σ_i W_l[j,i] h_{l-1}[n,i] + b_l[j]        h_l[n,j] = g(z_l[n,j])        h_0 = x

with the last z read by an output unit, J = (1/N) Σ_n −log P(y[n] | z[n]) + Ω.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from backproof.theory.activations import ACTIVATIONS
from backproof.theory.declarations import read_size, size
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers import Activation, Convolution, Dense, Flatten, Layer, MaxPool
from backproof.theory.layers.layer import stated
from backproof.theory.letters import Letters
from backproof.theory.likelihood import negative_log_likelihood
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Tensor, fresh
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.scalars import absolute
from backproof.theory.shallow import shallow
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, number
from backproof.theory.units import UNITS
from backproof.theory.windows import PerAxis

__all__ = ["ACTIVATIONS", "PENALTIES", "convolutional", "mlp", "sequential", "shallow"]

PENALTIES: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "l2": lambda w: w**2,
    "l1": absolute,
}

LETTERS = "ijklqrsuv"


def mlp(
    sizes: Sequence[int | str],
    activation: str = "relu",
    likelihood: str = "categorical",
    penalty: Mapping[str, float | str] | None = None,
) -> Model:
    """A dense network with its loss, the mean negative log-likelihood plus a penalty.

    ``sizes`` are the widths from input to output, numbers or size names; the batch size is N.
    Inputs: ``x`` of shape (N, sizes[0]) and ``y``, which is (N, sizes[-1]) for ``"gaussian"``
    and ``"bernoulli"`` and N integer labels for ``"categorical"``.  Parameters: ``W1`` of shape
    (sizes[1], sizes[0]), ``b1``, ….  ``penalty={"l2": λ, "l1": μ}`` adds λ Σ W² + μ Σ |W| over
    all weights (not biases); a string instead of a number makes λ a scalar input of that name.

    Raises `BackproofError` for fewer than two sizes or unknown names.

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
    weights = {name: _choice("penalty", name, PENALTIES) for name in penalty or {}}
    batch = size("N")
    letters = _letters(widths)
    tensors = _tensors(widths, letters, batch, unit.labels)
    scalars = {str(v): Tensor(str(v)) for v in (penalty or {}).values() if isinstance(v, str)}
    sizes_named = {s.name for width in widths for s in width.free_symbols}
    names = {*tensors, *scalars, *sizes_named}
    for name in scalars:
        if name in tensors or name in sizes_named or not name.isidentifier():
            raise BackproofError(
                "penalty", f"the name {name}", "a free name for the strength", "choose another"
            )
    statement = Statement({**tensors, **scalars}, Letters(taken=names))
    n = fresh(Index("n", batch))
    h = _array(tensors["x"], n, fresh(Index(letters[0], widths[0])))
    for layer in range(1, len(widths)):
        j = fresh(Index(letters[layer], widths[layer]))
        z = statement.bind(_affine(statement, h, tensors, layer, n, j), f"z{layer}")
        last = layer == len(widths) - 1
        h = z if last else statement.bind(statement.elementwise(g, z), f"h{layer}")
    n = h.indices[0]
    y = Entry(tensors["y"], (n,) if unit.labels else h.indices)
    each = statement.bind(negative_log_likelihood(statement, unit, h, y), "nll")
    loss = statement.multiply(number(1 / batch), statement.total(each, each.indices))
    for name, strength in (penalty or {}).items():
        for layer in range(1, len(widths)):
            loss = statement.add(
                loss, _penalty(statement, tensors[f"W{layer}"], weights[name], strength)
            )
    output = statement.bind(loss, "J").entry
    assert output is not None
    parameters = {k: t for k, t in tensors.items() if k[0] in "Wb"}
    inputs = {"x": tensors["x"], "y": tensors["y"], **scalars}
    title = f"Dense network {'-'.join(map(str, sizes))}, {activation}, {likelihood}"
    model = Model(
        tuple(statement.equations),
        inputs,
        parameters,
        output.tensor,
        tuple(statement.steps),
        title,
        (f"Output unit: {unit.output}.", "Loss: mean negative log-likelihood."),
    )
    return tidy(share_normalisers(model))


def sequential(
    input: str | Sequence[int | str],
    layers: Sequence[Layer],
    likelihood: str | None = None,
    penalty: Mapping[str, float | str] | None = None,
) -> Model:
    """Layers one after another on an input of this shape, with a loss if a likelihood is named.

    ``input`` is a shape such as ``"N c H W"``, the batch first; sizes are numbers or names, and a
    layer that needs a number says so.  Without ``likelihood`` the output of the model is that of
    the last layer.  With it, the last layer is read by that output unit as in `mlp`, and the
    output is J, the mean over the batch: ``y`` has the shape of the last layer, or holds an
    integer label an example for ``"categorical"``, whose last layer has shape (N, classes).
    ``penalty`` acts on all weights, kernels and filters, not on biases, gains and shifts.

    Parameters and quantities carry the number of their layer, counted over the layers that have
    parameters.  Raises `BackproofError` for layers that do not fit, and unknown names.

    >>> from backproof.theory.layers import Activation, Convolution, Dense, Flatten, MaxPool
    >>> layers = [Convolution(4, 3), Activation("relu"), MaxPool(2), Flatten(), Dense(10)]
    >>> print(sequential("N 1 2*h+2 2*w+2", layers, likelihood="categorical"))
    z1[n,l,i,j] = Σ_k,u,v K1[l,k,u,v] x[n,k,i+u,j+v] + b1[l]
    h1[n,l,i,j] = relu(z1[n,l,i,j])
    p1[n,l,i,j] = max_u,v h1[n,l,2*i+u,2*j+v]
    v1[n,q] = Σ_i,j,l p1[n,l,i,j] δ[q,h*w*l+w*i+j]
    z2[n,r] = Σ_q W2[r,q] v1[n,q] + b2[r]
    L[n] = logsumexp_r z2[n,r]
    nll[n] = L[n] - z2[n,y[n]]
    J = Σ_n nll[n] / N
    """
    named = {v for v in (penalty or {}).values() if isinstance(v, str)}
    title = f"{', '.join(type(layer).__name__ for layer in layers)}"
    stage, h, model = stated(input, layers, title, frozenset({"y", *named}))
    if likelihood is None:
        if penalty:
            found = "a penalty without a likelihood"
            raise BackproofError("sequential", found, "a loss to add it to", "name a likelihood")
        if not model.equations:
            found = "layers that change nothing"
            raise BackproofError("sequential", found, "an equation", "add a layer that does")
        return tidy(share_normalisers(model))
    unit = _choice("likelihood", likelihood, {u.name: u for u in UNITS})
    forms = {name: _choice("penalty", name, PENALTIES) for name in penalty or {}}
    statement = stage.statement
    if unit.labels and len(h.indices) != 2:
        found = f"a last layer of shape ({', '.join(map(str, h.shape))})"
        move = "flatten, and end with a dense layer"
        raise BackproofError("sequential", found, "(N, classes), for labels", move)
    letters = tuple(i.letter for i in h.indices)
    if unit.labels:
        y = Tensor("y", h.shape[:1], letters[:1], "integer", h.shape[-1])
    else:
        y = Tensor("y", h.shape, letters)
    scalars = {name: Tensor(name) for name in sorted(named)}
    for name in ("y", *scalars):
        if name in {**statement.tensors} or name in statement.sizes or not name.isidentifier():
            raise BackproofError("sequential", f"the name {name}", "a free name", "rename the size")
    statement.tensors |= {"y": y, **scalars}
    observed = Entry(y, h.indices[:1] if unit.labels else h.indices)
    each = statement.bind(negative_log_likelihood(statement, unit, h, observed), "nll")
    loss = statement.multiply(number(1 / h.shape[0]), statement.total(each, each.indices))
    for name, strength in (penalty or {}).items():
        for weight in stage.weights:
            loss = statement.add(loss, _penalty(statement, weight, forms[name], strength))
    output = statement.bind(loss, "J").entry
    assert output is not None
    story = (f"Output unit: {unit.output}.", "Loss: mean negative log-likelihood.")
    model = replace(
        model,
        equations=tuple(statement.equations),
        inputs={**model.inputs, "y": y, **scalars},
        output=output.tensor,
        steps=tuple(statement.steps),
        title=f"{title}, {likelihood}",
        story=story,
    )
    return tidy(share_normalisers(model))


def convolutional(
    input: str | Sequence[int | str],
    channels: Sequence[int | str],
    classes: int | str,
    kernel: PerAxis = 3,
    pool: PerAxis = 2,
    activation: str = "relu",
    likelihood: str | None = "categorical",
    penalty: Mapping[str, float | str] | None = None,
) -> Model:
    """A convolutional network: filters, activation and max pooling, repeated; then a dense layer.

    ``channels`` has the number of filters of each block, ``classes`` the width of the last layer;
    ``kernel`` and ``pool`` are the same in every block.  The rest is as in `sequential`.

    >>> list(convolutional("N 1 28 28", [8, 16], 10).parameters)
    ['K1', 'b1', 'K2', 'b2', 'W3', 'b3']
    """
    blocks = (
        (Convolution(filters, kernel), Activation(activation), MaxPool(pool))
        for filters in channels
    )
    layers = [*(layer for block in blocks for layer in block), Flatten(), Dense(classes)]
    return sequential(input, layers, likelihood, penalty)


def _widths(sizes: Sequence[int | str]) -> list[sp.Expr]:
    if isinstance(sizes, str) or len(sizes) < 2:
        raise BackproofError(
            "mlp", f"sizes {sizes!r}", "two widths or more", "write e.g. [784, 128, 10]"
        )
    return [read_size(str(s)) for s in sizes]


def _letters(widths: list[sp.Expr]) -> list[str]:
    """One letter a layer, none of them the name of a width."""
    busy = {s.name for width in widths for s in width.free_symbols}
    free = [letter for letter in LETTERS if letter not in busy]
    return [free[n] if n < len(free) else f"i{n}" for n in range(len(widths))]


def _choice(what: str, name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise BackproofError(what, repr(name), f"one of {', '.join(known)}", "pick one")
    return known[name]


def _tensors(
    widths: list[sp.Expr], letters: list[str], batch: sp.Expr, labels: bool
) -> dict[str, Tensor]:
    tensors = {"x": Tensor("x", (batch, widths[0]), ("n", letters[0]))}
    if labels:
        tensors["y"] = Tensor("y", (batch,), ("n",), "integer", widths[-1])
    else:
        tensors["y"] = Tensor("y", (batch, widths[-1]), ("n", letters[-1]))
    for layer in range(1, len(widths)):
        below, above = letters[layer - 1], letters[layer]
        tensors[f"W{layer}"] = Tensor(
            f"W{layer}", (widths[layer], widths[layer - 1]), (above, below)
        )
        tensors[f"b{layer}"] = Tensor(f"b{layer}", (widths[layer],), (above,))
    return tensors


def _array(tensor: Tensor, *indices: Index) -> Value:
    return Value(indices, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))


def _affine(
    statement: Statement, h: Value, tensors: Mapping[str, Tensor], layer: int, n: Index, j: Index
) -> Value:
    """Σ_i W[j,i] h[n,i] + b[j]."""
    rows, i = h.indices
    weight = _array(tensors[f"W{layer}"], j, fresh(i)).anew()
    j_, i_ = weight.indices
    product = statement.contract(weight, h, [(i_, i)], (rows, j_))
    return statement.add(product, _array(tensors[f"b{layer}"], j))


def _penalty(
    statement: Statement, weight: Tensor, form: Callable[[sp.Expr], sp.Expr], strength: float | str
) -> Value:
    """λ Σ form(W)."""
    value = _array(weight, *weight.indices())
    each = statement.elementwise(form, value)
    total = statement.total(each, each.indices)
    if isinstance(strength, str):
        scale = Value((), Sum((Contraction(sp.S.One, (Entry(statement.tensors[strength]),)),)))
    else:
        scale = number(float(strength))
    return statement.multiply(scale, total)
