"""Closed forms for the units that are not enumerated, given those that are.

Units alone in their field have the derived normaliser, mean and variance of their kind.  Gaussian
units that are coupled with each other are integrated together: with features f, slopes η and
precision Λ = diag(κ) − J,

    ∫ exp(η·f − ½ fᵀ Λ f) df = exp(½ ηᵀ Λ⁻¹ η) √(det(2π Λ⁻¹)),       Λ positive definite.

A unit on a half-line that is coupled with Gaussian ones is left with the slope and curvature that
integrating them leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from backproof.numerics.exact.arrays import Arrays
from backproof.numerics.unit_code import UnitCode, feature_scale, function, unit_code
from backproof.theory.energy import local
from backproof.theory.energy.literal import Site
from backproof.theory.energy.units import UNITS, Unit
from backproof.theory.errors import BackproofError


@dataclass
class Moments:
    """log of the integral for each row; means and covariances of the features of the rest."""

    log: np.ndarray
    mean: np.ndarray
    own: np.ndarray  # variances of features, by row, for units that are alone
    blocks: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    # (positions of features, their covariance, by row or common to all)


class Rest:
    """The units that are left out of the enumeration, and how each is summed or integrated."""

    def __init__(self, machine: Arrays, sites: tuple[int, ...]) -> None:
        self.machine = machine
        self.features = np.array([f for n in sites for f in machine.positions(n)], int)
        self.pairs = machine.pairs[np.ix_(self.features, self.features)]
        at = 0
        self.labelled: list[tuple[Site, slice]] = []
        singles: list[tuple[Site, int]] = []
        for n in sites:
            site = machine.sites[n]
            if site.states is not None:
                self.labelled.append((site, slice(at, at + site.states)))
            else:
                singles.append((site, at))
            at += len(site.features)
        joined = self.pairs.any(1)
        self.alone: list[tuple[UnitCode, Unit, list[Site], np.ndarray, np.ndarray]] = []
        kinds: dict[Unit, list[tuple[Site, int]]] = {}
        for site, place in singles:
            if not joined[place]:
                kinds.setdefault(site.unit, []).append((site, place))
        for unit, members in kinds.items():
            parameters = np.array([s.parameters for s, _ in members]).T
            places = np.array([p for _, p in members], int)
            self.alone.append((unit_code(unit), unit, [s for s, _ in members], places, parameters))
        coupled = [(s, p) for s, p in singles if joined[p]]
        self.block = Block(coupled, self.pairs) if coupled else None

    def moments(self, z: np.ndarray) -> Moments:
        """Integral and moments for each row of fields on the features of the rest."""
        found = Moments(np.zeros(len(z)), np.zeros_like(z), np.zeros_like(z))
        for _, place in self.labelled:
            shift = z[:, place].max(1, keepdims=True)
            weights = np.exp(z[:, place] - shift)
            total = weights.sum(1, keepdims=True)
            found.log += (shift + np.log(total))[:, 0]
            found.mean[:, place] = share = weights / total
            covariance = np.einsum("nk,kl->nkl", share, np.eye(share.shape[1]))
            covariance -= share[:, :, None] * share[:, None, :]
            found.blocks.append((np.arange(place.start, place.stop), covariance))
        for code, unit, members, places, parameters in self.alone:
            fields = z[:, places]
            refuse_infinite(code, unit, members, fields, parameters)
            found.log += (code.log_normaliser(fields, *parameters) + np.zeros_like(fields)).sum(1)
            found.mean[:, places] = code.mean_feature(fields, *parameters)
            found.own[:, places] = code.variance_feature(fields, *parameters)
        if self.block is not None:
            self.block.add(z, found)
        return found


def refuse_infinite(
    code: UnitCode, unit: Unit, sites: list[Site], z: np.ndarray, parameters: np.ndarray
) -> None:
    """Refuse fields in which a unit's normaliser is infinite."""
    for condition, expression in zip(code.conditions, local.conditions(unit), strict=True):
        value = condition(z, *parameters) + np.zeros_like(z)
        if not (value > 0).all():
            row, at = np.argwhere(~(value > 0))[0]
            raise not_normalisable(
                f"unit {sites[at].name}",
                f"{expression} = {value[row, at]:g} for some state of the others",
                f"{expression} > 0 for every state, or the integral is infinite",
                "lower its bias or its couplings",
            )


def not_normalisable(where: str, found: str, expected: str, move: str) -> BackproofError:
    """The error of a machine without a finite partition function."""
    return BackproofError(f"{where}: not normalisable", found, expected, move)


class Block:
    """Coupled units on a continuum: Gaussian ones, and half-line ones coupled with them."""

    def __init__(self, members: list[tuple[Site, int]], pairs: np.ndarray) -> None:
        self.names = [site.name for site, _ in members]
        places = np.array([place for _, place in members], int)
        coefficients = [_canonical(site) for site, _ in members]
        self.const = sum(c for c, _, _ in coefficients)
        self.offset = np.array([o for _, o, _ in coefficients])
        curvature = np.array([k for _, _, k in coefficients])
        joint = np.diag(curvature) - pairs[np.ix_(places, places)]
        gaussian = np.array([site.unit.support == sp.Reals for site, _ in members])
        g, t = np.flatnonzero(gaussian), np.flatnonzero(~gaussian)
        self.places, self.g, self.t = places, g, t
        self.precision = joint[np.ix_(g, g)]
        self._positive([self.names[n] for n in g])
        self.covariance = np.linalg.inv(self.precision)
        self.covariance = (self.covariance + self.covariance.T) / 2
        self.link = -joint[np.ix_(t, g)] @ self.covariance  # slopes that t gets from those of g
        left = joint[np.ix_(t, t)] - self.link @ self.precision @ self.link.T
        self._tails(members, left)

    def _positive(self, names: list[str]) -> None:
        """Refuse a precision that is not positive definite, by its eigenvalues."""
        values = np.linalg.eigvalsh(self.precision) if len(self.precision) else np.ones(1)
        if not values.min() > 0:
            listed = ", ".join(f"{v:.6g}" for v in values[:6])
            more = ", …" if len(values) > 6 else ""
            raise not_normalisable(
                f"the Gaussian units {', '.join(names[:6])}{', …' if len(names) > 6 else ''}",
                f"a joint precision with eigenvalues {listed}{more}",
                "positive eigenvalues only; the sign of the determinant does not tell",
                "raise q, or lower the couplings between them",
            )

    def _tails(self, members: list[tuple[Site, int]], left: np.ndarray) -> None:
        off = left - np.diag(np.diag(left))
        scale = np.abs(left).max(initial=1.0)
        if np.abs(off).max(initial=0.0) > 1e-13 * scale:
            a, b = np.argwhere(np.abs(off) > 1e-13 * scale)[0]
            first, second = (self.names[self.t[n]] for n in (a, b))
            raise BackproofError(
                f"units {first} and {second}",
                "two units on half-lines or intervals that are coupled, directly or through "
                "Gaussian units",
                "at most one of a coupled pair that is not Gaussian: two have no closed form",
                "use discrete or Gaussian units, or a sampler",
            )
        self.curvature = np.diag(left).copy()
        self.unit: list[Unit] = []
        for n, k in zip(self.t, self.curvature, strict=True):
            site = members[n][0]
            self.unit.append(_of_shape(site, float(k)))

    def add(self, z: np.ndarray, found: Moments) -> None:
        """Integral, means and covariances of the block, for each row."""
        slopes = z[:, self.places] + self.offset
        eta = slopes[:, self.g]
        centre = eta @ self.covariance
        log_det = np.linalg.slogdet(self.precision)[1] if len(self.g) else 0.0
        found.log += self.const + (eta * centre).sum(1) / 2
        found.log += (len(self.g) * np.log(2 * np.pi) - log_det) / 2
        tail_slopes = slopes[:, self.t] + eta @ self.link.T
        mean_t, variance_t = np.zeros_like(tail_slopes), np.zeros_like(tail_slopes)
        for n, (unit, k) in enumerate(zip(self.unit, self.curvature, strict=True)):
            code, parameters = unit_code(unit), np.array([[k]] if unit.parameters else [])
            fields = tail_slopes[:, n : n + 1]
            refuse_infinite(
                code, unit, [_named(self.names[self.t[n]], unit, k)], fields, parameters
            )
            found.log += code.log_normaliser(fields, *parameters)[:, 0]
            mean_t[:, n] = code.mean_feature(fields, *parameters)[:, 0]
            variance_t[:, n] = code.variance_feature(fields, *parameters)[:, 0]
        found.mean[:, self.places[self.t]] = mean_t
        found.mean[:, self.places[self.g]] = centre + mean_t @ self.link
        size = len(self.places)
        covariance, rows = np.zeros((len(z), size, size)), np.arange(len(z))
        spread = variance_t[:, :, None] * self.link[None]
        covariance[np.ix_(rows, self.g, self.g)] = self.covariance + np.einsum(
            "tg,nth->ngh", self.link, spread
        )
        covariance[np.ix_(rows, self.t, self.g)] = spread
        covariance[np.ix_(rows, self.g, self.t)] = spread.transpose(0, 2, 1)
        covariance[:, self.t, self.t] = variance_t
        found.blocks.append((self.places, covariance))


def _named(name: str, unit: Unit, curvature: float) -> Site:
    parameters = (curvature,) if unit.parameters else ()
    return Site(name, unit, (0.0,), parameters)


def _canonical(site: Site) -> tuple[float, float, float]:
    """(c, o, κ) of −e(y; z) dy = exp(c + (z + o) f − κ f²/2) df in the unit's feature f."""
    constant, slope, curve = local.quadratic(site.unit)
    at = (0.0, *site.parameters)
    c, o, k = (float(function(x, site.unit)(*at)) for x in (constant, slope, curve))
    scale = float(feature_scale(site.unit)(*at))
    return c - np.log(scale), o / scale, k / scale**2


def _of_shape(site: Site, curvature: float) -> Unit:
    """The unit in canonical form with the support of this one and a curvature or none."""
    for unit in UNITS:
        if unit.labels or unit.support != site.unit.support or not unit.biased:
            continue
        if curvature > 0 and len(unit.parameters) == 1:
            return unit
        if curvature == 0 and not unit.parameters:
            return unit
    if curvature < 0:
        raise not_normalisable(
            f"unit {site.name}",
            f"curvature {curvature:g} once the Gaussian units coupled with it are integrated",
            "a curvature that is positive, or zero with a negative slope",
            "raise q, or lower its couplings with Gaussian units",
        )
    raise BackproofError(
        f"unit {site.name}",
        f"a {site.unit.name} unit coupled with Gaussian ones",
        "a unit whose support has a truncated Gaussian among the units",
        "couple it with discrete units only",
    )
