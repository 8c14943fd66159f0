"""What a benchmark is: some contestants that do the same work, each in a process of its own."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

Arrays = Mapping[str, Any]
Call = Callable[[], Arrays]

# Contestants that keep on disk what they compiled: the environment variable that says where.
CACHES = {
    "backproof C": "BACKPROOF_CACHE",
    "backproof C, bound": "BACKPROOF_CACHE",
    "torch compiled": "TORCHINDUCTOR_CACHE_DIR",
}


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    `load` imports what it needs and returns whatever `start` wants of it; `start` takes that and
    the inputs, sets everything up and returns a call without arguments.  A call returns its
    results, finished, as NumPy arrays by name.  Loading is timed apart; setting up and the first
    call are the first result; further calls are the steady state.

    A `floor` is no contestant but a part of the work that nobody can leave out, such as the
    matrix products alone: its results are not compared, and it is nobody's peer.  Nor is another
    kernel of backproof's `own`.
    """

    name: str
    package: str  # what must be installed
    load: Callable[[], Any]
    start: Callable[[Any, Arrays], Call]
    floor: bool = False
    own: bool = False

    @property
    def cache(self) -> str | None:
        """The environment variable that names the folder of what it compiled, if it keeps that."""
        return CACHES.get(self.name)

    @property
    def installed(self) -> bool:
        """Whether its package can be imported here."""
        return find_spec(self.package) is not None


@dataclass(frozen=True)
class Benchmark:
    """Contestants, their common inputs, and how closely their results must agree.

    The first contestant is the one that the ratios are of; the others are its peers.  On an
    ``accelerator`` every contestant of one framework is set up at one time, to be done sooner.
    """

    name: str
    about: str
    inputs: Callable[[], Arrays]
    contestants: tuple[Contestant, ...]
    tolerance: float
    accelerator: bool = False

    def contestant(self, name: str) -> Contestant:
        """The contestant of a name."""
        (found,) = [one for one in self.contestants if one.name == name]
        return found


def loading(module: str) -> Callable[[], Any]:
    """A `load` that imports one module; backproof's kernels run where BENCHMARK_BACKEND says."""

    def load() -> Any:
        from importlib import import_module

        found = import_module(module)
        backend = os.environ.get("BENCHMARK_BACKEND")
        if module != "backproof" or backend is None:
            return found
        return SimpleNamespace(
            **{**vars(found), "compile": partial(found.compile, backend=backend)}
        )

    return load
