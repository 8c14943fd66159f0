"""What the words of a command line state: a source string, a network, or an object of a file.

A source string is parsed and never executed; only `FILE.py::name` imports, that is, executes.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import backproof as bp
from backproof.commands.references import is_reference, named_object
from backproof.theory.energy.deep_belief import DeepBelief
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

NETWORKS = {
    "mlp": "mlp:SIZES:ACTIVATION:LIKELIHOOD:l2=NUMBER",
    "cnn": "cnn:CHANNELS,H,W:FILTERS:CLASSES:ACTIVATION:LIKELIHOOD:kernel=K:pool=P:l2=NUMBER",
}


@dataclass(frozen=True)
class Statement:
    """A statement and how it is to be read: the options that several commands share.

    `shapes` are `W=m n`, `labels` are `t=b<k`, `assumed` are `S=positive_definite`; `wrt` names
    may be joined by commas.

    >>> said = Statement("np.sum((W @ x - y)**2)", ("W=m n", "x=n", "y=m"), wrt=("W",))
    >>> print(said.derivation()["W"])
    dW[i,j] = dt1[i] x[j]
    """

    source: str
    shapes: Sequence[str] = ()
    labels: Sequence[str] = ()
    assumed: Sequence[str] = ()
    wrt: Sequence[str] = ()
    order: int = 1
    along: str | None = None
    per_sample: str | None = None
    symmetric: str | None = None
    stated: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stated", self._read())

    def derivation(self) -> bp.Derivation:
        """What is derived from it; a derivation that a file holds is taken as it is."""
        if isinstance(self.stated, Machine):
            return bp.energy.learning_rule(self.stated)
        if isinstance(self.stated, DeepBelief):
            if len(self.stated.layers) < 3:  # nothing is directed
                return bp.energy.learning_rule(self.stated.top)
            return bp.derive(self.stated.layer_likelihood("v"), wrt=("W1", "b_v"))
        if isinstance(self.stated, bp.Derivation):
            asked = (self.wrt, self.along, self.per_sample, self.symmetric)
            if any(asked) or self.order != 1:
                raise BackproofError(
                    self.source, "a derivation", "a model to derive from", "drop --wrt and its like"
                )
            return self.stated
        return bp.derive(
            self.stated,
            names(self.wrt) or None,
            self.order,
            self.along,
            self.per_sample,
            self.symmetric,
        )

    def _read(self) -> bp.Model | bp.Derivation | Machine | DeepBelief:
        declared = declarations(self.shapes, self.labels, self.assumed)
        if self.source.partition(":")[0] in NETWORKS and ":" in self.source:
            _refuse(declared, self.source)
            return network(self.source)
        if self.source.startswith(("rbm:", "dbm:", "dbn:")):
            _refuse(declared, self.source)
            return machine(self.source)
        if not is_reference(self.source):
            return _traced(self.source, declared, _undeclared(self.source, declared))
        found = named_object(self.source)
        if inspect.isfunction(found):
            if inspect.signature(found).parameters:
                absent = [n for n in inspect.signature(found).parameters if n not in declared]
                return _traced(found, declared, absent)
            found = found()
        if isinstance(found, bp.Model | bp.Derivation | Machine | DeepBelief):
            _refuse(declared, self.source)
            return found
        raise BackproofError(
            self.source,
            f"an object of type {type(found).__name__}",
            "a model, a derivation, a function that returns one, or a NumPy function",
            "name another object of the file",
        )


def names(listed: Sequence[str]) -> tuple[str, ...]:
    """The names in options that may hold several, joined by commas.

    >>> names(["W1,b1", "W2"])
    ('W1', 'b1', 'W2')
    """
    return tuple(part.strip() for text in listed for part in text.split(",") if part.strip())


def declarations(
    shapes: Sequence[str], labels: Sequence[str] = (), assumed: Sequence[str] = ()
) -> dict[str, Any]:
    """The inputs that the options declare, each with its shape and what is known of it.

    >>> sorted(declarations(["W=m n", "c="], ["t=b<k"]))
    ['W', 'c', 't']
    """
    known: dict[str, list[str]] = {}
    for text in assumed:
        name, words = _assignment("--assume", text, "S=positive_definite")
        known.setdefault(name, []).extend(words.replace(",", " ").split())
    found: dict[str, Any] = {}
    for text in shapes:
        name, shape = _assignment("--shape", text, 'W="m n"')
        _once(name, found)
        given: dict[str, Any] = dict.fromkeys(known.pop(name, []), True)
        found[name] = bp.array(shape.replace(",", " "), **given)
    for text in labels:
        name, bounded = _assignment("--labels", text, 't="b<k"')
        _once(name, found)
        shape, less, below = bounded.partition("<")
        if not less:
            raise BackproofError("--labels", repr(text), "a shape and a bound", 'write t="b<k"')
        found[name] = bp.array(shape.replace(",", " "), dtype=int, below=below.strip())
    for name in known:
        nowhere = f"{name}, which has no shape"
        raise BackproofError("--assume", nowhere, "a name of --shape", "add it")
    return found


def network(text: str) -> bp.Model:
    """The network that `mlp:64,64,10:relu:categorical:l2=1e-4` or `cnn:1,28,28:8,16:10` states.

    Activation, likelihood, and what has a name may be left out, from the right; a penalty of two
    strengths takes both, `elastic_net=1e-3,1e-4`.  A convolutional network has blocks of filters,
    activation and max pooling, and takes `kernel=3` and `pool=2` too.

    >>> list(network("mlp:d,k:linear:gaussian").parameters)
    ['W1', 'b1']
    >>> list(network("cnn:1,8,8:4:10:tanh:kernel=5").parameters)
    ['K1', 'b1', 'W2', 'b2']
    """
    kind, *words = text.split(":")
    plain = [word for word in words if "=" not in word]
    named = {
        name.strip(): value for name, _, value in (w.partition("=") for w in words if "=" in w)
    }
    lists = {"mlp": 1, "cnn": 3}[kind]
    if words[: len(plain)] != plain or not lists <= len(plain) <= lists + 2:
        raise BackproofError("network", repr(text), NETWORKS[kind], "keep to that order")
    first, *rest = ([part.strip() for part in word.split(",")] for word in plain[:lists])
    chosen: dict[str, Any] = dict(zip(("activation", "likelihood"), plain[lists:], strict=False))
    if kind == "mlp":
        return bp.networks.mlp(first, **chosen, penalty=_strengths(named))
    for name in ("kernel", "pool"):
        if name in named:
            chosen[name] = _whole(name, named.pop(name))
    filters, (classes, *more) = rest
    if more:
        raise BackproofError("network", repr(text), NETWORKS[kind], "name one number of classes")
    chosen["penalty"] = _strengths(named)
    return bp.networks.convolutional(["N", *first], filters, classes, **chosen)


def _strengths(named: dict[str, str]) -> dict[str, Any]:
    """Penalties with their strengths, one or two each."""
    several = {name: tuple(map(_number, said.split(","))) for name, said in named.items()}
    return {name: given if len(given) > 1 else given[0] for name, given in several.items()}


def _whole(name: str, text: str) -> int:
    if not text.strip().isdigit():
        raise BackproofError(name, repr(text), "a whole number", f"write {name}=3")
    return int(text)


def machine(text: str) -> Machine | DeepBelief:
    """The machine that `dbm:784,500,1000:binary`, `rbm:n,m:gaussian,binary` or `dbn:n,m,l` states.

    Units are one name for all layers, or a name each.

    >>> machine("dbm:n,m,l:binary,gaussian,spin").hidden
    ('h1', 'h2')
    >>> machine("dbn:784,500,1000").names
    ('v', 'h1', 'h2')
    """
    kind, _, rest = text.partition(":")
    sizes, _, kinds = rest.partition(":")
    widths = [s.strip() for s in sizes.split(",") if s.strip()]
    units = [u.strip() for u in kinds.split(",") if u.strip()] or ["binary"]
    if len(units) == 1:
        units *= len(widths)
    if kind == "rbm":
        if len(widths) != 2 or len(units) != 2:
            raise BackproofError("rbm", repr(text), "two widths", "write rbm:784,500:binary")
        return bp.energy.rbm(*widths, *units)
    if kind == "dbn":
        if kinds not in ("", "binary"):
            raise BackproofError("dbn", repr(text), "layers of binary units", "drop the units")
        return bp.energy.dbn(widths)
    return bp.energy.dbm(widths, units)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text  # the name of a scalar input, as in l2=lam


def _assignment(option: str, text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise BackproofError(option, repr(text), "NAME=…", f"write {option} {example}")
    return name.strip(), value.strip()


def _once(name: str, found: dict[str, Any]) -> None:
    if name in found:
        raise BackproofError("--shape", f"{name} twice", "one shape a name", "drop one")


def _refuse(declared: dict[str, Any], source: str) -> None:
    for name in declared:
        raise BackproofError(
            source, f"a shape for {name}", "none: its shapes are stated already", "drop --shape"
        )


def _traced(source: Any, declared: dict[str, Any], absent: Sequence[str]) -> bp.Model:
    """The model of NumPy code, once every name in it has a shape."""
    if absent:
        what = "name" if len(absent) == 1 else "names"
        shapes = " ".join(f'--shape {name}="…"' for name in absent)
        raise BackproofError(
            getattr(source, "__name__", "source"),
            f"the {what} {', '.join(absent)} without a shape",
            "one shape for each input",
            f'add {shapes} ("m n" is a matrix, "" a scalar)',
        )
    return bp.trace(source, **declared)


def _undeclared(source: str, declared: dict[str, Any]) -> list[str]:
    """The names that a source string reads and nobody defines; none where it cannot be parsed."""
    try:
        tree = ast.parse(source.strip())
    except SyntaxError:
        return []  # `trace` says where
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in used if isinstance(node.ctx, ast.Store)}
    given = {*declared, *stored, "np", "numpy", "special", *dir(builtins)}
    return list(dict.fromkeys(node.id for node in used if node.id not in given))
