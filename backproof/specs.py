"""Named specifications that functions are judged against: `bp.specs.layernorm(axis=-1)`.

Equations of layers, losses and elementary functions, the steps of optimisers, and contracts of
samplers and estimators; each can be configured by a call.

>>> import numpy as np, backproof as bp
>>> bp.verify(lambda x: np.log(1 + np.exp(x)), bp.specs.softplus, seed=1).verdict
'refuted'
>>> bp.verify(lambda x: np.logaddexp(0, x), bp.specs.softplus, seed=1).verdict
'verified'
>>> named("layernorm:axis=-1:eps=1e-3")
layernorm(axis=-1, eps=0.001)
"""

from __future__ import annotations

import ast
import re
from typing import Any

from backproof.numerics import optimisers
from backproof.numerics.judge.chance import CONTRACTS, Contract
from backproof.theory.errors import BackproofError
from backproof.theory.optimisers import OPTIMISERS
from backproof.theory.specs import SPECIFICATIONS, Specification

_NAMED: dict[str, Any] = {
    **{rule.name: getattr(optimisers, rule.name) for rule in OPTIMISERS},
    **{spec.name: spec for spec in SPECIFICATIONS},
    **{contract.name: contract for contract in CONTRACTS},
}
NAME = re.compile(r"(?P<name>\w+)(?P<rest>(:\w+=[^:]*)*)")


def __getattr__(name: str) -> Any:
    """A specification by its name."""
    if name in _NAMED:
        return _NAMED[name]
    raise AttributeError(f"no specification {name}; there are {', '.join(_NAMED)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMED])


def is_named(text: str) -> bool:
    """Whether a text names a specification, configured or not.

    >>> is_named("softmax:axis=0"), is_named("np.sum(x)")
    (True, False)
    """
    found = NAME.fullmatch(text)
    return found is not None and found["name"] in _NAMED


def named(text: str) -> Any:
    """The specification that ``layernorm:axis=-1:eps=1e-3`` names.

    Raises `BackproofError` for a configuration that it lacks.
    """
    found = NAME.fullmatch(text)
    if found is None or found["name"] not in _NAMED:
        raise BackproofError("specification", repr(text), "a name of bp.specs", "see dir(bp.specs)")
    chosen = dict(part.split("=", 1) for part in found["rest"].split(":") if part)
    spec = _NAMED[found["name"]]
    if isinstance(spec, Specification | Contract) and not chosen:
        return spec
    return spec(**{name: _read(value) for name, value in chosen.items()})


def _read(value: str) -> Any:
    """A Python literal, or a word."""
    try:
        return ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return value
