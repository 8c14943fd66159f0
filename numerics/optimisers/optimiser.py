"""An optimiser with numbers: its step as a kernel, and training with a derived gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.optimisers.history import Array, Arrays, History, Progress
from backproof.numerics.optimisers.objective import Objective
from backproof.numerics.optimisers.watching import watched
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.descent.convergence import Convergence, convergence
from backproof.theory.descent.iteration import iteration
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.optimisers import UpdateRule
from backproof.theory.printing.text import text


@dataclass(frozen=True)
class State:
    """How many steps were made, and the states of each parameter by their names."""

    steps: int
    of: Mapping[str, Arrays]


@dataclass(frozen=True, repr=False)
class Optimiser:
    """A rule with numbers for some of its hyperparameters.

    In ``equations`` and ``model()`` a hyperparameter without a number stays a symbol; when it
    runs, it has the default of the rule's source.  A step of one's own is judged against it: the
    hyperparameters that the function takes are drawn, the others have their numbers.

    >>> from backproof.numerics import optimisers
    >>> from backproof.numerics.judge import verify
    >>> def step(theta, g, v, lr, beta):
    ...     v = beta * v - lr * g
    ...     return theta + v, v
    >>> verify(step, against=optimisers.momentum(), seed=0).verdict
    'verified'
    >>> verify(step, against=optimisers.adagrad(), inputs=("theta", "g", "r", "lr", "eps"), seed=0)
    <verification of step: refuted>
    """

    rule: UpdateRule
    numbers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model()  # refuses what the rule does not know

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The update of a vector, one line a quantity."""
        return self.model().equations

    def model(self, shape: str = "n") -> Model:
        """The update of a parameter of this shape, as what a step of one's own is held against."""
        return self.rule.model(shape, **self.numbers)

    def statement_for(self, names: Iterable[str]) -> Model:
        """The model for a function with these arguments: other hyperparameters are numbers."""
        taken = set(names)
        known = {q.name: q.number for q in self.rule.hyperparameters if q.name not in taken}
        defaults = {name: number for name, number in known.items() if number is not None}
        return self.rule.model("n", **{**defaults, **self.numbers})

    @cached_property
    def hyperparameters(self) -> dict[str, float]:
        """A number for each: as given, or the default.

        Raises `BackproofError` for one that has neither.
        """
        found = {q.name: self.numbers.get(q.name, q.number) for q in self.rule.hyperparameters}
        for name, number in found.items():
            if number is None:
                raise BackproofError(
                    self.rule.name, f"no {name}", "a number, as its source states none",
                    f"write {self.rule.name}({name}=…)",
                )  # fmt: skip
        return {name: float(number) for name, number in found.items() if number is not None}

    @property
    def convergence(self) -> Convergence:
        """When it converges on quadratics; refused for a step that is not linear."""
        return convergence(self.rule)

    def iteration(self, model: Model, wrt: str | Sequence[str] | None = None) -> Model:
        """One step on a model as one model: from parameters and state to the next ones."""
        return iteration(self.rule, model, wrt, **self.numbers)

    @property
    def kernel(self) -> Kernel:
        """The compiled update of a vector, in float64."""
        return _kernel(self.rule, 1, "float64", True)

    # steps ---------------------------------------------------------------------------------

    def start(self, parameters: Arrays) -> State:
        """The state before the first step."""
        return State(
            0,
            {
                name: {q.name: np.full_like(_real(name, p), q.number) for q in self.rule.state}
                for name, p in parameters.items()
            },
        )

    def point(self, parameters: Arrays, state: State | None = None) -> dict[str, Array]:
        """Where the gradient of the next step has to be taken: ``parameters``, or ahead of them."""
        state = state or self.start(parameters)
        if not self.rule.look_ahead:
            return dict(parameters)
        return {n: self._run(False, n, parameters, state, {}) for n in parameters}

    def step(
        self, parameters: Arrays, gradients: Arrays, state: State | None = None
    ) -> tuple[dict[str, Array], State]:
        """The next parameters and state; nothing is changed in place.

        ``gradients`` are those of `point`, by the parameters' names; without a ``state`` it is
        the first step.  Arrays are float32 or float64, of any shape.

        Raises `BackproofError` for missing gradients and for shapes that differ.

        >>> from backproof.numerics import optimisers
        >>> momentum = optimisers.momentum(lr=0.1, beta=0.5)
        >>> w, state = momentum.step({"w": np.array([1.0])}, {"w": np.array([2.0])})
        >>> w, state = momentum.step(w, {"w": np.array([2.0])}, state)
        >>> w["w"].tolist(), state.steps, state.of["w"]["v"].round(6).tolist()
        ([0.5], 2, [-0.3])
        """
        state = state or self.start(parameters)
        if set(gradients) != set(parameters) or set(state.of) != set(parameters):
            found = f"gradients of {', '.join(gradients)}, states of {', '.join(state.of)}"
            expected = f"both for {', '.join(parameters)}"
            raise BackproofError(self.rule.name, found, expected, "name them alike")
        made = {n: self._run(True, n, parameters, state, gradients) for n in parameters}
        moved = {n: out["theta"] for n, out in made.items()}
        states = {n: {q.name: out[q.name] for q in self.rule.state} for n, out in made.items()}
        return moved, State(state.steps + 1, states)

    def _run(
        self, update: bool, name: str, parameters: Arrays, state: State, gradients: Arrays
    ) -> Any:
        """The kernel of one parameter's update or point."""
        theta = _real(name, parameters[name])
        kernel = _kernel(self.rule, theta.ndim, str(theta.dtype), update)
        given: dict[str, Any] = {"theta": theta, **state.of[name], **self.hyperparameters}
        given["t"] = state.steps + 1
        if update:
            given["g"] = gradients[name]
            shape = np.shape(gradients[name])
            if shape != theta.shape:
                found = f"a gradient of shape {shape}"
                raise BackproofError(name, found, f"{theta.shape}", "differentiate in it")
        return kernel(**{key: given[key] for key in kernel.arguments.names})

    # training ------------------------------------------------------------------------------

    def minimise(
        self,
        statement: Model | Derivation,
        data: Arrays | Iterable[Arrays],
        parameters: Arrays,
        steps: int,
        *,
        state: State | None = None,
        each: Callable[[int, float], Any] | None = None,
        progress: Progress | bool | None = None,
    ) -> History:
        """Train: ``steps`` steps with the derived gradient of a model's scalar output.

        ``statement`` is a model, differentiated in the given ``parameters``, or its gradient.
        ``data`` are the model's other inputs, or an iterator of them, one for each step
        (`batches`).  ``state`` continues an earlier run.  ``each(step, value)`` is called after
        every step; ``progress(stage, done, total)`` too, and the default is a bar on the terminal.

        Raises `BackproofError` at the first step where the value, a gradient or a parameter is not
        finite, with the first quantity of the equations that is not; and when batches run out.

        >>> from backproof.numerics import optimisers
        >>> from backproof.theory.trace.tracing import trace
        >>> model = trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
        >>> data = {"x": np.array([1.0, 2.0]), "y": np.array([3.0])}
        >>> descent = optimisers.gradient_descent(lr=0.05)
        >>> found = descent.minimise(model, data, {"W": np.zeros((1, 2))}, steps=30)
        >>> found.parameters["W"].round(3).tolist(), float(found.values[0])
        ([[0.6, 1.2]], 9.0)
        """
        objective = Objective.of(statement, parameters)
        state = state or self.start(parameters)
        first, done = state.steps + 1, []
        given = iter([]) if isinstance(data, Mapping) else iter(data)
        at = objective.cast(parameters)
        with watched(self.rule.title, steps, progress) as report:
            for number in range(first, first + steps):
                batch = data if isinstance(data, Mapping) else next(given, None)
                where = f"{self.rule.name}, step {number}"
                if batch is None:
                    move = "repeat them, or make fewer steps"
                    raise BackproofError(where, "no batch left", "one a step", move)
                found = objective.at(where, batch, self.point(at, state))
                with np.errstate(all="ignore"):  # looked at below
                    at, state = self.step(at, found.gradients, state)
                objective.require_finite(where, at)
                done.append((found.value, found.norm))
                report("training", len(done), steps)
                if each is not None:
                    each(number, found.value)
        values, norms = np.array(done, float).reshape(-1, 2).T
        return History(at, values, norms, state, len(done), f"{len(done)} steps were made")

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={number!r}" for name, number in self.numbers.items())
        return f"{self.rule.name}({numbers})"


@cache
def _kernel(rule: UpdateRule, rank: int, dtype: str, update: bool) -> Kernel:
    """The kernel for parameters of a rank, its hyperparameters arguments."""
    shape = " ".join(f"n{axis}" for axis in range(1, rank + 1))
    model = rule.model(shape) if update else rule.point(shape)
    assert model is not None
    return compile(model, dtype=dtype)


def _real(name: str, given: Any) -> Array:
    """A parameter as an array of floating numbers."""
    array = np.asarray(given)
    if array.dtype.kind in "iub":
        array = array.astype(float)
    if array.dtype.kind != "f":
        raise BackproofError(name, f"dtype {array.dtype}", "real numbers", "convert the array")
    return array


def maker(rule: UpdateRule) -> Callable[..., Optimiser]:
    """The function that makes an optimiser of a rule, with the rule's numbers as its keywords."""

    def make(**numbers: float) -> Optimiser:
        return Optimiser(rule, numbers)

    make.__name__ = make.__qualname__ = rule.name
    sources = "\n".join(f"    {line}" for line in (rule.reference, *rule.conventions))
    lines = "\n".join(f"    {equation}" for equation in rule.equations)
    make.__doc__ = f"{rule.title}.\n\n{lines}\n\n{sources}\n"
    make.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                q.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if q.number is None else q.number,
            )
            for q in rule.hyperparameters
        ]
    )
    return make
