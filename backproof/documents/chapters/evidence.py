"""Chapter: what was checked, by what, and what that rests on."""

from __future__ import annotations

from backproof.documents.chapters.material import Material, Verification
from backproof.numerics.agreement import gradient_agreement
from backproof.pages.blocks import Block, Code, Evidence, EvidenceRow, Prose, Section
from backproof.pages.inline import literal


def evidence(material: Material) -> Section | None:
    """The document's own check of the kernel, then the rows of each verification."""
    rows: list[EvidenceRow] = []
    if material.derivation is not None:
        found = gradient_agreement(material.derivation)
        if found is not None:
            rows.append(
                EvidenceRow(
                    "The kernel's derivatives agree with central differences of its value",
                    "verified" if found.holds else "refuted",
                    ("derived", "sampled"),
                    literal(str(found)),
                )
            )
    for verification in material.verifications:
        rows += [
            EvidenceRow(_prose(s), verdict, tuple(rests_on), _prose(detail))  # type: ignore[arg-type]
            for s, verdict, rests_on, detail in verification.evidence
        ]
    if not rows:
        return None
    intro = (
        "A verdict is worth what it rests on: `derived` by the rules above, `sampled` at points."
    )
    blocks: list[Block] = [Prose(intro), Evidence(rows)]
    blocks += [Code(str(v), "text") for v in material.verifications if _has_story(v)]
    return Section("The evidence", blocks)


def _has_story(verification: Verification) -> bool:
    """Whether a verdict comes with a diagnosis that a reader wants in full."""
    return any(
        verdict in ("refuted", "convention differs") for _, verdict, _, _ in verification.evidence
    )


def _prose(text: str) -> str:
    """A judge's plain text as prose: names in backticks stay code, everything else is literal."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return literal(text)
    return "".join(f"`{p}`" if n % 2 and p else literal(p) for n, p in enumerate(parts))
