"""What NumPy users in machine learning write, differentiated right at two sizes each.

The statements were collected by someone who had not seen the library, and the numbers beside them
are automatic derivatives in float64; `oracles.inputs` draws the inputs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.inputs import inputs_of, told

import backproof as bp

FILE = json.loads((Path(__file__).parent / "cases" / "everyday.json").read_text("utf-8"))
CASES: dict[str, Mapping[str, Any]] = {case["id"]: case for case in FILE["cases"]}
TOLERANCE = 1e-9  # of Σ |entries|, which counts as at least this:
SMALLEST = 1e-6
ASSUMED = {
    "posdef": "positive_definite",
    "symmetric": "symmetric",
    "positive": "positive",
    "distinct": "distinct",
    "simplex": "simplex",
}


def declared(spec: Mapping[str, Any]) -> Any:
    """The declaration of an input of the file."""
    shape = " ".join(entry.replace(" ", "") for entry in spec.get("shape", ()))
    if spec.get("dtype") == "int":
        return bp.array(shape, dtype=int, below=spec["below"])
    return bp.array(shape, **{ASSUMED[w]: True for w in spec.get("assume", []) if w in ASSUMED})


@pytest.mark.parametrize("name", CASES)
def test_everyday_case(name: str) -> None:
    case = CASES[name]
    model = bp.trace(case["expr"], **{n: declared(s) for n, s in case["inputs"].items()})
    derived = bp.derive(model, case["wrt"], order=case["order"], along=case.get("along"))
    kernel = bp.compile(derived)
    for which, expected in enumerate(case["expected"]):
        sizes = (case.get("dims") or FILE["meta"]["sizes"])[which]
        with np.errstate(all="ignore"):
            out = kernel(**inputs_of(case, sizes, which))
        for found, (told_, size) in zip(
            (out["value"], out[case["wrt"]]), (expected[:2], expected[2:]), strict=True
        ):
            number, magnitude = told(found)
            assert abs(number - told_) <= TOLERANCE * max(size, SMALLEST), (number, told_)
            assert abs(magnitude - size) <= TOLERANCE * max(size, SMALLEST), (magnitude, size)
