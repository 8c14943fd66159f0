"""A forward and a backward function judged as one: what the forward keeps, the backward is given.

The forward function returns its result, or a tuple of its result and a cache; the backward one
takes the cotangent of the result, the cache, and any of the forward's arguments by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backproof.numerics.judge.calls.binding import parameters_of, title_of
from backproof.theory.errors import BackproofError


class Pair:
    """The function of the forward's arguments and the cotangent that both make together.

    >>> def forward(x): return 2 * x, x.shape
    >>> def backward(dy, cache): return 2 * dy
    >>> pair = Pair(forward, backward, {"dout": "dy"}, "dy")
    >>> import numpy as np
    >>> list(inspect.signature(pair).parameters), pair(x=np.float64(1.5), dy=1.0)
    (['x', 'dy'], (np.float64(3.0), 2.0))
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
        aliases: Mapping[str, str],
        upstream: str,
    ) -> None:
        self.forward, self.backward = forward, backward
        self.aliases, self.upstream = aliases, upstream
        self.__name__ = f"{title_of(forward)}_and_{title_of(backward)}"
        self.__wrapped__ = backward  # whose local variables a diagnosis follows
        own = inspect.signature(forward).parameters.values()
        self.given = [p for p in own if p.kind is not p.VAR_KEYWORD]
        last = inspect.Parameter(upstream, inspect.Parameter.KEYWORD_ONLY)
        self.__signature__ = inspect.Signature(
            [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in self.given] + [last]
        )

    def __call__(self, **arguments: Any) -> Any:
        """The forward's result and what the backward makes of the cotangent."""
        upstream = arguments.pop(self.upstream)
        places = [p.name for p in self.given if p.kind is p.POSITIONAL_ONLY and p.name in arguments]
        first = [arguments.pop(name) for name in places]
        made = self.forward(*first, **arguments)
        result, cache = made, None
        if isinstance(made, tuple) and made:
            result, cache = made[0], made[1] if len(made) == 2 else made[1:]
        known = {**dict(zip(places, first, strict=True)), **arguments}
        known = {**known, **{self.aliases[n]: v for n, v in known.items() if n in self.aliases}}
        found = self.backward(*self._passed(upstream, cache, result, known))
        if isinstance(found, Mapping):
            return {"y": result, **found}
        return (result, *found) if isinstance(found, tuple | list) else (result, found)

    def _passed(
        self, upstream: Any, cache: Any, result: Any, known: Mapping[str, Any]
    ) -> Sequence[Any]:
        """The backward's arguments in order; what no name explains is the cache."""
        passed = []
        for name in parameters_of(self.backward):
            plain = self.aliases.get(name, name)
            if plain == self.upstream or name == self.upstream:
                passed.append(upstream)
            elif name in known:
                passed.append(known[name])
            elif name in ("y", "out", "output"):
                passed.append(result)
            elif plain in known:
                passed.append(known[plain])
            elif cache is not None:
                passed.append(cache)
            elif (
                inspect.signature(self.backward).parameters[name].default is inspect.Parameter.empty
            ):
                raise BackproofError(
                    title_of(self.backward),
                    f"the parameter {name}, which the forward function does not give",
                    "the cotangent, the forward's arguments, or what it returns beside its result",
                    "return (result, cache) from the forward function",
                )
        return passed
