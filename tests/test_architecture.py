"""The house keeps its rules, and every rule goes red where it is broken.

The rules of `laws/architecture.py` are applied to this checkout, to a small house that keeps them
all, and to small houses that each break one.
"""

from pathlib import Path

import pytest

from laws.architecture import (
    RULES,
    Rule,
    every_step_has_a_reason,
    files_are_short,
    files_have_names,
    imports_make_no_circle,
    members_are_listed,
    nothing_outside_is_named,
    rooms_are_imported_by_installed_name,
    rooms_import_downwards,
)

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_this_house_keeps(rule: Rule) -> None:
    findings = rule(ROOT)
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)


def build(root: Path, files: dict[str, str]) -> Path:
    """A small house: the text of each of its files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


KEPT = {
    "bootstrap.py": "import backproof\n",
    "theory/__init__.py": "from backproof.theory import bounds\n",
    "theory/bounds.py": "import math, mpmath, sympy\nfrom . import kinds\nSIZES = (1, 2)\n",
    "theory/kinds/__init__.py": (
        "from backproof.theory.kinds import two\n"
        "from backproof.theory.kinds.one import one as first\n"
        "from .deep import DEEP\n"
        "KINDS: tuple[object, ...] = (first, two.two(1), *DEEP)\n"
        "WORDS = ('a', 'b')\n"
    ),
    "theory/kinds/one.py": "def one(): ...\n",
    "theory/kinds/two.py": "from backproof.theory.kinds.one import one\ndef two(n): ...\n",
    "theory/kinds/__main__.py": "import sympy\n",
    "theory/kinds/deep/__init__.py": "from .three import three\nDEEP = (three,)\n",
    "theory/kinds/deep/three.py": "from .form import Form\n",
    "theory/kinds/deep/form.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .three import three\n"
        "class Form:\n    def _repr_latex_(self):\n        from .three import three\n"
    ),
    "numerics/__init__.py": "import numpy\nfrom backproof import theory\nfrom . import SIZE\n",
    "backproof/__init__.py": "import backproof.theory\nfrom backproof.numerics import run\n",
    "backproof/__main__.py": "import backproof\n",
    "tests/test_it.py": "from backproof.theory import bounds\n",
}
LONG = "#\n" * 321
CIRCLE = {
    "theory/a.py": "from backproof.theory import b\n",
    "theory/b.py": "def late():\n    from .a import x\n",
}
BROKEN: tuple[tuple[Rule, dict[str, str], str], ...] = (
    (rooms_import_downwards, {"theory/a.py": "import numpy as np"}, "import numpy"),
    (rooms_import_downwards, {"theory/a.py": "from scipy.special import erf"}, "scipy.special.erf"),
    (rooms_import_downwards, {"theory/a.py": "import_module('torch')"}, "torch"),
    (rooms_import_downwards, {"theory/a.py": "import backproof.numerics.x"}, "numerics.x"),
    (rooms_import_downwards, {"theory/a.py": "from ..numerics import x"}, "backproof.numerics.x"),
    (rooms_import_downwards, {"theory/a/b.py": "from ... import derive"}, "backproof.derive"),
    (rooms_import_downwards, {"numerics/a.py": "import backproof as bp"}, "import backproof"),
    (
        rooms_import_downwards,
        {"numerics/a.py": "from backproof.commands.command import x"},
        "command.x",
    ),
    (rooms_are_imported_by_installed_name, {"numerics/a.py": "import theory.b"}, "theory.b"),
    (rooms_are_imported_by_installed_name, {"tests/a/b.py": "from numerics import x"}, "b.py:1"),
    (rooms_are_imported_by_installed_name, {"tool.py": "import theory"}, "tool.py:1"),
    (imports_make_no_circle, CIRCLE, "backproof.theory.a"),
    (imports_make_no_circle, {"theory/kinds/one.py": "from . import KINDS"}, "theory.kinds"),
    (files_have_names, {"theory/utils.py": ""}, "theory/utils.py"),
    (files_have_names, {"tests/helpers/x.py": ""}, "tests/helpers"),
    (files_are_short, {"backproof/a.py": LONG}, "321 lines"),
    (members_are_listed, {"theory/kinds/four.py": ""}, "kinds/four: no member"),
    (
        members_are_listed,
        {"theory/kinds/four.py": "", "theory/kinds/one.py": "from . import four"},
        "kinds/four: no member",
    ),
    (members_are_listed, {"theory/kinds/deep/four.py": ""}, "in DEEP"),
    (members_are_listed, {"theory/kinds/more/__init__.py": ""}, "kinds/more"),
    (members_are_listed, {"theory/kinds/deep/__init__.py": "DEEP = ()"}, "deep/three"),
    (
        members_are_listed,
        {"theory/kinds/deep/__init__.py": "from .three import three\nDEEP = (None, 3)\nALL = ()"},
        "three: no member of it is in ALL",
    ),
    (every_step_has_a_reason, {"theory/a.py": "x = 1\ny = sympy.simplify(x)"}, "a.py:2"),
    (every_step_has_a_reason, {"theory/a.py": "from sympy import simplify as s"}, "simplify"),
    (every_step_has_a_reason, {"backproof/a.py": "map(simplify, x)"}, "simplify"),
    (every_step_has_a_reason, {"numerics/a.py": "eval('1')"}, "eval"),
    (every_step_has_a_reason, {"numerics/a.py": "try: ...\nexcept: ..."}, "a.py:2: no bare"),
    (nothing_outside_is_named, {"docs/a.md": "see /wor" + "k/main"}, "docs/a.md:1"),
    (nothing_outside_is_named, {"theory/a.py": "# ../share" + "d/x"}, "theory/a.py:1"),
    (nothing_outside_is_named, {".ci/run": "cd /hom" + "e/me"}, ".ci/run:1"),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_house_keeps(rule: Rule, tmp_path: Path) -> None:
    assert rule(build(tmp_path, KEPT)) == []


@pytest.mark.parametrize(("rule", "files", "words"), BROKEN)
def test_a_broken_rule_is_found(
    rule: Rule, files: dict[str, str], words: str, tmp_path: Path
) -> None:
    house = build(tmp_path, KEPT | files)
    assert words in "\n".join(rule(house))
    assert [other.__name__ for other in RULES if other(house)] == [rule.__name__]


def test_every_rule_is_broken_somewhere() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)
