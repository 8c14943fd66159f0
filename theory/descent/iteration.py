"""An optimiser on a model: the map from parameters and their state to the next ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.letters import letters_of
from backproof.theory.model import Model, needed
from backproof.theory.notation import Tensor
from backproof.theory.optimisers import UpdateRule
from backproof.theory.rewriting.entries import with_tensors


def iteration(
    rule: UpdateRule,
    model: Model,
    wrt: str | Sequence[str] | None = None,
    **numbers: float,
) -> Model:
    """One step of an optimiser on a model, with the model's gradient derived in place.

        (θ, state) ↦ (θ′, state′),  g = ∇J at θ, or at the point that the rule looks ahead to

    Inputs: those of the model, the states, ``t`` if the rule counts, and the hyperparameters that
    ``numbers`` does not give; parameters: ``wrt`` (default: the model's own).  Outputs: each
    parameter and each state, as they are next.  With one parameter a state keeps its name; with
    several it is called after both, ``v_W1``.

    Raises `BackproofError` for what `derive` refuses and for unknown hyperparameters.

    >>> from backproof.theory.optimisers import nesterov
    >>> from backproof.theory.trace.tracing import trace
    >>> print(iteration(nesterov, trace("np.sum((x - b)**2) / 2", b="n", x="n"), "x", beta=0.9))
    x_ahead[i] = x[i] + 0.9 v[i]
    dx[i] = x_ahead[i] - b[i]
    v_new[i] = 0.9 v[i] - lr dx[i]
    x_new[i] = x[i] + v_new[i]
    """
    gradient = derive(model, wrt)
    names = {*gradient.arguments, *(e.tensor.name for e in gradient.equations)}
    names |= {s.name for s in model.sizes}
    states = frozenset(q.name for q in rule.state)
    made = _Composition(names, states, single=len(gradient.wrt) == 1)
    places = {
        n: replace(t, symbol=t.symbol or (n, "t-1"))
        for n, t in model.arguments.items()
        if n in gradient.wrt
    }
    missing = [n for n in gradient.wrt if n not in places]
    if missing:
        raise BackproofError(
            "wrt", f"{missing[0]}, which the model computes", "arguments of the model", "drop it"
        )
    moved = dict(places)
    for name, target in places.items():
        point = rule.point(target.shape, **numbers)
        if point is not None:
            moved[name] = made.add(point, name, {"theta": target})["theta_ahead"]
    made.equations += [with_tensors(e, moved) for e in gradient.equations]
    outputs: dict[str, Tensor] = {}
    for name, target in places.items():
        step = rule.model(target.shape, **numbers)
        found = made.add(step, name, {"theta": target, "g": gradient.results[name]})
        outputs[name] = found["theta_new"]
        outputs |= {found[q.name].name: found[f"{q.name}_new"] for q in rule.state}
    given = {n: t for n, t in model.arguments.items() if n not in places}
    return Model(
        needed(made.equations, outputs.values()),
        {**given, **made.inputs},
        places,
        next(iter(outputs.values())),
        gradient.steps,
        f"{rule.title}, {model.title}" if model.title else rule.title,
        outputs=outputs,
    )


@dataclass
class _Composition:
    """Equations put together, each quantity under a name of its own."""

    names: set[str]
    states: frozenset[str]
    single: bool
    equations: list[Equation] = field(default_factory=list)
    inputs: dict[str, Tensor] = field(default_factory=dict)
    _shared: dict[tuple[str, str], Tensor] = field(default_factory=dict)

    def add(self, step: Model, name: str, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The equations of one parameter's update; the tensors that its quantities became."""
        new = dict(given)
        axes = given["theta"].axes
        for key, tensor in step.inputs.items():
            if key not in given:
                new[key] = self._input(tensor, name, axes, key in self.states)
        for equation in step.equations:
            wish = self._called(equation.tensor.name, name)
            new[equation.tensor.name] = self._like(equation.tensor, wish, axes)
        letters = letters_of(self.equations, self.names)
        for equation in step.equations:
            there = with_tensors(equation, new)
            self.equations.append(letters.write(there.tensor, there.indices, there.rhs))
        return new

    def _input(self, tensor: Tensor, name: str, axes: tuple[str, ...], own: bool) -> Tensor:
        """A state of a parameter, or a scalar that all parameters share."""
        key = (tensor.name, name if own else "")
        if key not in self._shared:
            wish = self._called(tensor.name, name) if own else tensor.name
            self._shared[key] = self._like(tensor, wish, axes if own else ())
            self.inputs[self._shared[key].name] = self._shared[key]
        return self._shared[key]

    def _called(self, plain: str, name: str) -> str:
        """A quantity of the update of ``name``: theta_new is W1_new, and m_new is m_W1_new."""
        stem, *ending = plain.rsplit("_", 1) if plain.endswith(("_new", "_ahead")) else (plain,)
        own = name if stem == "theta" else stem if self.single else f"{stem}_{name}"
        return "_".join([own, *ending])

    def _like(self, tensor: Tensor, wish: str, axes: tuple[str, ...]) -> Tensor:
        """A quantity under a name that is free, printed as the rule prints its own."""
        name = next(
            n for k in count(1) if (n := wish if k == 1 else f"{wish}_{k}") not in self.names
        )
        self.names.add(name)
        _plain, stamp = tensor.symbol or (tensor.name, "")
        symbol = (wish.removesuffix("_new"), stamp) if stamp else tensor.symbol
        return replace(tensor, name=name, axes=axes, symbol=symbol)
