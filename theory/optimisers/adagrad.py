"""AdaGrad: each entry's step is divided by the root of the sum of its squared gradients."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, learning_rate

adagrad = UpdateRule(
    name="adagrad",
    title="AdaGrad",
    lines="""
r_new = r + g**2
theta_new = theta - lr * g / (eps + np.sqrt(r_new))
""",
    state=(Quantity("r", known="nonnegative"),),
    hyperparameters=(learning_rate(), Quantity("eps", 1e-7, "positive")),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.4; "
    "Duchi, Hazan, Singer, JMLR 12 (2011)",
    conventions=("ε is added to the root, not under it.", "The sum starts at 0."),
)
