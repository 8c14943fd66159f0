"""Where people work: a verdict as an assertion, and as files that other programs read.

>>> import numpy as np, backproof as bp
>>> def softplus(x):
...     return np.log(1 + np.exp(x))
>>> bp.testing.assert_matches(softplus, bp.specs.softplus, seed=1)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
AssertionError: softplus: refuted (by: derived, sampled)
...
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backproof import specs
from backproof.documents.verdict import verdict_page
from backproof.numerics import judge
from backproof.numerics.judge import Verification
from backproof.numerics.judge.junit import junit
from backproof.pages import write
from backproof.theory.errors import BackproofError

__all__ = ["assert_matches", "save"]
SUFFIXES = (".html", ".json", ".xml", ".md", ".tex", ".ipynb")


def assert_matches(
    function: Any,
    against: Any,
    inputs: Any = None,
    outputs: Any = None,
    dtype: str | type | None = None,
    seed: int | None = None,
    *,
    allow: Sequence[str] = (),
    **options: Any,
) -> Verification:
    """Judge a function as `bp.verify` does, and fail unless it is verified.

    ``against`` is a model, a derivation, a specification of `bp.specs`, or the name of one
    ("softmax:axis=-1").  ``allow`` lists verdicts that pass besides "verified", such as
    "convention differs".  The text of the `AssertionError` is the whole diagnosis: a verdict for
    each output, the clause that is broken, the named cause, and a small counterexample as code.
    Returns the verification.

    Raises `BackproofError` for names that do not fit.

    >>> import numpy as np, backproof as bp
    >>> model = bp.trace("np.sum(x**2)", x="n")
    >>> assert_matches(lambda x: 2 * x, bp.derive(model, "x"), seed=1)
    <verification of <lambda>: verified>
    """
    __tracebackhide__ = True
    stated = specs.named(against) if isinstance(against, str) else against
    result = judge.verify(function, stated, inputs, outputs, dtype, seed, **options)
    return result.require(*allow)


def save(result: Verification, to: str | Path, against: Any = None) -> Path:
    """Write a verification to a file: a page, JSON, or a JUnit report, by its suffix.

    ``.html`` (one file, no network; also ``.md``, ``.tex``, ``.ipynb``) has the verdict of each
    output and clause with its level, the counterexample, and the equations of ``against``;
    ``.json`` is `Verification.to_dict`; ``.xml`` is JUnit's form.

    Raises `BackproofError` for another suffix.
    """
    path = Path(to)
    if path.suffix not in SUFFIXES:
        raise BackproofError("save", path.name, f"a name in {', '.join(SUFFIXES)}", "rename it")
    if path.suffix == ".json":
        path.write_text(json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    elif path.suffix == ".xml":
        path.write_text(junit([result]), "utf-8")
    else:
        write(verdict_page(result, against), path)
    return path
