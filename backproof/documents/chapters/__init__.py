"""The chapters of a document: one small file each, in the order in which they are read."""

from backproof.documents.chapters.derivation import derivation
from backproof.documents.chapters.evidence import evidence
from backproof.documents.chapters.kernel import kernel
from backproof.documents.chapters.material import Material
from backproof.documents.chapters.pictures import pictures
from backproof.documents.chapters.results import results
from backproof.documents.chapters.statement import statement

CHAPTERS = (statement, derivation, results, kernel, evidence, pictures)

__all__ = ["CHAPTERS", "Material"]
