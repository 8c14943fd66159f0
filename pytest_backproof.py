"""pytest's door to the judge: functions held against derived equations, as tests.

The function itself is a test, in any file that pytest collects,

    @pytest.mark.backproof(against="softmax:axis=-1")
    def softmax(x, axis=-1): ...

or a test says what is judged; a mark on it holds the arguments that all calls share:

    @pytest.mark.backproof(dtype="float32")
    def test_layers(assert_matches):
        assert_matches(softmax, "softmax:axis=-1")

What fails prints the judge's diagnosis and no traceback.  pytest imports this file in every run:
backproof itself, and SymPy with it, is imported when something is judged.
"""

from __future__ import annotations

import inspect
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

MARK = "backproof"
ACCEPTED = ("against", "inputs", "outputs", "dtype", "seed", "allow", "draw", "search", "including")
SEED = pytest.StashKey[int]()
TALLY = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option: the seed of all points and draws."""
    group = parser.getgroup("backproof")
    group.addoption(
        "--backproof-seed", type=int, metavar="N", help="Seed of the judge (default: a fresh one)."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, and choose the seed of the run."""
    known = ", ".join(f"{name}=…" for name in ACCEPTED)
    config.addinivalue_line("markers", f"{MARK}({known}): hold a function against equations")
    given = config.getoption("--backproof-seed")
    config.stash[SEED] = secrets.randbits(32) if given is None else given
    config.stash[TALLY] = Counter()


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, with which a run can be repeated."""
    return f"backproof: --backproof-seed={config.stash[SEED]}"


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | None:
    """A marked function that is no test by its name is itself what is judged."""
    if not inspect.isfunction(obj) or not isinstance(collector, pytest.Module):
        return None
    marks = [m for m in getattr(obj, "pytestmark", ()) if m.name == MARK]
    own = obj.__module__ == collector.obj.__name__  # imported ones are judged where they are
    if not marks or not own or collector.funcnamefilter(name):
        return None
    item: Judged = Judged.from_parent(collector, name=name, function=obj, options=read(marks[0]))
    return item


def read(mark: pytest.Mark) -> dict[str, Any]:
    """The arguments of a mark; what they are held against may stand first.

    Raises `pytest.UsageError` for one that is unknown.
    """
    options = dict(zip(("against",), mark.args, strict=False), **mark.kwargs)
    unknown = [n for n in options if n not in ACCEPTED]
    if unknown or len(mark.args) > 1:
        found = ", ".join(unknown) or f"{len(mark.args)} positional arguments"
        raise pytest.UsageError(f"@pytest.mark.{MARK}: {found}; it takes {', '.join(ACCEPTED)}")
    return options


def judge(node: pytest.Item, function: Any, options: dict[str, Any]) -> Any:
    """Judge a function for a test, and note the verdict."""
    if "against" not in options:
        raise pytest.UsageError(f"{node.nodeid}: say what it is held against: against=…")
    from backproof.numerics.judge import verify
    from backproof.specs import named

    chosen = {"seed": node.config.stash[SEED], **options}
    allowed = chosen.pop("allow", ())
    against = chosen.pop("against")
    result = verify(function, named(against) if isinstance(against, str) else against, **chosen)
    node.config.stash[TALLY][result.verdict] += 1
    levels = dict.fromkeys(clause.level for clause in result.clauses)
    node.user_properties += [
        ("backproof", f"{result.title}: {result.verdict}"),
        ("backproof levels", ", ".join(levels)),
    ]
    if result.verdict not in ("verified", *allowed):
        raise Refuted(str(result))
    return result


class Refuted(AssertionError):
    """A verdict that is not "verified": its text is the whole diagnosis."""


class Judged(pytest.Item):
    """A function under judgement as a test of its own."""

    def __init__(self, *, function: Any, options: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function, self.options = function, options
        self.own_markers.extend(getattr(function, "pytestmark", ()))
        self.keywords.update({m.name: m for m in self.own_markers})

    def runtest(self) -> None:
        """Judge the function."""
        judge(self, self.function, self.options)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Where the function stands."""
        return self.path, inspect.getsourcelines(self.function)[1] - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The diagnosis; a traceback for anything else."""
        if isinstance(excinfo.value, Refuted):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


@pytest.fixture
def assert_matches(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`assert_matches(function, against=…)` fails with the diagnosis unless it is verified.

    Arguments of the test's mark are the defaults of each call.
    """
    shared: dict[str, Any] = {}
    for mark in request.node.iter_markers(MARK):
        shared = {**read(mark), **shared}

    def checked(function: Any, *against: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        given = {**shared, **dict(zip(("against",), against, strict=False)), **options}
        return judge(request.node, function, given)

    return checked


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A refuted function's report is the diagnosis, without the frames that led to it."""
    report: Any = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, Refuted):
        report.longrepr = str(call.excinfo.value)
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """How many functions were judged, by verdict."""
    tally = config.stash[TALLY]
    if tally:
        found = ", ".join(f"{number} {verdict}" for verdict, number in sorted(tally.items()))
        terminalreporter.write_line(f"backproof: {sum(tally.values())} functions judged, {found}")
