"""The population loss of cosine features for a periodic target, as a model.

With p(x) = Σ_j a_j cos(2π u_j·x), x ~ N(0, I) and K(u, v) = E cos(2π u·x) cos(2π v·x),

    E ½(p − cos(2π w·x))² = ½ Σ_{j,k} a_j a_k K(u_j, u_k) − Σ_j a_j K(u_j, w) + ½ K(w, w),

exactly; the source of K is printed from the derived overlap.  Its last term has no parameter and
is left out of the model.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.complexity import periodic
from backproof.theory.complexity.periodic import NORMAL, D, R, T, U, X
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace

A = sp.Symbol("a", real=True)


def overlap_source(first: str, second: str, inner: str) -> str:
    """K as NumPy source, of the squared lengths of u and v and their inner product.

    >>> overlap_source("p", "q", "s")
    'np.exp(-2*np.pi**2*((p) + (q)))*np.cosh(4*np.pi**2*(s))'
    """
    p, q, s = sp.symbols("squared_u squared_v inner_uv", positive=True)
    formula = periodic.overlap().subs({U: sp.sqrt(p), R: sp.sqrt(q)})
    formula = formula.subs(T, s / sp.sqrt(p * q))
    source = str(sp.pycode(sp.powsimp(formula))).replace("math.", "np.")
    for symbol, text in ((p, first), (q, second), (s, inner)):
        source = source.replace(symbol.name, f"({text})")
    return source


def population_loss() -> Model:
    """The model of the parameters a of shape (m,) and U of shape (m, d), and the target w of (d,).

    >>> list(population_loss().arguments)
    ['U', 'w', 'a']
    """
    both = overlap_source("q[:, None]", "q[None, :]", "U @ U.T")
    one = overlap_source("q", "np.sum(w**2)", "U @ w")
    source = (
        "q = np.sum(U**2, axis=1)\n"
        f"G = {both}\n"
        f"c = {one}\n"
        "return np.sum(a * (G @ a)) / 2 - np.sum(a * c)\n"
    )
    return trace(source, U="m d", w="d", a="m")


def feature_energy() -> tuple[sp.Expr, sp.Expr]:
    """E(∂p/∂a_j)² and E‖∂p/∂u_j‖² of one feature, |u_j| = u, amplitude a, in dimension d.

    cos² and sin² are halves of 1 ± cos(2θ); along u_j one coordinate is x, the others have E = 1.

    >>> feature_energy()[0]
    1/2 + exp(-8*pi**2*u**2)/2
    """
    theta = sp.Symbol("theta", positive=True)
    plain = sp.integrate(sp.cos(theta * X) * NORMAL, (X, -sp.oo, sp.oo))
    squared = -sp.diff(plain, theta, 2)  # E x² cos θx
    twice = {theta: 4 * sp.pi * U}
    first = (1 + plain.subs(twice)) / 2
    second = (2 * sp.pi * A) ** 2 * (D - (D - 1) * plain.subs(twice) - squared.subs(twice)) / 2
    return sp.expand(first), second
