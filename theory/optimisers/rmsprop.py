"""RMSprop: AdaGrad with a moving average in the place of the sum."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, decay_rate, learning_rate

rmsprop = UpdateRule(
    name="rmsprop",
    title="RMSprop",
    lines="""
r_new = rho * r + (1 - rho) * g**2
theta_new = theta - lr * g / np.sqrt(eps + r_new)
""",
    state=(Quantity("r", known="nonnegative"),),
    hyperparameters=(
        learning_rate(),
        decay_rate("rho", 0.9),
        Quantity("eps", 1e-6, "positive"),
    ),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.5; "
    "T. Tieleman, G. Hinton, lecture 6.5 (2012)",
    conventions=("ε stands under the root, as in the book; some libraries add it to the root.",),
)
