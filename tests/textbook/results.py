"""Results as books state them: the statement, what the library must print, the book's own formula.

``matrix`` and ``text`` hold the printed lines that are the result; ``book`` is the formula of the
book as NumPy, typed from the book and not from the library.  Names differ from the book's where
Python needs it (Φ is P, β is w, λ is lam).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backproof.theory.declarations import Array, array


@dataclass(frozen=True)
class Result:
    """One result: where it stands, the statement in NumPy, its derivative, and the printed form."""

    name: str
    where: str
    source: str
    shapes: Mapping[str, str | Array]
    wrt: str
    book: str
    matrix: tuple[str, ...]
    text: tuple[str, ...]
    latex: tuple[str, ...] = ()
    order: int = 1
    symmetric: tuple[str, ...] = field(default=())


COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook (version of November 15, 2012)"
BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006)"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning (2016)"
GILES = "Giles, Collected Matrix Derivative Results for Algorithmic Differentiation (2008)"

REGRESSION = {"X": "n d", "w": "d", "y": "n"}
BASIS = {"P": "n m", "w": "m", "t": "n"}
LOGISTIC = "a = P @ w\nreturn np.sum(np.log(1 + np.exp(a)) - t*a)"
MLP = """
U1 = X @ W1
H = np.maximum(0, U1)
U2 = H @ W2
J = np.mean(special.logsumexp(U2, axis=1) - U2[np.arange(X.shape[0]), y])
return J + lam*(np.sum(W1**2) + np.sum(W2**2))
"""
MLP_SHAPES = {
    "X": "m d",
    "W1": "d h",
    "W2": "h k",
    "y": array("m", dtype=int, below="k"),
    "lam": "",
}
TANH_NET = "a = W1 @ x\nz = np.tanh(a)\ny = W2 @ z\nreturn np.sum((y - t)**2)/2"
FREE_ENERGY = "-b @ v - np.sum(np.log(1 + np.exp(c + W @ v)))"

RESULTS = (
    Result(
        "least squares",
        "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed. (2009), "
        "section 3.2, eq. 3.4",
        "r = y - X @ w\nreturn r @ r",
        REGRESSION,
        "w",
        book="-2 * X.T @ (y - X @ w)",
        matrix=("r = y - X @ w", "dr = 2 * r", "dw = -X.T @ dr"),
        text=("dr[i] = 2 r[i]", "dw[j] = -Σ_i dr[i] X[i,j]"),
        latex=(r"\bar{w} = -X^{\top} \bar{r}",),
    ),
    Result(
        "ridge regression",
        f"{BISHOP}, section 3.1.4, gradient of eq. 3.27",
        "r = P @ w - t\nreturn r @ r/2 + lam/2*(w @ w)",
        {**BASIS, "lam": ""},
        "w",
        book="lam * w + P.T @ (P @ w - t)",
        matrix=("f = (r @ r + lam * (w @ w)) / 2", "dw = lam * w + P.T @ r"),
        text=(
            "f = (Σ_i r[i]**2 + lam Σ_j w[j]**2) / 2",
            "dw[j] = lam w[j] + Σ_i r[i] P[i,j]",
        ),
        latex=(r"\bar{w} = \lambda w + P^{\top} r",),
    ),
    Result(
        "the matrix of the regularised normal equations",
        f"{BISHOP}, section 3.1.4, eq. 3.28",
        "r = P @ w - t\nreturn r @ r/2 + lam/2*(w @ w)",
        {**BASIS, "lam": ""},
        "w",
        book="lam * np.eye(m) + P.T @ P",
        matrix=("d2w = lam * np.eye(m) + P.T @ P",),
        text=("d2w[k,j] = lam δ[j,k] + Σ_i P[i,k] P[i,j]",),
        latex=(r"\hat{w} = \lambda \mathbf{I} + P^{\top} P",),
        order=2,
    ),
    Result(
        "logistic regression, gradient",
        f"{BISHOP}, section 4.3.2, eq. 4.91",
        LOGISTIC,
        BASIS,
        "w",
        book="P.T @ (1 / (1 + np.exp(-P @ w)) - t)",
        matrix=("da = special.expit(a) - t", "dw = P.T @ da"),
        text=("da[i] = σ(a[i]) - t[i]", "dw[j] = Σ_i da[i] P[i,j]"),
        latex=(r"\bar{a} = \sigma(a) - t", r"\bar{w} = P^{\top} \bar{a}"),
    ),
    Result(
        "logistic regression, Hessian",
        f"{BISHOP}, section 4.3.3, eqs. 4.97 and 4.98",
        LOGISTIC,
        BASIS,
        "w",
        book="P.T @ np.diag(special.expit(P @ w) * (1 - special.expit(P @ w))) @ P",
        matrix=("d2a = P.T * (special.expit(a) * (1 - special.expit(a)))", "d2w = d2a @ P"),
        text=("d2a[k,i] = σ(a[i]) (1 - σ(a[i])) P[i,k]", "d2w[k,j] = Σ_i d2a[k,i] P[i,j]"),
        latex=(
            r"\hat{a} = P^{\top} \operatorname{diag}(\sigma(a) \odot (1 - \sigma(a)))",
            r"\hat{w} = \hat{a} P",
        ),
        order=2,
    ),
    Result(
        "softmax regression, gradient",
        f"{BISHOP}, section 4.3.4, eq. 4.109",
        "A = P @ W\n"
        "logp = special.log_softmax(A, axis=1)\n"
        "return -np.sum(logp[np.arange(P.shape[0]), t])",
        {"P": "n m", "W": "m k", "t": array("n", dtype=int, below="k")},
        "W",
        book="P.T @ (special.softmax(P @ W, axis=1) - np.eye(k)[t])",
        matrix=("p = special.softmax(A, axis=1)", "dA = p - np.eye(k)[t]", "dW = P.T @ dA"),
        text=(
            "p[i,l] = softmax_l A[i,l]",
            "dA[i,l] = p[i,l] - δ[l,t[i]]",
            "dW[j,l] = Σ_i dA[i,l] P[i,j]",
        ),
        latex=(r"\bar{A} = p - \operatorname{onehot}(t)", r"\bar{W} = P^{\top} \bar{A}"),
    ),
    Result(
        "backpropagation through a tanh layer, inner weights",
        f"{BISHOP}, section 5.3.2, eqs. 5.65 to 5.67",
        TANH_NET,
        {"W1": "m d", "x": "d", "W2": "k m", "t": "k"},
        "W1",
        book="np.outer((1 - np.tanh(W1 @ x)**2) * (W2.T @ (W2 @ np.tanh(W1 @ x) - t)), x)",
        matrix=("dy = y - t", "dz = W2.T @ dy", "da = (1 - z**2) * dz", "dW1 = np.outer(da, x)"),
        text=(
            "dy[l] = y[l] - t[l]",
            "dz[i] = Σ_l dy[l] W2[l,i]",
            "da[i] = (1 - z[i]**2) dz[i]",
            "dW1[i,j] = da[i] x[j]",
        ),
        latex=(
            r"\bar{z} = W^{(2)\top} \bar{y}",
            r"\bar{a} = (1 - z^{\odot 2}) \odot \bar{z}",
            r"\bar{W}^{(1)} = \bar{a} x^{\top}",
        ),
    ),
    Result(
        "backpropagation through a tanh layer, outer weights",
        f"{BISHOP}, section 5.3.2, eq. 5.67",
        TANH_NET,
        {"W1": "m d", "x": "d", "W2": "k m", "t": "k"},
        "W2",
        book="np.outer(W2 @ np.tanh(W1 @ x) - t, np.tanh(W1 @ x))",
        matrix=("dW2 = np.outer(dy, z)",),
        text=("dW2[l,i] = dy[l] z[i]",),
        latex=(r"\bar{W}^{(2)} = \bar{y} z^{\top}",),
    ),
    Result(
        "a rectifier network with weight decay, first layer",
        f"{GOODFELLOW}, section 6.5.7",
        MLP,
        MLP_SHAPES,
        "W1",
        book="X.T @ ((((special.softmax(U2, axis=1) - np.eye(k)[y]) / m) @ W2.T) * (U1 > 0)) "
        "+ 2 * lam * W1",
        matrix=(
            "H = np.maximum(U1, 0)",
            "dU2 = (p - np.eye(k)[y]) / m",
            "dH = dU2 @ W2.T",
            "dU1 = np.heaviside(U1, 0) * dH",
            "dW1 = 2 * lam * W1 + X.T @ dU1",
        ),
        text=(
            "dH[i,l] = Σ_q dU2[i,q] W2[l,q]",
            "dU1[i,l] = 1[U1[i,l] > 0] dH[i,l]",
            "dW1[j,l] = 2 lam W1[j,l] + Σ_i dU1[i,l] X[i,j]",
        ),
        latex=(r"\bar{W}^{(1)} = 2 \lambda W^{(1)} + X^{\top} \bar{U}^{(1)}",),
    ),
    Result(
        "a rectifier network with weight decay, second layer",
        f"{GOODFELLOW}, section 6.5.7",
        MLP,
        MLP_SHAPES,
        "W2",
        book="H.T @ ((special.softmax(U2, axis=1) - np.eye(k)[y]) / m) + 2 * lam * W2",
        matrix=("dW2 = 2 * lam * W2 + H.T @ dU2",),
        text=("dU2[i,q] = (p[i,q] - δ[q,y[i]]) / m",),
        latex=(r"\bar{W}^{(2)} = 2 \lambda W^{(2)} + H^{\top} \bar{U}^{(2)}",),
    ),
    Result(
        "one step of a recurrent network",
        f"{GOODFELLOW}, section 10.2.2",
        "h = np.tanh(b + W @ s + U @ x)\nreturn g @ h",
        {"b": "n", "U": "n d", "W": "n n", "s": "n", "x": "d", "g": "n"},
        "s",
        book="W.T @ np.diag(1 - np.tanh(b + W @ s + U @ x)**2) @ g",
        matrix=("ds = W.T @ dt1",),
        text=("dt1[i] = (1 - h[i]**2) g[i]", "ds[i] = Σ_k dt1[k] W[k,i]"),
    ),
    Result(
        "bilinear form",
        f"{COOKBOOK}, eq. 70",
        "a @ X @ b",
        {"a": "m", "X": "m n", "b": "n"},
        "X",
        book="np.outer(a, b)",
        matrix=("dX = np.outer(a, b)",),
        text=("dX[i,j] = a[i] b[j]",),
        latex=(r"f = a^{\top} X b", r"\bar{X} = a b^{\top}"),
    ),
    Result(
        "bilinear form of the transpose",
        f"{COOKBOOK}, eq. 71",
        "a @ X.T @ b",
        {"a": "n", "X": "m n", "b": "m"},
        "X",
        book="np.outer(b, a)",
        matrix=("dX = np.outer(b, a)",),
        text=("dX[j,i] = a[i] b[j]",),
        latex=(r"\bar{X} = b a^{\top}",),
    ),
    Result(
        "bilinear form of a Gram matrix",
        f"{COOKBOOK}, eq. 77",
        "b @ X.T @ X @ c",
        {"X": "n m", "b": "m", "c": "m"},
        "X",
        book="X @ (np.outer(b, c) + np.outer(c, b))",
        matrix=("dX = X @ (np.outer(c, b) + np.outer(b, c))",),
        text=("dX[i,j] = Σ_k (b[j] c[k] + b[k] c[j]) X[i,k]",),
        latex=(r"\bar{X} = X (c b^{\top} + b c^{\top})",),
    ),
    Result(
        "quadratic form",
        f"{COOKBOOK}, eq. 81",
        "x @ B @ x",
        {"x": "n", "B": "n n"},
        "x",
        book="(B + B.T) @ x",
        matrix=("f = x @ B @ x", "dx = (B + B.T) @ x"),
        text=("dx[i] = Σ_j (B[i,j] + B[j,i]) x[j]",),
        latex=(r"f = x^{\top} B x", r"\bar{x} = (B + B^{\top}) x"),
    ),
    Result(
        "weighted least squares",
        f"{COOKBOOK}, eq. 84",
        "r = x - A @ s\nreturn r @ W @ r",
        {"x": "n", "A": "n m", "s": "m", "W": "n n"},
        "s",
        book="-2 * A.T @ W @ (x - A @ s)",
        matrix=("dr = (W + W.T) @ r", "ds = -A.T @ dr"),
        text=("dr[i] = Σ_k (W[i,k] + W[k,i]) r[k]", "ds[j] = -Σ_i dr[i] A[i,j]"),
        symmetric=("W",),
    ),
    Result(
        "trace of a product",
        f"{COOKBOOK}, eq. 101",
        "np.trace(A @ X @ B)",
        {"A": "n m", "X": "m k", "B": "k n"},
        "X",
        book="A.T @ B.T",
        matrix=("dX = A.T @ B.T",),
        text=("dX[j,l] = Σ_i A[i,j] B[l,i]",),
        latex=(r"\bar{X} = A^{\top} B^{\top}",),
    ),
    Result(
        "trace of a quadratic product",
        f"{COOKBOOK}, eq. 118",
        "np.trace(A @ X @ B @ X.T @ C)",
        {"A": "q n", "X": "n m", "B": "m m", "C": "n q"},
        "X",
        book="A.T @ C.T @ X @ B.T + C @ A @ X @ B",
        matrix=("dX = A.T @ C.T @ X @ B.T + C @ A @ X @ B",),
        text=(),
        latex=(r"\bar{X} = A^{\top} C^{\top} X B^{\top} + C A X B",),
    ),
    Result(
        "trace of a power",
        f"{COOKBOOK}, eq. 121",
        "np.trace(X @ X @ X @ X)",
        {"X": "n n"},
        "X",
        book="4 * np.linalg.matrix_power(X, 3).T",
        matrix=("f = np.trace(X @ X @ X @ X)", "dX = 4 * (X @ X @ X).T"),
        text=("dX[i,j] = 4 Σ_k,l X[j,l] X[l,k] X[k,i]",),
        latex=(r"f = \operatorname{tr}(X^{4})", r"\bar{X} = 4 (X^{3})^{\top}"),
    ),
    Result(
        "determinant",
        f"{COOKBOOK}, eq. 49",
        "np.linalg.det(X)",
        {"X": "n n"},
        "X",
        book="np.linalg.det(X) * np.linalg.inv(X).T",
        matrix=("t1 = np.linalg.det(X)", "dX = t1 * X_inv.T"),
        text=("dX[i,j] = t1 X_inv[j,i]",),
        latex=(r"\bar{X} = t_{1} X^{-\top}",),
    ),
    Result(
        "logarithm of the determinant",
        f"{COOKBOOK}, eq. 57",
        "np.linalg.slogdet(X)[1]",
        {"X": "n n"},
        "X",
        book="np.linalg.inv(X).T",
        matrix=("dX = X_inv.T",),
        text=("dX[i,j] = X_inv[j,i]",),
        latex=(r"\bar{X} = X^{-\top}",),
    ),
    Result(
        "bilinear form of the inverse",
        f"{COOKBOOK}, eq. 61",
        "a @ np.linalg.inv(X) @ b",
        {"a": "n", "X": "n n", "b": "n"},
        "X",
        book="-np.linalg.inv(X).T @ np.outer(a, b) @ np.linalg.inv(X).T",
        matrix=("dX_inv = np.outer(a, b)", "dX = -X_inv.T @ dX_inv @ X_inv.T"),
        text=("dX[i,j] = -Σ_k,l dX_inv[k,l] X_inv[k,i] X_inv[j,l]",),
    ),
    Result(
        "adjoint of a product, left factor",
        f"{GILES}, section 2.2",
        "C = A @ B\nreturn np.sum(G*C)",
        {"A": "n m", "B": "m k", "G": "n k"},
        "A",
        book="G @ B.T",
        matrix=("dA = G @ B.T",),
        text=("dA[i,j] = Σ_l G[i,l] B[j,l]",),
        latex=(r"\bar{A} = G B^{\top}",),
    ),
    Result(
        "log-sum-exp, gradient",
        "Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5",
        "special.logsumexp(x)",
        {"x": "n"},
        "x",
        book="np.exp(x) / np.sum(np.exp(x))",
        matrix=("p = special.softmax(x)", "dx = p"),
        text=("p[i] = softmax_i x[i]", "dx[i] = p[i]"),
        latex=(r"\bar{x} = p",),
    ),
    Result(
        "log-sum-exp, Hessian",
        "Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5",
        "special.logsumexp(x)",
        {"x": "n"},
        "x",
        book="np.diag(special.softmax(x)) - np.outer(special.softmax(x), special.softmax(x))",
        matrix=("d2x = p[:, None] * (np.eye(n) - p[:, None]).T",),
        text=("d2x[j,i] = p[j] (δ[i,j] - p[i])",),
        order=2,
    ),
    Result(
        "free energy of a restricted Boltzmann machine, weights",
        "Bengio, Learning Deep Architectures for AI (2009), section 5.3",
        FREE_ENERGY,
        {"b": "n", "v": "n", "c": "m", "W": "m n"},
        "W",
        book="-np.outer(special.expit(c + W @ v), v)",
        matrix=("dt1 = -special.expit(t1)", "dW = np.outer(dt1, v)"),
        text=("dt1[j] = -σ(t1[j])", "dW[j,i] = dt1[j] v[i]"),
        latex=(r"\bar{t}^{(1)} = -\sigma(t^{(1)})", r"\bar{W} = \bar{t}^{(1)} v^{\top}"),
    ),
    Result(
        "Poisson regression, score",
        "McCullagh and Nelder, Generalized Linear Models, 2nd ed. (1989), section 2.5",
        "e = X @ w\nreturn np.sum(np.exp(e) - y*e)",
        REGRESSION,
        "w",
        book="X.T @ (np.exp(X @ w) - y)",
        matrix=("de = np.exp(e) - y", "dw = X.T @ de"),
        text=("de[i] = exp(e[i]) - y[i]", "dw[j] = Σ_i de[i] X[i,j]"),
        latex=(r"\bar{e} = \exp(e) - y",),
    ),
)
