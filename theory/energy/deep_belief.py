"""Deep belief networks with symbols, and why their two kinds of layers agree.

    P(h^(d−1), h^(d)) ∝ exp(−E(h^(d−1), h^(d)))                          (1), the top, undirected
    P(h^(k−1)[i] = 1 | h^(k)) = σ(Σ_j W^(k)[i,j] h^(k)[j] + b[i])        (2), directed downward

Reference: G. Hinton, S. Osindero, Y.-W. Teh, Neural Computation 18 (2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.energy.composition import Composition
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.groups import Coupling, Group
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import letters_of
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Tensor
from backproof.theory.scalars import sigmoid, softplus
from backproof.theory.signatures import signature
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class DeepBelief:
    """Binary layers v, h1, …, hd: the last two undirected, each lower one directed from above.

    >>> print(dbn(["n", "m", "l"]).downward("v"))
    z_v[i] = Σ_j W1[i,j] h1[j] + b_v[i]
    p_v[i] = σ(z_v[i])
    """

    layers: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The layers from the visible one upward."""
        return tuple(g.name for g in self.layers)

    @property
    def top(self) -> Machine:
        """The undirected machine of the last two layers: form (1)."""
        lower, upper = self.layers[-2:]
        weight = Coupling(f"W{len(self.layers) - 1}", (lower.name, upper.name))
        title = f"Top of a deep belief network of {len(self.layers)} layers"
        return Machine((lower, upper), (weight,), (lower.name,), title)

    def pair(self, lower: str) -> Machine:
        """A layer and the one above it as groups with their weights, for symbols and letters."""
        self._refuse(lower)
        k = self.names.index(lower)
        weight = Coupling(f"W{k + 1}", self.names[k : k + 2])
        title = f"Deep belief network of {len(self.layers)} layers"
        return Machine(self.layers[k : k + 2], (weight,), (lower,), title)

    def downward(self, lower: str, batch: str | None = None) -> Model:
        """Form (2) of a layer given the one above, as it is stated."""
        composition = Composition(self.pair(lower), batch)
        z = composition.written(self._field(composition.energy, lower), f"z_{lower}")
        value = composition.statement.elementwise(sigmoid, composition.entry(z))
        output = composition.written(composition.energy.rows(value), f"p_{lower}")
        return composition.model(output, title=f"P({lower} | {self._above(lower)})")

    def log_probability(self, batch: str | None = None) -> tuple[Model, ...]:
        """The parts of log P(v, h1, …): −E of the top (minus log Z), and log P of each lower layer.

        >>> print(dbn(["n", "m", "l"]).log_probability()[1])
        z_v[i] = Σ_j W1[i,j] h1[j] + b_v[i]
        l_v = Σ_i (v[i] z_v[i] - softplus(z_v[i]))
        """
        parts = [self.top.energy(batch)]
        for lower in self.names[:-2]:
            composition = Composition(self.pair(lower), batch)
            z = composition.written(self._field(composition.energy, lower), f"z_{lower}")
            each = composition.statement.elementwise(
                lambda y, field: y * field - softplus(field),
                composition.entry(composition.energy.states[lower]),
                composition.entry(z),
            )
            rows = composition.energy.rows(each)
            total = composition.statement.total(rows, rows.indices[len(composition.lead) :])
            output = composition.written(total, f"l_{lower}")
            parts.append(composition.model(output, title=f"log P({lower} | above)"))
        return tuple(parts)

    def layer_likelihood(self, lower: str, batch: str = "N") -> Model:
        """The mean over rows of log P(layer | the one above): what a directed layer maximises.

        >>> print(dbn(["n", "m", "l"]).layer_likelihood("v")["J"])
        J = Σ_r l_v[r] / N
        """
        part = self.log_probability(batch)[1 + self.names.index(lower)]
        (row,) = part.output.indices()
        rows = Contraction(1 / row.size, (Entry(part.output, (row,)),), (row,))
        names = {*part.arguments, *(e.tensor.name for e in part.equations)}
        letters = letters_of(part.equations, names | {s.name for s in part.sizes})
        mean = letters.write(Tensor("J"), (), Sum((rows,)))
        return replace(part, equations=(*part.equations, mean), output=mean.tensor)

    def _above(self, lower: str) -> str:
        return self.names[self.names.index(lower) + 1]

    def _refuse(self, lower: str) -> None:
        if lower not in self.names[:-1]:
            raise BackproofError(
                "deep belief network",
                f"the layer {lower!r} given the one above",
                f"one of {', '.join(self.names[:-1])}",
                "the last layer has none above it",
            )

    def _field(self, energy: Energy, lower: str) -> Value:
        """Σ_j W[i,j] h[j] + b[i], written down as it stands in form (2)."""
        machine = energy.machine
        (i,), (j,) = energy.indices(lower), energy.indices(machine.hidden[0])
        above = Entry(energy.states[machine.hidden[0]], (*energy.lead, j))
        weight = Entry(energy.tensors[machine.couplings[0].weight], (i, j))
        bias = Entry(energy.tensors[f"b_{lower}"], (i,))
        axes: tuple[Index, ...] = (*energy.lead, i)
        terms = (Contraction(sp.S.One, (weight, above), (j,)), Contraction(sp.S.One, (bias,)))
        return Value(axes, Sum(terms))


def dbn(sizes: Sequence[int | str] = ("n", "m", "l")) -> DeepBelief:
    """A deep belief network of binary layers v, h1, … of these sizes, from the visible one up."""
    if isinstance(sizes, str) or len(sizes) < 2:
        raise BackproofError("dbn", repr(sizes), "two sizes or more", "write dbn([784, 500, 500])")
    names = ("v", *(f"h{k}" for k in range(1, len(sizes))))
    groups = (layer(name, "binary", size) for name, size in zip(names, sizes, strict=True))
    return DeepBelief(tuple(groups))


@dataclass(frozen=True)
class Implication:
    """A theorem: what is assumed, what is concluded, and the derivation that leads there.

    ``hypothesis`` is an energy, ``conclusion`` the stated form of a conditional, ``derived`` the
    conditional that follows from the energy with its ``steps``; it ``holds`` where the two are the
    same equations up to the names of summed indices and the order of terms.
    """

    name: str
    hypothesis: Model
    conclusion: Model
    derived: Model
    reference: str
    rests_on: tuple[str, ...] = ("derived",)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The derivation."""
        return self.derived.steps

    @property
    def holds(self) -> bool:
        """Whether the derived equations are the stated ones."""
        return _canonical(self.derived.equations) == _canonical(self.conclusion.equations)

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        mark = "holds" if self.holds else "does not follow"
        rows = [f"{self.name}: {mark} (by: {', '.join(self.rests_on)})", "  assumed"]
        rows += [f"    {line}" for line in str(self.hypothesis).splitlines()]
        rows += ["  concluded", *(f"    {line}" for line in str(self.conclusion).splitlines())]
        return "\n".join(rows)


def one_implies_two(network: DeepBelief | None = None) -> Implication:
    """(1) implies (2): layers that satisfy the undirected form satisfy the directed one.

    So a deep belief network of two layers is a restricted Boltzmann machine, and a machine that
    has been learnt can be opened up: its lower layer becomes directed and the upper one free.

    >>> print(one_implies_two())
    (1) implies (2): holds (by: derived)
      assumed
        E = -Σ_i,j W2[i,j] h1[i] h2[j] - Σ_i b_h1[i] h1[i] - Σ_j b_h2[j] h2[j]
      concluded
        z_h1[i] = Σ_j W2[i,j] h2[j] + b_h1[i]
        p_h1[i] = σ(z_h1[i])
    """
    network = network or dbn()
    lower = network.names[-2]
    return Implication(
        "(1) implies (2)",
        network.top.energy(),
        network.downward(lower),
        conditional(network.top, lower),
        "Hinton, Osindero, Teh, Neural Computation 18 (2006), section 2",
    )


def _canonical(equations: Sequence[Equation]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for equation in equations:
        standard = {i: Index(f"#{n}", i.size) for n, i in enumerate(equation.indices)}
        rhs = equation.rhs
        assert isinstance(rhs, Sum)
        terms = sorted((str(t.coefficient), signature(t.renamed(standard))) for t in rhs.terms)
        found.append((equation.tensor.name, str(equation.tensor.shape), *terms))
    return sorted(found, key=str)
