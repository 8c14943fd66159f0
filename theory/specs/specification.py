"""What a named specification is: equations that depend on a configuration, stated once."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.rewriting.entries import step_with_tensors, with_tensors

RESULT = "y"  # what a traced specification calls its result
SHAPES = {0: "", 1: "d", 2: "b d", 3: "n b d"}  # by the number of axes
UPSTREAM = "dy"  # the cotangent of the result, the first argument of a backward pass
ALIASES = {
    "x": ("X", "input", "inputs", "a", "z", "logits", "scores", "images", "t"),
    "dy": ("dout", "dY", "dz", "grad", "grad_out", "grad_output", "g", "upstream", "d_out"),
    "W": ("w", "weight", "weights", "kernel", "filters", "K"),
    "b": ("bias", "biases", "beta"),
    "gamma": ("gain", "weight", "scale", "g"),
    "beta": ("bias", "shift", "b"),
    "labels": ("y", "t", "target", "targets", "label"),
    "target": ("y", "t", "targets", "label", "labels"),
    "ids": ("idx", "index", "indices", "tokens", "t", "i"),
    "E": ("W", "weight", "table", "embedding", "weights"),
    "Q": ("q", "query", "queries"),
    "K": ("k", "key", "keys"),
    "V": ("v", "value", "values"),
    "eps": ("epsilon",),
    "pad": ("padding",),
    "axis": ("dim",),
    "size": ("kernel_size", "pool_size", "window", "k", "pool"),
    "causal": ("is_causal", "masked"),
    "smoothing": ("label_smoothing",),
    "groups": ("num_groups",),
    "slope": ("negative_slope",),
    "c": ("b_h", "hidden_bias", "bh"),
}


@dataclass(frozen=True)
class Specification:
    """Equations named for what they compute, with the configurations under which they are judged.

    ``state`` makes the model of one configuration; the defaults of its parameters are those of
    the specification.  ``varied`` are values that a judge tries of each parameter; those in
    ``implicit`` (how many axes an array has) are no argument of a function under test.  ``wrt``
    names the arguments that have a gradient, in the usual order.  A ``sharp`` one promises small
    relative errors in every tail.  Another value of a parameter in ``conventions`` is in use as
    well, and no mistake.  ``fixed`` is what was chosen.

    >>> from backproof.theory.specs import layernorm
    >>> print(layernorm(eps=1e-3))
    layernorm(eps=0.001)
    mu[i] = Σ_j x[i,j] / d
    var[i] = Σ_j (x[i,j] - mu[i])**2 / d
    xhat[i,j] = (x[i,j] - mu[i]) / sqrt(var[i] + 0.001)
    y[i,j] = gamma[j] xhat[i,j] + beta[j]
    """

    name: str
    state: Callable[..., Model]
    wrt: tuple[str, ...] = ("x",)
    varied: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    implicit: tuple[str, ...] = ()
    reference: str = ""
    sharp: bool = False
    conventions: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is, in words: the first line of what states it."""
        return (inspect.getdoc(self.state) or self.name).splitlines()[0].rstrip(".")

    @property
    def defaults(self) -> dict[str, Any]:
        """Every parameter of the configuration with its default, or what was chosen instead."""
        parameters = inspect.signature(self.state).parameters
        return {n: self.fixed.get(n, p.default) for n, p in parameters.items()}

    def __call__(self, **chosen: Any) -> Specification:
        """The specification with parts of its configuration chosen.

        Raises `BackproofError` for a name that is no part of it.
        """
        for name in chosen:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "nothing"
                raise BackproofError(
                    f"bp.specs.{self.name}", f"the unknown {name}", known, "drop or rename it"
                )
        return dataclasses.replace(self, fixed={**self.fixed, **chosen})

    def configurations(self, taken: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Configurations to try where a function takes these parameters: the default first."""
        free = [n for n in self.defaults if n not in self.fixed]
        names = [n for n in free if n in taken or n in self.implicit]
        values = [dict.fromkeys((self.defaults[n], *self.varied.get(n, ()))) for n in names]
        for combination in product(*values):
            yield {**self.defaults, **dict(zip(names, combination, strict=True))}

    def model(self, **configuration: Any) -> Model:
        """The equations of the result ``y`` under a configuration.

        Raises `BackproofError` for a configuration that means nothing.
        """
        return _model(self.state, tuple(sorted({**self.defaults, **configuration}.items())))

    def derivation(self, **configuration: Any) -> Derivation:
        """The vector-Jacobian product: gradients of Σ y·dy, or of y where it is a scalar."""
        chosen = tuple(sorted({**self.defaults, **configuration}.items()))
        return _derivation(self.state, self.wrt, chosen, False)

    def pullback(self, **configuration: Any) -> Derivation:
        """The gradients of Σ y·dy, of a scalar y too."""
        chosen = tuple(sorted({**self.defaults, **configuration}.items()))
        return _derivation(self.state, self.wrt, chosen, True)

    def __str__(self) -> str:
        return f"{self!r}\n{self.model()}"

    def __repr__(self) -> str:
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.fixed.items())
        return f"{self.name}({chosen})"


@cache
def _model(state: Callable[..., Model], configuration: tuple[tuple[str, Any], ...]) -> Model:
    return _called(RESULT, state(**dict(configuration)))


@cache
def _derivation(
    state: Callable[..., Model],
    wrt: tuple[str, ...],
    configuration: tuple[tuple[str, Any], ...],
    upstream: bool,
) -> Derivation:
    model = _model(state, configuration)
    return derive(paired(model) if upstream or model.output.shape else model, wrt=wrt)


def _called(name: str, model: Model) -> Model:
    """The model with its result called so, where that is what its source returns it as."""
    if name not in model.outputs or model.output.name == name:
        return model
    new = {model.output.name: dataclasses.replace(model.output, name=name)}
    return dataclasses.replace(
        model,
        equations=tuple(with_tensors(e, new) for e in model.equations),
        steps=tuple(step_with_tensors(step, new) for step in model.steps),
        output=new[model.output.name],
        outputs={name: new[model.output.name]},
    )


def paired(model: Model) -> Model:
    """The model of Σ y·dy, whose gradients are the vector-Jacobian products of y.

    >>> from backproof.theory.specs import dense
    >>> print(paired(dense.model()))
    y[i,l] = Σ_j x[i,j] W[j,l] + b[l]
    value = Σ_i,l y[i,l] dy[i,l]
    """
    result = model.output
    upstream = Tensor(UPSTREAM, result.shape, result.axes)
    own = model[result.name].indices
    factors = (Entry(result, own), Entry(upstream, own))
    pair = Contraction(sp.S.One, factors, own)
    value = Equation(Tensor("value", (), ()), (), Sum((pair,)))
    inputs = {**model.inputs, UPSTREAM: upstream}
    return Model((*model.equations, value), inputs, model.parameters, value.tensor, model.steps)


def axis_of(name: str, axis: int, rank: int) -> int:
    """An axis counted from the front.

    Raises `BackproofError` for one that an array of that many axes lacks.

    >>> axis_of("softmax", -1, 2)
    1
    """
    if isinstance(axis, bool) or not isinstance(axis, int) or not -rank <= axis < rank:
        found = f"axis={axis!r} of an array with {rank} axes"
        raise BackproofError(name, found, "an axis that it has", "choose another axis, or rank=")
    return axis % rank
