"""Printed text means its equation: it is read back by its grammar and evaluated.

A space multiplies and `` / `` divides; Σ and the reductions reach as far as the product goes.
The reader knows mathematics as a person does, and nothing of how the library prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import mpmath

from backproof.theory.equations import Equation, every_index
from backproof.theory.evaluation.arithmetic import Precise
from backproof.theory.evaluation.exact import Environment, evaluate_rhs
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.printing.text import text
from laws.steps import assert_close

OVER = "Σ|softmax|logsumexp|argmax|argmin|max|min"
TURNED = "|".join(BY_NAME)  # a matrix whose rows and columns stand in another order
TOKEN = re.compile(
    rf"(?P<turned>(?:{TURNED})_[^\W\d]\w*,[^\W\d]\w*)(?=\()"
    rf"|(?P<over>(?:{OVER})_[^\W\d]\w*(?:,[^\W\d]\w*)*)(?=[ (])"
    r"|(?P<indicator>1\[)|(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign> [+-] )|(?P<slash> ?/ ?)|(?P<dot> \* )"
    r"|(?P<case> (?:if |otherwise))"
    r"|(?P<relation> (?:<=|>=|<|>|!=|==|=) )|(?P<other>\*\*|; | |.)"
)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "σ": lambda x: 1 / (1 + mpmath.exp(-x)),
    "Φ": lambda x: mpmath.ncdf(x),
    "log_ndtr": lambda x: mpmath.log(mpmath.ncdf(x)),
    "ndtri": lambda p: mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1),
    "floor": mpmath.floor,
    "hypot": mpmath.hypot,
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "xlogy": lambda x, y: x * mpmath.log(y),
    "rel_entr": lambda x, y: x * mpmath.log(x / y),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "relu": lambda x: max(x, 0),
    "sgn": mpmath.sign,
    "max": max,
    "min": min,
    "loggamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
    "polygamma": mpmath.psi,
    **{n: getattr(mpmath, n) for n in ("sqrt", "exp", "log", "tanh", "sin", "cos", "erf", "floor")},
}
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


NOTHING = mpmath.mpf(0)  # of an indicator: what stands beside it need not be defined


def text_reads_back(equation: Equation, context: Any, here: Environment) -> None:
    """The right-hand side, printed, read and evaluated, is the right-hand side evaluated."""
    printed = text(equation, context)
    left, _, right = printed.partition(" = ")
    extents = {i.name: here.extent(i.size) for i in every_index(equation)}
    assert left == text(equation.entry), printed
    for at in here.assignments(equation.indices):
        found = Reader(right, here, extents).value({i.name: n for i, n in at.items()})
        assert_close(found, evaluate_rhs(equation.rhs, here, at), printed)


class Reader:
    """Evaluates printed mathematics at an assignment of its letters."""

    def __init__(self, printed: str, here: Environment, extents: Mapping[str, int]) -> None:
        self.tokens = [(m.lastgroup or "", m[0]) for m in TOKEN.finditer(printed)]
        self.tokens.append(("end", ""))
        self.printed, self.here, self.extents, self.place = printed, here, extents, 0

    def value(self, at: Mapping[str, int]) -> Any:
        """The whole text."""
        value = self.total(at)
        assert self.kind == "end", f"{self.printed}: stuck at {self.tokens[self.place :]}"
        return value

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    @property
    def word(self) -> str:
        return self.tokens[self.place][1]

    def take(self, word: str = "") -> str:
        """The next token, which must be ``word`` where one is given."""
        found = self.word
        assert word in ("", found), f"{self.printed}: {found!r} where {word!r} should stand"
        self.place += 1
        return found

    def total(self, at: Mapping[str, int]) -> Any:
        """product ± product ± …"""
        negative = self.word == "-" and self.take() == "-"
        total = self.product(at) * (-1 if negative else 1)
        while self.kind == "sign":
            sign = -1 if self.take().strip() == "-" else 1
            total += sign * self.product(at)
        return total

    def product(self, at: Mapping[str, int]) -> Any:
        """Factors side by side; a division ends what it divides and leaves no doubt."""
        product, divided = self.power(at), False
        nothing = product is NOTHING
        while True:
            if self.kind == "slash":
                assert not divided, f"{self.printed}: two divisions side by side"
                self.take()
                product, divided = product / self.power(at), True
            elif self.word == " " or self.kind == "dot":
                assert not divided, f"{self.printed}: a factor after a division"
                self.take()
                factor = self.power(at)
                nothing = nothing or factor is NOTHING
                product *= factor
            else:
                return NOTHING if nothing else product

    def power(self, at: Mapping[str, int]) -> Any:
        """base ** exponent."""
        base = self.factor(at)
        if self.word == "**":
            self.take()
            return base ** self.factor(at)
        return base

    def factor(self, at: Mapping[str, int]) -> Any:
        """A number, an entry, a function, something in brackets, or a sum with its Σ."""
        kind, word = self.kind, self.take()
        if kind == "turned":
            self.take("(")
            name = next(n for n in BY_NAME if re.fullmatch(rf"{n}_[^_]*", word))
            return self.matrix_function(name, at, word.removeprefix(f"{name}_").split(","))
        if kind == "over":
            return self.over(*word.split("_", 1), at)
        if kind == "indicator":
            return self.indicator(at)
        if kind == "number":
            return mpmath.mpf(word)
        if word == "(":
            value = self.total(at)
            self.take(")")
            return value
        if word == "|":
            value = abs(self.total(at))
            self.take("|")
            return value
        if word == "{":
            return self.cases(at)
        assert kind == "name", f"{self.printed}: {word!r} starts no factor"
        if self.word == "(":
            return self.function(word, at)
        return self.entry(word, at)

    def over(self, kind: str, letters: str, at: Mapping[str, int]) -> Any:
        """Σ_i, max_i, logsumexp_i, softmax_i, … of the product that follows."""
        reach = self.factor if self.word == "(" else self.product  # softmax_i(z[i]) is a function
        self.take(" ") if self.word == " " else None
        names, start = letters.split(","), self.place
        assert kind == "softmax" or not set(names) & set(at), f"{self.printed}: {letters} is in use"
        values = []
        for assignment in assignments(names, self.extents):
            self.place = start
            values.append((assignment, reach({**at, **assignment})))
        numbers = [value for _, value in values]
        if kind == "Σ":
            return mpmath.fsum(numbers)
        if kind == "softmax":
            total = mpmath.fsum(map(mpmath.exp, numbers))
            chosen = next(v for a, v in values if all(at[n] == a[n] for n in names))
            return mpmath.exp(chosen) / total
        if kind == "logsumexp":
            return mpmath.log(mpmath.fsum(map(mpmath.exp, numbers)))
        extreme = max(numbers) if kind.endswith("max") else min(numbers)
        return numbers.index(extreme) if kind.startswith("arg") else extreme

    def indicator(self, at: Mapping[str, int]) -> Any:
        """1[x > 0], or the ones 1[i] of an index."""
        holds = self.relation(at) if self.tokens[self.place + 1][1] != "]" else bool(self.take())
        self.take("]")
        return mpmath.mpf(1) if holds else NOTHING

    def relation(self, at: Mapping[str, int]) -> bool:
        """a < b, or a chain 0 <= a < b."""
        left, holds = self.total(at), True
        while self.kind == "relation":
            relation = self.take().strip()
            right = self.total(at)
            left, holds = right, holds and RELATIONS[relation](left, right)
        return holds

    def cases(self, at: Mapping[str, int]) -> Any:
        """{value if condition; value otherwise}: the first condition that holds decides."""
        chosen = None
        while True:
            value = self.total(at)
            holds = self.take().strip() == "otherwise" or self.relation(at)
            chosen = value if chosen is None and holds else chosen
            if self.take() == "}":
                return chosen

    def function(self, name: str, at: Mapping[str, int]) -> Any:
        self.take("(")
        if name in BY_NAME:
            return self.matrix_function(name, at)
        arguments = [self.total(at)]
        while self.word == ",":
            self.take(",")
            self.take(" ")
            arguments.append(self.total(at))
        self.take(")")
        return FUNCTIONS[name](*arguments)

    def matrix_function(
        self, name: str, at: Mapping[str, int], letters: list[str] | None = None
    ) -> Any:
        """inverse(A[i,j])[k,l]: the letters that are free inside are rows and columns.

        Where there are others too, they are named: inverse_i,j(Σ_k A[k,i] A[k,j])[l,q].
        """
        start, words = self.place, [w for _, w in self.tokens[self.place :]]
        inside = words[: words.index(")")]
        rows, columns = letters or dict.fromkeys(
            w for w in inside if w in self.extents and w not in at
        )
        matrix = []
        for row in range(self.extents[rows]):
            matrix.append([])
            for column in range(self.extents[columns]):
                self.place = start
                matrix[-1].append(self.total({**at, rows: row, columns: column}))
        self.take(")")
        value = Precise().matrix_function(name, matrix)
        for place in self.places(at) if self.word == "[" else []:
            value = value[place]
        return value

    def places(self, at: Mapping[str, int]) -> list[int]:
        """The positions in brackets."""
        places = []
        while self.word != "]":
            self.take()
            places.append(int(self.subscript(at)))
        self.take("]")
        return places

    def entry(self, name: str, at: Mapping[str, int]) -> Any:
        """An index, a size, a number without axes, a delta, or an entry of a tensor."""
        if self.word != "[":
            if name in at:
                return at[name]
            sizes = {s.name: n for s, n in self.here.sizes.items()}
            return mpmath.pi if name == "pi" else sizes.get(name, self.here.values.get(name))
        places = self.places(at)
        if name == "δ":
            return mpmath.mpf(places[0] == places[1])
        value = self.here.values[name]
        for place in places:
            if not 0 <= place < len(value):
                return mpmath.nan  # undefined, unless an indicator says that it does not count
            value = value[place]
        return value

    def subscript(self, at: Mapping[str, int]) -> Any:
        """Subscripts are written without spaces: ``x[n-1,2*i+p,t[i]]``."""
        total, sign = 0, 1
        while True:
            if self.word == "-":
                sign, _ = -sign, self.take()
            part = self.power(at)
            while self.word in ("*", " ") or self.kind == "name":
                self.take() if self.kind != "name" else None
                part *= self.power(at)
            total += sign * part
            if self.word not in ("+", "-"):
                return total
            sign = 1 if self.word == "+" else -1
            self.take()


def assignments(names: list[str], extents: Mapping[str, int]) -> list[dict[str, int]]:
    """Every assignment of letters to positions, the last letter running fastest."""
    found: list[dict[str, int]] = [{}]
    for name in names:
        found = [{**a, name: n} for a in found for n in range(extents[name])]
    return found
