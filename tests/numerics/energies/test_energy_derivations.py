"""What is derived from an energy, run as kernels beside exact answers and enumeration."""

from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.commands.statements import Statement
from backproof.theory.energy import centring, reflection
from backproof.theory.energy.deep_belief import Implication
from backproof.theory.energy.machine import Energy

RANDOM = np.random.default_rng(11)
KINDS = ["binary", "spin", "categorical", "gaussian", "gaussian_mean", "gaussian_cho"]
KINDS += ["rectified", "exponential", "bounded"]
DISCRETE = ("binary", "spin")


def extent(size: Any, sizes: dict[str, int]) -> int:
    """The number that a size stands for."""
    return int(size.xreplace({s: sizes[s.name] for s in size.free_symbols}))


def numbers(machine: Any, sizes: dict[str, int], scale: float = 0.5) -> dict[str, np.ndarray]:
    """Arrays for every parameter, symmetric for lateral weights."""
    laterals = {c.weight for c in machine.couplings if c.lateral}
    found = {}
    for name, tensor in machine.parameters.items():
        shape = tuple(extent(s, sizes) for s in tensor.shape)
        value = scale * RANDOM.normal(size=shape)
        if name.startswith(("q_", "sigma_")):
            value = RANDOM.uniform(0.8, 1.6, shape)
        if name == "b_h" and machine["h"].unit.name == "exponential":
            value = -RANDOM.uniform(4, 5, shape)
        if name in laterals:
            n = int(np.prod(shape[: len(shape) // 2]))
            square = value.reshape(n, n)
            mask = 1 - np.kron(np.eye(shape[0]), np.ones((n // shape[0], n // shape[0])))
            value = ((square + square.T) / 2 * mask).reshape(shape)
        found[name] = value
    return found


def states(machine: Any, group: str, sizes: dict[str, int], rows: int) -> np.ndarray:
    """Random states of a group; unit vectors for a categorical one."""
    shape = tuple(extent(s, sizes) for s in machine[group].shape)
    unit = machine[group].unit
    if unit.labels:
        return np.eye(shape[-1])[RANDOM.integers(shape[-1], size=(rows, shape[0]))]
    if unit.discrete:
        return RANDOM.choice([float(y) for y in unit.states], (rows, *shape))
    return RANDOM.uniform(0.1, 0.9, (rows, *shape))


def named(group: str, row: np.ndarray) -> dict[str, float]:
    """A row as the states of the units v0, v1, …; the position of the one of unit vectors."""
    values = row.argmax(-1) if row.ndim == 2 else row
    return {f"{group}{i}": float(x) for i, x in enumerate(values)}


def call(model: Any, **arrays: Any) -> Any:
    """The kernel of a model on those of the arrays that it takes."""
    return bp.compile(model)(**{k: v for k, v in arrays.items() if k in model.arguments})


SIZES = {"n": 3, "m": 2, "K": 3, "l": 2}


@pytest.mark.parametrize("hidden", KINDS)
@pytest.mark.parametrize("visible", ["binary", "categorical", "gaussian_mean"])
def test_free_energy_and_learning_rule(visible: str, hidden: str) -> None:
    if visible == "gaussian_mean" and hidden in ("exponential", "rectified", "bounded"):
        visible = "spin"  # of several such units in a Gaussian field there is no closed form
    machine = bp.energy.rbm(visible_unit=visible, hidden_unit=hidden)
    values = numbers(machine, SIZES, 0.3)
    exact = bp.exact.solve(machine, values=values)
    v = states(machine, "v", SIZES, 4)
    data = [named("v", row) for row in v]
    found = call(bp.energy.free_energy(machine, "N"), v=v, **values)
    assert np.allclose(found, exact.free_energy(data), rtol=1e-12, atol=1e-12)
    if visible == "gaussian_mean":
        return
    rule = bp.energy.learning_rule(machine)
    kernel = bp.compile(rule)
    every = list(_all_states(machine, "v"))
    weight = np.exp([exact.log_probability(named("v", row)) for row in every])
    assert np.isclose(weight.sum(), 1)
    given = {k: x for k, x in values.items() if k in rule.arguments}
    parts = [kernel(v=v, v_model=row[None], **given) for row in every]
    gradient = exact.gradient(data)
    for name in ("b_v", "b_h", "W"):
        if name not in values:
            continue
        mean = -sum(w * part[name] for w, part in zip(weight, parts, strict=True))
        if name == "W":
            expected = np.array(gradient["couplings"])
        else:
            start = name[2:]
            expected = np.array([x for k, x in gradient["bias"].items() if k.startswith(start)])
        assert np.allclose(mean.ravel(), expected, rtol=1e-10, atol=1e-12), name


def _all_states(machine: Any, group: str) -> np.ndarray:
    unit, n = machine[group].unit, SIZES["n"]
    choices = range(3) if unit.labels else [float(y) for y in unit.states]
    grid = np.array(np.meshgrid(*[list(choices)] * n, indexing="ij")).reshape(n, -1).T
    return np.eye(3)[grid.astype(int)] if unit.labels else grid


@pytest.mark.parametrize("builder", ["boltzmann", "ising", "potts", "hopfield"])
def test_pseudo_likelihood(builder: str) -> None:
    given = {"hidden": None} if builder == "boltzmann" else {}
    machine = getattr(bp.energy, builder)(**given)
    values = numbers(machine, SIZES)
    exact = bp.exact.solve(machine, values=values)
    (group,) = (g.name for g in machine.groups)
    rows = states(machine, group, SIZES, 4)
    found = call(bp.energy.pseudo_likelihood(machine, "N"), **{group: rows}, **values)
    for row, value in zip(rows, found, strict=True):
        state = named(group, row)
        total = 0.0
        for unit in state:
            rest = {k: x for k, x in state.items() if k != unit}
            answer = exact.conditional(unit, rest)
            total += np.log(answer["probs"][answer["states"].index(state[unit])])
        assert value == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("units", [["binary"] * 3, ["spin", "gaussian", "binary"]], ids="-".join)
def test_conditionals_of_a_deep_machine(units: list[str]) -> None:
    machine = bp.energy.dbm(["n", "m", "l"], units=units)
    values = numbers(machine, SIZES)
    exact = bp.exact.solve(machine, values=values)
    rows = {g.name: states(machine, g.name, SIZES, 3) for g in machine.groups}
    for group in machine.groups:
        model = bp.energy.conditional(machine, group.name, "N")
        mean = call(model, **rows, **values)
        for n in range(3):
            state = {k: x for g in rows for k, x in named(g, rows[g][n]).items()}
            for i in range(extent(group.size, SIZES)):
                unit = f"{group.name}{i}"
                rest = {k: x for k, x in state.items() if k != unit}
                assert mean[n, i] == pytest.approx(exact.conditional(unit, rest)["mean"], rel=1e-12)


@pytest.mark.parametrize("hidden", ["binary", "spin", "gaussian", "rectified", "categorical"])
def test_the_bound_is_one_and_tight_where_units_are_independent(hidden: str) -> None:
    """Given v the hidden units of a restricted machine are independent: at η = z, L = −F."""
    machine = bp.energy.rbm(hidden_unit=hidden)
    values = numbers(machine, SIZES)
    exact = bp.exact.solve(machine, values=values)
    bound = bp.energy.mean_field(machine)
    v = states(machine, "v", SIZES, 1)[0]
    free = -exact.free_energy(named("v", v))
    shape = values["b_h"].shape
    for _ in range(5):
        eta = RANDOM.normal(size=shape)
        assert call(bound, v=v, eta_h=eta, **values) <= free + 1e-12
    z = values["b_h"] + np.tensordot(v, values["W"], 1)
    assert call(bound, v=v, eta_h=z, **values) == pytest.approx(free, rel=1e-12)
    slope = bp.compile(bp.derive(bound, wrt="eta_h"))(v=v, eta_h=z, **values)["eta_h"]
    assert np.abs(slope).max() < 1e-12


def test_the_bound_of_a_deep_machine() -> None:
    machine = bp.energy.dbm()
    values = numbers(machine, SIZES)
    exact = bp.exact.solve(machine, values=values)
    v = states(machine, "v", SIZES, 1)[0]
    free = -exact.free_energy(named("v", v))
    bound = bp.energy.mean_field(machine)
    gradient = bp.compile(bp.derive(bound, wrt=("eta_h1", "eta_h2")))
    eta = {"eta_h1": np.zeros(2), "eta_h2": np.zeros(2)}
    sigma = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    for _ in range(300):  # the mean-field equations, one layer after the other
        field = v @ values["W1"] + values["W2"] @ sigma(eta["eta_h2"])
        eta["eta_h1"] = field + values["b_h1"]
        eta["eta_h2"] = sigma(eta["eta_h1"]) @ values["W2"] + values["b_h2"]
    out = gradient(v=v, **eta, **values)
    assert max(np.abs(out[k]).max() for k in eta) < 1e-12
    assert out["value"] < free
    assert out["value"] > free - 0.1


@pytest.mark.parametrize("builder", ["ising", "boltzmann", "dbm"])
def test_the_second_order_leaves_an_error_of_the_third(builder: str) -> None:
    """With weights ε w the error of the bound falls as ε², that of TAP as ε³ or faster."""
    given = {"hidden": None} if builder == "boltzmann" else {}
    machine = getattr(bp.energy, builder)(**given)
    values = numbers(machine, SIZES, 1.0)
    weights = [c.weight for c in machine.couplings]
    errors = {}
    for name, make in (("mean field", bp.energy.mean_field), ("TAP", bp.energy.tap)):
        model = make(machine, given=())
        etas = [k for k in model.inputs if k.startswith("eta_")]
        kernel = bp.compile(bp.derive(model, wrt=tuple(etas)))
        for epsilon in (0.1, 0.05):
            scaled = {k: epsilon * x if k in weights else x for k, x in values.items()}
            exact = bp.exact.solve(machine, values=scaled).log_Z
            eta = {k: scaled[f"b_{k[4:]}"].copy() for k in etas}
            for _ in range(4000):
                out = kernel(**eta, **scaled)
                eta = {k: x + 2.0 * out[k] for k, x in eta.items()}
            errors[name, epsilon] = abs(float(out["value"]) - exact)
    assert 3.3 < errors["mean field", 0.1] / errors["mean field", 0.05] < 4.7
    assert errors["TAP", 0.1] / errors["TAP", 0.05] > 6
    assert errors["TAP", 0.1] < errors["mean field", 0.1] / 5


@pytest.mark.parametrize("kind", ["gaussian", "gaussian_mean"])
def test_score_matching(kind: str) -> None:
    """J from second differences of the exact free energy."""
    machine = bp.energy.rbm(visible_unit=kind)
    values = numbers(machine, SIZES)
    exact = bp.exact.solve(machine, values=values)
    v = RANDOM.normal(size=3)
    expected, h = 0.0, 1e-3
    for i in range(3):
        e = h * np.eye(3)[i]
        f = [exact.free_energy(named("v", v + k * e)) for k in (-2, -1, 0, 1, 2)]
        slope = (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * h)
        curve = (-f[0] + 16 * f[1] - 30 * f[2] + 16 * f[3] - f[4]) / (12 * h * h)
        expected += slope**2 / 2 - curve
    found = call(bp.energy.score_matching(machine), v=v, **values)
    assert found == pytest.approx(expected, rel=1e-8)


def test_a_score_needs_the_whole_line() -> None:
    with pytest.raises(bp.BackproofError, match="real units on the whole line"):
        bp.energy.score_matching(bp.energy.rbm())


# Structure ---------------------------------------------------------------------------------


def test_independence_is_what_enumeration_finds() -> None:
    """v ⊥ h2 | h1 and v ⊥̸ h2 in a deep machine, by the mutual information of its distribution."""
    machine = bp.energy.dbm([2, 2, 2])
    values = numbers(machine, {}, 1.0)
    exact = bp.exact.solve(machine, values=values)
    claim = bp.energy.independence(machine, "v", "h2", given=["h1"])
    assert claim
    assert not bp.energy.independence(machine, "v", "h2")
    for h1 in ((0, 0), (0, 1), (1, 1)):
        given = {"h10": h1[0], "h11": h1[1]}
        alone = exact.conditional("v0", given)["p1"]
        both = [exact.conditional("v0", given | {"h20": x})["p1"] for x in (0, 1)]
        assert both == pytest.approx([alone, alone], abs=1e-14)
    marginal = [exact.conditional("v0", {"h20": x})["p1"] for x in (0, 1)]
    assert abs(marginal[0] - marginal[1]) > 1e-3


def test_blankets_and_blocks() -> None:
    machine = bp.energy.dbm(["a1", "a2", "a3", "a4", "a5"])
    assert bp.energy.blocks(machine) == (("v", "h2", "h4"), ("h1", "h3"))
    assert bp.energy.blanket(machine, "h3") == ("h2", "h4")
    triple = bp.energy.Machine(
        (*machine.groups[:3],), (bp.energy.Coupling("T", ("v", "h1", "h2")),), ("v",)
    )
    assert bp.energy.blanket(triple, "v") == ("h1", "h2")
    with pytest.raises(bp.BackproofError, match="h1 and h2, which interact"):
        bp.energy.free_energy(machine)


def test_one_implies_two() -> None:
    theorem = bp.energy.one_implies_two()
    assert theorem.holds
    assert theorem.rests_on == ("derived",)
    assert {s.rule for s in theorem.steps} >= {"field", "mean"}


def test_a_wrong_form_is_not_implied() -> None:
    """The check of the theorem sees a transposed weight and a forgotten bias."""
    network = bp.energy.dbn(["n", "n", "n"])
    right = bp.energy.one_implies_two(network)
    transposed = bp.trace("special.expit(W2.T @ h2 + b_h1)", W2="n n", h2="n", b_h1="n")
    unbiased = bp.trace("special.expit(W2 @ h2)", W2="n n", h2="n")
    for wrong in (transposed, unbiased):
        claim = Implication(right.name, right.hypothesis, wrong, right.derived, "")
        assert not claim


def test_a_belief_network_of_two_layers_is_a_restricted_machine() -> None:
    W, b, c = RANDOM.normal(size=(3, 2)), RANDOM.normal(size=3), RANDOM.normal(size=2)
    network = {"layers": [3, 2], "W": [W.tolist()], "b": [b.tolist(), c.tolist()]}
    belief = bp.exact.solve(bp.energy.load(network))
    machine = bp.exact.solve(bp.energy.rbm(), values={"W": W, "b_v": b, "b_h": c})
    rows = [[0, 0, 1], [1, 0, 1], [1, 1, 1]]
    expected = machine.log_probability([named("v", np.array(row)) for row in rows])
    assert belief.log_probability(rows) == pytest.approx(expected, rel=1e-13)
    assert belief.log_Z == pytest.approx(machine.log_Z, rel=1e-13)


def test_the_joint_of_a_belief_network() -> None:
    """log P(v, h1, h2) of its parts sums to the exact log p(v)."""
    network = bp.energy.dbn([3, 2, 2])
    W = [RANDOM.normal(size=(3, 2)), RANDOM.normal(size=(2, 2))]
    b = [RANDOM.normal(size=n) for n in (3, 2, 2)]
    values = {"W1": W[0], "W2": W[1], "b_v": b[0], "b_h1": b[1], "b_h2": b[2]}
    given = {"layers": [3, 2, 2], "W": [w.tolist() for w in W], "b": [x.tolist() for x in b]}
    exact = bp.exact.solve(bp.energy.load(given))
    bits = [(np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1 for n in (2, 2)]
    h1, h2 = (np.repeat(bits[0], 4, 0).astype(float), np.tile(bits[1], (4, 1)).astype(float))
    v = np.array([1.0, 0.0, 1.0])
    top, lower = network.log_probability("N")
    rows = {"v": np.tile(v, (16, 1)), "h1": h1, "h2": h2}
    total = -call(top, **rows, **values) + call(lower, **rows, **values) - exact.log_Z
    expected = exact.log_probability([v.tolist()])[0]
    assert np.log(np.exp(total).sum()) == pytest.approx(expected, rel=1e-12)


def test_everything_prints_and_documents(tmp_path: Any) -> None:
    machine = bp.energy.dbm(["n", "m", "l"])
    models = [machine.energy(), bp.energy.free_energy(machine, over=["h1"])]
    models += [bp.energy.mean_field(machine), bp.energy.conditional(machine, "h1")]
    for model in models:
        assert str(model)
        assert bp.latex(model)
    files = bp.document(bp.energy.learning_rule(machine), to=tmp_path / "dbm.html")
    page = files[0].read_text("utf-8")
    assert "Deep Boltzmann machine" in page


def test_a_group_that_nothing_touches_feels_its_bias_alone() -> None:
    energy = Energy(bp.energy.rbm())
    assert energy.feature("v").name == "v"
    lonely = bp.energy.Machine(bp.energy.rbm().groups, (), ("v",))
    assert str(bp.energy.conditional(lonely, "h")) == "z_h[j] = b_h[j]\np_h[j] = σ(z_h[j])"


PAGES = ["rbm", "dbm", "boltzmann", "ising", "potts", "hopfield_dual", "gaussian_gaussian"]


@pytest.mark.parametrize("builder", PAGES)
def test_a_machine_has_a_page(builder: str, tmp_path: Any) -> None:
    machine = getattr(bp.energy, builder)()
    (file,) = bp.document(machine, to=tmp_path / "page.html")
    page = file.read_text("utf-8")
    for title in (
        "The energy",
        "One unit in its field",
        "Who depends on whom",
        "Conditionals",
        "Learning",
    ):
        assert title in page
    assert "refuted" not in page.partition("The evidence")[2].partition("</table>")[0]
    assert ("The mean-field bound" in page) == (builder in ("dbm", "boltzmann"))
    assert ("The free energy" in page) == (builder in ("rbm", "dbm", *PAGES[5:]))


def test_a_machine_of_a_command_line() -> None:
    said = Statement("dbm:784,500,1000:binary,gaussian,binary")
    assert isinstance(said.stated, bp.energy.Machine)
    assert "dW2" in str(said.derivation())
    assert Statement("rbm:n,m").stated.hidden == ("h",)
    with pytest.raises(bp.BackproofError, match="two widths"):
        Statement("rbm:n,m,l")


@pytest.mark.parametrize("units", [["binary", "binary"], ["categorical", "spin", "gaussian"]])
def test_centring_leaves_the_distribution(units: list[str]) -> None:
    """The proof holds, and so do its numbers: E_c(θ) − E(θ′) is one constant at all states."""
    machine = bp.energy.dbm(["n", "m", "l"][: len(units)], units=units)
    claim = bp.energy.centred(machine)
    assert claim
    sizes = {**SIZES, "K": 3}
    values = numbers(machine, sizes)
    offsets = {
        f"c_{g.name}": RANDOM.normal(size=tuple(extent(s, sizes) for s in g.shape))
        for g in machine.groups
    }
    rows = {g.name: states(machine, g.name, sizes, 4) for g in machine.groups}
    moved = dict(values)
    for equation in claim.moved:
        model = bp.Model((equation,), {}, {t.name: t for t in equation.operands}, equation.tensor)
        known = {**values, **offsets}
        name = equation.tensor.name.removesuffix("_plain")
        moved[name] = bp.compile(model)(**{n: known[n] for n in model.arguments})
    differences = []
    for r in range(4):
        row = {k: x[r] for k, x in rows.items()}
        differences.append(
            call(claim.energy, **row, **values, **offsets) - call(machine.energy(), **row, **moved)
        )
    assert np.ptp(differences) < 1e-12


def test_a_wrong_move_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the offsets' move forgotten, terms with states stay."""
    monkeypatch.setattr(centring, "_times", lambda move, feature, over: move)
    assert not centring.centred(bp.energy.rbm())


@pytest.mark.parametrize(
    ("units", "group"),
    [
        (["binary", "binary"], "h1"),
        (["spin", "spin"], "h1"),
        (["binary", "gaussian", "binary"], "h1"),
        (["spin", "binary", "bounded"], "h1"),
        (["binary", "binary", "binary"], "h2"),
    ],
)
def test_reflected_units_leave_the_others_distribution(units: list[str], group: str) -> None:
    """The proof holds, and exact sums with random signs agree: Z up to the constant, and p(v)."""
    machine = bp.energy.dbm(["n", "m", "l"][: len(units)], units=units)
    claim = bp.energy.reflected(machine, group)
    assert claim
    values = numbers(machine, SIZES)
    shape = tuple(extent(s, SIZES) for s in machine[group].shape)
    values_and_signs = {**values, f"s_{group}": RANDOM.choice([-1.0, 1.0], size=shape)}
    moved = dict(values)
    for equation in (*claim.moved, claim.constant):
        model = bp.Model((equation,), {}, {t.name: t for t in equation.operands}, equation.tensor)
        found = bp.compile(model)(**{n: values_and_signs[n] for n in model.arguments})
        moved[equation.tensor.name.removesuffix("_moved")] = found
    constant = float(moved.pop("constant"))
    plain, other = (bp.exact.solve(machine, values=v) for v in (values, moved))
    assert abs(plain.log_Z - (other.log_Z - constant)) < 1e-11
    rows = [named("v", row) for row in states(machine, "v", SIZES, 4)]
    np.testing.assert_allclose(
        np.asarray(plain.free_energy(rows)) + plain.log_Z,
        np.asarray(other.free_energy(rows)) + other.log_Z,
        atol=1e-11,
    )


def test_a_reflection_that_forgets_the_offset_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Binary units reflected about 0 are no longer 0 or 1: terms with states stay."""
    mirrored = reflection._mirrored
    monkeypatch.setattr(reflection, "_mirrored", lambda t, f, s, r: mirrored(t, f, s, 2 * r))
    assert not bp.energy.reflected(bp.energy.rbm(), "h")


@pytest.mark.parametrize("unit", ["exponential", "rectified", "categorical"])
def test_units_without_a_reflection_are_refused(unit: str) -> None:
    machine = bp.energy.dbm(["n", "m"], units=["binary", unit])
    with pytest.raises(bp.BackproofError, match="symmetric"):
        bp.energy.reflected(machine, "h1")
