"""The pytest plugin: marked functions and the fixture, in runs of pytest of their own."""

from xml.etree import ElementTree as xml

import pytest

import backproof  # noqa: F401 - once, since pytester forgets what a run of it imports

FILE = """
import numpy as np
import pytest


@pytest.mark.backproof(against="softplus")
def overflows(x):
    return np.log(1 + np.exp(x))


@pytest.mark.backproof("relu", allow=("convention differs",))
def slope(dy, x):
    return dy * (x >= 0)


@pytest.mark.backproof(against="relu")
def test_of_a_function(assert_matches):
    assert_matches(lambda x: x * (x > 0))


def test_of_another(assert_matches):
    assert_matches(lambda x: np.maximum(x, 0.1), "relu")


def stable(x):
    return np.logaddexp(0, x)
"""
PLUGIN = ("-p", "pytest_backproof", "-p", "no:cacheprovider", "--backproof-seed=3")


def test_functions_are_judged_and_failures_are_diagnoses(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_layers=FILE)
    result = pytester.runpytest_inprocess(*PLUGIN, "--junitxml=r.xml", "-v")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "backproof: --backproof-seed=3",
            "*::overflows FAILED*",
            "*::slope PASSED*",
            "overflows: refuted (by: derived, sampled)",
            "*✗ y *wrong",
            "*import numpy as np",
            "*<lambda>: refuted*",
            "backproof: 4 functions judged, 1 convention differs, 2 refuted, 1 verified",
        ]
    )
    text = result.stdout.str()
    assert "stable" not in text.replace("stable form", "")
    assert "Traceback" not in text
    assert "def judge" not in text
    found = {p.get("value") for p in xml.parse(pytester.path / "r.xml").iter("property")}
    assert "slope: convention differs" in found
    assert "tested to tolerance, exact" in found


def test_a_mark_that_says_too_little_or_too_much_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_unknown="""
        import pytest

        @pytest.mark.backproof(aginst="relu")
        def relu(x):
            return x
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    assert result.ret != 0
    assert "aginst; it takes against" in result.stdout.str() + result.stderr.str()
    pytester.makepyfile(
        test_unknown="def test_nothing(assert_matches):\n    assert_matches(lambda x: x)"
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    assert "say what it is held against" in result.stdout.str()


def test_a_run_that_judges_nothing_does_not_import_the_library(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n\n\ndef test_light():\n"
        "    assert not {'backproof', 'sympy'} & set(sys.modules)"
    )
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1)
    assert "functions judged" not in result.stdout.str()
