"""Logistic and softmax regression, log-sum-exp, exponential families."""

from textbook.result import BISHOP, BOYD, HASTIE, MURPHY, Result

from backproof.theory.declarations import array

REGRESSION = {"X": "n d", "w": "d", "y": "n"}
BASIS = {"P": "n m", "w": "m", "t": "n"}
LOGISTIC = "a = P @ w\nreturn np.sum(np.log(1 + np.exp(a)) - t*a)"
ONE_HOT = {"P": "n m", "W": "m k", "T": array("n k", simplex=True)}
SOFTMAX = "A = P @ W\nreturn -np.sum(T*special.log_softmax(A, axis=1))"
MEAN = "-np.sum(Y*special.log_softmax(X @ W, axis=1))/X.shape[0]"

RESULTS = (
    Result(
        "logistic regression, gradient",
        f"{BISHOP}, section 4.3.2, eq. 4.91",
        LOGISTIC,
        BASIS,
        "w",
        book="P.T @ (1 / (1 + np.exp(-P @ w)) - t)",
        closed="dw = P.T @ (σ(P @ w) - t)",
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
        closed="d2w = P.T @ diag(σ(P @ w) * (1 - σ(P @ w))) @ P",
        matrix=("d2a = P.T * (special.expit(a) * (1 - special.expit(a)))", "d2w = d2a @ P"),
        text=("d2a[k,i] = σ(a[i]) (1 - σ(a[i])) P[i,k]", "d2w[k,j] = Σ_i d2a[k,i] P[i,j]"),
        latex=(
            r"\hat{a} = P^{\top} \operatorname{diag}(\sigma(a) \odot (1 - \sigma(a)))",
            r"\hat{w} = \hat{a} P",
        ),
        order=2,
    ),
    Result(
        "logistic regression, score",
        f"{HASTIE}, section 4.4.1, eq. 4.24",
        "np.sum(y*(X @ w) - np.log(1 + np.exp(X @ w)))",
        REGRESSION,
        "w",
        book="X.T @ (y - special.expit(X @ w))",
        closed="dw = X.T @ (y - σ(X @ w))",
    ),
    Result(
        "logistic regression, mean",
        f"{MURPHY}, section 10.2.3",
        "np.mean(np.logaddexp(0, X @ w) - y*(X @ w))",
        REGRESSION,
        "w",
        book="X.T @ (special.expit(X @ w) - y) / n",
        closed="dw = X.T @ (σ(X @ w) - y) / n",
    ),
    Result(
        "logistic regression, Newton's matrix",
        f"{HASTIE}, section 4.4.1, eq. 4.25",
        "np.sum(y*(X @ w) - np.log(1 + np.exp(X @ w)))",
        REGRESSION,
        "w",
        book="-X.T @ np.diag(special.expit(X @ w) * (1 - special.expit(X @ w))) @ X",
        closed="d2w = -X.T @ diag(σ(X @ w) * (1 - σ(X @ w))) @ X",
        order=2,
    ),
    Result(
        "derivative of the softmax",
        f"{BISHOP}, section 4.3.4, eq. 4.106",
        "special.softmax(a)",
        {"a": "k"},
        "a",
        book="np.diag(special.softmax(a)) - np.outer(special.softmax(a), special.softmax(a))",
        closed="da = diag(softmax(a)) - outer(softmax(a), softmax(a))",
        text=("da[j,i] = p[j] (δ[i,j] - p[i])",),
    ),
    Result(
        "softmax regression, gradient",
        f"{BISHOP}, section 4.3.4, eq. 4.109",
        SOFTMAX,
        ONE_HOT,
        "W",
        book="P.T @ (special.softmax(P @ W, axis=1) - T)",
        closed="dW = P.T @ (softmax(P @ W) - T)",
        text=("dA[i,l] = p[i,l] - T[i,l]", "dW[j,l] = Σ_i dA[i,l] P[i,j]"),
        latex=(r"\bar{A} = p - T", r"\bar{W} = P^{\top} \bar{A}"),
    ),
    Result(
        "softmax regression, blocks of the Hessian",
        f"{BISHOP}, section 4.3.4, eq. 4.110",
        SOFTMAX,
        ONE_HOT,
        "W",
        book="np.einsum('nk,nkj,nq,nm->qjmk', special.softmax(P @ W, axis=1), "
        "np.eye(k) - special.softmax(P @ W, axis=1)[:, None, :], P, P)",
        closed="d2W[q,r,j,l] = Σ_i p[i,r] (δ[l,r] - p[i,l]) P[i,j] P[i,q]\n"
        "    where p = softmax(P @ W)",
        order=2,
    ),
    Result(
        "softmax regression with labels, gradient",
        f"{BISHOP}, section 4.3.4, eq. 4.109",
        "A = P @ W\n"
        "logp = special.log_softmax(A, axis=1)\n"
        "return -np.sum(logp[np.arange(P.shape[0]), t])",
        {"P": "n m", "W": "m k", "t": array("n", dtype=int, below="k")},
        "W",
        book="P.T @ (special.softmax(P @ W, axis=1) - np.eye(k)[t])",
        closed="dW = P.T @ (softmax(P @ W) - one_hot(t, k))",
        matrix=("p = special.softmax(A, axis=1)", "dA = p - np.eye(k)[t]", "dW = P.T @ dA"),
        text=(
            "p[i,l] = softmax_l A[i,l]",
            "dA[i,l] = p[i,l] - δ[l,t[i]]",
            "dW[j,l] = Σ_i dA[i,l] P[i,j]",
        ),
        latex=(r"\bar{A} = p - \operatorname{onehot}(t)", r"\bar{W} = P^{\top} \bar{A}"),
    ),
    Result(
        "multinomial logistic regression, mean",
        f"{MURPHY}, section 10.3.2",
        MEAN,
        {"X": "N d", "W": "d k", "Y": array("N k", simplex=True)},
        "W",
        book="X.T @ (special.softmax(X @ W, axis=1) - Y) / N",
        closed="dW = X.T @ (softmax(X @ W) - Y) / N",
    ),
    Result(
        "multinomial logistic regression, offsets",
        f"{MURPHY}, section 10.3.2",
        "-np.sum(Y*special.log_softmax(X @ W + b, axis=1))/X.shape[0]",
        {"X": "N d", "W": "d k", "b": "k", "Y": array("N k", simplex=True)},
        "b",
        book="np.mean(special.softmax(X @ W + b, axis=1) - Y, axis=0)",
        closed="db = sum(softmax(X @ W + b) - Y, axis=0) / N",
    ),
    Result(
        "log-sum-exp, gradient",
        f"{BOYD}, section 3.1.5",
        "special.logsumexp(x)",
        {"x": "n"},
        "x",
        book="np.exp(x) / np.sum(np.exp(x))",
        closed="dx = softmax(x)",
        text=("p[i] = softmax_i x[i]", "dx[i] = p[i]"),
        latex=(r"\bar{x} = p",),
    ),
    Result(
        "log-sum-exp, Hessian",
        f"{BOYD}, section 3.1.5",
        "special.logsumexp(x)",
        {"x": "n"},
        "x",
        book="np.diag(special.softmax(x)) - np.outer(special.softmax(x), special.softmax(x))",
        closed="d2x = diag(softmax(x)) - outer(softmax(x), softmax(x))",
        matrix=("d2x = np.diag(p) - np.outer(p, p)",),
        text=("d2x[j,i] = p[j] (δ[i,j] - p[i])",),
        latex=(r"\hat{x} = \operatorname{diag}(p) - p p^{\top}",),
        order=2,
    ),
    Result(
        "log-sum-exp of an affine function",
        f"{BOYD}, appendix A.4.2",
        "special.logsumexp(A @ x + b)",
        {"A": "m n", "x": "n", "b": "m"},
        "x",
        book="A.T @ np.exp(A @ x + b) / np.sum(np.exp(A @ x + b))",
        closed="dx = A.T @ softmax(A @ x + b)",
    ),
    Result(
        "mean of the sufficient statistics",
        "Wainwright and Jordan, Graphical Models, Exponential Families, and Variational "
        "Inference (2008), section 3.5, proposition 3.1",
        "special.logsumexp(Phi @ th)",
        {"Phi": "s k", "th": "k"},
        "th",
        book="special.softmax(Phi @ th) @ Phi",
        closed="dth = Phi.T @ softmax(Phi @ th)",
    ),
    Result(
        "gradient of the hinge",
        f"{HASTIE}, section 12.3.2, eq. 12.25",
        "np.sum(np.maximum(0, 1 - y*(X @ w))) + lam/2*(w @ w)",
        {**REGRESSION, "lam": ""},
        "w",
        book="lam * w - X.T @ ((1 - y*(X @ w) > 0) * y)",
        closed="dw = lam * w - X.T @ ((1 - y * (X @ w) > 0) * y)",
    ),
)
