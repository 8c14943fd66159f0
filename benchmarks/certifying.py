"""Certificates of sup|N − f| to one per cent, beside a branch and bound written for python-flint.

Fits to sin 2πx and x² with 10, 50 and 200 logistic units, staircases of 50 and 200 steps (the
networks of `tests/cases/networks.json`, and one made here), and fits of the plane.  The peer is
what one writes with python-flint in an afternoon: a power series of order two of every unit on
each interval, the second derivative bounded over the interval, halved until the bounds meet.
"""

import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading

FILE = Path(__file__).resolve().parents[1] / "tests" / "cases" / "networks.json"
RTOL = 0.01


def on_file(name: str) -> Callable[[], Arrays]:
    """A network of the case file, with c₀ as the last weight of ``c``."""

    def inputs() -> Arrays:
        import numpy as np

        case = json.loads(FILE.read_text("utf-8"))[name]
        c = np.array([*case["c"], case["c0"]])
        return {"c": c, "w": np.array(case["w"])[:, None], "b": np.array(case["b"])}

    return inputs


def staircase(steps: int) -> Callable[[], Arrays]:
    """Logistic steps of the square at (k + ½)/N with slope 4N."""

    def inputs() -> Arrays:
        import numpy as np

        heights = np.diff(np.linspace(0, 1, steps + 1) ** 2)
        places = (np.arange(steps) + 0.5) / steps
        slope = 4.0 * steps
        w, b = np.full((steps, 1), slope), -slope * places
        return {"c": np.append(heights, 0.0), "w": w, "b": b}

    return inputs


def plane(units: int) -> Callable[[], Arrays]:
    """A least-squares fit of sin(πx) y on the unit square, by random units."""

    def inputs() -> Arrays:
        import numpy as np

        random = np.random.default_rng(units)
        w, b = random.normal(0, 2, (units, 2)), random.normal(0, 2, units)
        x = random.uniform(0, 1, (4000, 2))
        h = np.column_stack([1 / (1 + np.exp(-x @ w.T - b)), np.ones(len(x))])
        c = np.linalg.lstsq(h, np.sin(np.pi * x[:, 0]) * x[:, 1], rcond=1e-5)[0]
        return {"c": c, "w": w, "b": b}

    return inputs


@dataclass(frozen=True)
class Distance:
    """The distance of a network from ``target`` on [0, 1]^d, as every contestant finds it."""

    target: str  # sine, square, or wave (of the plane)

    def backproof(self, bp: Any, arrays: Arrays, engine: str = "float") -> Call:
        """`bp.certify`."""
        import numpy as np
        import sympy as sp

        x, y = sp.symbols("x y")
        target = {
            "sine": sp.sin(2 * sp.pi * x), "square": x**2, "wave": sp.sin(sp.pi * x) * y,
        }[self.target]  # fmt: skip
        from backproof.numerics.enclosures.feedforward import shallow

        *c, c0 = arrays["c"]
        network = shallow(c, arrays["w"], arrays["b"], float(c0))

        def call() -> Arrays:
            claim = bp.certify(network, target, rtol=RTOL, engine=engine)
            assert claim.met
            return {"supremum": np.array((claim.lower + claim.upper) / 2)}

        return call

    def ball(self, bp: Any, arrays: Arrays) -> Call:
        """`bp.certify` with the ball engine."""
        return self.backproof(bp, arrays, "ball")

    def flint(self, flint: Any, arrays: Arrays) -> Call:
        """Order two, halved where the bound is largest."""
        import numpy as np

        arb, series = flint.arb, flint.arb_series
        w, b, c = (list(map(arb, arrays[name].ravel().tolist())) for name in "wbc")
        two_pi = 2 * arb.pi()

        def difference(x: Any) -> Any:
            """N − f as a power series."""
            total = series([c[-1]])
            for height, slope, shift in zip(c, w, b, strict=False):
                total = total + height / (1 + (-(slope * x + shift)).exp())
            return total - ((two_pi * x).sin() if self.target == "sine" else x * x)

        def bounds(low: float, high: float) -> tuple[float, float]:
            """|N − f| in the middle, from below, and over the interval, from above."""
            middle, radius = arb((low + high) / 2), arb((high - low) / 2)
            value, slope = coefficients(difference(series([middle, 1], 2)), 2)
            try:
                *_, bend = coefficients(difference(series([arb(middle, radius), 1], 3)), 3)
            except ValueError:  # 1 + exp(−z) over a wide ball may hold zero
                return float(value.abs_lower()), float("inf")
            reach = abs(value) + abs(slope) * radius + abs(bend) * radius * radius
            return float(value.abs_lower()), float(reach.abs_upper()) * (1 + 1e-15)

        def call() -> Arrays:
            flint.ctx.prec, flint.ctx.cap = 64, 3
            best, heap, done = 0.0, [(-float("inf"), 0.0, 1.0)], 0.0
            while heap:
                bound, low, high = heapq.heappop(heap)
                if -bound <= best * (1 + RTOL):
                    done = max(done, -bound)
                    break
                middle = (low + high) / 2
                for left, right in ((low, middle), (middle, high)):
                    below, above = bounds(left, right)
                    best = max(best, below)
                    heapq.heappush(heap, (-above, left, right))
            return {"supremum": np.array((best + done) / 2)}

        return call


def coefficients(series: Any, count: int) -> list[Any]:
    """As many coefficients, with zeros."""
    found = list(series.coeffs())
    return (found + [0] * count)[:count]


def certifying(
    name: str,
    about: str,
    target: str,
    inputs: Callable[[], Arrays],
    engine: str = "float",
    beside: bool = True,
) -> Benchmark:
    """The benchmark of one network, ``beside`` the peer where that takes less than seconds."""
    work = Distance(target)
    float_ = Contestant("backproof", "backproof", loading("backproof"), work.backproof)
    ball = Contestant("backproof ball", "flint", loading("backproof"), work.ball, own=True)
    peer = Contestant("python-flint, order 2", "flint", loading("flint"), work.flint)
    first = (float_, ball) if engine == "float" else (Contestant(
        "backproof ball", "flint", loading("backproof"), work.ball
    ),)  # fmt: skip
    return Benchmark(
        name=name,
        about=f"sup|N − f| to {RTOL:.0%}, {about}",
        inputs=inputs,
        contestants=(*first, peer) if beside else first,
        tolerance=RTOL,
    )


CERTIFYING = (
    certifying("certify-10", "10 units, sin 2πx", "sine", on_file("ls_sin2pi_10")),
    certifying("certify-50", "50 units, sin 2πx", "sine", on_file("ls_sin2pi_50")),
    certifying("certify-200", "200 units, x²", "square", on_file("ls_sq_200")),
    certifying("certify-steps-50", "50 steps, sin 2πx", "sine", on_file("st_sin2pi_50")),
    certifying("certify-steps-200", "200 steps, x²", "square", staircase(200), beside=False),
    certifying("certify-steps-800", "800 steps, x²", "square", staircase(800), beside=False),
    certifying("certify-plane-10", "10 units, sin(πx) y", "wave", plane(10), beside=False),
    certifying("certify-plane-50", "50 units, sin(πx) y", "wave", plane(50), beside=False),
    certifying("certify-plane-200", "200 units, sin(πx) y", "wave", plane(200), beside=False),
    certifying(
        "certify-ball-10", "in balls, 10 units, sin 2πx", "sine", on_file("ls_sin2pi_10"), "ball"
    ),
    certifying(
        "certify-ball-50", "in balls, 50 units, sin 2πx", "sine", on_file("ls_sin2pi_50"), "ball"
    ),
    certifying(
        "certify-ball-200", "in balls, 200 units, x²", "square", on_file("ls_sq_200"), "ball"
    ),
    certifying(
        "certify-ball-steps-50", "in balls, 50 steps", "sine", on_file("st_sin2pi_50"), "ball"
    ),
)
