"""The categorical unit, P(y = k) ∝ exp(z_k): a softmax output read as class probabilities."""

from backproof.theory.units.unit import Unit

categorical = Unit(
    name="categorical",
    support=None,
    energy=lambda y, z: -z,
    output="softmax: softmax(z)_k is the probability of class k",
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.3",
)
