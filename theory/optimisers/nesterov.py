"""Nesterov's momentum: the gradient is taken where the velocity alone would lead."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, decay_rate, learning_rate

nesterov = UpdateRule(
    name="nesterov",
    title="Nesterov momentum",
    look_ahead="theta + beta * v",
    lines="""
v_new = beta * v - lr * g
theta_new = theta + v_new
""",
    state=(Quantity("v"),),
    hyperparameters=(learning_rate(), decay_rate("beta", 0.9)),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.3; "
    "Sutskever, Martens, Dahl, Hinton (ICML 2013)",
    conventions=("g is the gradient at the point θ + β v, not at θ.",),
)
