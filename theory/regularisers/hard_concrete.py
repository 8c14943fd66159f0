"""The expected number of open gates, λ Σ P(z ≠ 0): a differentiable stand-in for L0.

The weights are w = v z with random gates z (`backproof.theory.gates`), w here is the parameter a
of a gate, and the probability is derived from the density of the gate.
"""

from backproof.theory.gates import open_probability
from backproof.theory.regularisers.regulariser import Regulariser

hard_concrete = Regulariser(
    name="hard_concrete",
    penalty=lambda a, strength: strength * open_probability(a),
    strengths=("λ",),
    reference="Louizos, Welling, Kingma, Learning sparse neural networks through L0 (2018)",
    about="The expectation of L0 for weights v z with hard-concrete gates z of parameters w.",
    of="gates",
)
