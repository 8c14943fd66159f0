"""Causes that are no change of an equation: order, shape, a constant, precision, overflow.

Each is a rule from what was seen to a cause or `None`.  Those in `PLAIN` are asked before the
mutations of equations, those in `LAST` when no mutation explains the numbers.
"""

from __future__ import annotations

import numpy as np

from backproof.numerics.judge.conventions import WIDER, differing
from backproof.numerics.judge.diagnosis.causes import Cause
from backproof.numerics.judge.diagnosis.misshapen import misshapen
from backproof.numerics.judge.diagnosis.seen import Rule, Seen
from backproof.numerics.judge.diagnosis.thresholds import threshold
from backproof.numerics.judge.reference.running import Array

ROUGH = 1e-4  # a greatest relative difference below this is lost precision, not another formula
SAME = 1e-9
CALM = (
    "normal numbers",
    "positive numbers",
    "small numbers",
    "whole numbers",
    "zeros and ones",
)


def order(seen: Seen) -> Cause | None:
    """The results are right, but not in the order in which they were asked for."""
    if not seen.probes or len(seen.wrong) < 2:
        return None
    tensors = [t.name for t in seen.statement.outputs.values()]
    instead = {}
    for name in seen.wrong:
        equal = [
            other
            for other in tensors
            if other != name
            and all(_equal(p.got[name], p.base.real[other].value) for p in seen.probes)
        ]
        if not equal:
            return None
        instead[name] = equal[0]
    said = ", ".join(f"{other} where {name} is asked for" for name, other in instead.items())
    return Cause("order", f"the results are right but in another order: {said}", seen.wrong[0])


def another(seen: Seen) -> Cause | None:
    """What is returned is another quantity of the equations than the one that is asked for."""
    if not seen.probes or not seen.wrong:
        return None
    instead = {}
    for name in seen.wrong:
        equal = (
            other
            for other in seen.statement.tensors
            if other != name
            and all(
                other in p.base.real and _equal(p.got[name], p.base.real[other].value)
                for p in seen.probes
            )
        )
        instead[name] = next(equal, "")
    if not all(instead.values()):
        return None
    said = ", ".join(
        f"{other} is returned where {name} is asked for" for name, other in instead.items()
    )
    return Cause("order", f"the results are right quantities, but others: {said}", seen.wrong[0])


def transposed(seen: Seen) -> Cause | None:
    """The wrong results are the transposes of right ones."""
    if not seen.probes or not seen.wrong:
        return None
    for name in seen.wrong:
        for probe in seen.probes:
            value = probe.base.real[name].value
            if value.ndim < 2 or not _equal(probe.got[name], value.T):
                return None
    said = ", ".join(seen.wrong)
    return Cause("transposed", f"{said} transposed: return the transpose", seen.wrong[0])


def constant(seen: Seen) -> Cause | None:
    """Every wrong result is the right one times one constant."""
    ratios = []
    for probe in seen.probes:
        for name in seen.wrong:
            value, got = probe.base.real[name].value, probe.got[name]
            top = np.max(np.abs(value), initial=0)
            if top == 0:
                continue
            place = np.unravel_index(int(np.argmax(np.abs(value))), value.shape)
            ratio = got[place] / value[place]
            if not np.isfinite(ratio) or not _equal(got, ratio * value):
                return None
            ratios.append(float(ratio))
    if len(ratios) < 2 or not np.allclose(ratios, ratios[0], rtol=SAME, atol=0):
        return None
    if abs(ratios[0] - 1) < ROUGH:
        return None
    said = ", ".join(seen.wrong)
    words = f"{said}: {ratios[0]:.6g} times what the equations give, at every size"
    return Cause("factor", words, seen.wrong[0])


def added(seen: Seen) -> Cause | None:
    """One result is the right one plus a constant times another quantity, such as a penalty."""
    if len(seen.wrong) != 1 or not seen.probes:
        return None
    (name,) = seen.wrong
    left = [p.got[name] - p.base.real[name].value for p in seen.probes]
    if not all(np.any(residual) for residual in left):
        return None
    for other, tensor in seen.statement.tensors.items():
        if other == name or tensor.shape != seen.statement.tensors[name].shape:
            continue
        if not all(other in p.base.real for p in seen.probes):
            continue
        ratios = [
            _ratio(r, p.base.real[other].value) for r, p in zip(left, seen.probes, strict=True)
        ]
        known = [r for r in ratios if r is not None]
        if len(known) == len(ratios) and np.allclose(known, known[0], rtol=1e-6, atol=0):
            words = f"{name} has {known[0]:.6g} {other} added to it"
            return Cause("term added", words, name)
    return None


def _ratio(a: Array, b: Array) -> float | None:
    """The constant that makes b into a, if there is one."""
    if not np.any(b):
        return None
    place = np.unravel_index(int(np.argmax(np.abs(b))), b.shape)
    ratio = a[place] / b[place]
    close = np.abs(a - ratio * b) <= 1e-6 * np.max(np.abs(a))
    return float(ratio) if np.all(close) else None


def precision(seen: Seen) -> Cause | None:
    """All differences are small beside the numbers: rounding or an approximation."""
    calm = [p for p in seen.probes if p.point.regime in CALM]
    if not calm or not seen.wrong:
        return None
    worst = 0.0
    for probe in calm:
        for name in seen.wrong:
            value = probe.base.real[name].value
            top = np.max(np.abs(value), initial=0)
            if top > 0:
                worst = max(worst, float(np.max(np.abs(probe.got[name] - value)) / top))
    if not 0 < worst < ROUGH:
        return None
    what = "a step in float32, a constant added for safety, or finite differences"
    words = f"right to {worst:.1g} of the greatest entry at moderate numbers: {what}"
    return Cause("precision", words, seen.wrong[0])


def overflow(seen: Seen) -> Cause | None:
    """Right at moderate numbers; NaN, infinity or lost digits where exponents are large."""
    off = [t for t in seen.trials if t.wrong]
    if not off or any(t.point.regime in CALM for t in off):
        return None
    broken = [t for t in off if any(np.any(c.broken) for c in t.comparisons.values())]
    names = dict.fromkeys(t.case.outputs[n].name for t in off for n in t.wrong)
    regimes = ", ".join(dict.fromkeys(t.point.regime for t in off))
    where, first = ", ".join(names), next(iter(names))
    if all(t.point.kinked for t in off):
        if len(broken) < len(off):
            return None
        words = f"NaN or ∞ in {where} where numbers are exactly zero or tied ({regimes}): 0/0?"
        return Cause("division", words, first)
    stretched = any("exponents" in t.point.regime or "confident" in t.point.regime for t in off)
    if not stretched and len(broken) < len(off):
        return None
    if broken:
        what = "overflow: NaN or ∞ in"
        move = "subtract the maximum before exp, or use np.logaddexp and scipy.special"
    else:
        what, move = "cancellation: digits lost in", "write 1 − σ(z) as σ(−z), log σ as −logaddexp"
    return Cause("overflow", f"{what} {where} only at large numbers ({regimes}); {move}", first)


def ties(seen: Seen) -> Cause | None:
    """Right but where entries are tied, each of which is given the whole derivative."""
    off = [t for t in seen.trials if t.wrong]
    if not off or not all(t.point.kinked for t in off):
        return None
    found = differing(seen.statement, [t for t in seen.trials if t.point.kinked], WIDER)
    if not found:
        return None
    return Cause("ties", found[0].found, found[0].equation)


BROKEN_PROMISES = {
    "randomness": "it draws from a generator that everything shares",
    "initialised": "entries of np.empty are read that nothing wrote",
}


def promises(seen: Seen) -> Cause | None:
    """A promise about memory or chance that is broken explains what is wrong besides."""
    found = {f.clause for t in seen.trials for f in t.findings if f.weight == "wrong"}
    kind = next((clause for clause in BROKEN_PROMISES if clause in found), None)
    return None if kind is None else Cause(kind, BROKEN_PROMISES[kind], "")


def state(seen: Seen) -> Cause | None:
    """Results that depend on earlier calls or on chance."""
    if not any(f.clause == "repeatable" for t in seen.trials for f in t.findings):
        return None
    words = "results depend on earlier calls or on chance, see above"
    return Cause("state", words, "")


def changed_arguments(seen: Seen) -> Cause | None:
    """An argument is changed during the call, before something is computed from it."""
    names = {f.where for t in seen.trials for f in t.findings if f.clause == "arguments"}
    known = [n for n in seen.statement.arguments if n in names]
    if not known:
        return None
    words = f"{', '.join(known)} changed in place: what is computed from it afterwards is wrong"
    return Cause("arguments", words, "")


def _equal(a: Array, b: Array) -> bool:
    b = np.asarray(b)
    if a.shape != b.shape:
        return False
    with np.errstate(invalid="ignore"):
        top = np.max(np.abs(b), initial=0)
        return bool(np.all(np.abs(a - b) <= 1e-8 * top + 1e-300))


PLAIN: tuple[Rule, ...] = (
    promises,
    state,
    ties,
    order,
    transposed,
    misshapen,
    threshold,
    precision,
    overflow,
)
LAST: tuple[Rule, ...] = (
    another,
    constant,
    added,
    changed_arguments,
)  # asked when no mutation explains
