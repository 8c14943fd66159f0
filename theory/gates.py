"""Hard-concrete gates: random factors between 0 and 1 that are exactly 0 with a probability.

With u uniform on (0, 1) and a parameter a, the log-odds of the gate being open,

    s = σ((log u − log(1 − u) + a) / β)        z = min(1, max(0, γ + (ζ − γ) s))

The logarithm of odds ℓ = log u − log(1 − u) is a linear function of logit s, ℓ = β logit s − a,
and u = σ(ℓ) rises with s: so σ(β logit s − a) is the distribution function of s, and its
derivative the density.  The gate is open, z > 0, where s > −γ/(ζ − γ):

    P(z ≠ 0) = ∫ density(s) ds  from −γ/(ζ − γ) to 1  =  σ(a − β log(−γ/ζ))

a differentiable stand-in for the number of open gates: the expectation of L0.

Reference: Louizos, Welling, Kingma, Learning sparse neural networks through L0 regularization
(2018), section 2.2 and equation 12.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.declarations import array
from backproof.theory.equations import Contraction, Sum
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.rewriting.stability import stable
from backproof.theory.scalars import larger, sigmoid, smaller
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value

TEMPERATURE = sp.Rational(2, 3)  # β, and the stretch below: the values of the reference
LOW, HIGH = -sp.Rational(1, 10), sp.Rational(11, 10)  # γ and ζ
CLOSED = -LOW / (HIGH - LOW)  # the gate is 0 for s up to here


def logit(p: sp.Expr) -> sp.Expr:
    """log p − log(1 − p), the inverse of σ."""
    return sp.log(p) - sp.log(1 - p)


def stretched(u: sp.Expr, a: sp.Expr) -> sp.Expr:
    """The gate as a function of the uniform number and of its parameter."""
    s = sigmoid((logit(u) + a) / TEMPERATURE)
    return smaller(larger(LOW + (HIGH - LOW) * s, sp.S.Zero), sp.S.One)


def distribution(s: sp.Expr, a: sp.Expr) -> sp.Expr:
    """P(S ≤ s) = σ(β logit s − a): the uniform number at which the gate's s is reached."""
    odds, level = sp.Dummy(real=True), sp.Dummy(real=True)
    (found,) = sp.solve((odds + a) / TEMPERATURE - level, odds)
    return sigmoid(found.xreplace({level: logit(s)}))


def density(s: sp.Symbol, a: sp.Expr) -> sp.Expr:
    """The density of s on (0, 1), the derivative of the distribution function."""
    return sp.diff(distribution(s, a), s)


def open_probability(a: sp.Expr) -> sp.Expr:
    """P(z ≠ 0) = 1 − P(S ≤ −γ/(ζ − γ)), in stable form.

    >>> open_probability(sp.Symbol("a", real=True))
    sigmoid(a + 2*log(11)/3)
    """
    closed = distribution(CLOSED, a).replace(sp.log, lambda x: sp.expand_log(sp.log(x), force=True))
    inside = sp.expand(closed.args[0])
    return stable(1 - sigmoid(inside))[0]


def gate(shape: str | tuple[int | str, ...]) -> Model:
    """The model z of gates of some shape, from their parameters ``a`` and uniform numbers ``u``.

    >>> print(gate("n"))
    z[i] = min(relu(1.2 σ(3 a[i]/2 + 3 log(u[i])/2 - 3 log(1 - u[i])/2) - 0.1), 1)
    """
    declared = array(shape)
    sizes = {s.name for size in declared.shape for s in size.free_symbols}
    letters = Letters(taken={"a", "u", "z", *sizes})
    axes = letters.axes(declared.shape)
    tensors = {name: Tensor(name, declared.shape, axes) for name in ("a", "u")}
    statement = Statement(tensors, letters)
    values = []
    for name in ("u", "a"):
        indices = tensors[name].indices()
        entry = Entry(tensors[name], indices)
        values.append(Value(indices, Sum((Contraction(sp.S.One, (entry,)),))))
    made = statement.bind(statement.elementwise(stretched, *values), "z").entry
    assert made is not None
    title = "Hard-concrete gates: 0 with a probability, 1 with another, between them in between"
    return Model(
        tuple(statement.equations), tensors, {}, made.tensor, tuple(statement.steps), title
    )
