"""Momentum: the heavy ball, a velocity that gradients accelerate and that decays."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, decay_rate, learning_rate

momentum = UpdateRule(
    name="momentum",
    title="Momentum",
    lines="""
v_new = beta * v - lr * g
theta_new = theta + v_new
""",
    state=(Quantity("v"),),
    hyperparameters=(learning_rate(), decay_rate("beta", 0.9)),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.2; "
    "B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964)",
    conventions=("The learning rate stands inside the velocity.",),
)
