"""`document`: a model, its derivation, its kernel and its evidence as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backproof.documents.belief import belief_page
from backproof.documents.certificate import certificate_page
from backproof.documents.chapters import CHAPTERS, Material
from backproof.documents.machine import machine_page
from backproof.documents.theorem import theorem_page
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.evidence import Evidence
from backproof.numerics.kernel import Kernel
from backproof.pages import write
from backproof.pages.blocks import Page
from backproof.theorem_verbs import checked
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.energy.deep_belief import DeepBelief
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.theorems import Judgement, Theorem


def document(
    *subjects: Any,
    to: str | Path,
    title: str = "",
    figures: Sequence[tuple[str, Any]] = (),
) -> tuple[Path, ...]:
    """Write a document about a model, derivation or machine, and return the files written.

    ``subjects`` are a derivation or a model, then kernels and verifications in any order; or a
    theorem, judgements of it and the evidence of its check, which is run where it is not given; or
    one machine (`backproof.energy`), whose page derives everything from its energy; or one
    certificate of `bp.certify`.  The suffix of
    ``to`` chooses the form: ``.html`` (one file, no network), ``.md``, ``.tex`` or ``.ipynb``.
    ``figures`` are pairs of a caption and a matplotlib figure.

    Raises `BackproofError` without a model or derivation, or for an unknown suffix.

    >>> import tempfile
    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = document(derive(trace("x @ x", x="n")), to=Path(folder) / "norm.html")
    >>> [file.name for file in files]
    ['norm.html']
    """
    return write(compose(*subjects, title=title, figures=figures), to)


def compose(*subjects: Any, title: str = "", figures: Sequence[tuple[str, Any]] = ()) -> Page:
    """The page as data, for whoever wants to add to it before it is written."""
    if subjects and isinstance(subjects[0], Theorem):
        judged = [s for s in subjects[1:] if isinstance(s, Judgement)]
        given = [s for s in subjects[1:] if isinstance(s, Evidence)]
        if len(judged) + len(given) + 1 < len(subjects) or len(given) > 1:
            raise BackproofError(
                "bp.document",
                "a theorem and something else",
                "judgements of it, and its evidence",
                "one at a time",
            )
        evidence = given[0] if given else checked(subjects[0])
        return theorem_page(subjects[0], judged, evidence)
    if len(subjects) == 1 and isinstance(subjects[0], Certificate) and not figures:
        return certificate_page(subjects[0], title)
    if len(subjects) == 1 and isinstance(subjects[0], Machine) and not figures:
        return machine_page(subjects[0], title)
    if len(subjects) == 1 and isinstance(subjects[0], DeepBelief) and not figures:
        return belief_page(subjects[0], title)
    derivations = [s for s in subjects if isinstance(s, Derivation)]
    models = [s for s in subjects if isinstance(s, Model)]
    kernels = [s for s in subjects if isinstance(s, Kernel)]
    others = [s for s in subjects if not isinstance(s, Derivation | Model | Kernel)]
    strange = [s for s in others if not hasattr(s, "evidence")]
    if strange or len(derivations) > 1 or not (derivations or models):
        found = type(strange[0]).__name__ if strange else f"{len(derivations)} derivations"
        raise BackproofError(
            "bp.document",
            found,
            "one model or derivation, and verifications",
            "pass bp.derive(…) first",
        )
    derivation = derivations[0] if derivations else None
    model = derivation.model if derivation else models[0]
    material = Material(model, derivation, others, figures, kernels[0] if kernels else None)
    sections = [section for chapter in CHAPTERS if (section := chapter(material)) is not None]
    heading = title or model.title or "A derivation"
    return Page(heading, "Derived, compiled and checked by backproof", sections)
