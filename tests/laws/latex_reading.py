"""Printed LaTeX means its equation: it is read back as a person reads it and evaluated.

The reader knows mathematics and the spelling of LaTeX, and of the library only which symbol stands
for which tensor.  Without indices a vector is a column, side by side is the matrix product, ⊙ and ⊘
act entry by entry, and the vector of ones has the length that its neighbour needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.linalg
from scipy import special

from backproof.theory.equations import Equation, every_index
from backproof.theory.evaluation.exact import Environment
from backproof.theory.notation import Affine, Delta, Index, Subscript, Tensor
from backproof.theory.printing.latex import Latex, latex
from backproof.theory.printing.matrix_form import matrix_latex
from backproof.theory.printing.recognition import lettered

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sigma": special.expit,
    "Phi": special.ndtr,
    "psi": special.digamma,
    "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.maximum(x, 0),
    "sgn": np.sign,
    "erf": special.erf,
    "logsumexp": special.logsumexp,
    "arg\\,max": np.argmax,
    "arg\\,min": np.argmin,
    "softmax": special.softmax,
    "diag": lambda x: np.diag(x)[:, None] if x.shape[1] > 1 else np.diagflat(x),
    "tr": np.trace,
    "det": np.linalg.det,
    "lambda": lambda a: np.linalg.eigvalsh(a)[:, None],
    "boldsymbol{\\sigma}": lambda a: np.linalg.svdvals(a)[:, None],
    "chol": np.linalg.cholesky,
    "expm": scipy.linalg.expm,
    **{n: getattr(np, n) for n in ("exp", "log", "sin", "cos", "tanh", "max", "min")},
}
PAIRS: dict[str, Callable[..., Any]] = {
    "max": np.maximum,
    "min": np.minimum,
    "hypot": np.hypot,
    "logaddexp": np.logaddexp,
    "xlogy": special.xlogy,
    "rel\\_entr": special.rel_entr,
}
ENDS = ("+", "-", ")", "]", "}", "=", "<", ">", ",", "&", "|", "\\\\", "\\right", "\\end", "\\le ",
        "\\ge ", "\\ne ", "\\odot", "\\oslash", "\\rVert", "\\rfloor")  # fmt: skip


NOTHING = np.float64(0)  # of an indicator: what stands beside it need not be defined


class One:
    """A multiple of the vector of ones, or of its transpose."""

    def __init__(self, row: bool = False, scale: Any = 1.0) -> None:
        self.row, self.scale = row, scale


def latex_reads_back(equation: Equation, context: Any, here: Environment) -> None:
    """The right-hand side in indices, read and evaluated, is the value of the equation."""
    printed = latex(equation, context)
    left, _, right = printed.partition(" = ")
    assert left == latex(equation.entry, context) or "^{-1}" in latex(equation.entry, context)
    script = Latex(context)
    letters = lettered(every_index(equation))
    extents = {script.names.size(letters[i]): here.extent(i.size) for i in letters}
    expected = np.array(here.values[equation.tensor.name], dtype=float)
    reader = Reader(right, names_in(equation, context), here, extents)
    for at in here.assignments(equation.indices):
        found = reader.value({script.names.size(letters[i]): n for i, n in at.items()})
        assert np.allclose(found, expected[tuple(at.values())], rtol=1e-9, atol=1e-12), printed


def matrix_latex_reads_back(
    equation: Equation,
    context: Any,
    here: Environment,
    written: Mapping[str, Equation] | None = None,
    identities: Mapping[str, int] | None = None,
) -> bool:
    """The matrix form, where there is one, read and evaluated, is the value of the equation.

    ``written`` are definitions in the place of names; ``identities`` the sizes of identities there.
    """
    printed = matrix_latex(equation, context, written or {})
    if printed is None:
        return False
    names = names_in(equation, context, frozenset(written or ()))
    extents = dict(identities or {})
    for factor in equation.rhs.factors:
        if isinstance(factor, Delta) and isinstance(factor.left, Index):
            extents[_unit(factor.right)] = here.extent(factor.left.size)
    found = Reader(printed.partition(" = ")[2], names, here, extents).value({})
    expected = np.array(here.values[equation.tensor.name], dtype=float)
    found = found.scale if isinstance(found, One) else np.asarray(found)
    if expected.ndim == 1 and np.ndim(found) == 2:
        assert found.shape in ((len(expected), 1), (1, 1)), printed
        found = found[:, 0]
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-12), printed
    return True


def _unit(subscript: Subscript) -> str:
    """How a delta with this side is written: I, onehot or a unit vector."""
    if isinstance(subscript, Affine) or not getattr(subscript, "subscripts", True):
        return f"e_{Latex().subscript(subscript)}"
    return "I" if isinstance(subscript, Index) else "onehot"


def names_in(
    equation: Equation, context: Any, unnamed: frozenset[str] = frozenset()
) -> dict[str, tuple[Tensor, str, bool]]:
    """For each symbol: the tensor, the fixed part of its subscript, whether it is transposed."""
    script = Latex(context)
    script.context.unnamed = unnamed
    tensors = [t for e in getattr(context, "equations", context) for t in (e.tensor, *e.operands)]
    for tensor in (equation.tensor, *tensors):
        script.context.note(tensor)
    script.context.current = equation.tensor.name
    found: dict[str, tuple[Tensor, str, bool]] = {}
    for tensor in dict.fromkeys((*equation.operands, *tensors)):
        for turned in (True, False):
            name = script.name(tensor).transposed() if turned else script.name(tensor)
            symbol = name.core + (f"^{{{name.above}}}" if name.above else "")
            assert symbol not in found or found[symbol][1] != name.below or turned, symbol
            found.setdefault(f"{symbol}|{name.below}", (tensor, name.below, turned))
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


class Reader:
    """Evaluates LaTeX at an assignment of its indices; without indices, on whole arrays."""

    def __init__(
        self,
        printed: str,
        names: Mapping[str, tuple[Tensor, str, bool]],
        here: Environment,
        extents: Mapping[str, int],
    ) -> None:
        self.text, self.names, self.here, self.extents, self.place = (
            printed,
            names,
            here,
            extents,
            0,
        )

    def value(self, at: Mapping[str, int]) -> Any:
        """The whole formula."""
        self.place = 0
        value = self.total(at)
        self.skip()
        assert self.place == len(self.text), f"{self.text}: stuck at {self.text[self.place :]}"
        return value

    # scanning ------------------------------------------------------------------------------

    def skip(self) -> None:
        """Spaces of all widths."""
        while found := re.compile(r"\s|\\,|\\!").match(self.text, self.place):
            self.place = found.end()

    def sees(self, *words: str) -> bool:
        """Whether one of the words comes next."""
        self.skip()
        return self.text.startswith(words, self.place)

    def take(self, *words: str) -> str:
        """The first of the words that comes next, or nothing."""
        self.skip()
        for word in words:
            if self.text.startswith(word, self.place):
                self.place += len(word)
                return word
        return ""

    def match(self, pattern: str) -> str | None:
        self.skip()
        found = re.compile(pattern).match(self.text, self.place)
        if found is None:
            return None
        self.place = found.end()
        return found[1] if found.groups() else found[0]

    def must(self, word: str) -> None:
        assert self.take(word), f"{self.text}: no {word!r} at {self.text[self.place :]}"

    def braced(self) -> str:
        """What stands in the braces that come next, unread."""
        self.must("{")
        start, depth = self.place, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.text[self.place], 0)
            self.place += 1
        return self.text[start : self.place - 1]

    def read(self, part: str, at: Mapping[str, int]) -> Any:
        """A part of the formula, read by itself."""
        return Reader(part, self.names, self.here, self.extents).value(at)

    # grammar -------------------------------------------------------------------------------

    def total(self, at: Mapping[str, int]) -> Any:
        """entrywise ± entrywise ± …"""
        sign = -1.0 if self.take("-") else 1.0
        value = times(sign, self.entrywise(at))
        while word := self.take("+", "-"):
            value = plus(value, times(-1.0 if word == "-" else 1.0, self.entrywise(at)))
        return value

    def entrywise(self, at: Mapping[str, int]) -> Any:
        """product ⊙ product ⊘ product."""
        value = self.product(at)
        while word := self.take("\\odot", "\\oslash"):
            other = self.product(at)
            value = value.scale if isinstance(value, One) else value
            value = value * other if word == "\\odot" else value / other
        return value

    def product(self, at: Mapping[str, int]) -> Any:
        """Factors side by side."""
        value = self.power(at)
        nothing = value is NOTHING
        while True:
            self.take("\\cdot")
            self.skip()
            if self.place == len(self.text) or self.sees(*ENDS):
                return NOTHING if nothing else value
            factor = self.power(at)
            nothing = nothing or factor is NOTHING
            value = times(value, factor)

    def power(self, at: Mapping[str, int]) -> Any:
        """base ^{exponent}, and ^⊤."""
        base = self.atom(at)
        while self.take("^"):
            exponent = self.braced()
            if exponent == "+":
                base = np.linalg.pinv(base)
                continue
            if exponent == "\\top":
                base = One(row=True) if isinstance(base, One) else base.T
                continue
            entrywise = exponent.startswith("\\odot")
            top, slash, bottom = exponent.removeprefix("\\odot").partition("/")
            number = float(top) / float(bottom) if slash else self.read(top, at)
            if np.ndim(base) == 2 and not entrywise:
                base = np.linalg.matrix_power(base, int(number))
            else:
                base = base**number
        return base

    def atom(self, at: Mapping[str, int]) -> Any:
        """A number, a fraction, brackets, a sum, a function, an entry."""
        if (number := self.match(r"\d+(?:\.\d+)?")) is not None:
            return float(number)
        if self.take("\\frac"):
            top, bottom = self.read(self.braced(), at), self.read(self.braced(), at)
            return top / bottom
        if self.take("\\sqrt"):
            return np.sqrt(self.read(self.braced(), at))
        if any(name.startswith("(") and self.sees(name.partition("|")[0]) for name in self.names):
            return self.symbol(at)
        if self.sees("(", "\\left("):
            return self.by_entries(at) if self.entries_are_named() else self.arguments(at)[0]
        if self.take("\\left|"):
            value = self.total(at)
            self.must("\\right|")
            return np.abs(value)
        if self.take("\\left\\lfloor"):
            value = self.read(self.braced(), at)
            self.must("\\right\\rfloor")
            return np.floor(value)
        if self.take("\\lfloor"):
            value = self.total(at)
            self.must("\\rfloor")
            return np.floor(value)
        if self.take("\\lVert", "\\left\\lVert"):
            value = self.total(at)
            self.take("\\right")
            self.must("\\rVert")
            self.take("_{F}")
            return np.linalg.norm(value)
        if self.take("\\left["):
            value = self.total(at)
            self.must("\\right]_")
            return value[tuple(self.positions(self.braced(), at))]
        if self.sees("{"):
            return self.read(self.braced(), at)
        if self.take("\\sum_"):
            return self.sum(self.braced().split(","), at)
        if self.take("\\begin{cases}"):
            return self.cases(at)
        if self.take("\\mathbf{1}[", "\\mathbf{1}\\left["):
            holds = self.relation(at)
            self.take("\\right")
            self.must("]")
            return NOTHING if np.ndim(holds) == 0 and not holds else np.where(holds, 1.0, 0.0)
        return self.symbol(at)

    def closing(self) -> int:
        """Where the brackets that come next have ended."""
        depth = 0
        for place in range(self.place, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[place], 0)
            if depth == 0 and self.text[place] == ")":
                return place + 1
        raise AssertionError(f"{self.text}: no end of {self.text[self.place :]}")

    def entries_are_named(self) -> bool:
        """Whether the brackets that come next are those of a matrix, (a_{kl})_{kl}."""
        return self.text.startswith("_{", self.closing())

    def by_entries(self, at: Mapping[str, int]) -> Any:
        """The matrix (a_{kl})_{kl} of its entries."""
        start, self.place = self.place, self.closing() + len("_")
        letters = self.braced()
        rows, columns = letters.split(r",\,") if r"\," in letters else letters
        matrix = np.zeros((self.extents[rows], self.extents[columns]))
        for k, l in np.ndindex(*matrix.shape):
            self.place = start
            matrix[k, l] = self.arguments({**at, rows: k, columns: l})[0]
        self.must("_")
        self.braced()
        return matrix

    def symbol(self, at: Mapping[str, int]) -> Any:
        """Something with a name."""
        if self.take("\\mathbf{1}"):
            return One()
        if self.take("\\mathbf{e}_"):
            place = self.braced()
            return np.eye(self.extents[f"e_{place}"])[:, self.positions(place, at)]
        if self.take("\\mathbf{I}"):
            return np.eye(self.extents["I"])
        if self.take("\\delta_"):
            left, right = self.positions(self.braced(), at)
            return float(left == right)
        for symbol, (tensor, below, turned) in self.names.items():
            prefix = symbol.partition("|")[0]
            if self.sees(prefix) and self.fits(prefix, below):
                self.must(prefix)
                return self.entry(tensor, below, turned, at)
        if self.take("e^"):
            return np.exp(self.read(self.braced(), at))
        for size, extent in self.here.sizes.items():
            if self.take(Latex().names.size(size.name)):
                return float(extent)
        if self.take("\\mathrm{e}"):
            return np.e
        if self.take("\\pi"):
            return np.pi
        return self.function(at)

    def fits(self, prefix: str, below: str) -> bool:
        """Whether what follows belongs to this symbol and to no longer one."""
        rest = self.text[self.place + len(prefix) :]
        if prefix[-1].isalpha() and prefix.startswith("\\") and rest[:1].isalpha():
            return False
        return not below or rest.startswith(f"_{{{below}")

    def entry(self, tensor: Tensor, below: str, turned: bool, at: Mapping[str, int]) -> Any:
        """An entry at its subscripts, or the whole array where there are none."""
        value = np.array(self.here.values[tensor.name], dtype=float)
        places = self.braced().removeprefix(below).removeprefix(",\\,") if self.take("_") else ""
        if at or places or not tensor.shape:
            found = self.positions(places, at) if places else []
            if any(isinstance(p, slice | np.ndarray) for p in found):
                value = value[
                    tuple(
                        np.ravel(p).astype(int) if isinstance(p, np.ndarray) else p for p in found
                    )
                ]
            elif places:
                assert len(found) <= value.ndim, f"{self.text}: too many subscripts {places}"
                inside = all(0 <= p < n for p, n in zip(found, value.shape, strict=False))
                return value[tuple(found)] if inside else np.nan  # it must be beside a zero
            elif not tensor.shape:
                return float(value)
        value = value if tensor.dtype == "real" else value.astype(int)
        value = value[:, None] if value.ndim == 1 else value
        return value.T if turned else value

    def positions(self, places: str, at: Mapping[str, int]) -> list[Any]:
        """The values of subscripts: single letters side by side, or parts between commas."""
        parts = places.split(",\\,") if ",\\," in places else None
        if parts is None and re.fullmatch(r"[A-Za-z]+", places):
            parts = list(places)
        found: list[Any] = []
        for part in parts or [places]:
            if part in at:
                found.append(at[part])
            elif part == ":":
                found.append(slice(None))
            else:
                scalars = {**at}
                value = self.with_letters(scalars).read(part, scalars)
                found.append(value if isinstance(value, np.ndarray) and value.ndim else int(value))
        return found

    def with_letters(self, at: Mapping[str, int]) -> Reader:
        """A reader for which the indices are numbers too."""
        return _Places(self.text, self.names, self.here, self.extents, at)

    def sum(self, over: Sequence[str], at: Mapping[str, int]) -> Any:
        """Σ over the indices of the product that follows."""
        assert not set(over) & set(at), f"{self.text}: {over} are in use"
        start, total = self.place, 0.0
        for values in np.ndindex(*(self.extents[i] for i in over)):
            self.place = start
            total += self.product({**at, **dict(zip(over, values, strict=True))})
        return total

    def cases(self, at: Mapping[str, int]) -> Any:
        """The value in the first row whose condition holds."""
        rows = []
        while not self.take("\\end{cases}"):
            value = self.total(at)
            self.must("&")
            sure = self.take("\\text{otherwise}", "\\text{if }") == "\\text{otherwise}"
            rows.append((value, True if sure else self.relation(at)))
            self.take("\\\\")
        value = rows[-1][0]
        for other, holds in reversed(rows[:-1]):
            value = np.where(holds, other, value)
        return value

    def relation(self, at: Mapping[str, int]) -> Any:
        reader = self.with_letters(at)  # positions are compared too
        reader.place = self.place
        signs = {"\\le": np.less_equal, "\\ge": np.greater_equal, "\\ne": np.not_equal}
        known = {**signs, "<": np.less, ">": np.greater, "=": np.equal}
        left, holds = reader.total(at), True
        while word := reader.take(*known):
            right = reader.total(at)
            left, holds = right, np.logical_and(holds, known[word](left, right))
        self.place = reader.place
        return holds

    def letter(self, at: Mapping[str, int]) -> str | None:
        """An index that stands alone in a relation."""
        return self.match(rf"({'|'.join(map(re.escape, at))})(?![\w_^])") if at else None

    # functions -----------------------------------------------------------------------------

    def function(self, at: Mapping[str, int]) -> Any:
        """A named function, its power, what it runs over, and its arguments."""
        name = self.match(r"\\operatorname\{((?:[^{}])+)\}") or self.match(
            r"\\(boldsymbol\{\\\w+\})"
        )
        name = name or self.match(r"\\([A-Za-z]+)")
        assert name in (*FUNCTIONS, *PAIRS, "onehot"), f"{self.text}: {name} at {self.place}"
        order = self.braced() if self.take("^") else "1"
        exponent = self.read(order, at)
        over = self.braced() if self.take("_") else ""
        if name == "log" and self.take("\\Gamma"):
            (value,) = self.arguments(at)
            return special.gammaln(value)
        if name == "psi" and exponent:
            (value,) = self.arguments(at)
            return special.polygamma(int(order.strip("()")) if "(" in order else 0, value)
        if name == "det":
            return np.linalg.det(self.power(at))
        if over and name in ("max", "min", "arg\\,max", "arg\\,min") and "mathrm" not in over:
            return self.extreme(name, over.split(","), at)
        if name == "softmax" and over and "mathrm" not in over:
            return self.softmax(over.split(","), at)
        if not self.sees("(", "\\left("):
            return FUNCTIONS[name](self.power(at))
        values = self.arguments(at)
        if name == "onehot":
            return np.eye(self.extents["onehot"])[np.ravel(values[0]).astype(int)]
        if "mathrm" in over:
            axis = 1 if "rows" in over else 0
            found = FUNCTIONS[name](values[0], axis=axis)
            return found if found.ndim == 2 else found[:, None]
        if name == "Phi" and order == "-1":
            return special.ndtri(values[0])
        if len(values) == 2:
            return PAIRS[name](*values) ** exponent
        return FUNCTIONS[name](*values) ** exponent

    def arguments(self, at: Mapping[str, int]) -> list[Any]:
        self.take("\\left")
        self.must("(")
        values = [self.total(at)]
        while self.take(","):
            values.append(self.total(at))
        self.take("\\right")
        self.must(")")
        return values

    def extreme(self, name: str, over: list[str], at: Mapping[str, int]) -> Any:
        start, values = self.place, []
        for places in np.ndindex(*(self.extents[i] for i in over)):
            self.place = start
            values.append(self.power({**at, **dict(zip(over, places, strict=True))}))
        return FUNCTIONS[name](np.array(values))

    def softmax(self, over: list[str], at: Mapping[str, int]) -> Any:
        """softmax_k(z_n): the entry k of the softmax of what depends on k."""
        self.take("\\left")
        self.must("(")
        start = self.place
        inner = {k: v for k, v in at.items() if k not in over}
        try:
            value = self.total(inner)
        except AssertionError:  # A_{ij}: no row or column alone carries what is summed
            value = 0.0
        if np.ndim(value) == 2 and value.shape[1] == 1 and len(over) == 1:
            value = value[:, 0]
        elif np.ndim(value) == 0:  # the entry is written with the summed index too
            values = []
            for places in np.ndindex(*(self.extents[i] for i in over)):
                self.place = start
                values.append(self.total({**inner, **dict(zip(over, places, strict=True))}))
            value = np.reshape(values, [self.extents[i] for i in over])
        self.take("\\right")
        self.must(")")
        return special.softmax(value)[tuple(at[i] for i in over)]


class _Places(Reader):
    """Reads subscripts, in which an index is a number."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts[:-1])
        self.at = parts[-1]

    def read(self, part: str, at: Mapping[str, int]) -> Any:
        return _Places(part, self.names, self.here, self.extents, self.at).value(at)

    def symbol(self, at: Mapping[str, int]) -> Any:
        letter = self.letter(at)
        return at[letter] if letter else super().symbol(at)


def plus(a: Any, b: Any) -> Any:
    """The sum of two terms."""
    a, b = (x.scale if isinstance(x, One) else x for x in (a, b))
    return a + b


def times(a: Any, b: Any) -> Any:
    """Side by side: numbers scale, matrices multiply, ones sum or broadcast."""
    if isinstance(a, One):
        if isinstance(b, One):
            return a.scale * b.scale
        if np.ndim(b) < 2:
            return One(a.row, a.scale * b)
        return number_of(a.scale * (np.sum(b, axis=0, keepdims=True) if a.row else b))
    if isinstance(b, One):
        if np.ndim(a) < 2:
            return One(b.row, a * b.scale)
        return number_of(b.scale * (a if b.row else np.sum(a, axis=1, keepdims=True)))
    if np.ndim(a) < 2 or np.ndim(b) < 2:
        return a * b
    return number_of(a @ b)


def number_of(array: Any) -> Any:
    """A product of a row and a column is a number."""
    return float(array[0, 0]) if array.shape == (1, 1) else array
