"""Gradient checkers of other libraries on the same wrong code, at a random point.

They compare a backward pass with differences of a forward one.  A pair brings its own forward
function; a backward pass or a step alone is given the compiled kernel of the right value.  What
has no gradient to check (a forward function alone, a step of an optimiser, a sampler) they cannot
refuse, and it is counted so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mutants.catalogue import Edited
from mutants.layers import Stated, made
from mutants.steps import Step
from scipy import optimize

from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.specified import Specified
from backproof.numerics.judge.statement import Statement
from backproof.numerics.kernel import compile

Array = np.ndarray[Any, Any]
Loss = Callable[[Array], float]
Slope = Callable[[Array], Array]


def refused(mutant: Edited, seed: int) -> dict[str, bool]:
    """Which peers refuse a mutant; one that raises is refused."""
    found = {}
    for name, check in PEERS.items():
        try:
            problem = _problem(mutant, seed)
            found[name] = problem is not None and not check(*problem)
        except ImportError:
            continue
        except Exception:
            found[name] = True
    return found


def _problem(mutant: Edited, seed: int) -> tuple[Loss, Slope, Array] | None:
    """A scalar loss of one flat vector, its claimed gradient, and a random point."""
    base = mutant.base
    if isinstance(base, Step):
        return None
    if isinstance(base, Stated):
        function = made(mutant)
        if callable(function):
            return None
        subject = Specified.of(function, base.against, None)
        run = next(iter(subject.runs()))
        against = base.against.pullback(**run.configuration)
        names = tuple(base.against.wrt)
        binding = subject.bound(run, against, None)

        def value(given: dict[str, Any]) -> float:
            y = binding.function(**_keywords(binding, given))[0]
            return float(np.sum(y * given["dy"]))

        def gradients(given: dict[str, Any]) -> list[Any]:
            return list(binding.function(**_keywords(binding, given))[1:])
    else:
        against = base.derivation()
        names = tuple(n for n in base.outputs if n != "value")
        kernel, backward = compile(against.model), mutant.function()

        def value(given: dict[str, Any]) -> float:
            return float(kernel(**{n: given[n] for n in kernel.arguments.names}))

        def gradients(given: dict[str, Any]) -> list[Any]:
            made_ = backward(**given)
            if isinstance(made_, dict):
                return [made_[n] for n in names]
            return [made_] if isinstance(made_, np.ndarray) else list(made_)

    statement = Statement.of(against, names, tuple(against.arguments))
    points = Points(statement, Format.of("float64"), seed, {})
    values = points.draw(points.assignments[0], 0).values()
    sizes = [values[n].size for n in names]
    shapes = [values[n].shape for n in names]

    def given(flat: Array) -> dict[str, Any]:
        parts = np.split(np.asarray(flat, float), np.cumsum(sizes)[:-1])
        moved = {n: p.reshape(s) for n, p, s in zip(names, parts, shapes, strict=True)}
        return {n: np.array(a) for n, a in {**values, **moved}.items()}

    start = np.concatenate([np.ravel(values[n]) for n in names])

    def slope(flat: Array) -> Array:
        found = gradients(given(flat))
        for part, shape in zip(found, shapes, strict=True):
            if np.shape(part) != shape:
                raise ValueError("a gradient of another shape")
        return np.concatenate([np.ravel(part) for part in found])

    return (lambda flat: value(given(flat))), slope, start


def _keywords(binding: Any, given: dict[str, Any]) -> dict[str, Any]:
    known = {**given, **binding.constants}
    names = list(binding.function.__signature__.parameters)
    items = [*binding.positional, *binding.keywords.values()]
    keys = [*names[: len(binding.positional)], *binding.keywords]
    return {key: known[item] for key, item in zip(keys, items, strict=True)}


def scipy_check_grad(loss: Loss, slope: Slope, at: Array) -> bool:
    """`scipy.optimize.check_grad`, with the tolerance that its examples suggest."""
    return bool(optimize.check_grad(loss, slope, at) <= 1e-5 * max(1.0, np.linalg.norm(slope(at))))


def torch_gradcheck(loss: Loss, slope: Slope, at: Array) -> bool:
    """`torch.autograd.gradcheck` with its own tolerances, in double precision."""
    import torch

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.tensor(loss(x.detach().numpy()), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            (x,) = ctx.saved_tensors
            return upstream[0] * torch.from_numpy(np.array(slope(x.detach().numpy())))

    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    return bool(torch.autograd.gradcheck(Wrapped.apply, (x,), raise_exception=False))


def jax_check_grads(loss: Loss, slope: Slope, at: Array) -> bool:
    """`jax.test_util.check_grads` of first order, in reverse mode, in double precision."""
    import jax
    from jax.test_util import check_grads

    with jax.enable_x64(True):
        shape = jax.ShapeDtypeStruct((), np.float64)
        flat = jax.ShapeDtypeStruct(at.shape, np.float64)

        @jax.custom_vjp
        def wrapped(x: Any) -> Any:
            return jax.pure_callback(lambda a: np.float64(loss(np.asarray(a))), shape, x)

        def back(x: Any, upstream: Any) -> Any:
            made_ = jax.pure_callback(lambda a: np.asarray(slope(np.asarray(a))), flat, x)
            return (upstream * made_,)

        wrapped.defvjp(lambda x: (wrapped(x), x), back)
        try:
            check_grads(wrapped, (at,), order=1, modes=("rev",))
        except AssertionError:
            return False
    return True


PEERS: dict[str, Callable[[Loss, Slope, Array], bool]] = {
    "torch": torch_gradcheck,
    "jax": jax_check_grads,
    "scipy": scipy_check_grad,
}
