"""`verify`: a function handed to the judge of what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from backproof.numerics.adapters import Adapted, adapted
from backproof.numerics.judge.calls.asking import States
from backproof.numerics.judge.calls.binding import Item
from backproof.numerics.judge.chance import Contract
from backproof.numerics.judge.further import further
from backproof.numerics.judge.judgement import (
    Progress,
    format_of,
    seed_of,
    silent,
    verify_equations,
)
from backproof.numerics.judge.points.point import Given
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.specified import verify_specified
from backproof.numerics.judge.verification import Verification
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification

Function = Callable[..., Any] | tuple[Callable[..., Any], Callable[..., Any]]


def verify(
    function: Function,
    against: Derivation | Model | Specification | Contract | States,
    inputs: Sequence[Item] | str | None = None,
    outputs: Sequence[Item] | str | None = None,
    dtype: str | type | None = None,
    seed: int | None = None,
    *,
    draw: Given | None = None,
    search: int = 0,
    including: str | Sequence[str] = (),
    progress: Progress | None = None,
) -> Verification:
    """Judge a function against a model or its derivation, or against a named specification.

    ``against`` is what `derive` returns, or a model (the function is then a forward function), an
    optimiser (the function is then one step of it), or a specification of `bp.specs` (the function
    is then a forward or a backward one, or a pair ``(forward, backward)``), or a contract of
    something random (a sampler, a transition, an estimator).
    ``inputs`` names the arguments in the order of the function's positional parameters (default:
    the parameters' own names); ``outputs`` names what it returns, in order: a result ("W1" is the
    gradient with respect to W1), "value", or any quantity of the equations ("dz2", "h1") (default:
    all results, the outputs of a model, or its value). Names may be grouped in lists, tuples and
    dictionaries; a returned dictionary is read by its keys.

    Functions, modules and classes of torch, JAX and autograd are recognised where that is beyond
    doubt, and are judged with the gradients that the framework makes of them; `bp.adapt` says what
    is not. ``dtype`` is "float64", or what the framework computes in by itself, unless it is given.

    The function is called at points chosen from the equations: unequal, equal and single sizes,
    whole numbers, zeros and ties, exponents up to 1000, confident mistakes, edge labels, and a
    random search from ``seed``.  ``draw={"y": f}`` draws an argument by ``f(rng, shape)`` instead.
    An entry is wrong when it misses the reference by more than 16 times the running error that
    the same equations may make in ``dtype``; no array size and no global constant enters.
    Parameters that are part of a specification's configuration (a stride, an axis) are varied.

    With ``search=N``, hypothesis tries up to N further points and shrinks one at which the
    function fails; its seed is ``seed``.  It has to be installed then.

    ``including`` names kinds of points that the contract speaks of besides: "empty" (a size of 0,
    where sums of nothing are 0), "integer" (arrays of an integer type) and "non-finite" (±∞ as
    limits, nan that stays nan).

    ``progress(stage, done, total)`` is called along the way.  Raises `BackproofError` when the
    names do not fit; whatever the function does wrong is a finding instead.

    >>> from backproof.theory.calculus.derivation import derive
    >>> from backproof.theory.trace.tracing import trace
    >>> g = derive(trace("np.sum((X @ w - y)**2)", X="n d", w="d", y="n"), wrt="w")
    >>> verify(lambda X, w, y: 2 * X.T @ (X @ w - y), against=g, seed=1).verdict
    'verified'
    >>> r = verify(lambda X, w, y: X.T @ (X @ w - y), against=g, seed=1)
    >>> r.verdict, r.outputs
    ('refuted', {'dw': 'wrong'})
    >>> from backproof.theory.specs import relu
    >>> verify(lambda x: x * (x > 0), against=relu, seed=1).verdict
    'verified'
    """
    function = adapted(function)
    form, seed = _format(function, dtype), seed_of(seed)
    rest = (inputs, outputs, form, seed, draw or {}, progress or silent, further(search, including))
    if isinstance(against, Contract):
        return against.judge(function, inputs, seed, progress or silent)  # type: ignore[arg-type]
    if isinstance(against, Specification):
        return verify_specified(function, against, *rest)
    return verify_equations(function, against, *rest)  # type: ignore[arg-type]


def _format(function: Any, dtype: str | type | None) -> Format:
    """The format to judge in: that of the framework, where none is asked for."""
    parts = function if isinstance(function, tuple) else (function,)
    frameworks = [part.framework for part in parts if isinstance(part, Adapted)]
    if dtype is None:
        dtype = frameworks[0].dtype() if frameworks else "float64"
    return replace(format_of(dtype), flushes=any(f.flushes for f in frameworks))
