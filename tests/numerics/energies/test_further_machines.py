"""Machines of every kind of unit and coupling, beside a contraction of tables by quadrature.

The file holds the machines alone; the answers are the oracle's, which reads the convention and
nothing of the library.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.contraction import Contracted

import backproof as bp
from backproof.theory.energy.units import UNITS

FILE = Path(__file__).resolve().parents[2] / "cases" / "energy_further.json"
CASES = json.loads(FILE.read_text("utf-8"))["cases"]
TOLERANCE = 1e-10


def near(found: Any, expected: Any) -> None:
    """Equal to the tolerance, relative to values above one."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    assert np.all(np.abs(found - expected) <= TOLERANCE * np.maximum(1, np.abs(expected)))


def features(case: dict[str, Any]) -> dict[str, Any]:
    """Ends of couplings by the name that the library gives a feature."""
    found: dict[str, Any] = {}
    for unit in case["units"]:
        if unit["type"] == "categorical":
            found |= {f"{unit['name']}={k}": [unit["name"], k] for k in range(unit["K"])}
        else:
            found[unit["name"]] = unit["name"]
    return found


def test_the_file_has_every_kind() -> None:
    assert len(CASES) >= 24
    kinds = {u["type"] for c in CASES for u in c["units"]}
    spelled = {s for unit in UNITS for s in (unit.name, *unit.spelled)}
    assert kinds <= spelled
    assert all(kinds & {unit.name, *unit.spelled} for unit in UNITS)
    assert {len(c) - 1 for case in CASES for c in case["couplings"]} == {2, 3, 4}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_moments(case: dict[str, Any]) -> None:
    oracle, s = Contracted(case), bp.exact.solve(bp.energy.load(case))
    near(s.log_Z, oracle.log_Z())
    near(list(s.mean.values()), [oracle.mean([end]) for end in features(case).values()])
    assert list(s.mean) == list(features(case))
    near(s.pair, [oracle.mean(ends) for *ends, _ in case["couplings"]])
    near(list(s.mean_square.values()), [oracle.mean([], square=n) for n in s.mean_square])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_data(case: dict[str, Any]) -> None:
    oracle = Contracted(case)
    s, data = bp.exact.solve(bp.energy.load(case), visible=case["visible"]), case["data"]
    free = [-oracle.log_Z(v) for v in data]
    near(s.free_energy(data), free)
    near(s.log_likelihood(data), -np.mean(free) - oracle.log_Z())
    for v, found in zip(data, s.posterior_mean(data), strict=True):
        hidden = {k: e for k, e in features(case).items() if k.partition("=")[0] not in v}
        near([found[k] for k in hidden], [oracle.mean([e], v) for e in hidden.values()])
    gradient = s.gradient(data)
    for name, end in features(case).items():
        positive = np.mean([oracle.mean([end], v) for v in data])
        near(gradient["bias"][name], positive - oracle.mean([end]))
    for (*ends, _), found in zip(case["couplings"], gradient["couplings"], strict=True):
        positive = np.mean([oracle.mean(ends, v) for v in data])
        near(found, positive - oracle.mean(ends))
    for name, found in gradient["q"].items():
        positive = np.mean([oracle.mean([], v, name) for v in data])
        near(found, -(positive - oracle.mean([], square=name)) / 2)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_conditionals(case: dict[str, Any]) -> None:
    """Each unit given the first state of the visible ones, the others summed out."""
    oracle, s = Contracted(case), bp.exact.solve(bp.energy.load(case), visible=case["visible"])
    for unit in case["units"]:
        name = unit["name"]
        given = {k: x for k, x in case["data"][0].items() if k != name}
        found = s.conditional(name, given)
        if unit["type"] == "categorical":
            near(found["probs"], [oracle.mean([[name, k]], given) for k in range(unit["K"])])
            continue
        scale = unit.get("sigma", 1.0) ** {"gaussian_cho": 2}.get(unit["type"], 1)
        mean = oracle.mean([name], given) * scale
        near(found["mean"], mean)
        near(found["var"], oracle.mean([], given, name) - mean**2)
    near(len(case["units"]), len(s.machine.sites))


def test_the_oracle_sees_a_weight() -> None:
    """A weight that is off by a millionth is beyond the tolerance."""
    case = json.loads(json.dumps(CASES[3]))
    case["couplings"][0][-1] += 1e-6
    assert abs(Contracted(case).log_Z() - bp.exact.solve(bp.energy.load(CASES[3])).log_Z) > 1e-8
