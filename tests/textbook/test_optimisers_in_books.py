"""Optimisers are printed as the books and papers print them."""

import pykatex
import pytest

from backproof.theory.descent.two_loop import two_loop
from backproof.theory.optimisers import OPTIMISERS, UpdateRule
from backproof.theory.printing.latex import latex
from backproof.theory.printing.text import text

# Typed from the sources, up to names: α is lr, λ is decay, and what is next is …_new.
BOOKS = {
    # Goodfellow et al. (2016), algorithm 8.1
    "gradient_descent": (
        ["theta_new[i] = theta[i] - lr g[i]"],
        [r"\theta_{t,\,i} &= \theta_{t-1,\,i} - \alpha g_{t,\,i}"],
    ),
    # Goodfellow et al., equation 7.5
    "sgd": (
        ["theta_new[i] = (1 - decay lr) theta[i] - lr g[i]"],
        [r"\theta_{t,\,i} &= (1 - \alpha \lambda) \theta_{t-1,\,i} - \alpha g_{t,\,i}"],
    ),
    # Goodfellow et al., algorithm 8.2
    "momentum": (
        ["v_new[i] = beta v[i] - lr g[i]", "theta_new[i] = theta[i] + v_new[i]"],
        [
            r"v_{t,\,i} &= \beta v_{t-1,\,i} - \alpha g_{t,\,i}",
            r"\theta_{t,\,i} &= \theta_{t-1,\,i} + v_{t,\,i}",
        ],
    ),
    # Goodfellow et al., algorithm 8.3
    "nesterov": (
        ["v_new[i] = beta v[i] - lr g[i]", "theta_new[i] = theta[i] + v_new[i]"],
        [r"\theta_{t,\,i} &= \theta_{t-1,\,i} + v_{t,\,i}"],
    ),
    # Goodfellow et al., algorithm 8.4
    "adagrad": (
        [
            "r_new[i] = r[i] + g[i]**2",
            "theta_new[i] = theta[i] - lr g[i] / (sqrt(r_new[i]) + eps)",
        ],
        [r"r_{t,\,i} &= r_{t-1,\,i} + g_{t,\,i}^{2}"],
    ),
    # Goodfellow et al., algorithm 8.5
    "rmsprop": (
        [
            "r_new[i] = rho r[i] + (1 - rho) g[i]**2",
            "theta_new[i] = theta[i] - lr g[i] / sqrt(r_new[i] + eps)",
        ],
        [r"r_{t,\,i} &= \rho r_{t-1,\,i} + (1 - \rho) g_{t,\,i}^{2}"],
    ),
    # Kingma and Ba (2015), algorithm 1
    "adam": (
        [
            "m_new[i] = beta1 m[i] + (1 - beta1) g[i]",
            "v_new[i] = beta2 v[i] + (1 - beta2) g[i]**2",
            "m_hat[i] = m_new[i] / (1 - beta1**t)",
            "v_hat[i] = v_new[i] / (1 - beta2**t)",
            "theta_new[i] = theta[i] - lr m_hat[i] / (sqrt(v_hat[i]) + eps)",
        ],
        [
            r"m_{t,\,i} &= \beta_{1} m_{t-1,\,i} + (1 - \beta_{1}) g_{t,\,i}",
            r"v_{t,\,i} &= \beta_{2} v_{t-1,\,i} + (1 - \beta_{2}) g_{t,\,i}^{2}",
            r"\hat{m}_{t,\,i} &= \frac{m_{t,\,i}}{1 - \beta_{1}^{t}}",
            r"\hat{v}_{t,\,i} &= \frac{v_{t,\,i}}{1 - \beta_{2}^{t}}",
            r"\theta_{t,\,i} &= \theta_{t-1,\,i} - "
            r"\frac{\alpha \hat{m}_{t,\,i}}{\sqrt{\hat{v}_{t,\,i}} + \varepsilon}",
        ],
    ),
    # Kingma and Ba, algorithm 2
    "adamax": (
        [
            "m_new[i] = beta1 m[i] + (1 - beta1) g[i]",
            "u_new[i] = max(beta2 u[i], |g[i]|)",
            "theta_new[i] = theta[i] - lr m_new[i] / (u_new[i] (1 - beta1**t))",
        ],
        [r"u_{t,\,i} &= \max\left(\beta_{2} u_{t-1,\,i}, \left|g_{t,\,i}\right|\right)"],
    ),
    # Loshchilov and Hutter (2019), algorithm 2, lines 6 to 12
    "adamw": (
        [
            "theta_new[i] = theta[i] - lr (decay theta[i] + m_hat[i]/(sqrt(v_hat[i]) + eps))",
        ],
        [
            r"\theta_{t,\,i} &= \theta_{t-1,\,i} - \alpha "
            r"\left(\frac{\hat{m}_{t,\,i}}{\sqrt{\hat{v}_{t,\,i}} + \varepsilon} + "
            r"\lambda \theta_{t-1,\,i}\right)",
        ],
    ),
}


@pytest.mark.parametrize("rule", OPTIMISERS, ids=lambda r: r.name)
def test_a_step_is_printed_as_in_its_source(rule: UpdateRule) -> None:
    lines, formulas = BOOKS[rule.name]
    printed = text(rule.model()).splitlines()
    assert [line for line in lines if line not in printed] == [], printed
    typeset = latex(rule.model())
    found = [line.removesuffix(r" \\") for line in typeset.splitlines()]
    assert [f for f in formulas if f not in found] == [], found
    assert pykatex.renderToString(typeset)
    assert rule.reference
    assert rule.title in rule.model().title


def test_conventions_that_sources_make_differently_are_stated() -> None:
    said = {rule.name: " ".join(rule.conventions) for rule in OPTIMISERS}
    for name, rule in ((r.name, r) for r in OPTIMISERS):
        if any(q.name == "eps" for q in rule.hyperparameters):
            assert "ε" in said[name], name
        if rule.counts:
            assert "from 1" in said[name], name
        if rule.look_ahead:
            assert "gradient at" in said[name], name


def test_one_statement_serves_parameters_of_any_shape() -> None:
    rule = OPTIMISERS[0]
    assert text(rule.model("")) == "theta_new = theta - lr g"
    assert text(rule.model("a b c")) == "theta_new[i,j,k] = theta[i,j,k] - lr g[i,j,k]"
    assert text(rule.model("3", lr=0.1)) == "theta_new[i] = theta[i] - 0.1 g[i]"


def test_the_two_loop_recursion_is_that_of_nocedal_and_wright() -> None:
    # Numerical Optimization, 2nd ed. (2006), algorithm 7.4 with m = 2, k = 2; equation 7.20
    assert text(two_loop(2)).splitlines()[2:] == [
        "alpha1 = rho[1] Σ_i s[1,i] g[i]",
        "q1[i] = g[i] - alpha1 y[1,i]",
        "alpha0 = rho[0] Σ_i s[0,i] q1[i]",
        "q0[i] = q1[i] - alpha0 y[0,i]",
        "t2 = Σ_i y[1,i]**2",
        "gamma = Σ_i s[1,i] y[1,i] / t2",
        "r[i] = gamma q0[i]",
        "beta0 = rho[0] Σ_i y[0,i] r[i]",
        "r0[i] = (alpha0 - beta0) s[0,i] + r[i]",
        "beta1 = rho[1] Σ_i y[1,i] r0[i]",
        "r1[i] = (alpha1 - beta1) s[1,i] + r0[i]",
    ]
    assert pykatex.renderToString(latex(two_loop(3)))
