"""The page about accelerators: its examples run; the page of a GPU's benchmarks is what is said."""

import doctest
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_its_examples_run() -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
    page = ROOT / "docs" / "accelerators.md"
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert tried > 15
    assert failed == 0


def contestant(seconds: list[float], **further: Any) -> dict[str, Any]:
    """What a report says of one."""
    steady = {"median": sorted(seconds)[len(seconds) // 2], "seconds": seconds}
    steady["spread"] = (min(seconds), max(seconds))
    return {"floor": False, "peak memory of a call, MiB": None, "steady": steady, **further}


def test_the_page_of_an_accelerator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module("benchmarks.accelerator_page")
    gpu = {"name": "NVIDIA H100 80GB HBM3", "memory": "81559 MiB", "driver": "1"}
    told = {
        "benchmark": "gpu-thing",
        "about": "a thing",
        "machine": {"accelerator": gpu, "versions": {"torch": "2"}, "processor": "P",
                    "processors": 2, "system": "S", "rounds": 3},
        "contestants": {
            "backproof torch": contestant([2e-3, 4e-3, 3e-3], **{"kernels launched": 5.0}),
            "backproof torch compiled": contestant([6e-4, 6e-4, 6e-4]),
            "backproof JAX jit": contestant([3e-4, 3e-4, 3e-4]),
            "torch eager": contestant([4e-3, 4e-3, 4e-3]),
            "torch compiled": contestant([9e-4, 9e-4, 9e-4]),
            "torch.func compiled": contestant([8e-4, 8e-4, 8e-4]),
            "JAX jit": contestant([2e-4, 2e-4, 2e-4]),
        },
    }  # fmt: skip
    module.written([told], tmp_path)
    text = (tmp_path / "benchmarks-h100.md").read_text("utf-8")
    assert "| 0.75 | 0.75 | 1.50 | 1.50 |  | 5, – |" in text
    assert "Slower than the peer by more than 5%: gpu-thing under jax.jit (1.50)." in text
    kept = json.loads((tmp_path / "benchmarks-h100.json").read_text("utf-8"))
    again = tmp_path / "again"
    module.written(kept, again)
    assert (again / "benchmarks-h100.md").read_text("utf-8") == text


def test_the_page_is_what_its_numbers_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module("benchmarks.accelerator_page")
    docs = ROOT / "docs"
    module.written(json.loads((docs / "benchmarks-h100.json").read_text("utf-8")), tmp_path)
    written = (tmp_path / "benchmarks-h100.md").read_text("utf-8")
    assert written == (docs / "benchmarks-h100.md").read_text("utf-8")
