"""Every promise a function can break, each broken once."""

from typing import Any

import numpy as np
import pytest

from backproof.numerics.judge import Verification, verify
from backproof.numerics.judge.calls.contract import CLAUSES
from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace

MODEL = trace("np.sum((X @ w - y)**2)", X="n d", w="d", y="n")
SQUARES = derive(MODEL, wrt=("w", "X"))


def right(X: Any, w: Any, y: Any) -> Any:
    r = 2 * (X @ w - y)
    return X.T @ r, np.outer(r, w)


def judged(function: Any, **options: Any) -> Verification:
    return verify(function, against=SQUARES, **{"seed": 5, **options})


def clauses(result: Verification, weight: str = "wrong") -> set[str]:
    return {f.clause for f in result.findings if f.weight == weight}


def test_the_right_one_breaks_nothing() -> None:
    result = judged(right)
    assert result.verdict == "verified"
    assert result.findings == ()
    assert result.rests_on == {"derived", "sampled"}
    assert result.require() is result


def raising(X: Any, w: Any, y: Any) -> Any:
    if len(y) == 1:
        raise RuntimeError("one example is not enough")
    return right(X, w, y)


def one_result(X: Any, w: Any, y: Any) -> Any:
    return right(X, w, y)[0]


def three_results(X: Any, w: Any, y: Any) -> Any:
    return (*right(X, w, y), 0.0)


def nothing(X: Any, w: Any, y: Any) -> Any:
    right(X, w, y)


def listed(X: Any, w: Any, y: Any) -> Any:
    return [a.tolist() for a in right(X, w, y)]


def text(X: Any, w: Any, y: Any) -> Any:
    return right(X, w, y)[0], "dX"


def column(X: Any, w: Any, y: Any) -> Any:
    dw, dX = right(X, w, y)
    return dw[:, None], dX


def turned(X: Any, w: Any, y: Any) -> Any:
    dw, dX = right(X, w, y)
    return dw, dX.T


def changing(X: Any, w: Any, y: Any) -> Any:
    result = right(X, w, y)
    y -= X @ w
    return result


def sorting(X: Any, w: Any, y: Any) -> Any:
    result = right(X, w, y)
    w.sort()
    return result


def broken(X: Any, w: Any, y: Any) -> Any:
    dw, dX = right(X, w, y)
    return dw / np.where(y[0] == 0, 0, 1), dX


COUNT = [0]


def counting(X: Any, w: Any, y: Any) -> Any:
    COUNT[0] += 1
    dw, dX = right(X, w, y)
    return dw * (1 + 1e-3 * COUNT[0]), dX


def random(X: Any, w: Any, y: Any) -> Any:
    dw, dX = right(X, w, y)
    return dw * np.random.default_rng().uniform(0.9, 1.1), dX


@pytest.mark.parametrize(
    ("function", "clause", "said"),
    [
        (raising, "raises", "RuntimeError: one example is not enough"),
        (one_result, "count", "one ndarray"),
        (three_results, "count", "3 results"),
        (nothing, "count", "None"),
        (listed, "type", "a list"),
        (text, "type", "a str"),
        (column, "shape", "shape (2, 1)"),
        (turned, "shape", "that is (n, d)"),
        (changing, "arguments", "y: found other numbers after the call"),
        (sorting, "arguments", "w: found other numbers after the call"),
        (broken, "finite", "where the equations give"),
        (counting, "repeatable", "another result at a second identical call"),
        (random, "repeatable", "another result at a second identical call"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_broken_promise_refutes(function: Any, clause: str, said: str) -> None:
    result = judged(function)
    assert result.verdict == "refuted"
    assert clause in clauses(result)
    flat = " ".join(str(result).split())
    assert said in flat
    with pytest.raises(AssertionError, match="refuted"):
        result.require()


def test_the_clauses_are_all_broken_somewhere() -> None:
    named = {clause.__name__ for clause in CLAUSES}
    assert named == {
        "raises", "count", "kind", "shape", "dtype", "arguments", "repeatable", "views",
        "initialised", "randomness", "aliasing", "lasting", "prints", "warns",
    }  # fmt: skip


def test_a_result_in_another_format_is_told_apart_from_a_wrong_value() -> None:
    def widened(X: Any, w: Any, y: Any) -> Any:
        dw, dX = right(X, w, y)
        return dw.astype(float), dX

    assert judged(widened).verdict == "verified"
    result = judged(widened, dtype="float32")
    assert result.verdict == "refuted"
    assert clauses(result) == {"dtype"}
    assert result.outputs == {"dw": "right", "dX": "right"}
    assert "dtype float64" in str(result)


def test_a_float_is_a_scalar_in_any_format() -> None:
    def loss(X: Any, w: Any, y: Any) -> Any:
        return float(np.sum((X @ w - y) ** 2))

    for dtype in ("float32", "float64"):
        assert verify(loss, against=MODEL, dtype=dtype, seed=0).verdict == "verified"


def test_prints_and_warnings_and_shared_memory_are_notes() -> None:
    def talking(X: Any, w: Any, y: Any) -> Any:
        print("loss", 3)
        np.exp(np.full(1, 1e4))
        return right(X, w, y)

    result = judged(talking)
    assert result.verdict == "verified"
    assert clauses(result, "note") == {"prints", "warns"}

    def lending(X: Any, w: Any, y: Any) -> Any:
        return X

    product = derive(trace("np.sum(X*Y)", X="n d", Y="n d"), wrt="Y")
    lent = verify(lambda X, Y: X, against=product, seed=0)
    assert lent.verdict == "verified"
    assert clauses(lent, "note") == {"aliasing"}


def test_a_result_that_a_later_call_overwrites_is_refuted() -> None:
    kept: list[Any] = []

    def reusing(X: Any, w: Any, y: Any) -> Any:
        if not kept or kept[0].shape != w.shape:
            kept[:] = [np.empty_like(w)]
        dw, dX = right(X, w, y)
        kept[0][...] = dw
        return kept[0], dX

    reused = judged(reusing)
    assert reused.verdict == "refuted"
    assert clauses(reused) == {"lasting"}


def test_views_of_larger_arrays_are_left_as_they_are_too() -> None:
    def assuming(X: Any, w: Any, y: Any) -> Any:
        """Reads the memory behind a writable array as if it were contiguous."""
        if X.flags.writeable and X.base is not None:
            X = X.base.ravel()[: X.size].reshape(X.shape)
        return right(X, w, y)

    result = judged(assuming)
    assert result.verdict == "refuted"
    assert clauses(result) == {"views"}

    def spilling(X: Any, w: Any, y: Any) -> Any:
        """Writes beside a view, where its base is."""
        if w.base is not None and w.base.flags.writeable:
            w.base[0] = 0
        return right(X, w, y)

    result = judged(spilling)
    assert clauses(result) == {"arguments"}
    assert "beside" in str(result)


def test_what_np_empty_holds_does_not_matter() -> None:
    def forgetting(X: Any, w: Any, y: Any) -> Any:
        dw, dX = right(X, w, y)
        out = np.empty(dX.shape, dX.dtype)
        rows = np.any(dX != 0, axis=1)
        out[rows] = dX[rows]  # the rows that are zero are never written
        return dw, out

    result = judged(forgetting)
    assert result.verdict == "refuted"
    assert "initialised" in clauses(result)
    assert "np.empty" in str(result)

    def filling(X: Any, w: Any, y: Any) -> Any:
        dw, dX = right(X, w, y)
        out = np.empty_like(dX)
        out[...] = dX
        return dw, out

    assert judged(filling).verdict == "verified"
    assert np.empty.__module__ == "numpy"  # put back


def test_the_generators_that_everything_shares_are_left_alone() -> None:
    def drawing(X: Any, w: Any, y: Any) -> Any:
        np.random.random()
        return right(X, w, y)

    result = judged(drawing)
    assert result.verdict == "refuted"
    assert clauses(result) == {"randomness"}


def test_a_dictionary_is_read_by_its_keys() -> None:
    def named(X: Any, w: Any, y: Any) -> Any:
        dw, dX = right(X, w, y)
        return {"dX": dX, "w": dw, "cache": None}

    result = judged(named)
    assert result.verdict == "verified"
    assert set(result.outputs) == {"dw", "dX"}
    assert "cache" in str(result)
    assert judged(named, outputs=("w", "X")).verdict == "verified"
    missing = judged(lambda X, w, y: {"w": right(X, w, y)[0]}, outputs=("w", "X"))
    assert missing.verdict == "refuted"
    assert "the key 'X'" in str(missing)


def test_arguments_and_results_may_be_grouped() -> None:
    net = derive(mlp(["d", "k"], "linear", "gaussian"))

    def grouped(x: Any, y: Any, parameters: Any) -> Any:
        W, b = parameters["W"], parameters["b"]
        d = (x @ W.T + b - y) / len(x)
        return [d.T @ x], {"b": d.sum(axis=0)}

    result = verify(
        grouped,
        against=net,
        inputs=("x", "y", {"W": "W1", "b": "b1"}),
        outputs=(["W1"], {"b": "b1"}),
        seed=0,
    )
    assert result.verdict == "verified"


def test_any_quantity_may_be_an_output() -> None:
    net = derive(mlp(["d", "h", "k"], "tanh", "gaussian"))

    def forward(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        h = np.tanh(x @ W1.T + b1)
        z = h @ W2.T + b2
        return (
            h,
            (z - y) / len(x),
            0.5 * np.sum((z - y) ** 2) / len(x) + y.shape[1] / 2 * np.log(2 * np.pi),
        )

    result = verify(forward, against=net, outputs=("h1", "dz2", "value"), seed=0)
    assert result.verdict == "verified", str(result)
    assert list(result.outputs) == ["h1", "dz2", "J"]


class Layer:
    """A method, a callable object."""

    def backward(self, X: Any, w: Any, y: Any) -> Any:
        return right(X, w, y)

    def __call__(self, X: Any, w: Any, y: Any) -> Any:
        return (2 * X.T @ (X @ w - y), 0 * X)


def test_methods_and_callable_objects_can_be_judged() -> None:
    assert judged(Layer().backward).verdict == "verified"
    result = judged(Layer())
    assert result.verdict == "refuted"
    assert result.outputs == {"dw": "right", "dX": "wrong"}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: verify(right, against="X @ w"), "a derivation, a model or an optimiser"),
        (lambda: verify(3, against=SQUARES), "pass the function itself"),
        (lambda: judged(lambda A, w, y: 0), "the parameter A"),
        (lambda: judged(lambda x, w, y: 0), "'x' may mean 'X'"),
        (lambda: judged(lambda X, w: 0), "no parameter for y"),
        (lambda: judged(right, inputs=("X", "w")), "parameters \\(X"),
        (lambda: judged(right, inputs=("X", "w", "Y")), "unknown name 'Y'"),
        (lambda: judged(right, inputs=("X", "w", "w")), "each name once"),
        (lambda: judged(right, outputs=("w", "V")), "unknown name 'V'"),
        (lambda: judged(right, dtype="int32"), "a real floating type"),
        (lambda: judged(right, seed=-1), "seed"),
        (lambda: judged(np.add), "the parameter"),
        (lambda: judged(lambda *arrays: 0), "the parameters \\*arrays"),
        (lambda: judged(right, draw={"y": lambda rng, shape: np.zeros(3)}), "shape \\(3,\\)"),
    ],
)
def test_bad_input_is_refused_with_the_next_move(call: Any, said: str) -> None:
    with pytest.raises(BackproofError, match=said) as refusal:
        call()
    assert "Next: " in str(refusal.value)


def test_parameters_with_defaults_are_left_alone() -> None:
    def with_options(X: Any, w: Any, y: Any, verbose: bool = False, *, scale: float = 1.0) -> Any:
        return right(X, w, y)

    assert judged(with_options).verdict == "verified"


def test_nothing_is_claimed_where_nothing_is_defined() -> None:
    model = trace("np.sum(np.log(-1 - x**2))", x="n")
    result = verify(lambda x: np.nan, against=model, seed=0)
    assert result.verdict == "not checked"
    assert result.rests_on == frozenset()
    with pytest.raises(AssertionError, match="not checked"):
        result.require()


def test_a_kernel_can_be_judged() -> None:
    result = verify(compile(SQUARES), against=SQUARES, seed=0)
    assert result.verdict == "verified"
    assert result.outputs == {"f": "right", "dw": "right", "dX": "right"}


def test_the_callers_error_state_is_left_alone() -> None:
    with np.errstate(all="raise"):
        before = np.geterr()
        net = derive(mlp(["d", "k"]))

        def backward(x: Any, y: Any, W1: Any, b1: Any) -> Any:
            z = x @ W1.T + b1
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(len(x)), y] -= 1
            p /= len(x)
            return p.T @ x, p.sum(axis=0)

        assert verify(backward, net, seed=0).verdict == "verified"
        assert np.geterr() == before


@pytest.mark.parametrize("dtype", ["float16", "longdouble"])
def test_formats_that_are_neither_single_nor_double(dtype: str) -> None:
    assert judged(right, dtype=dtype).verdict == "verified"
    assert judged(lambda X, w, y: (right(X, w, y)[0] * 1.5, right(X, w, y)[1])).verdict == "refuted"


def test_positions_of_an_extreme_are_judged_exactly() -> None:
    rows = derive(trace("np.sum(X.max(axis=1)*w)", X="n d", w="n"), wrt="X")
    position = next(e.tensor.name for e in rows.equations if e.tensor.dtype == "integer")
    for function, verdict in (
        (lambda X, w: X.argmax(axis=1), "verified"),
        (lambda X, w: X.argmin(axis=1), "refuted"),
    ):
        assert verify(function, rows, outputs=(position,), seed=0).verdict == verdict


def test_a_verification_is_no_yes_or_no() -> None:
    with pytest.raises(TypeError, match="verdict"):
        bool(judged(right))


def test_the_watcher_hears_of_the_progress() -> None:
    heard: list[tuple[str, int, int]] = []
    judged(
        lambda X, w, y: (right(X, w, y)[0] * 2, 0 * X), progress=lambda *step: heard.append(step)
    )
    stages = {stage for stage, _, _ in heard}
    assert "trying points" in stages
    assert "looking for the cause" in stages
    done = [n for stage, n, _ in heard if stage == "trying points"]
    assert done == sorted(done)


def test_matrices_kept_the_other_way_round_are_recognised() -> None:
    net = derive(mlp(["d", "h", "k"], "tanh", "gaussian"))

    def keras(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        h = np.tanh(x @ W1 + b1)
        d = (h @ W2 + b2 - y) / len(x)
        e = d @ W2.T * (1 - h**2)
        return x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)

    result = verify(keras, against=net, seed=0)
    assert result.verdict == "refuted"
    assert result.diagnosis.causes[0].kind == "layout"
    assert "W1, W2 come transposed" in result.diagnosis.causes[0].words
