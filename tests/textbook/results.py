"""All textbook results, by subject."""

from textbook import (
    classification,
    densities,
    inverses,
    matrices,
    networks,
    normalisation,
    regression,
)
from textbook.result import Result

SUBJECTS = (regression, classification, densities, networks, normalisation, matrices, inverses)
RESULTS: tuple[Result, ...] = tuple(r for subject in SUBJECTS for r in subject.RESULTS)
