"""Feed-forward networks of the lecture, stated as index equations.

    z_l[n,j] = Σ_i W_l[j,i] h_{l-1}[n,i] + b_l[j]        h_l[n,j] = g(z_l[n,j])        h_0 = x

with the last z read by an output unit, J = (1/N) Σ_n −log P(y[n] | z[n]).  The regularised
objective is J_Ω = J + Ω.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from backproof.theory.activations import ACTIVATIONS
from backproof.theory.declarations import read_size
from backproof.theory.errors import BackproofError
from backproof.theory.layers import Activation, Convolution, Dense, Flatten, Layer, MaxPool
from backproof.theory.layers.layer import stated
from backproof.theory.likelihood import in_words, negative_log_likelihood
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.objective import regularised, strength_inputs
from backproof.theory.regularisers.regulariser import Strength
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.shallow import shallow
from backproof.theory.trace.values import Value, number
from backproof.theory.units import UNITS
from backproof.theory.windows import PerAxis

__all__ = ["ACTIVATIONS", "convolutional", "mlp", "sequential", "shallow"]


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
    widths, g = _widths(sizes), Activation(activation)
    hidden = (part for width in widths[1:-1] for part in (Dense(width), g))
    model = sequential(("N", widths[0]), [*hidden, Dense(widths[-1])], likelihood, penalty)
    title = f"Dense network {'-'.join(map(str, sizes))}, {activation}, {likelihood}"
    return replace(model, title=title)


def sequential(
    input: str | Sequence[int | str],
    layers: Sequence[Layer],
    likelihood: str | None = None,
    penalty: Mapping[str, Strength] | None = None,
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
    title = ", ".join(type(layer).__name__ for layer in layers)
    if likelihood is None:
        if penalty:
            found = "a penalty without a likelihood"
            raise BackproofError("sequential", found, "a loss to add it to", "name a likelihood")
        model = stated(input, layers, title).model
        if not model.equations:
            found = "layers that change nothing"
            raise BackproofError("sequential", found, "an equation", "add a layer that does")
        return tidy(share_normalisers(model))
    unit = _choice("likelihood", likelihood, {u.name: u for u in UNITS})
    names = {"y", *strength_inputs(penalty, ()), *("r" if unit.residual is not None else "")}
    network = stated(input, layers, title, frozenset(names), [f.name for f in unit.fields[1:]])
    stage, fields = network.stage, network.results
    statement = stage.statement
    y = _observed(fields[0], unit.labels)
    scalars = strength_inputs(penalty, {*statement.tensors, *statement.sizes, "y"})
    if "y" in statement.sizes:
        raise BackproofError("sequential", "a size named y", "a free name", "rename the size")
    statement.tensors |= {"y": y, **scalars}
    indices = fields[0].indices
    observed = Entry(y, indices[:1] if unit.labels else indices)
    each = statement.bind(negative_log_likelihood(statement, unit, fields, observed), "nll")
    loss = statement.multiply(number(1 / each.shape[0]), statement.total(each, each.indices))
    loss = statement.bind(loss, "J")
    output = regularised(statement, loss, penalty, stage.weights).entry
    assert output is not None
    story = (
        f"Output unit: {unit.output}.",
        "Loss: the mean negative log-likelihood, an estimate of J(θ) = −E log P(y | x; θ).",
        *in_words(unit),
    )
    model = replace(
        network.model,
        equations=tuple(statement.equations),
        inputs={**network.model.inputs, "y": y, **scalars},
        output=output.tensor,
        steps=tuple(statement.steps),
        title=f"{title}, {likelihood}",
        story=story,
    )
    return tidy(share_normalisers(model))


def _observed(h: Value, labels: bool) -> Tensor:
    """What the last layer is compared with: an integer an example, or an array of its shape."""
    letters = tuple(i.letter for i in h.indices)
    if not labels:
        return Tensor("y", h.shape, letters)
    if len(h.indices) != 2:
        found = f"a last layer of shape ({', '.join(map(str, h.shape))})"
        move = "flatten, and end with a dense layer"
        raise BackproofError("sequential", found, "(N, classes), for labels", move)
    return Tensor("y", h.shape[:1], letters[:1], "integer", h.shape[-1])


def convolutional(
    input: str | Sequence[int | str],
    channels: Sequence[int | str],
    classes: int | str,
    kernel: PerAxis = 3,
    pool: PerAxis = 2,
    activation: str = "relu",
    likelihood: str | None = "categorical",
    penalty: Mapping[str, Strength] | None = None,
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


def _choice(what: str, name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise BackproofError(what, repr(name), f"one of {', '.join(known)}", "pick one")
    return known[name]
