"""Literal machines from files: JSON with units, couplings and numbers, or a belief network.

    {"units": [{"name": "v0", "type": "binary", "bias": -0.5},
               {"name": "h0", "type": "gaussian", "bias": 0.1, "q": 1.2},
               {"name": "c0", "type": "categorical", "K": 3, "bias": [0.1, 0.2, -0.3]}],
     "couplings": [["v0", "h0", 0.7], [["c0", 1], "h0", -0.2]],
     "visible": ["v0"], "const": 0.0}

Further keys are left alone: a file may hold reference answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backproof.theory.energy.belief import BeliefNetwork
from backproof.theory.energy.layers import unit
from backproof.theory.energy.literal import End, Literal, Site
from backproof.theory.errors import BackproofError


def load(source: str | Path | Mapping[str, Any]) -> Literal | BeliefNetwork:
    """The machine of a JSON file, of its text, or of the dictionary that it holds.

    A dictionary with ``layers``, ``W`` and ``b`` is a deep belief network, any other a machine of
    named units.  Raises `BackproofError` for what is missing, unknown or no number.

    >>> e = load({"units": [{"name": "s", "type": "spin", "bias": 0.1}], "couplings": []})
    >>> e.sites[0].unit.name, e.features
    ('spin', (('s', None),))
    """
    given = _read(source)
    if given.get("kind") == "dbn" or ("W" in given and "layers" in given):
        return BeliefNetwork.from_lists(given.get("layers"), given.get("W"), given.get("b"), given)
    if "units" not in given:
        raise BackproofError(
            "bp.energy.load",
            f"keys {', '.join(map(str, given))}",
            "units and couplings, or layers, W and b",
            "pass one machine; of a file with several, one of its cases",
        )
    sites = tuple(_site(u) for u in _listed(given, "units"))
    return Literal(
        sites,
        tuple(_coupling(c) for c in _listed(given, "couplings")),
        tuple(map(str, _listed(given, "visible"))),
        _number("const", given.get("const", 0.0)),
        str(given.get("name", given.get("description", ""))),
    )


def _read(source: Any) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        return source
    if not isinstance(source, str | Path):
        raise BackproofError(
            "bp.energy.load", f"a {type(source).__name__}", "a path or a dictionary", "pass one"
        )
    text = str(source)
    try:
        given = json.loads(
            text if text.lstrip().startswith("{") else Path(source).read_text("utf-8")
        )
    except (OSError, json.JSONDecodeError) as error:
        raise BackproofError(
            "bp.energy.load", f"{type(error).__name__}: {error}", "a JSON file", "check the path"
        ) from None
    if not isinstance(given, Mapping):
        raise BackproofError("bp.energy.load", "a list", "one machine", "pass one of its members")
    return given


def _listed(given: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = given.get(key, [])
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise BackproofError(key, repr(found), "a list", f"write {key} as a list")
    return found


def _site(given: Any) -> Site:
    if not isinstance(given, Mapping) or "name" not in given or "type" not in given:
        raise BackproofError("unit", repr(given), "a name and a type", "give both")
    name, kind = str(given["name"]), unit(str(given["type"]))
    states = given.get("K")
    if kind.labels != (isinstance(states, int) and states > 0):
        expected = "K, its number of states" if kind.labels else "no K: its states are known"
        raise BackproofError(f"unit {name}", f"K = {states!r}", expected, "correct K")
    bias: tuple[float, ...] = ()
    if kind.biased:
        written = given.get("bias", [0.0] * int(states) if states else 0.0)
        rows = list(written) if isinstance(written, Sequence) else [written]
        bias = tuple(_number(f"bias of {name}", b) for b in rows)
    for symbol in kind.parameters:
        if symbol.name not in given:
            raise BackproofError(f"unit {name}", f"no {symbol.name}", "a number", "add it")
    numbers = tuple(_number(f"{s.name} of {name}", given[s.name]) for s in kind.parameters)
    known = {"name", "type", "K", "bias", *(s.name for s in kind.parameters)}
    strange = [k for k in given if k not in known and given[k] not in (0, 0.0, None)]
    if strange:
        raise BackproofError(
            f"unit {name}",
            f"{strange[0]} = {given[strange[0]]!r}",
            ", ".join(sorted(known)),
            "drop it",
        )
    return Site(name, kind, bias, numbers, states if kind.labels else None)


def _coupling(given: Any) -> tuple[tuple[End, ...], float]:
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) < 3:
        raise BackproofError(
            "coupling", repr(given), "two ends or more and a weight", 'write ["v0", "h0", 0.5]'
        )
    *ends, weight = given
    return tuple(map(_end, ends)), _number(f"coupling {ends}", weight)


def _end(given: Any) -> End:
    if isinstance(given, str):
        return (given, None)
    if isinstance(given, Sequence) and len(given) == 2 and isinstance(given[1], int):
        return (str(given[0]), given[1])
    raise BackproofError(
        "coupling", f"the end {given!r}", 'a name, or ["name", state]', "correct it"
    )


def _number(where: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise BackproofError(where, repr(given), "a number", "replace it")
    return float(given)
