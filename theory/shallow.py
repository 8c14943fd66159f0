"""Networks with one hidden layer, of numbers or symbols: the subject of universality theorems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from backproof.theory.activations import ACTIVATIONS
from backproof.theory.declarations import array
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Affine, Entry, Index, Tensor, fresh
from backproof.theory.scalars import step
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, finite

FUNCTIONS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    **ACTIVATIONS,
    "step": step,
    "sin": sp.sin,
    "cos": sp.cos,
    "erf": sp.erf,
    "atan": sp.atan,
    "exp": sp.exp,
}
Row = tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Shallow(Model):
    """The model of a network with one hidden layer, and its numbers.

    ``c`` and ``b`` have one entry a unit, ``w`` one row a unit with one entry an input, all of
    them exact: a decimal is the fraction that is written.  They are empty where the network was
    stated by shapes.
    """

    c: Row = ()
    w: tuple[Row, ...] = ()
    b: Row = ()
    c0: sp.Expr = sp.S.Zero
    activation: str = "sigmoid"


def shallow(c: Any, w: Any, b: Any, c0: Any = 0, activation: str = "sigmoid") -> Shallow:
    """One hidden layer and a linear output, a function of one point x.

        f = c0 + Σ_j c_j σ(w_j · x + b_j)

    ``c`` and ``b`` hold a number a unit; ``w`` is one too, and then x is a number, or a row of
    numbers a unit, and then x is a vector.  A SymPy symbol in place of a number is a parameter of
    that name.  Shapes in place of numbers (``c="m", w="m n", b="m", c0=""``) make arrays of
    symbolic size of all of them.  ``activation`` is one of those of networks, or step, sin, cos,
    erf, atan, exp.

    Raises `BackproofError` for lengths that differ and for what is no finite number.

    Reference: G. Cybenko, Approximation by superpositions of a sigmoidal function, Mathematics
    of Control, Signals and Systems 2 (1989), equation 1.

    >>> print(shallow(c=[2, -1], w=[1, 3], b=[0, 0.5], c0=1))
    f = 1 + 2 σ(x) - σ(3 x + 1/2)
    >>> print(shallow(c="m", w="m n", b="m", c0="", activation="tanh"))
    z[j] = Σ_i w[j,i] x[i] + b[j]
    h[j] = tanh(z[j])
    f = c0 + Σ_j c[j] h[j]
    """
    if activation not in FUNCTIONS:
        known = ", ".join(FUNCTIONS)
        raise BackproofError("activation", repr(activation), f"one of {known}", "pick one")
    given = {"c": c, "w": w, "b": b, "c0": c0}
    if any(isinstance(part, str) for part in given.values()):
        return _of_shapes(given, activation)
    return _of_numbers(given, activation)


def _of_numbers(given: dict[str, Any], activation: str) -> Shallow:
    """Every number stands in the equation; symbols are scalar parameters."""
    c, b = _row("c", given["c"]), _row("b", given["b"])
    rows, flat = _rows(given["w"])
    c0 = _exact("c0", given["c0"])
    for name, part in (("w", rows), ("b", b)):
        if len(part) != len(c):
            found, expected = f"{len(part)} units", f"{len(c)}, as c has"
            raise BackproofError(name, found, expected, "give one entry or row a unit")
    every = [c0, *c, *b, *(x for row in rows for x in row)]
    symbols = sorted({s for e in every for s in e.free_symbols}, key=lambda s: s.name)
    names = [s.name for s in symbols]
    for name in names:
        if name in ("x", "f") or not name.isidentifier() or names.count(name) > 1:
            raise BackproofError("shallow", f"the symbol {name}", "a free name", "rename it")
    x = Tensor("x", () if flat else (sp.Integer(len(rows[0])),), () if flat else ("i",))
    parameters = {name: Tensor(name) for name in names}
    statement = Statement({"x": x, **parameters}, Letters(taken={"x", *names}))
    places = [()] if flat else [(Affine(sp.Integer(n)),) for n in range(len(rows[0]))]
    entries = [Entry(x, place) for place in places] + [Entry(t) for t in parameters.values()]
    g = FUNCTIONS[activation]

    def value(*slots: sp.Expr) -> sp.Expr:
        point, named = slots[: len(places)], dict(zip(symbols, slots[len(places) :], strict=True))
        units = (
            c_j * g(sp.Add(b_j, *(w_ji * x_i for w_ji, x_i in zip(row, point, strict=True))))
            for c_j, row, b_j in zip(c, rows, b, strict=True)
        )
        return sp.Add(c0, *units).xreplace(named)

    total = statement.elementwise(value, *(_value(e) for e in entries))
    model = _model(statement, total, x, parameters, activation)
    return Shallow(**vars(model), c=c, w=rows, b=b, c0=c0, activation=activation)


def _of_shapes(given: dict[str, Any], activation: str) -> Shallow:
    """Arrays c (m), w (m n) or (m), b (m), and a number c0."""
    if given["c0"] == 0:
        given = {**given, "c0": ""}
    for name, part in given.items():
        if not isinstance(part, str):
            found = f"numbers, where {next(k for k, v in given.items() if isinstance(v, str))} is"
            raise BackproofError(name, f"{found} a shape", "a shape", "write shapes for all")
    shapes = {name: array(part).shape for name, part in given.items()}
    m = shapes["c"][:1]
    rank = {"c": (1,), "w": (1, 2), "b": (1,), "c0": (0,)}
    for name, shape in shapes.items():
        if len(shape) not in rank[name] or shape[:1] != (() if name == "c0" else m):
            found = f"shape ({', '.join(map(str, shape))})"
            raise BackproofError(name, found, "c 'm', w 'm' or 'm n', b 'm', c0 ''", "align them")
    sizes = {s.name for shape in shapes.values() for n in shape for s in n.free_symbols}
    letters = [w for w in ("j", "i", "k", "l", "q") if w not in sizes]
    axes = {1: (letters[0],), 2: (letters[0], letters[1]), 0: ()}
    parameters = {name: Tensor(name, s, axes[len(s)]) for name, s in shapes.items()}
    busy = sorted(sizes & {"x", "f", "z", "h", *parameters})
    if busy:
        raise BackproofError("shallow", f"a size named {busy[0]}", "a free name", "rename it")
    x = Tensor("x", shapes["w"][1:], (letters[1],) if len(shapes["w"]) > 1 else ())
    statement = Statement({"x": x, **parameters}, Letters(taken={"x", *parameters, *sizes}))
    j = fresh(Index(letters[0], m[0]))
    inner = tuple(fresh(Index(letters[1], n)) for n in x.shape)
    product = (Entry(parameters["w"], (j, *inner)), Entry(x, inner))
    terms = [Contraction(sp.S.One, product, inner), _term(Entry(parameters["b"], (j,)))]
    z = statement.bind(Value((j,), Sum(tuple(terms))), "z")
    h = statement.bind(statement.elementwise(FUNCTIONS[activation], z), "h")
    assert h.entry is not None
    (index,) = h.indices
    units = Contraction(sp.S.One, (Entry(parameters["c"], (index,)), h.entry), (index,))
    total = Value((), Sum((_term(Entry(parameters["c0"])), units)))
    return Shallow(**vars(_model(statement, total, x, parameters, activation)))


def _model(
    statement: Statement, total: Value, x: Tensor, parameters: dict[str, Tensor], activation: str
) -> Model:
    tensor = statement.declare("f", ())
    statement.equations.append(statement.letters.write(tensor, (), total.rhs))
    title = f"Network with one hidden layer, {activation}"
    equations, steps = tuple(statement.equations), tuple(statement.steps)
    return Model(equations, {"x": x}, parameters, tensor, steps, title)


def _term(entry: Entry) -> Contraction:
    return Contraction(sp.S.One, (entry,))


def _value(entry: Entry) -> Value:
    return Value((), Sum((_term(entry),)))


def _rows(given: Any) -> tuple[tuple[Row, ...], bool]:
    """One row a unit, and whether each was given as a single number."""
    listed = _listed("w", given)
    flat = not any(hasattr(row, "__iter__") for row in listed)
    rows = tuple(_row("w", (row,) if flat else row) for row in listed)
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise BackproofError("w", f"rows of {lengths} entries", "equal ones", "mend the rows")
    return rows, flat


def _row(name: str, given: Any) -> Row:
    return tuple(_exact(name, entry) for entry in _listed(name, given))


def _listed(name: str, given: Any) -> list[Any]:
    """The entries of a list or of an array, one at least."""
    given = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(given, Iterable) or not (entries := list(given)):
        raise BackproofError(name, repr(given), "one entry a unit", "write e.g. [1.0, -2.0]")
    return entries


def _exact(name: str, given: Any) -> sp.Expr:
    """A number as it is written, or an expression in symbols."""
    given = given.item() if hasattr(given, "item") else given
    if isinstance(given, Fraction):
        return sp.Rational(given.numerator, given.denominator)
    if isinstance(given, float) and given == given and abs(given) != float("inf"):
        return sp.Rational(repr(given))
    if isinstance(given, int | sp.Expr) and not isinstance(given, bool):
        return finite(sp.sympify(given))
    raise BackproofError(name, repr(given), "finite numbers or symbols", "mend the entry")
