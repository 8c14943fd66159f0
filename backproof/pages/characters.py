r"""How LaTeX writes a character that its eight-bit fonts do not hold: σ is `\sigma`, ² is `^2`.

Most of it follows from the character's Unicode name or decomposition; the table is for the rest.
A character that is in neither prints as its code point in a box, so that nothing is dropped.
"""

from __future__ import annotations

import unicodedata

_MATHEMATICS = {
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∂": r"\partial", "∇": r"\nabla", "∞": r"\infty",
    "√": r"\surd", "∈": r"\in", "∉": r"\notin", "∅": r"\emptyset", "∀": r"\forall",
    "∃": r"\exists", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv", "∼": r"\sim",
    "≪": r"\ll", "≫": r"\gg", "∝": r"\propto", "±": r"\pm", "∓": r"\mp", "×": r"\times",
    "÷": r"\div", "·": r"\cdot", "∘": r"\circ", "∗": r"\ast", "⋅": r"\cdot", "−": "-",
    "⊙": r"\odot", "⊗": r"\otimes", "⊕": r"\oplus", "⟨": r"\langle", "⟩": r"\rangle",
    "‖": r"\Vert", "∣": r"\mid", "⊥": r"\perp", "∧": r"\wedge", "∨": r"\vee", "¬": r"\neg",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "↦": r"\mapsto",
    "⇒": r"\Rightarrow", "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "↑": r"\uparrow",
    "↓": r"\downarrow", "⋯": r"\cdots", "⋮": r"\vdots", "′": r"{}^{\prime}",
    "″": r"{}^{\prime\prime}", "⊤": r"\top", "ᵀ": r"{}^{\mathsf T}", "ℓ": r"\ell", "ℏ": r"\hbar",
    "✓": r"\checkmark", "✗": r"\times", "½": r"\tfrac12", "¼": r"\tfrac14", "⌊": r"\lfloor",
    "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "∎": r"\blacksquare", "□": r"\square",
    "ϵ": r"\epsilon", "ε": r"\varepsilon", "φ": r"\varphi", "ϕ": r"\phi", "ς": r"\varsigma",
    "ϑ": r"\vartheta", "ο": "o", "µ": r"\mu",
}  # fmt: skip
_WORDS = {
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\dots{}",
    "°": r"\textdegree{}", "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,", "\u2011": "-",
    "\u200b": "", "\u2010": "-", "€": r"\texteuro{}", "•": r"\textbullet{}",
    "§": r"\S{}", "¶": r"\P{}", "©": r"\copyright{}", "®": r"\textregistered{}",
    "™": r"\texttrademark{}", "£": r"\pounds{}", "«": r"\guillemotleft{}",
    "»": r"\guillemotright{}",
}  # fmt: skip
# Capital Greek letters that are Latin letters to LaTeX.
_LATIN = {
    "ALPHA": "A", "BETA": "B", "EPSILON": "E", "ZETA": "Z", "ETA": "H", "IOTA": "I", "KAPPA": "K",
    "MU": "M", "NU": "N", "OMICRON": "O", "RHO": "P", "TAU": "T", "CHI": "X",
}  # fmt: skip
_LATIN_1_AND_EXTENDED_A = 0x180


def is_native(character: str) -> bool:
    """Say whether LaTeX with the T1 encoding prints this character as it stands.

    >>> is_native("é"), is_native("σ")
    (True, False)
    """
    code = ord(character)
    return 32 <= code < 127 or (
        code < _LATIN_1_AND_EXTENDED_A and unicodedata.category(character)[0] == "L"
    )


def character(sign: str) -> str:
    r"""Return LaTeX for one character, good in words, in code and in formulas.

    >>> character("σ"), character("²"), character("ℝ")
    ('\\ensuremath{\\sigma}', '\\ensuremath{{}^{2}}', '\\ensuremath{\\mathbb{R}}')
    """
    if sign in _WORDS:
        return _WORDS[sign]
    mathematics = _MATHEMATICS.get(sign) or _greek(sign) or _decomposed(sign)
    if mathematics:
        return rf"\ensuremath{{{mathematics}}}"
    return rf"\fbox{{\scriptsize U+{ord(sign):04X}}}"


def _greek(sign: str) -> str:
    match unicodedata.name(sign, "").split():
        case ["GREEK", "SMALL", "LETTER", name]:
            return rf"\{name.replace('LAMDA', 'LAMBDA').lower()}"
        case ["GREEK", "CAPITAL", "LETTER", name]:
            plain = name.replace("LAMDA", "LAMBDA").capitalize()
            return rf"\mathrm{{{_LATIN[name]}}}" if name in _LATIN else rf"\{plain}"
    return ""


def _decomposed(sign: str) -> str:
    kind, _, codes = unicodedata.decomposition(sign).partition(" ")
    if not kind.startswith("<"):
        return ""
    base = "".join(
        c if c.isascii() else _MATHEMATICS.get(c) or _greek(c)
        for c in (chr(int(code, 16)) for code in codes.split())
    )
    if not base:
        return ""
    style = unicodedata.name(sign, "")
    if kind == "<super>":
        return f"{{}}^{{{base}}}"
    if kind == "<sub>":
        return f"{{}}_{{{base}}}"
    if kind == "<font>" and "DOUBLE-STRUCK" in style:
        return rf"\mathbb{{{base}}}"
    if kind == "<font>" and ("SCRIPT" in style or "CALLIGRAPHIC" in style):
        return rf"\mathcal{{{base}}}"
    if kind == "<font>" and "BOLD" in style:
        return rf"\boldsymbol{{{base}}}"
    return rf"\mathrm{{{base}}}" if kind in ("<font>", "<compat>") else ""
