"""Functions of torch, JAX and autograd: recognised, judged with their own gradients, refuted."""

import math
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.adapters import FRAMEWORKS, Adapted, adapted
from backproof.theory.errors import BackproofError
from backproof.theory.specs import dense, embedding, gelu, layernorm, relu, softplus

torch = pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
jax = pytest.importorskip("jax", reason="JAX is not installed: pip install backproof[jax]")
F, nn, jnp = torch.nn.functional, torch.nn, jax.numpy


def names(function: Any) -> str | None:
    """The framework that a callable is recognised for."""
    found = adapted(function)
    return found.framework.name if isinstance(found, Adapted) else None


class Double(torch.autograd.Function):
    """y = 2x, in the older style."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return 2 * x

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        return 2 * dy


@jax.custom_vjp
def rectified(x: Any) -> Any:
    return jnp.maximum(x, 0)


rectified.defvjp(lambda x: (rectified(x), x), lambda x, dy: (jnp.where(x > 0, dy, 0),))


def annotated(x: "torch.Tensor") -> Any:
    return x


RECOGNISED: tuple[tuple[Any, str | None], ...] = (
    (nn.Linear(2, 3), "torch"),
    (Double, "torch"),
    (torch.logsumexp, "torch"),
    (F.gelu, "torch"),
    (F.layer_norm, "torch"),
    (lambda x: F.relu(x), "torch"),
    (lambda x: torch.tensor(2.0) * x.exp() if torch.is_tensor(x) else x, "torch"),
    (annotated, "torch"),
    (rectified, "jax"),
    (jax.nn.relu, "jax"),
    (jax.nn.gelu, "jax"),
    (jax.jit(lambda x: x), "jax"),
    (lambda x: jnp.tanh(x) * np.sqrt(2), "jax"),
    (lambda x: np.tanh(x), None),
    (lambda x: F.relu(torch.from_numpy(x)).numpy(), None),
    (lambda x: np.asarray(jnp.tanh(x)), None),
    (lambda x: jnp.tanh(F.relu(x)), None),
    (np.tanh, None),
)


@pytest.mark.parametrize(("function", "name"), RECOGNISED, ids=str)
def test_what_belongs_to_a_framework_is_recognised(function: Any, name: str | None) -> None:
    assert names(function) == name


def test_a_framework_that_is_absent_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for framework in FRAMEWORKS:
        monkeypatch.setattr(type(framework), "package", "not_there_at_all")
        with pytest.raises(BackproofError, match="not installed") as raised:
            Adapted(framework, len)
        assert f"pip install 'backproof[{framework.name}]'" in str(raised.value)


# What is right ------------------------------------------------------------------------------


def softplus_of_autograd(x: Any) -> Any:
    import autograd.numpy as anp

    return anp.logaddexp(0, x)


RIGHT: tuple[tuple[Any, Any], ...] = (
    (lambda x: F.softplus(x, threshold=40), softplus),
    (nn.Linear(3, 2), dense(transposed=True)),
    (nn.LayerNorm(3), layernorm(rank=2)),
    (jax.nn.softplus, softplus),
    (rectified, relu),
    (lambda x, W, b: jnp.dot(x, W) + b, dense(transposed=False)),
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "spec"), RIGHT, ids=lambda v: getattr(v, "name", None))
def test_what_is_right_is_verified(function: Any, spec: Any, dtype: str) -> None:
    result = bp.verify(function, spec, dtype=dtype, seed=3)
    assert result.verdict == "verified", str(result)
    assert set(result.outputs) == {"y", *(f"d{name}" for name in spec.wrt)}


def test_autograd_is_a_framework_too() -> None:
    pytest.importorskip("autograd", reason="autograd is not installed: pip install autograd")
    result = bp.verify(bp.adapt.autograd(softplus_of_autograd), softplus, seed=1)
    assert result.verdict == "verified", str(result)
    assert result.outputs == {"y": "right", "dx": "right"}


def test_the_format_is_the_framework_s_own() -> None:
    assert bp.verify(rectified, relu, seed=1).effort.dtype == "float32"
    assert bp.verify(lambda x: F.relu(x), relu, seed=1).effort.dtype == "float32"
    assert bp.verify(lambda x: np.maximum(x, 0), relu, seed=1).effort.dtype == "float64"


def test_a_function_without_a_readable_signature() -> None:
    assert bp.verify(F.gelu, gelu(rank=1), seed=1).verdict == "verified"


# Names, sizes, configuration -----------------------------------------------------------------


def test_a_module_is_judged_at_its_own_sizes() -> None:
    result = bp.verify(nn.LayerNorm(5), layernorm(eps=1e-5), seed=1)
    assert result.verdict == "verified", str(result)
    assert all("d = 5" in sizes for sizes in result.effort.sizes)
    assert len(result.effort.sizes) > 2  # the batch varies


def test_what_makes_a_module_is_given_sizes_and_configuration() -> None:
    built = bp.adapt.torch.built(nn.LayerNorm, {"normalized_shape": "d"})
    result = bp.verify(built, layernorm, seed=1)
    assert result.verdict == "verified", str(result)
    assert "eps=0.001" in str(result.effort.configurations)
    stuck = bp.adapt.torch.built(lambda d, eps=1e-5: nn.LayerNorm(d))
    assert bp.verify(stuck, layernorm, seed=1).verdict == "refuted"


def test_names_and_transposes_are_mapped() -> None:
    layer = bp.adapt.torch(nn.Linear(3, 2), {"weight": "W.T"})
    result = bp.verify(layer, dense(transposed=False), seed=1)
    assert result.verdict == "verified", str(result)
    with pytest.raises(BackproofError, match="unknown kernel"):
        bp.adapt.torch(nn.Linear(3, 2), {"kernel": "W"})


def test_a_network_of_modules_against_equations() -> None:
    model = bp.networks.mlp([3, 4, 2], activation="tanh", likelihood="gaussian")
    gradient = bp.derive(model)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

        def forward(self, x: Any, y: Any) -> Any:
            off = ((self.layers(x) - y) ** 2).sum() / (2 * len(x))
            return off + math.log(2 * math.pi)

    said = {f"layers.{n}.{p}": f"{short}{1 + n // 2}"
            for n in (0, 2) for p, short in (("weight", "W"), ("bias", "b"))}  # fmt: skip
    result = bp.verify(bp.adapt.torch(Network(), said), gradient, seed=1)
    assert result.verdict == "verified", str(result)
    assert result.outputs["dW1"] == "right"


def test_a_size_may_be_an_argument() -> None:
    def backward(dy: Any, ids: Any, k: int) -> Any:
        dE = np.zeros((k, dy.shape[-1]), dy.dtype)
        np.add.at(dE, ids, dy)
        return dE

    assert bp.verify(backward, embedding(rank=1), seed=1).verdict == "verified"


def test_a_pytree_of_parameters() -> None:
    def layer(parameters: Any, x: Any) -> Any:
        return jnp.dot(x, parameters["W"]) + parameters["b"]

    inputs = ({"W": "W", "b": "b"}, "x")
    result = bp.verify(layer, dense(transposed=False), inputs=inputs, seed=1)
    assert result.verdict == "verified", str(result)
    assert result.outputs == {"y": "right", "dx": "right", "dW": "right", "db": "right"}


def test_a_backward_pass_written_in_a_framework() -> None:
    def backward(dy: Any, x: Any) -> Any:
        return dy * torch.sigmoid(x)

    result = bp.verify(backward, softplus, seed=1)
    assert result.verdict == "verified", str(result)
    assert result.outputs == {"dx": "right"}


# What is wrong ------------------------------------------------------------------------------


class Thrice(torch.autograd.Function):
    """relu with a derivative that is not its own."""

    @staticmethod
    def forward(x: Any) -> Any:
        return x.clamp(min=0)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * dy * (x > 0)


def test_a_wrong_derivative_is_named_and_the_value_is_not() -> None:
    result = bp.verify(Thrice, relu, seed=1)
    assert result.outputs == {"y": "right", "dx": "wrong"}
    assert result.verdict == "refuted"


def test_changes_in_place_are_seen() -> None:
    result = bp.verify(lambda x: F.relu(x, inplace=True), relu, seed=1)
    assert result.verdict == "refuted"
    assert ("arguments", "x") in {(f.clause, f.where) for f in result.findings}


def test_a_cotangent_changed_in_place_is_seen() -> None:
    class Greedy(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return dy.mul_(ctx.saved_tensors[0] > 0)

    result = bp.verify(Greedy, relu, seed=1)
    assert ("arguments", "dy") in {(f.clause, f.where) for f in result.findings}


def test_a_result_that_shares_memory_is_noted() -> None:
    function = bp.adapt.torch(lambda x: F.relu(x) if (x < 0).any() else x, gradients=False)
    result = bp.verify(function, relu, seed=1)
    assert result.verdict == "verified"
    assert "aliasing" in {f.clause for f in result.findings}


def test_shared_randomness_is_seen() -> None:
    result = bp.verify(lambda x: F.relu(x) + 0 * torch.randn(1, dtype=x.dtype), relu, seed=1)
    assert result.verdict == "refuted"
    assert "torch" in str([f.found for f in result.findings if f.clause == "randomness"])


def test_a_gradient_that_is_cut_off_is_zero() -> None:
    result = bp.verify(lambda x: F.softplus(x.detach(), threshold=40), softplus, seed=1)
    assert result.outputs == {"y": "right", "dx": "wrong"}
