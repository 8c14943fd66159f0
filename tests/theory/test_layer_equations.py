"""Layers as equations: their laws, their steps, how they print, what they refuse."""

from collections.abc import Callable, Iterator

import mpmath
import pykatex
import pytest

import backproof as bp
from backproof.theory.evaluation.exact import environment
from backproof.theory.layers import (
    LAYERS,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Filter2x2,
    Flatten,
    Layer,
    LayerNorm,
    MaxPool,
    MeanPool,
    Residual,
    SelfAttention,
)
from backproof.theory.networks import sequential, shallow
from backproof.theory.printing.latex import latex
from laws.equations import (
    both_sides_carry_the_same_indices,
    letters_are_unambiguous,
    names_have_one_meaning,
)
from laws.latex_reading import latex_reads_back
from laws.models import DIGITS
from laws.reading import text_reads_back
from laws.refusals import refused
from laws.sample import numbers_for
from laws.steps import derived_in_the_open, step_holds

CASES: tuple[tuple[Layer, str, dict[str, int]], ...] = (
    (Dense("h"), "N d", {"N": 2, "d": 3, "h": 4}),
    (Activation("tanh"), "N d", {"N": 2, "d": 3}),
    (Convolution("o", ("k",)), "N c L", {"N": 2, "c": 2, "L": 4, "o": 3, "k": 2}),
    (Convolution("o", ("k",), 2, 1), "N 1 L", {"N": 2, "L": 5, "o": 2, "k": 3}),
    (Convolution(2, 2, 1, 0, 2, groups=2), "1 2 H W", {"H": 4, "W": 3}),
    (Convolution(1, 2, 2, 1, bias=False), "1 1 H W", {"H": 3, "W": 4}),
    (Filter2x2(), "N H W", {"N": 2, "H": 3, "W": 4}),
    (MaxPool(2), "N c H W", {"N": 2, "c": 1, "H": 5, "W": 4}),
    (MaxPool((3, 2), 2, (1, 0)), "1 H W", {"H": 4, "W": 3}),
    (MeanPool(2, 1, 1), "1 H W", {"H": 2, "W": 3}),
    (MeanPool(("k", "l"), stride=1), "H W", {"H": 3, "W": 2, "k": 2, "l": 2}),
    (Flatten(), "N c H W", {"N": 2, "c": 2, "H": 3, "W": 2}),
    (LayerNorm(), "N d", {"N": 2, "d": 3}),
    (BatchNorm(), "N c L", {"N": 2, "c": 3, "L": 2}),
    (SelfAttention("h", "e"), "N L d", {"N": 1, "L": 3, "d": 2, "h": 2, "e": 2}),
    (Residual((Dense("d"), Activation("sigmoid"))), "N d", {"N": 2, "d": 3}),
)
NAMES = [f"{type(layer).__name__} {told}" for layer, told, _ in CASES]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def loss(layer: Layer, told: str) -> bp.Model:
    """A mean squared error of a layer, so that its gradient has something to start from."""
    return sequential(told, [layer], likelihood="gaussian")


@pytest.mark.parametrize(("layer", "told", "sizes"), CASES, ids=NAMES)
def test_steps_and_prints(
    layer: Layer, told: str, sizes: dict[str, int], tally: Callable[[str, int], None]
) -> None:
    """Every step holds; every equation means what its text and its LaTeX say."""
    wrt = ("x", *loss(layer, told).parameters)
    opened = derived_in_the_open(lambda: loss(layer, told), wrt)
    result = opened.result
    inputs = numbers_for(result.arguments, sizes, seed=3)
    here = opened.environments(inputs, sizes)
    ties = isinstance(layer, MaxPool) and any(layer.windows.padding)  # an edge and its copies
    for step in result.derivation_steps:
        if not (ties and step.rule == "gradient of an extreme"):  # no slope there: a convention
            step_holds(step, here.derived)
    tally("steps evaluated", len(result.derivation_steps))
    values = environment(result, inputs, sizes)
    names_have_one_meaning(result.model)
    for equation in result.equations:
        both_sides_carry_the_same_indices(equation)
        letters_are_unambiguous(equation, result.arguments)
        text_reads_back(equation, result, values)
        latex_reads_back(equation, result, values)
        pykatex.renderToString(
            latex(equation, result), displayMode=True, strict=pykatex.STRICT_ERROR
        )
    tally("printed equations read back", 2 * len(result.equations))


def test_every_layer_is_among_the_cases() -> None:
    assert {type(layer) for layer, _, _ in CASES} == set(LAYERS)


@pytest.mark.parametrize(("layer", "told", "sizes"), CASES, ids=NAMES)
def test_what_a_layer_states_is_what_its_model_has(
    layer: Layer, told: str, sizes: dict[str, int]
) -> None:
    model = layer.model(told)
    assert layer.shape(told) == model.output.shape
    assert layer.parameters(told) == {n: t.shape for n, t in model.parameters.items()}
    assert layer.shape(tuple(told.split())) == layer.shape(told)
    assert type(layer).__doc__ is not None
    assert "=" in type(layer).__doc__  # the equation


# How it prints -------------------------------------------------------------------------------


def test_the_gradient_of_a_convolution_is_a_gather() -> None:
    """Goodfellow, Bengio, Courville (2016), equation 9.13, with the range in place of "s.t."."""
    layers = [Convolution("o", ("k", "l"))]
    gradient = bp.derive(sequential("N c H W", layers, likelihood="gaussian"), ("x", "K1", "b1"))
    assert [str(gradient[name]) for name in ("x", "K1", "b1")] == [
        "dx[n,q,i,j] = Σ_r,u,v dz1[n,r,i-u,j-v] K1[r,q,u,v]"
        " 1[0 <= i - u < H - k + 1] 1[0 <= j - v < W - l + 1]",
        "dK1[r,q,u,v] = Σ_i,j,n dz1[n,r,i,j] x[n,q,i+u,j+v]",
        "db1[r] = Σ_i,j,n dz1[n,r,i,j]",
    ]
    assert latex(gradient["x"], gradient).endswith(
        r"\mathbf{1}[0 \le i - u < H - k + 1] \mathbf{1}[0 \le j - v < W - l + 1]"
    )


def test_the_lecture_s_filter() -> None:
    """Each place of the image gets back what its four neighbours got from it."""
    gradient = bp.derive(sequential("H W", [Filter2x2()], likelihood="gaussian"), ("x", "a1"))
    assert str(gradient["x"]) == (
        "dx[i,j] = a1 dz1[i,j] 1[i < H - 1] 1[j < W - 1]"
        " + b1 dz1[i-1,j] 1[i >= 1] 1[j < W - 1]"
        " + c1 dz1[i,j-1] 1[i < H - 1] 1[j >= 1]"
        " + d1 dz1[i-1,j-1] 1[i >= 1] 1[j >= 1]"
    )
    assert str(gradient["a1"]) == "da1 = Σ_i,j dz1[i,j] x[i,j]"


def test_a_padded_image() -> None:
    model = Convolution(1, (3,), padding=1).model("1 L")
    assert str(model.equations[0]) == "pad1[i,j] = x[i,j-1] 1[0 <= j - 1 < L]"


def test_sizes_of_a_network() -> None:
    layers = [Convolution(8, 3), MaxPool(2), Convolution(16, 3), MaxPool(2), Flatten()]
    model = sequential("N 1 28 28", layers)
    assert model.output.shape[1] == 16 * 5 * 5
    named = sequential("N 1 H W", layers).output.shape[1]
    sizes = dict.fromkeys(named.free_symbols, 28)
    assert named.subs(sizes) == 16 * 5 * 5


# Networks with one hidden layer --------------------------------------------------------------


def test_a_shallow_network_of_numbers() -> None:
    network = shallow(c=[2, -1], w=[1, 0.5], b=[0, 0.25], c0=1, activation="tanh")
    assert str(network) == "f = 1 + 2 tanh(x) - tanh(x/2 + 1/4)"
    assert str(bp.derive(network, "x")["x"]) == ("dx = 3/2 + tanh(x/2 + 1/4)**2 / 2 - 2 tanh(x)**2")
    assert network.w == ((1,), (bp.networks.shallow([1], [0.5], [0]).w[0][0],))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"c": [1, 2], "w": [1], "b": [0, 0]}, "1 units"),
        ({"c": [1], "w": [1], "b": [0, 0]}, "2 units"),
        ({"c": [1, 1], "w": [[1, 2], [1]], "b": [0, 0]}, "rows of 2, 1"),
        ({"c": [float("nan")], "w": [1], "b": [0]}, "nan"),
        ({"c": [], "w": [], "b": []}, "[]"),
        ({"c": "m", "w": [1], "b": "m"}, "a shape"),
        ({"c": "m", "w": "n", "b": "m"}, "align them"),
        ({"c": [1], "w": [1], "b": [0], "activation": "cube"}, "cube"),
    ],
)
def test_a_shallow_network_refuses(given: dict, said: str) -> None:
    refused(lambda: shallow(**given), said)


# What is refused -----------------------------------------------------------------------------

BAD: tuple[tuple[Callable[[], object], str], ...] = (
    (lambda: Convolution(2, 5).model("1 3 3"), "over 5 places on an axis of 3"),
    (lambda: Convolution(2, 3, stride=0), "stride 0"),
    (lambda: Convolution(2, 3, stride=(1, 2, 3)), "3 numbers for stride"),
    (lambda: Convolution(2, 3, padding="p"), "no array has it"),  # type: ignore[arg-type]
    (lambda: Convolution(2, 3).model("H W"), "an input of shape (H, W)"),
    (lambda: Convolution(3, 3, groups=2).model("2 H W"), "3 channels in 2 groups"),
    (lambda: Convolution(2, 3, groups=2).model("c H W"), "2*c"),
    (lambda: MaxPool(2, padding=2), "less than 2"),
    (lambda: MaxPool("k"), "side by side"),
    (lambda: MeanPool(3).model("2 2"), "a window that fits"),
    (lambda: Activation("cube"), "'cube'"),
    (lambda: LayerNorm(axes=3).model("N d"), "3 axes or more"),
    (lambda: LayerNorm(epsilon=0).model("N d"), "a positive number"),
    (lambda: BatchNorm().model("d"), "a batch of channels"),
    (lambda: SelfAttention(heads=4).model("N L 6"), "6 features for 4 heads"),
    (lambda: SelfAttention(heads=2).model("N L d"), "pass width="),
    (lambda: Residual((Dense(3),)).model("N d"), "shape (N, 3)"),
    (lambda: Flatten(axes=3).model("N d"), "3 axes or more"),
    (lambda: Dense("W1").model("N d"), "the name W1"),
    (lambda: Dense(3).model("N x"), "a size named x"),
    (lambda: Dense(3).model(""), "without axes"),
    (lambda: sequential("N d", []), "no layers"),
    (lambda: sequential("N d", ["relu"]), "'relu' among the layers"),  # type: ignore[list-item]
    (lambda: sequential("N d", [Dense(3)], likelihood="poison"), "'poison'"),
    (lambda: sequential("N d", [Dense(3)], penalty={"l2": 1}), "without a likelihood"),
    (lambda: sequential("N L d", [Dense(3)], "categorical"), "(N, classes)"),
    (lambda: sequential("N y", [Dense(3)], "gaussian"), "a size named y"),
    (lambda: sequential("N d", [Activation("linear")]), "change nothing"),
    (lambda: sequential("N d", [Activation("tanh")], "heteroscedastic"), "without parameters"),
    (lambda: sequential("N d", [Dense(3)], "gaussian", {"l2": "W1"}), "the name W1"),
)


@pytest.mark.parametrize(("action", "said"), BAD, ids=[said for _, said in BAD])
def test_bad_layers_are_refused(action: Callable[[], object], said: str) -> None:
    refused(action, said)
