"""Kernels of operators on images beside NumPy and SciPy, and their adjoints."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

import backproof as bp

aug = bp.augmentation
SIDES = st.integers(1, 6)
QUICK = settings(max_examples=25, deadline=None)


def images(n: int, h: int, w: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, h, w))


@QUICK
@given(n=st.integers(1, 3), h=SIDES, w=SIDES, seed=st.integers(0, 99))
def test_permutations(n: int, h: int, w: int, seed: int) -> None:
    x = images(n, h, w, seed)
    for axis, place in (("rows", 1), ("columns", 2)):
        np.testing.assert_array_equal(bp.compile(aug.flip("N h w", axis))(x=x), np.flip(x, place))
    for turns in (1, 2, 3):
        found = bp.compile(aug.quarter_turn("N h w", turns))(x=x)
        np.testing.assert_array_equal(found, np.rot90(x, turns, axes=(1, 2)))


@QUICK
@given(h=SIDES, w=SIDES, down=st.integers(0, 3), right=st.integers(0, 3), seed=st.integers(0, 99))
def test_crops(h: int, w: int, down: int, right: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4, h + down, w + right))
    shape = f"N {h + down} {w + right}"
    top, left = int(rng.integers(down + 1)), int(rng.integers(right + 1))
    found = bp.compile(aug.crop(shape, (h, w), (top, left)))(x=x)
    np.testing.assert_array_equal(found, x[:, top : top + h, left : left + w])
    tops, lefts = rng.integers(down + 1, size=4), rng.integers(right + 1, size=4)
    many = bp.compile(aug.crop(shape, (h, w), each=True))(x=x, top=tops, left=lefts)
    for image, i, j, cut in zip(x, tops, lefts, many, strict=True):
        np.testing.assert_array_equal(cut, image[i : i + h, j : j + w])


def test_a_crop_out_of_the_image_is_refused() -> None:
    kernel = bp.compile(aug.crop("h+1 w+1", ("h", "w")))
    with pytest.raises(bp.BackproofError, match="the label 2"):
        kernel(x=np.zeros((3, 3)), top=2, left=0)


@QUICK
@given(h=SIDES, w=SIDES, scale=st.sampled_from((0.3, 1.0, 5.0)), seed=st.integers(0, 99))
def test_warps(h: int, w: int, scale: float, seed: int) -> None:
    """As `scipy.ndimage.map_coordinates` of order 1 with zeros outside."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, h, w))
    down, right = rng.normal(scale=scale, size=(2, 2, h, w))
    rows, columns = np.mgrid[:h, :w]

    def expected(image: np.ndarray, d: np.ndarray, r: np.ndarray) -> np.ndarray:
        places = [rows + d, columns + r]
        return ndimage.map_coordinates(image, places, order=1, mode="grid-constant")

    shared = bp.compile(aug.warp("N h w"))(x=x, down=down[0], right=right[0])
    each = bp.compile(aug.warp("N h w", each=True))(x=x, down=down, right=right)
    for n in range(2):
        close(shared[n], expected(x[n], down[0], right[0]))
        close(each[n], expected(x[n], down[n], right[n]))


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@QUICK
@given(h=SIDES, w=SIDES, angle=st.floats(-7, 7), seed=st.integers(0, 99))
def test_rotations(h: int, w: int, angle: float, seed: int) -> None:
    """As `scipy.ndimage.rotate`; a pixel whose place is rounded across a border may differ.

    Positions agree to about 1e-15, and the image is continuous in them, so that values do to
    about 1e-13.
    """
    x = images(2, h, w, seed)
    found = bp.compile(aug.rotate("N h w"))(x=x, angle=angle)
    each = bp.compile(aug.rotate("N h w", each=True))(x=x, angle=np.array([angle, -angle]))
    for n, turn in ((0, angle), (1, -angle)):
        known = ndimage.rotate(
            x[n], np.degrees(turn), reshape=False, order=1, mode="grid-constant", prefilter=False
        )
        np.testing.assert_allclose(each[n], known, atol=1e-12)
    np.testing.assert_allclose(found[0], each[0], atol=1e-13)


@pytest.mark.parametrize("side", [1, 2, 5, 8])
def test_a_rotation_by_quarters_is_a_quarter_turn(side: int) -> None:
    x = images(3, side, side, seed=side)
    kernel = bp.compile(aug.rotate("N h w"))
    for turns in range(-4, 5):
        found = kernel(x=x, angle=turns * np.pi / 2)
        np.testing.assert_allclose(found, np.rot90(x, turns, axes=(1, 2)), atol=1e-13)


OPERATORS = {
    "flip": (aug.flip("N h w"), {}),
    "turn": (aug.quarter_turn("N h w"), {}),
    "crops": (aug.crop("N h+2 w+1", ("h", "w"), each=True), {"top": 3, "left": 2}),
    "warp": (aug.warp("N h w"), {}),
    "rotations": (aug.rotate("N h w", each=True), {}),
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_kernels_of_adjoints(name: str, dtype: str) -> None:
    """⟨A x, v⟩ = ⟨x, Aᵀ v⟩ in floating point."""
    operator, below = OPERATORS[name]
    rng = np.random.default_rng(5)
    n, h, w = 3, 5, 4
    sizes = {"N": n, "h": h, "w": w}
    given: dict[str, Any] = {}
    for key, tensor in operator.arguments.items():
        shape = tuple(int(s.subs({z: sizes[z.name] for z in s.free_symbols})) for s in tensor.shape)
        real = tensor.dtype == "real"
        given[key] = rng.normal(size=shape) if real else rng.integers(below[key], size=shape)
    y = bp.compile(operator, dtype=dtype)(**given)
    transposed = aug.adjoint(operator)
    v = rng.normal(size=y.shape)
    inputs = {k: a for k, a in {**given, "v": v}.items() if k in transposed.arguments}
    back = bp.compile(transposed, dtype=dtype)(**inputs)
    left, right = np.sum(y * v), np.sum(given["x"] * back)
    assert abs(left - right) <= 100 * np.finfo(dtype).eps * np.sum(np.abs(y * v))


def test_displacements_that_are_no_numbers() -> None:
    kernel, still = bp.compile(aug.warp("h w")), np.zeros((2, 2))
    broken = np.array([[0.0, np.nan], [0.0, 0.0]])
    with pytest.raises(bp.BackproofError, match="down: found NaN"), np.errstate(invalid="ignore"):
        kernel(x=np.ones((2, 2)), down=broken, right=still)
    far = np.array([[0.0, np.inf], [-np.inf, 1e300]])
    assert kernel(x=np.ones((2, 2)), down=far, right=still).tolist() == [[1, 0], [0, 0]]


def test_the_gradient_through_a_warp() -> None:
    """The derivative in the displacement field against central differences."""
    rng = np.random.default_rng(8)
    x, v = rng.normal(size=(2, 6, 5, 4))[:, 0]
    model = aug.warp("h w")
    down, right = rng.uniform(-0.9, 0.9, size=(2, 5, 4))
    kernel, jacobian = bp.compile(model), bp.compile(bp.derive(model, wrt=("down", "right")))
    out = jacobian(x=x, down=down, right=right)
    for name in ("down", "right"):
        slope = np.einsum("ij,ijkl->kl", v, out[name])
        for at in ((0, 0), (2, 3), (4, 1)):
            ends = []
            for sign in (1, -1):
                moved = {"down": down.copy(), "right": right.copy()}
                moved[name][at] += sign * 1e-6
                ends.append(np.sum(v * kernel(x=x, **moved)))
            assert abs((ends[0] - ends[1]) / 2e-6 - slope[at]) < 1e-8


def test_training_on_averaged_flips_ends_invariant() -> None:
    """A softmax regression on digits, averaged over flips, predicts the same for mirror images."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, y = digits.images[:200] / 16, digits.target[:200]
    source = """
    z = np.einsum('kij,nij->nk', W, x)
    p = special.log_softmax(z, axis=1)
    return -np.mean(p[np.arange(x.shape[0]), y]) + np.sum(W*W)/20
    """
    labels = bp.array("N", dtype=int, below="k")
    loss = bp.trace(source, W="k h w", x="N h w", y=labels)
    gradient = bp.compile(bp.derive(aug.averaged(loss, [aug.flip("N h w")]), wrt="W"))
    W = np.random.default_rng(0).normal(size=(10, 8, 8))
    for _ in range(400):
        W -= 1.0 * gradient(W=W, x=x, y=y)["W"]
    scores = np.einsum("kij,nij->nk", W, x)
    mirrored = np.einsum("kij,nij->nk", W, x[:, :, ::-1])
    assert np.max(np.abs(scores - mirrored)) < 1e-10
    assert np.mean(scores.argmax(axis=1) == y) > 0.8


def warped(x: Any, down: Any, right: Any) -> Any:
    rows, columns = np.mgrid[: x.shape[0], : x.shape[1]]
    return ndimage.map_coordinates(x, [rows + down, columns + right], order=1, mode="grid-constant")


def test_the_judge_knows_warps() -> None:
    """SciPy's code is verified; with a sign turned, and with an edge that is repeated, refuted."""
    model = aug.warp("h w")

    def turned(x: Any, down: Any, right: Any) -> Any:
        return warped(x, down, -right)

    def repeated(x: Any, down: Any, right: Any) -> Any:
        rows, columns = np.mgrid[: x.shape[0], : x.shape[1]]
        return ndimage.map_coordinates(x, [rows + down, columns + right], order=1, mode="nearest")

    assert bp.verify(warped, against=model, seed=0).verdict == "verified"
    for wrong in (turned, repeated):
        assert bp.verify(wrong, against=model, seed=0).verdict == "refuted"
