"""A development: a self-contained Coq file of lemmas, each with the script that should prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent / "library"
AXIOMS = "every_lemma"
REALS = ("From Coq Require Import Reals Lra Lia.", "From Coquelicot Require Import Coquelicot.")


@cache
def library(name: str) -> str:
    """The text of a file of the library, such as `activations`."""
    return (LIBRARY / f"{name}.v").read_text("utf-8")


@dataclass(frozen=True)
class Lemma:
    """``statement`` and the tactics of its ``proof``; ``says`` is the same in a reader's words."""

    name: str
    statement: str
    proof: tuple[str, ...]
    says: str = ""

    def text(self, trusted: bool = True) -> str:
        """With its proof; or, where the proof does not go through, with what is left to prove."""
        if trusted:
            script = "\n".join(f"  {tactic}." for tactic in self.proof)
            return f"Lemma {self.name} :\n  {self.statement}.\nProof.\n{script}\nQed.\n"
        script = "\n".join(f"  all: try ({tactic})." for tactic in self.proof)
        return (
            f"(* NOT PROVED: {self.name} *)\nGoal\n  {self.statement}.\nProof.\n{script}\n"
            f"  all: try exact I.\n  Show.\nAbort.\n"
        )


@dataclass(frozen=True)
class Development:
    """``preamble`` (definitions and tactics), lemmas, ``closing``, and the library files in use.

    ``known`` names the theorems of the library that are themselves part of the claim.
    """

    title: str
    uses: tuple[str, ...] = ()
    preamble: str = ""
    lemmas: tuple[Lemma, ...] = ()
    known: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    closing: str = ""

    def text(self, failed: Sequence[str] = ()) -> str:
        """The file; lemmas that have failed before show what is left of them instead."""
        head = "".join(f"{line}\n" for line in (*REALS, *self.imports))
        parts = [f"(* {self.title} *)\n{head}Open Scope R_scope.\n"]
        parts += [library(name) for name in self.uses]
        parts += [self.preamble] if self.preamble else []
        parts += [lemma.text(lemma.name not in failed) for lemma in self.lemmas]
        parts += [f"{self.closing}\n"] if self.closing else []
        proved = [*self.known, *(x.name for x in self.lemmas if x.name not in failed)]
        if proved:
            whole = proved[-1]
            for name in reversed(proved[:-1]):
                whole = f"({name}, {whole})"
            parts.append(f"Definition {AXIOMS} := {whole}.\nPrint Assumptions {AXIOMS}.\n")
        return "\n".join(parts)
