"""A method of an object that keeps arrays, as scikit-learn's estimators do, as a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backproof.numerics.adapters.adapted import mapped
from backproof.theory.errors import BackproofError


class Estimator:
    """A function that makes an object, gives it arrays to keep, and calls one of its methods.

    ``make`` returns a new object.  ``keeps`` maps attributes to names, lists of names or their
    transposes ("W.T"); ``passes`` are the names that the ``method`` is given, in order.  It returns
    what the method returns or, with ``reads``, attributes by name after the call: what is added to
    them where ``update`` is true.  A name in ``generator`` is a generator; the object is given a
    `RandomState` that draws from it.

    >>> class Line:
    ...     def predict(self, x): return self.coef_ * x
    >>> predict = Estimator(Line, "predict", ("x",), {"coef_": "w"})
    >>> predict, predict(x=np.float64(2.0), w=np.float64(3.0))
    (bp.adapt.sklearn(Line.predict), np.float64(6.0))
    """

    def __init__(
        self,
        make: Callable[[], Any],
        method: str | Callable[..., Any],
        passes: Sequence[str] = (),
        keeps: Mapping[str, Any] | None = None,
        reads: Mapping[str, str] | None = None,
        update: bool = False,
        generator: str = "",
    ) -> None:
        self.make, self.method, self.passes = make, method, tuple(passes)
        self.keeps, self.reads = dict(keeps or {}), dict(reads or {})
        self.update, self.generator = update, generator
        made = make()
        called = method if isinstance(method, str) else method.__name__
        if isinstance(method, str) and not callable(getattr(made, method, None)):
            found = f"no method {method} of a {type(made).__name__}"
            raise BackproofError("bp.adapt.sklearn", found, "one of its methods", "check its name")
        self.__name__ = f"{type(made).__name__}.{called}"
        code = getattr(type(made), method, None) if isinstance(method, str) else method
        self.__wrapped__ = code
        only = inspect.Parameter.KEYWORD_ONLY
        names = dict.fromkeys((*self.passes, *_names(list(self.keeps.values()))))
        parameters = [inspect.Parameter(n, only) for n in names if n != ""]
        self.__signature__ = inspect.Signature(parameters)

    def __call__(self, **given: Any) -> Any:
        """What the method returns, or what it leaves in the attributes that are read."""
        if self.generator:
            given[self.generator] = _state(given[self.generator])
        made = self.make()
        for attribute, item in self.keeps.items():
            setattr(made, attribute, mapped(item, lambda name: _kept(given, name)))
        before = {n: np.array(_read(made, path)) for n, path in self.reads.items()}
        passed = [given[name] for name in self.passes]
        method = getattr(made, self.method) if isinstance(self.method, str) else None
        returned = method(*passed) if method else self.method(made, *passed)  # type: ignore[operator]
        if not self.reads:
            return returned
        after = {n: np.array(_read(made, path)) for n, path in self.reads.items()}
        return {n: after[n] - before[n] for n in after} if self.update else after

    def __repr__(self) -> str:
        return f"bp.adapt.sklearn({self.__name__})"


def _names(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item.removesuffix(".T")
    else:
        for inner in item.values() if isinstance(item, Mapping) else item:
            yield from _names(inner)


def _kept(given: Mapping[str, Any], name: str) -> Any:
    """A copy: what an object keeps is its own to change."""
    value = given[name.removesuffix(".T")]
    if not isinstance(value, np.ndarray | np.generic):
        return value
    return np.array(value.T if name.endswith(".T") else value)[()]


def _read(made: Any, path: str) -> Any:
    """An attribute, an entry of one that is a list ("coefs_[0]"), or the transpose of either."""
    name, _, place = path.removesuffix(".T").partition("[")
    value = getattr(made, name)
    value = value[int(place.rstrip("]"))] if place else value
    return np.asarray(value).T if path.endswith(".T") else value


def _state(generator: Any) -> Any:
    """The older interface of NumPy's generators, drawing from the same bits."""
    if isinstance(generator, np.random.Generator):
        return np.random.RandomState(generator.bit_generator)
    return generator
