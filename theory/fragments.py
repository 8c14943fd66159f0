"""Pieces of NumPy source that several specifications share: reductions, windows of images."""

from __future__ import annotations

from backproof.theory.errors import BackproofError

REDUCTIONS = {"mean": "np.mean({})", "sum": "np.sum({})", "none": "{}"}
VIEW = "np.lib.stride_tricks.sliding_window_view"


def reduced(losses: str, reduction: str) -> str:
    """The source of a reduced loss.

    Raises `BackproofError` for an unknown reduction.

    >>> reduced("x**2", "mean")
    'np.mean(x**2)'
    """
    if reduction not in REDUCTIONS:
        found, expected = f"{reduction!r}", ", ".join(REDUCTIONS)
        raise BackproofError("reduction", found, f"one of {expected}", "pick one")
    return REDUCTIONS[reduction].format(losses)


def windows(name: str, image: str, size: tuple[str, str], stride: int, pad: int) -> str:
    """Lines that make ``u[b,c,i,j,p,q] = image[b,c,s·i+p,s·j+q]`` of a padded image.

    Raises `BackproofError` for a stride below 1 and a negative padding.
    """
    for what, number, least in (("stride", stride, 1), ("pad", pad, 0)):
        if not isinstance(number, int) or number < least:
            raise BackproofError(
                name, f"{what}={number!r}", f"a whole number ≥ {least}", "change it"
            )
    lines = [f"u = {image}"]
    if pad:
        lines.append(f"u = np.pad(u, ((0, 0), (0, 0), ({pad}, {pad}), ({pad}, {pad})))")
    for axis, extent in zip((2, 3), size, strict=True):
        places = ", ".join([":"] * axis + [f"::{stride}"]) if stride > 1 else ""
        lines.append(f"u = {VIEW}(u, {extent}, axis={axis})" + (f"[{places}]" if places else ""))
    return "\n".join(lines)
