"""Readings of tensors as LaTeX."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from indexed import Applied, Constant, Count, Determinant, Entry, Equal, Index, Times, Total

LETTERS = {"lam": r"\lambda", "mu": r"\mu", "eps": r"\varepsilon"}
WIDE = 70  # letters on a line, above which a sum is broken at its signs


def equation(left: Any, reading: Any) -> str:
    """left = reading, one term a line where it is long."""
    whole = latex(reading)
    if not isinstance(reading, Total) or _width(whole) < WIDE:
        return f"{latex(left)} = {whole}"
    first, *rest = _terms(reading)
    lines = [rf"{latex(left)} &= {first}", *(rf"&\quad {term}" for term in rest)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def latex(reading: Any) -> str:
    """A reading as LaTeX."""
    match reading:
        case Entry(name, indices, inverse):
            shown = indices[::-1] if inverse else indices
            power = "^{-1}" if inverse else ""
            return _letter(name) + power + _subscript(shown)
        case Determinant(name):
            return rf"\det {_letter(name)}"
        case Constant(number):
            return str(number)
        case Equal(indices):
            return r"\delta" + _subscript(indices)
        case Count(index):
            return f"|{index}|"
        case Applied("power", argument, power):
            return _power(argument, power)
        case Applied(function, argument):
            return rf"\{function}\left({latex(argument)}\right)"
        case Total():
            return " ".join(_terms(reading))
        case Times():
            return _product(Fraction(1), reading)
    raise NotImplementedError(type(reading).__name__)


def _letter(name: str) -> str:
    return LETTERS.get(name, name)


def _subscript(indices: tuple[Index, ...]) -> str:
    return f"_{{{' '.join(indices)}}}" if indices else ""


def _power(base: Any, power: Fraction) -> str:
    if power == 1:
        return latex(base)
    if power == Fraction(1, 2):
        return rf"\sqrt{{{latex(base)}}}"
    if power < 0:
        return rf"\frac{{1}}{{{_power(base, -power)}}}"
    shown = f"{power.numerator}/{power.denominator}" if power.denominator > 1 else str(power)
    if isinstance(base, Count):
        return f"{latex(base)}^{{{shown}}}"
    return rf"\left({latex(base)}\right)^{{{shown}}}"


def _terms(total: Total) -> list[str]:
    """The terms with their signs; the first has none where it is positive."""
    found: list[str] = []
    for weight, term in sorted(total.terms, key=lambda pair: pair[0] < 0):
        sign = "-" if weight < 0 else "+" if found else ""
        whole = term if isinstance(term, Times) else Times((), (term,))
        found.append(f"{sign} {_product(abs(weight), whole)}".strip())
    return found


def _product(weight: Fraction, product: Times) -> str:
    """A weighted product as sums over the bound indices of a fraction."""
    above, below = [], []
    for factor in product.factors:
        if isinstance(factor, Applied) and factor.function == "power" and factor.power < 0:
            below.append(Applied("power", factor.argument, -factor.power))
        elif factor != Constant(1, getattr(factor, "indices", ())):
            above.append(factor)
    front = "" if weight == 1 else latex_number(weight)
    if product.bound:
        front += rf" \sum_{{{' '.join(product.bound)}}}"
    if below:
        return rf"{front} \frac{{{_run(above)}}}{{{_run(below)}}}".strip()
    return f"{front} {_run(above) if above or not front else ''}".strip()


def latex_number(number: Fraction) -> str:
    """A positive fraction."""
    if number.denominator == 1:
        return str(number)
    return rf"\frac{{{number.numerator}}}{{{number.denominator}}}"


def _run(factors: list[Any]) -> str:
    """Factors side by side; a sum alone needs no brackets."""
    if len(factors) == 1:
        return latex(factors[0])
    return r" \, ".join(map(_factor, factors)) or "1"


def _factor(factor: Any) -> str:
    summed = isinstance(factor, Total) or (isinstance(factor, Times) and bool(factor.bound))
    return rf"\left({latex(factor)}\right)" if summed else latex(factor)


def _width(shown: str) -> int:
    """About how many letters are seen."""
    words = (r"\left", r"\right", r"\frac", r"\sum", r"\lambda", r"\varepsilon", r"\mu", r"\,")
    for word in words:
        shown = shown.replace(word, "x" if word in words[3:7] else "")
    return sum(letter not in " {}_^\\" for letter in shown)
