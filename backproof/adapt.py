"""Functions of torch, JAX and autograd, and objects that keep arrays, made fit for `bp.verify`.

What belongs to a framework beyond doubt (a module, a jitted function, an annotated one) needs no
adapter.  Elsewhere ``bp.adapt.torch(f)``, ``.jax`` and ``.autograd`` say what a function is, and
what its arguments are called; ``bp.adapt.sklearn`` takes a method of an object with attributes.

>>> import backproof as bp
>>> from sklearn.neural_network import BernoulliRBM
>>> weights = {"components_": "W.T", "intercept_hidden_": "b_h", "intercept_visible_": "b_v"}
>>> energy = bp.adapt.sklearn(BernoulliRBM, "_free_energy", ("v",), weights)
>>> bp.verify(energy, bp.specs.rbm_free_energy(rank=2), seed=1).verdict
'verified'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backproof.numerics.adapters import FRAMEWORKS, Adapted, Estimator
from backproof.numerics.adapters.frameworks import Framework

sklearn = Estimator


class Adapter:
    """Makes a callable of one framework fit to be judged."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.__name__ = framework.name
        self.__doc__ = f"A callable of {framework.name} as a function of NumPy arrays."

    def __call__(
        self,
        function: Any,
        names: Mapping[str, str] | None = None,
        gradients: bool | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> Adapted:
        """The callable as a function of NumPy arrays, with the framework's own gradients.

        ``names`` maps its parameters, and those that a module keeps ("0.weight"), to the names of
        what it is held against; "W.T" passes the transpose. ``gradients=False`` leaves the
        framework's derivatives out, for a backward pass written by hand. ``sizes`` are those at
        which alone it works. Raises `BackproofError` where the framework is not installed.
        """
        return Adapted(self.framework, function, names, gradients, sizes)

    def built(
        self, factory: Any, names: Mapping[str, str] | None = None, gradients: bool | None = None
    ) -> Adapted:
        """What a class or a function makes of sizes and configuration, made anew at each point.

        The parameters of ``factory`` are sizes of what it is held against, or its configuration.
        """
        return Adapted(self.framework, factory, names, gradients, factory=True)


_ADAPTERS = {framework.name: Adapter(framework) for framework in FRAMEWORKS}


def __getattr__(name: str) -> Any:
    """An adapter by the name of its framework."""
    if name in _ADAPTERS:
        return _ADAPTERS[name]
    raise AttributeError(f"no adapter {name}; there are {', '.join(_ADAPTERS)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ADAPTERS])
