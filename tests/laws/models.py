"""The models that the laws are applied to, in NumPy source."""

from backproof.theory.declarations import array
from laws.sample import CLOSE, DIGITS, Sample, numbers_for

__all__ = ["CLOSE", "DIGITS", "EXPANDING", "SAMPLES", "TWICE", "Sample", "numbers_for"]

LABELS = array("n", dtype=int, below="k")
SAMPLES = (
    Sample("least squares", "np.sum((W @ x - y)**2)", {"W": "m n", "x": "n", "y": "m"}, twice="x"),
    Sample(
        "tanh net",
        """
        h = np.tanh(X @ W1 + b1)
        return np.mean((h @ w2 + b2 - y)**2)
        """,
        {"X": "n d", "W1": "d k", "b1": "k", "w2": "k", "b2": "", "y": "n"},
        twice="w2",
    ),
    Sample(
        "logistic regression written with logarithms",
        """
        p = 1/(1 + np.exp(-(X @ w + b)))
        return -np.mean(y*np.log(p) + (1 - y)*np.log(1 - p))
        """,
        {"X": "n d", "w": "d", "b": "", "y": "n"},
        twice="w",
    ),
    Sample(
        "relu net",
        "np.sum((np.maximum(X @ W + b, 0) @ v)**2)",
        {"X": "n d", "W": "d k", "b": "k", "v": "k"},
        twice="W",
    ),
    Sample(
        "softmax cross-entropy by labels",
        """
        z = X @ W + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(X.shape[0]), t]))
        """,
        {"X": "n d", "W": "d k", "b": "k", "t": LABELS},
        twice="b",
    ),
    Sample(
        "softmax cross-entropy by one-hot rows",
        """
        z = X @ W
        logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        return -np.sum(Y*logp)/X.shape[0]
        """,
        {"X": "n d", "W": "d k", "Y": "n k"},
    ),
    Sample(
        "layer normalisation",
        """
        mu = X.mean(axis=1, keepdims=True)
        s = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
        return np.sum(R*(gamma*(X - mu)/s + beta))
        """,
        {"X": "n d", "gamma": "d", "beta": "d", "R": "n d"},
    ),
    Sample(
        "attention",
        """
        A = special.softmax(Q @ K.T/np.sqrt(K.shape[1]), axis=1)
        return np.sum(R*(A @ V))
        """,
        {"Q": "n d", "K": "m d", "V": "m d", "R": "n d"},
    ),
    Sample("quadratic form", "x @ A @ x + b @ x", {"A": "n n", "x": "n", "b": "n"}, twice="x"),
    Sample("trace of a product", "np.trace(A @ B @ A.T)", {"A": "m n", "B": "n n"}, twice="A"),
    Sample(
        "outer product", "np.sum(np.outer(a, b)*M)**2", {"a": "m", "b": "n", "M": "m n"}, twice="a"
    ),
    Sample(
        "bilinear forms of a batch",
        "np.einsum('bi,ij,bj->b', X, A, Y)",
        {"X": "n p", "A": "p q", "Y": "n q"},
    ),
    Sample("diagonals", "np.diag(A)*x + np.diag(np.diag(x) @ A)", {"A": "n n", "x": "n"}),
    Sample(
        "distance to a multiple of the identity",
        "np.sum((A - c*np.eye(A.shape[0]))**2)",
        {"A": "n n", "c": ""},
        twice="A",
    ),
    Sample(
        "row maxima",
        "np.sum((X - X.max(axis=1, keepdims=True))**2*w)",
        {"X": "n d", "w": "d"},
        twice="X",
    ),
    Sample(
        "moments of columns",
        "np.mean(X**2) * np.sum(X.var(axis=0, ddof=1)) + np.sum(X.std(axis=1))",
        {"X": "n d"},
        sizes=({"n": 3, "d": 2}, {"n": 2, "d": 3}),
    ),
    Sample(
        "rebinding a name",
        """
        h = x
        for_later = h*h
        h = np.sin(h) + for_later
        h = h*for_later
        return h @ x
        """,
        {"x": "n"},
        twice="x",
    ),
    Sample("range", "(X.max() - X.min())**2 + np.sum(X.min(axis=0)**3)", {"X": "n d"}),
    Sample(
        "Huber loss",
        """
        r = X @ w - y
        a = np.abs(r)
        return np.sum(np.where(a <= 1, r**2/2, a - 0.5))
        """,
        {"X": "n d", "w": "d", "y": "n"},
        twice="w",
    ),
    Sample("clip", "np.sum(np.clip(x, -1, 1)*y + np.minimum(x, y)**2)", {"x": "n", "y": "n"}),
    Sample("logaddexp", "np.sum(np.logaddexp(x, y)*x)", {"x": "n", "y": "n"}, twice="x"),
    Sample(
        "rows and columns",
        "np.sum((X - mu)**2/s)",
        {"X": "n d", "mu": "d", "s": "n 1"},
        ("s",),
        twice="s",
    ),
    Sample("tanh layer", "np.tanh(W @ x + b)", {"W": "m n", "x": "n", "b": "m"}),
    Sample("softmax", "special.softmax(x)", {"x": "n"}),
    Sample("log-softmax of rows", "special.log_softmax(X, axis=1)", {"X": "n d"}),
    Sample(
        "a product used twice",
        """
        G = X.T @ X
        return np.sum(G*G) + np.trace(G)
        """,
        {"X": "n d"},
        twice="X",
    ),
    Sample("distance", "np.linalg.norm(x - y)", {"x": "n", "y": "n"}, twice="x"),
    Sample("standardised", "(x - x.mean())/x.std()", {"x": "n"}),
    Sample("powers", "np.sum(x**3 + 1/x + np.sqrt(x)*y)", {"x": "n", "y": "n"}, ("x",), twice="x"),
    Sample(
        "special functions",
        "np.sum(special.erf(x) + special.gammaln(x)*np.sin(x) + np.log1p(x) + np.expm1(-x))",
        {"x": "n"},
        ("x",),
        twice="x",
    ),
    Sample(
        "sums over absent indices",
        "np.sum(x[:, None]**2 + y[None, :])",
        {"x": "n", "y": "m"},
        twice="x",
    ),
    Sample("embedding", "np.tanh(E[t]) @ w", {"E": "k d", "t": LABELS, "w": "d"}),
    Sample("first times last", "np.sum(x)*x[0]*x[-1]", {"x": "n"}, twice="x"),
    Sample(
        "contrastive loss",
        """
        S = X @ Y.T
        return -np.mean(np.diag(special.log_softmax(S, axis=1)))
        """,
        {"X": "n d", "Y": "n d"},
    ),
    Sample(
        "log-sum-exp of everything",
        "special.logsumexp(X + b)**2",
        {"X": "n d", "b": "d"},
        twice="b",
    ),
    Sample(
        "gates",
        """
        u = X @ V
        return np.sum(special.expit(X @ W)*u*special.ndtr(u))
        """,
        {"X": "n d", "W": "d k", "V": "d k"},
    ),
    Sample(
        "one scalar used three times",
        """
        s = x @ x
        return np.sqrt(s + 1)*np.exp(-s)*s
        """,
        {"x": "n"},
        twice="x",
    ),
    Sample("stacks of matrices", "np.sum(np.tanh(A @ B)**2)", {"A": "b m n", "B": "n p"}),
    Sample(
        "free energy",
        "-b @ v - np.sum(np.log(1 + np.exp(c + W @ v)))",
        {"b": "n", "c": "m", "W": "m n", "v": "n"},
        twice="v",
    ),
    Sample(
        "doubled length",
        "np.sum(z*np.tanh(z))*c[0]",
        {"z": "2*n", "c": "n"},
        sizes=({"n": 2}, {"n": 3}),
    ),
    Sample(
        "Gaussian log-likelihood",
        "np.linalg.slogdet(S)[1] + x @ np.linalg.inv(S) @ x",
        {"S": "n n", "x": "n"},
        twice="x",
    ),
    Sample("determinant", "np.linalg.det(A)*np.trace(A)", {"A": "n n"}, twice="A"),
    Sample(
        "an inverse and that of the transpose",
        "np.sum(np.linalg.inv(A.T)*B) + np.linalg.slogdet(A)[1]",
        {"A": "n n", "B": "n n"},
    ),
    Sample("linear system", "b @ np.linalg.solve(A, c)", {"A": "n n", "b": "n", "c": "n"}),
    Sample("eigenvalues", "np.linalg.eigvalsh(A + A.T) @ w", {"A": "n n", "w": "n"}, expands=False),
    Sample(
        "Cholesky factor",
        "np.sum(np.linalg.cholesky(A @ A.T + np.eye(A.shape[0]))*B)",
        {"A": "n n", "B": "n n"},
        expands=False,
    ),
    Sample(
        "singular values",
        "np.linalg.norm(A, 'nuc') + np.linalg.norm(A, 2)**2",
        {"A": "m n"},
        expands=False,
    ),
    Sample("pseudoinverse", "np.sum(np.linalg.pinv(A)*B)", {"A": "m n", "B": "n m"}),
    Sample(
        "matrix exponential",
        "np.sum(scipy.linalg.expm(A)*B)",
        {"A": "n n", "B": "n n"},
        expands=False,
    ),
    Sample("triangles", "np.sum(np.tril(A @ A)*np.triu(A))", {"A": "n n"}, twice="A"),
    Sample("differences", "np.sum((x[1:] - x[:-1])**2)", {"x": "n+1"}, twice="x"),
    Sample(
        "convolution",
        """
        y = np.array([np.sum(x[i:i + w.shape[0]]*w) for i in range(x.shape[0] - w.shape[0] + 1)])
        return np.sum(np.tanh(y))
        """,
        {"x": "n+2", "w": "3"},
        twice="w",
    ),
    Sample(
        "mean pooling",
        "np.array([np.sum(x[2*i:2*i + 2])/2 for i in range(y.shape[0])]) @ y**2",
        {"x": "2*n", "y": "n"},
    ),
    Sample(
        "softmax of rows and of columns",
        "np.sum(special.softmax(A, axis=0)*special.softmax(A, axis=1)*B)",
        {"A": "n n", "B": "n n"},
    ),
    Sample(
        "entropy of a softmax",
        """
        p = special.softmax(z)
        return -np.sum(p*np.log(p))
        """,
        {"z": "n"},
        twice="z",
    ),
    Sample("axes of size one", "np.sum(X, axis=1)*s[0] + X[:, -1]", {"X": "n 1", "s": "1"}),
    Sample("reversed", "x[::-1] @ A @ x", {"x": "n", "A": "n n"}),
    Sample("reshaped", "np.reshape(X, (-1,)) @ np.tanh(y)", {"X": "m n", "y": "m*n"}, twice="y"),
    Sample(
        "Kronecker product", "np.sum(np.kron(A, B)**2*C)", {"A": "m m", "B": "n n", "C": "m*n m*n"}
    ),
    Sample(
        "quadratic form of a symmetric matrix",
        "r = x - A @ s\nreturn r @ W @ r",
        {"x": "n", "A": "n m", "s": "m", "W": array("n n", symmetric=True)},
        twice="s",
    ),
    Sample(
        "cross-entropy of rows that sum to one",
        "-np.sum(Y*special.log_softmax(X @ W, axis=1))/X.shape[0]",
        {"X": "n d", "W": "d k", "Y": array("n k", simplex=True)},
        twice="W",
    ),
    Sample(
        "log-determinant of a Gram matrix",
        "np.linalg.slogdet(X.T @ X + S)[1]",
        {"X": "m n", "S": array("n n", positive_definite=True)},
        twice="X",
    ),
    Sample(
        "concatenated",
        "np.tanh(np.concatenate([x, y*y])) @ z",
        {"x": "m", "y": "n", "z": "m+n"},
        twice="y",
    ),
)
EXPANDING = tuple(s for s in SAMPLES if s.expands)
TWICE = tuple(s for s in SAMPLES if s.twice)
