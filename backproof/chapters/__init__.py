"""The chapters of a document: one small file each, in the order in which they are read."""

from backproof.chapters.derivation import derivation
from backproof.chapters.evidence import evidence
from backproof.chapters.kernel import kernel
from backproof.chapters.material import Material
from backproof.chapters.pictures import pictures
from backproof.chapters.results import results
from backproof.chapters.statement import statement

CHAPTERS = (statement, derivation, results, kernel, evidence, pictures)

__all__ = ["CHAPTERS", "Material"]
