r"""Names in LaTeX: ``W1`` is :math:`W^{(1)}`, ``sigma_x`` is :math:`\sigma_{\mathrm{x}}`.

Two names never look alike: of two that would, the later one is spelled out (``\mathit{lambd}``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from backproof.theory.notation import Tensor

_SMALL = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "varepsilon",
    "vartheta",
    "varphi",
    "varrho",
    "varsigma",
]
_CAPITAL = [
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
GREEK = {name: f"\\{name}" for name in (*_SMALL, *_CAPITAL)} | {
    "lam": r"\lambda",
    "lambd": r"\lambda",
    "lmbda": r"\lambda",
    "eps": r"\varepsilon",
    "omicron": "o",
}


@dataclass(frozen=True)
class Name:
    """A name's parts: ``core``, then superscript and subscript, each possibly empty."""

    core: str
    wide: bool
    above: str = ""
    below: str = ""

    def accented(self, accents: tuple[str, ...]) -> Name:
        """The name under accents, the innermost first; wide ones over several letters."""
        core = self.core
        for accent in accents:
            wide = {"bar": "overline", "hat": "widehat", "tilde": "widetilde"}.get(accent, accent)
            core = f"\\{wide if self.wide else accent}{{{core}}}"
        return Name(core, self.wide, self.above, self.below)

    def inverted(self) -> Name:
        """The name of the inverse matrix."""
        if self.above or self.below:
            return Name(f"({self.indexed('')})", self.wide, "-1")
        return Name(self.core, self.wide, "-1")

    def transposed(self) -> Name:
        """The name of the transposed matrix."""
        above = "-" if self.above == "-1" else self.above
        return Name(self.core, self.wide, rf"{above}\top", self.below)

    def indexed(self, subscripts: str) -> str:
        """The name with subscripts."""
        below = r",\,".join(part for part in (self.below, subscripts) if part)
        above = f"^{{{self.above}}}" if self.above else ""
        return f"{self.core}{above}" + (f"_{{{below}}}" if below else "")


def name_of(plain: str) -> Name:
    r"""The parts of a name: digits become a superscript, what follows an underscore a subscript.

    >>> name_of("W1").indexed("ji"), name_of("h12").indexed(""), name_of("nll").indexed("n")
    ('W^{(1)}_{ji}', 'h^{(12)}', '\\mathit{nll}_{n}')
    >>> name_of("sigma_x").indexed(""), name_of("p_2").indexed("nk")
    ('\\sigma_{\\mathrm{x}}', 'p_{(2),\\,nk}')
    """
    head, *rest = plain.split("_")
    found = re.fullmatch(r"(.*?\D)(\d*)", head)
    if found is None or not all(rest):
        return literal(plain)
    core, digits = found.groups()
    letter, wide = _letters(core)
    below = r",\,".join(_suffix(part) for part in rest)
    return Name(letter, wide, f"({digits})" if digits else "", below)


def literal(plain: str) -> Name:
    r"""The name letter for letter.

    >>> literal("d2b_2").core
    '\\mathit{d2b\\_2}'
    """
    return Name(rf"\mathit{{{escaped(plain)}}}", wide=True)


def escaped(plain: str) -> str:
    """Characters that LaTeX would read as commands, made harmless."""
    known = {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "}
    return "".join(known.get(c, f"\\{c}" if c in "_%$#&{}" else c) for c in plain)


SIGNS = {
    "−": "-",
    "±": r"\pm",
    "·": r"\cdot",
    "×": r"\times",
    "∂": r"\partial",
    "∇": r"\nabla",
    "∞": r"\infty",
    "√": r"\surd",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "→": r"\to",
    "∈": r"\in",
    "⊤": r"\top",
    "′": r"^{\prime}",
    "ᵀ": r"^{\top}",
    "⁻": r"^{-}",
    "ˣ": r"^{x}",
    "∫": r"\int",
    "‖": r"\|",
    **{digit: f"^{n}" for n, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{digit: f"_{n}" for n, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}


def words(plain: str) -> str:
    r"""Plain words as \text, mathematical signs among them in mathematics.

    >>> words("50% of x_1 ≤ σ²")
    '\\text{50\\% of x\\_1 $\\le$ $\\sigma$$^2$}'
    """
    known = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    known |= {c: f"\\{c}" for c in "_%$#&{}"}
    known |= {sign: f"${name}$" for sign, name in SIGNS.items()}
    return rf"\text{{{''.join(known.get(c) or _in_words(c) for c in plain)}}}"


def _in_words(letter: str) -> str:
    """A letter in running words; Greek ones are mathematics."""
    symbol = _letter(letter)
    return f"${symbol}$" if not letter.isascii() and not symbol.startswith(r"\text") else letter


def _letters(core: str) -> tuple[str, bool]:
    """The symbol of a name without digits, and whether it is several letters wide."""
    if core in GREEK:
        return GREEK[core], False
    if len(core) == 1:
        return _letter(core), False
    return literal(core).core, True


def _letter(letter: str) -> str:
    """One letter; a Greek one by its LaTeX name."""
    if letter.isascii():
        return letter
    kind, _space, greek = unicodedata.name(letter, "").partition(" LETTER ")
    greek = greek.lower() if kind == "GREEK SMALL" else greek.capitalize()
    greek = {"lamda": "lambda", "Lamda": "Lambda", "final sigma": "varsigma"}.get(greek, greek)
    return (
        GREEK.get(greek, rf"\text{{{letter}}}")
        if kind.startswith("GREEK")
        else rf"\text{{{letter}}}"
    )


def _suffix(part: str) -> str:
    if part.isdigit():
        return f"({part})"
    return GREEK.get(part, rf"\mathrm{{{escaped(part)}}}")


@dataclass
class Names:
    """The names in one formula: cotangents carry accents, and no two look alike."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)

    def tensor(self, tensor: Tensor) -> Name:
        """The name of a tensor: an accent over what it is the cotangent of."""
        return self._distinct(tensor.name, self._accented(tensor))

    def size(self, name: str) -> str:
        """The name of a size or index: digits become a subscript, since it has no other."""
        found = re.fullmatch(r"([^\W\d_]+)(\d+)", name)
        if found is not None:
            return f"{_letters(found[1])[0]}_{{{found[2]}}}"
        return name_of(name).indexed("")

    def _accented(self, tensor: Tensor) -> Name:
        accents: list[str] = []
        extra = ""
        while tensor.cotangent_of is not None:
            accents.insert(0, tensor.accent)
            number = re.search(r"_(\d+)$", tensor.name)
            if number is not None and not tensor.cotangent_of.endswith(number[0]):
                extra = f"({number[1]})"
            tensor = self.tensors.get(tensor.cotangent_of) or self._unseen(tensor.cotangent_of)
        name = name_of(tensor.name).accented(tuple(accents))
        below = r",\,".join(part for part in (name.below, extra) if part)
        return Name(name.core, name.wide, name.above, below)

    def _unseen(self, plain: str) -> Tensor:
        """A tensor that no equation at hand defines: ``dr``, where r is known, is r's cotangent."""
        of = plain[1:] if plain.startswith("d") and plain[1:] in self.tensors else None
        return Tensor(plain, cotangent_of=of)

    def _distinct(self, plain: str, name: Name) -> Name:
        """The name, spelled out when another one already looks like it."""
        first = self._shown.setdefault(name.indexed(""), plain)
        return name if first == plain else literal(plain)
