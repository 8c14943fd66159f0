"""Operators on images: exact laws, and the invariance that averaging over a group imposes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from backproof.theory.augmentation import (
    OPERATORS,
    adjoint,
    averaged,
    crop,
    flip,
    invariance,
    quarter_turn,
    rotate,
    warp,
)
from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import Nested, evaluate
from backproof.theory.evaluation.export import scalar_expansion
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace
from laws.augmentation import adjoint_is_adjoint, operator_is_linear
from laws.derivatives import flat

SIZES = {"N": 2, "h": 3, "w": 4}
MEMBERS: dict[str, tuple[Model, Mapping[str, int]]] = {
    "flip of columns": (flip("N h w"), SIZES),
    "flip of rows": (flip("h w", "rows"), {"h": 3, "w": 2}),
    **{f"{k} quarter turns": (quarter_turn("N h w", k), SIZES) for k in (1, 2, 3)},
    "crop": (crop("N h+2 w+1", ("h", "w"), (1, 0)), SIZES),
    "crop of numbers": (crop("N 5 4", (2, 3), (3, 1)), {"N": 2}),
    "crop at labels": (crop("h+2 w+1", ("h", "w")), {"h": 2, "w": 3}),
    "crops at labels": (crop("N c h+2 w+1", ("h", "w"), each=True), {**SIZES, "c": 1}),
    "warp": (warp("N h w"), SIZES),
    "warps": (warp("N c h w", each=True), {**SIZES, "c": 2}),
    "rotation": (rotate("h w"), {"h": 3, "w": 4}),
}
Law = Any


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("law", [adjoint_is_adjoint, operator_is_linear])
def test_law(law: Law, name: str) -> None:
    model, sizes = MEMBERS[name]
    if name == "rotation":  # cos and sin of a rational number: at an angle of 0, exactly
        angle = model.inputs["angle"]
        model = replace(model, inputs={**model.inputs, "angle": replace(angle, below=sp.S.One)})
    for seed in (1, 2):
        law(model, sizes, seed)


def test_every_operator_is_under_test() -> None:
    """Each builder has a member above whose title it gave."""
    titles = {model.title for model, _ in MEMBERS.values()}
    for builder in OPERATORS:
        made = builder("4 4", (2, 2), (0, 0)) if builder is crop else builder("4 4")
        assert made.title in titles


# Which pixel goes where --------------------------------------------------------------------


def numbered(h: int, w: int) -> Nested:
    return tuple(tuple(w * i + j for j in range(w)) for i in range(h))


def moved(operator: Model, h: int, w: int) -> Nested:
    return evaluate(operator, {"x": numbered(h, w)})["y"]


def test_pixels() -> None:
    """0 1 2 / 3 4 5, moved by hand."""
    assert moved(flip("h w"), 2, 3) == ((2, 1, 0), (5, 4, 3))
    assert moved(flip("h w", "rows"), 2, 3) == ((3, 4, 5), (0, 1, 2))
    assert moved(quarter_turn("h w"), 2, 3) == ((2, 5), (1, 4), (0, 3))
    assert moved(quarter_turn("h w", 2), 2, 3) == ((5, 4, 3), (2, 1, 0))
    assert moved(quarter_turn("h w", 3), 2, 3) == ((3, 0), (4, 1), (5, 2))
    assert moved(crop("2 3", (1, 2), (1, 0)), 2, 3) == ((3, 4),)


def test_a_warp_by_hand() -> None:
    """Halves between four pixels, a quarter beyond the edge, far outside."""
    half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
    down = ((half, -quarter, 0), (0, 0, 10**6))
    right = ((half, 0, quarter), (0, -5, 0))
    found = evaluate(warp("h w"), {"x": numbered(2, 3), "down": down, "right": right})["y"]
    # (0+1+3+4)/4; ¾ of 1 and ¼ of nothing; ¾ of 2 and ¼ of nothing; 3; nothing; nothing
    assert found == ((2, sp.Rational(3, 4), sp.Rational(3, 2)), (3, 0, 0))


def test_coordinates_are_counted() -> None:
    values = evaluate(
        warp("h w"), {"x": numbered(2, 3), "down": [[0] * 3] * 2, "right": [[0] * 3] * 2}
    )
    assert values["row"] == (0, 1)
    assert values["column"] == (0, 1, 2)
    assert values["y"] == numbered(2, 3)


def test_a_warp_has_a_derivative_in_the_field() -> None:
    """∂y/∂down between two pixels is their difference."""
    model = warp("h w")
    down = [[sp.Rational(1, 3)] * 2, [-sp.Rational(1, 3)] * 2]
    result = derive(model, "down")
    values = evaluate(result, {"x": [[1, 4], [9, 16]], "down": down, "right": [[0, 0], [0, 0]]})
    jacobian = values[result.results["down"].name]
    for i in range(2):
        for j in range(2):
            assert jacobian[i][j][i][j] == (8, 12)[j]


# Adjoints ----------------------------------------------------------------------------------


def test_adjoints_read_as_maps() -> None:
    assert str(adjoint(flip("N h w"))) == "dx[n,i,j] = v[n,i,w-j-1]"
    assert str(adjoint(quarter_turn("N h w"))) == "dx[n,i,j] = v[n,w-j-1,i]"
    assert str(adjoint(trace("A @ x", A="m n", x="n"))) == "dx[j] = Σ_i v[i] A[i,j]"


def test_the_adjoint_of_a_permutation_is_its_inverse() -> None:
    for turns in (1, 2, 3):
        back = adjoint(quarter_turn("3 3", turns))
        there = evaluate(quarter_turn("3 3", turns), {"x": numbered(3, 3)})["y"]
        assert evaluate(back, {"v": there})["dx"] == numbered(3, 3)


@pytest.mark.parametrize("source", ["x*x", "np.tanh(x)", "x*np.sum(x)"])
def test_no_adjoint_of_what_is_not_linear(source: str) -> None:
    with pytest.raises(BackproofError, match="not linear in x"):
        adjoint(trace(source, x="n"))


def test_a_wrong_adjoint_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adjoint that is twice too large, and the adjoint of another map."""

    def doubled(model: Model) -> Model:
        right = adjoint(model)
        *others, last = right.equations
        assert isinstance(last.rhs, Sum)
        terms = tuple(Contraction(2 * t.coefficient, t.factors, t.over) for t in last.rhs.terms)
        return replace(right, equations=(*others, Equation(last.tensor, last.indices, Sum(terms))))

    monkeypatch.setattr("laws.augmentation.adjoint", doubled)
    with pytest.raises(AssertionError):
        adjoint_is_adjoint(*MEMBERS["warp"], seed=1)
    third = adjoint(quarter_turn("h h", 3))
    monkeypatch.setattr("laws.augmentation.adjoint", lambda _: third)
    with pytest.raises(AssertionError):
        adjoint_is_adjoint(quarter_turn("h h", 1), {"h": 3}, seed=1)


# The invariance ----------------------------------------------------------------------------

TURNS = [quarter_turn("h h", k) for k in (1, 2, 3)]
SQUARE = [*TURNS, *(flip("h h", axis) for axis in ("rows", "columns"))]


def test_groups() -> None:
    assert len(invariance([flip("h w")], h=2, w=3).permutations) == 2
    both = [flip("h w"), flip("h w", "rows"), quarter_turn("h w", 2)]
    assert len(invariance(both, h=2, w=3).permutations) == 4
    found = invariance(TURNS, h=3)
    assert len(found.permutations) == 4
    assert "h = 3" in found.statement
    assert "strictly convex" in found.statement


@pytest.mark.parametrize(
    ("operators", "sizes", "words"),
    [
        ([quarter_turn("h h")], {"h": 3}, "no operator for"),
        (SQUARE, {"h": 3}, "no operator for"),
        ([flip("h w"), flip("h w", "rows")], {"h": 2, "w": 3}, "no operator for"),
        ([crop("h+1 w", ("h", "w"), (0, 0))], {"h": 2, "w": 2}, "a permutation"),
        ([warp("h w")], {"h": 2, "w": 2}, "inputs x, down, right"),
    ],
)
def test_what_is_no_group(operators: Sequence[Model], sizes: dict[str, int], words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        invariance(operators, **sizes)


def linear_loss(square: bool = False) -> Model:
    """Ridge regression on images: strictly convex in W."""
    shape = "h h" if square else "h w"
    source = "np.sum((np.sum(W*x, axis=(1, 2)) - y)**2)/x.shape[0] + np.sum(W*W)/4"
    return trace(source, W=shape, x=f"N {shape}", y="N")


def data(h: int, w: int) -> dict[str, Any]:
    """Three images and targets without any symmetry."""
    x = [[[sp.Integer((5 * n + 7 * i * i + 3 * j * n + 2 * j) % 11 - 5) for j in range(w)]
          for i in range(h)] for n in range(3)]  # fmt: skip
    return {"x": x, "y": [sp.Integer(2), sp.Integer(-1), sp.Integer(3)]}


def minimiser(model: Model, h: int, w: int) -> list[list[sp.Expr]]:
    """The exact solution of ∇J = 0, J quadratic in W, by SymPy."""
    J, symbols = scalar_expansion(model, {"N": 3, "h": h} | ({} if h == w else {"w": w}))
    numbers = dict(zip(flat(symbols["x"]), flat(nested(data(h, w)["x"])), strict=True))
    numbers |= dict(zip(flat(symbols["y"]), data(h, w)["y"], strict=True))
    unknowns = list(flat(symbols["W"]))
    slopes = [sp.expand(sp.diff(J, u).xreplace(numbers)) for u in unknowns]
    solution = sp.solve(slopes, unknowns, dict=True)[0]
    return [[solution[u] for u in row] for row in symbols["W"]]


def nested(rows: Any) -> Nested:
    return tuple(nested(r) for r in rows) if isinstance(rows, list) else rows


def predictions(W: Any, images: Any) -> list[sp.Expr]:
    return [
        sp.expand(sum(a * b for a, b in zip(flat(nested(W)), flat(nested(x)), strict=True)))
        for x in images
    ]


def turned(x: Any) -> list[list[Any]]:
    """A quarter turn, by hand."""
    return [list(row) for row in zip(*x, strict=True)][::-1]


def test_averaging_over_flips_makes_the_minimiser_invariant() -> None:
    """f(W*; flipped x) = f(W*; x) for a generic x, exactly; without averaging it does not hold."""
    generic = [[sp.Symbol(f"p{i}{j}") for j in range(3)] for i in range(2)]
    mirrored = [row[::-1] for row in generic]
    plain = linear_loss()
    W = minimiser(averaged(plain, [flip("N h w")]), 2, 3)
    assert predictions(W, [generic]) == predictions(W, [mirrored])
    assert any(e != 0 for row in W for e in row)
    W = minimiser(plain, 2, 3)
    assert predictions(W, [generic]) != predictions(W, [mirrored])


def test_averaging_over_quarter_turns_makes_the_minimiser_invariant() -> None:
    generic = [[sp.Symbol(f"p{i}{j}") for j in range(3)] for i in range(3)]
    turns = [quarter_turn("N h h", k) for k in (1, 2, 3)]
    W = minimiser(averaged(linear_loss(square=True), turns), 3, 3)
    assert predictions(W, [generic]) == predictions(W, [turned(generic)])
    once = minimiser(averaged(linear_loss(square=True), turns[:1]), 3, 3)  # no group
    assert predictions(once, [generic]) != predictions(once, [turned(generic)])


def test_the_averaged_objective_is_invariant() -> None:
    """J_G(θ; g x) = J_G(θ; x), for a model that is neither linear nor convex."""
    source = "z = np.tanh(np.sum(W*x, axis=(1, 2)))\nreturn np.sum((z - y)**2)"
    model = averaged(trace(source, W="h w", x="N h w", y="N"), [flip("N h w")])
    given = data(2, 3)
    W = [[sp.Rational(i - 2 * j, 5) for j in range(3)] for i in range(2)]
    there = {**given, "x": [[row[::-1] for row in image] for image in given["x"]]}
    values = [evaluate(model, {**inputs, "W": W}) for inputs in (given, there)]
    assert values[0]["f_G"] == values[1]["f_G"]
    assert values[0]["f_1"] == values[1]["f_2"] != values[0]["f_2"]


def test_the_averaged_objective_prints() -> None:
    shown = str(averaged(linear_loss(), [flip("N h w")])).splitlines()
    assert shown[-1] == "f_G = (f_1 + f_2) / 2"
    assert "x[n,i,w-j-1]" in shown[2]


@pytest.mark.parametrize(
    ("operators", "over", "words"),
    [
        ([rotate("N h w")], "x", "inputs x, angle"),
        ([quarter_turn("N h w")], "x", r"an image \(N, w, h\)"),
        ([flip("N h w")], "q", "the name q"),
        ([flip("N h v")], "x", "an image"),
    ],
)
def test_operators_that_do_not_fit(operators: Sequence[Model], over: str, words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        averaged(linear_loss(), operators, over)


# Refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: flip("n"), "rows and columns"),
        (lambda: flip("h w", "depth"), "'rows' or 'columns'"),
        (lambda: flip("y w"), "the size y"),
        (lambda: quarter_turn("h w", 4), "4 turns"),
        (lambda: rotate("h w", each=True), "an axis of images"),
        (lambda: crop("h w", ("h+1", "w"), (0, 0)), "provably inside"),
        (lambda: crop("5 5", (4, 4), (2, 0)), "a start at 2"),
        (lambda: crop("5 5", (4,), (0, 0)), "1 sizes"),
        (lambda: crop("5 5", (4, 4), (0,)), "1 starts"),
        (lambda: crop("5 5", (4, 4), (0, -1)), "shape"),
        (lambda: warp("n"), "rows and columns"),
    ],
)
def test_refusals(build: Any, words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        build()
