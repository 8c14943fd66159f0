"""Gradient descent: a step against the gradient."""

from backproof.theory.optimisers.rule import UpdateRule, learning_rate

gradient_descent = UpdateRule(
    name="gradient_descent",
    title="Gradient descent",
    lines="""
theta_new = theta - lr * g
""",
    hyperparameters=(learning_rate(),),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.1",
)
