"""Theorems of the library that stand for themselves: each a Coq file and the names it proves."""

from __future__ import annotations

from backproof.numerics.coq.development import Development

ACTIVATIONS = Development(
    "σ′ = σ(1 − σ), softplus′ = σ, tanh′ = 1 − tanh²",
    uses=("activations",),
    known=(
        "sigmoid_is_derive",
        "softplus_is_derive",
        "tanh_is_derive",
        "sigmoid_opposite",
        "tanh_as_sigmoid",
    ),
)
TRIANGLE = Development(
    "The triangle map is two ReLUs; Yarotsky's x² has error exactly 2^(−2m−2) for every m",
    uses=("triangle",),
    known=(
        "triangle_left",
        "triangle_right",
        "functional_equation",
        "yarotsky_error",
        "yarotsky_bound",
        "yarotsky_sharp",
    ),
)
SYMBOLIC_SIZE = Development(
    "The gradient of Σ_j a_j σ(w_j x + b_j) for every number of units",
    uses=("activations", "symbolic_size"),
    known=("input_gradient", "gradient_a", "gradient_w", "gradient_b"),
)
BACKPROPAGATION = Development(
    "Backpropagation through dense layers, for every depth, every width and every batch",
    uses=("activations", "sums", "backpropagation"),
    known=(
        "chain_rule",
        "backward_is_transposed",
        "backpropagation",
        "gradient_of_a_weight",
        "gradient_of_a_bias",
        "squared_loss",
        "logistic_loss",
        "batch",
    ),
)
BOLTZMANN = Development(
    "The conditionals of a layer of a Boltzmann machine, and its free energy, for every size",
    uses=("activations", "gibbs", "sums", "boltzmann"),
    known=("energy_of_a_layer", "conditional_of_a_unit", "free_energy"),
)
THEOREMS = {
    "activations": ACTIVATIONS,
    "backpropagation": BACKPROPAGATION,
    "boltzmann": BOLTZMANN,
    "symbolic-size": SYMBOLIC_SIZE,
    "triangle": TRIANGLE,
}
