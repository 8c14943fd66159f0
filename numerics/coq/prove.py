"""`prove`: a Coq file about a gradient, a certificate, a conditional or a theorem, checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backproof.numerics.coq.checker import Heard, Proof, check, unheard
from backproof.numerics.coq.conditionals import Conditional, conditionals, machine_conditionals
from backproof.numerics.coq.development import Development
from backproof.numerics.coq.gradients import gradients
from backproof.numerics.coq.suprema import supremum
from backproof.numerics.coq.theorems import THEOREMS
from backproof.numerics.enclosures.certificate import Certificate
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError


def prove(
    subject: Any,
    to: str | Path | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
    timeout: float = 300,
    heard: Heard = unheard,
) -> Proof:
    """Write a Coq file about a subject and let `coqc` check it.

    ``subject`` is the gradient of a scalar (each entry becomes a lemma ``is_derive …`` at the
    given ``sizes``; those not given are 1), a machine (each conditional of a binary unit becomes
    a lemma), a sup-norm certificate of one variable, a `Conditional` or a list of them, or the
    name of a theorem: ``"activations"``, ``"triangle"``, ``"symbolic-size"``,
    ``"backpropagation"``, ``"boltzmann"``.  ``to`` keeps the file; ``heard(stage, done, total)``
    is called after each lemma.

    The result is a claim: `.verdict` is *proved*, *not proved* (with the goal that is left of
    each lemma) or *not checked* (with the reason, such as that there is no `coqc`); `.axioms`
    lists what `Print Assumptions` found.

    Raises `BackproofError` for other subjects and for what has no proof of this kind.

    >>> proof = prove("activations")
    >>> proof.verdict in ("proved", "not checked")
    True
    """
    return check(development(subject, sizes), to, timeout, heard)


def development(subject: Any, sizes: Mapping[str, int] | None = None) -> Development:
    """The Coq file about a subject, not yet checked."""
    if isinstance(subject, str) and subject in THEOREMS:
        return THEOREMS[subject]
    if isinstance(subject, Derivation):
        known = {symbol.name for symbol in subject.model.sizes}
        return gradients(subject, dict.fromkeys(known, 1) | dict(sizes or {}))
    if isinstance(subject, Certificate):
        return supremum(subject)
    if isinstance(subject, Machine):
        known = {x.name for group in subject.groups for s in group.shape for x in s.free_symbols}
        return machine_conditionals(subject, dict.fromkeys(sorted(known), 1) | dict(sizes or {}))
    if isinstance(subject, Conditional):
        return conditionals([subject])
    if (
        isinstance(subject, list | tuple)
        and subject
        and all(isinstance(s, Conditional) for s in subject)
    ):
        return conditionals(subject)
    found = (
        repr(subject) if isinstance(subject, str) else f"an object of type {type(subject).__name__}"
    )
    raise BackproofError(
        "bp.prove",
        found,
        f"a derivation, a machine, a certificate, a conditional, or one of {', '.join(THEOREMS)}",
        "derive or certify first",
    )
