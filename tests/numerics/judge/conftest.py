"""Long sweeps of the judge run when they are asked for, by ``pytest -m sweep``."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the sweeps of this folder unless ``-m`` says otherwise."""
    if config.option.markexpr:
        return
    long = [i for i in items if HERE in i.path.parents and i.get_closest_marker("sweep")]
    if long:
        items[:] = [i for i in items if i not in long]
        config.hook.pytest_deselected(items=long)
