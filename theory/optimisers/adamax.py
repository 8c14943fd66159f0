"""AdaMax: Adam with the exponentially weighted maximum norm of the gradients."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, decay_rate, learning_rate

adamax = UpdateRule(
    name="adamax",
    title="AdaMax",
    lines="""
m_new = beta1 * m + (1 - beta1) * g
u_new = np.maximum(beta2 * u, np.abs(g))
theta_new = theta - lr / (1 - beta1**t) * m_new / u_new
""",
    state=(Quantity("m"), Quantity("u", known="nonnegative")),
    hyperparameters=(
        learning_rate(0.002),
        decay_rate("beta1", 0.9),
        decay_rate("beta2", 0.999),
    ),
    reference="Kingma and Ba, Adam (ICLR 2015), algorithm 2",
    conventions=(
        "No ε: where every gradient so far is zero the step is 0/0; libraries add one to u.",
        "t counts from 1.",
    ),
)
