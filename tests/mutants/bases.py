"""Backward passes that are right, each with the model whose derivatives they compute."""

from mutants.catalogue import Base

from backproof.theory.declarations import array
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace

PENALTY = 0.01

SOFTMAX = Base(
    "softmax",
    lambda: mlp(["d", "h", "k"], "relu", "categorical", {"l2": PENALTY}),
    '''
def backward(x, y, W1, b1, W2, b2):
    """Two layers, relu, softmax, cross-entropy, L2."""
    lam = 0.01
    N = x.shape[0]
    z1 = x @ W1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2.T + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dz2 = p.copy()
    dz2[np.arange(N), y] -= 1
    dz2 = dz2 / N
    dW2 = dz2.T @ h1 + 2 * lam * W2
    db2 = dz2.sum(axis=0)
    dh1 = dz2 @ W2
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1.T @ x + 2 * lam * W1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2
''',
    ("W1", "b1", "W2", "b2"),
)

SIGMOID = Base(
    "sigmoid",
    lambda: mlp(["d", "h", "k"], "sigmoid", "bernoulli"),
    '''
def backward(x, y, W1, b1, W2, b2):
    """Two layers of sigmoids with the binary cross-entropy, columns are examples."""
    m = x.shape[0]
    X, Y = x.T, y.T
    Z1 = W1 @ X + b1[:, None]
    A1 = special.expit(Z1)
    Z2 = W2 @ A1 + b2[:, None]
    A2 = special.expit(Z2)
    loss = (np.logaddexp(0, Z2) - Y * Z2).sum() / m
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1) / m
    return {"value": loss, "W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
''',
    ("value", "W1", "b1", "W2", "b2"),
)

DEEP = Base(
    "deep",
    lambda: mlp(["d", "h", "h", "k"], "tanh", "gaussian"),
    '''
def backward(x, y, W1, b1, W2, b2, W3, b3):
    """Three layers, tanh, linear output, half the mean squared error."""
    n = len(x)
    h1 = np.tanh(x @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    out = h2 @ W3.T + b3
    d3 = (out - y) / n
    g_W3 = d3.T @ h2
    g_b3 = np.sum(d3, axis=0)
    d2 = (d3 @ W3) * (1 - h2**2)
    g_W2 = d2.T @ h1
    g_b2 = np.sum(d2, axis=0)
    d1 = (d2 @ W2) * (1 - h1**2)
    g_W1 = d1.T @ x
    g_b1 = np.sum(d1, axis=0)
    return [g_W1, g_b1, g_W2, g_b2, g_W3, g_b3]
''',
    ("W1", "b1", "W2", "b2", "W3", "b3"),
)

LOOP = Base(
    "loop",
    lambda: mlp(["d", "h", "k"], "relu", "categorical"),
    '''
def backward(x, y, W1, b1, W2, b2):
    """One example after the other."""
    dW1, db1 = np.zeros_like(W1), np.zeros_like(b1)
    dW2, db2 = np.zeros_like(W2), np.zeros_like(b2)
    for n in range(len(x)):
        z1 = W1 @ x[n] + b1
        h1 = np.maximum(z1, 0)
        z2 = W2 @ h1 + b2
        p = np.exp(z2 - z2.max())
        p = p / p.sum()
        g = p.copy()
        g[y[n]] -= 1
        dW2 += np.outer(g, h1)
        db2 += g
        back = W2.T @ g
        back[z1 <= 0] = 0
        dW1 += np.outer(back, x[n])
        db1 += back
    return dW1 / len(x), db1 / len(x), dW2 / len(x), db2 / len(x)
''',
    ("W1", "b1", "W2", "b2"),
)

LOGISTIC = Base(
    "logistic",
    lambda: trace(
        """
        p = special.expit(X @ w + b)
        return -np.mean(y*np.log(p) + (1 - y)*np.log(1 - p))
        """,
        X="n d",
        w="d",
        b="",
        y="n",
    ),
    '''
def backward(X, w, b, y):
    """Logistic regression."""
    p = special.expit(X @ w + b)
    r = (p - y) / len(y)
    return X.T @ r, r.sum()
''',
    ("w", "b"),
)

NORMALISATION = Base(
    "normalisation",
    lambda: trace(
        """
        mu = X.mean(axis=1, keepdims=True)
        s = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
        return np.sum(R*(gamma*(X - mu)/s + beta))
        """,
        X="n d",
        gamma="d",
        beta="d",
        R="n d",
    ),
    '''
def backward(X, gamma, beta, R):
    """Layer normalisation."""
    mu = X.mean(axis=1, keepdims=True)
    s = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
    xh = (X - mu) / s
    dgamma = (R * xh).sum(axis=0)
    dbeta = R.sum(axis=0)
    g = R * gamma
    a, b = g.mean(axis=1, keepdims=True), (g * xh).mean(axis=1, keepdims=True)
    dX = (g - a - xh * b) / s
    return dX, dgamma, dbeta
''',
    ("X", "gamma", "beta"),
)

ATTENTION = Base(
    "attention",
    lambda: trace(
        """
        A = special.softmax(Q @ K.T/np.sqrt(K.shape[1]), axis=1)
        return np.sum(R*(A @ V))
        """,
        Q="n d",
        K="m d",
        V="m p",
        R="n p",
    ),
    '''
def backward(Q, K, V, R):
    """Attention, weighted by R."""
    c = K.shape[1] ** 0.5
    A = special.softmax(Q @ K.T / c, axis=1)
    dV = A.T @ R
    dA = R @ V.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True))
    dQ = dS @ K / c
    dK = dS.T @ Q / c
    return dQ, dK, dV
''',
    ("Q", "K", "V"),
)

BOLTZMANN = Base(
    "boltzmann",
    lambda: trace("-b @ v - np.sum(np.log(1 + np.exp(c + W @ v)))", b="n", c="m", W="m n", v="n"),
    '''
def backward(b, c, W, v):
    """The free energy of a restricted Boltzmann machine."""
    h = special.expit(c + W @ v)
    db = -v
    dc = -h
    dW = -np.outer(h, v)
    return db, dc, dW
''',
    ("b", "c", "W"),
)

EMBEDDING = Base(
    "embedding",
    lambda: trace("np.sum(np.tanh(E[t]) @ w)", E="k d", t=array("n", dtype=int, below="k"), w="d"),
    '''
def backward(E, t, w):
    """Rows looked up by labels, several times the same ones."""
    h = np.tanh(E[t])
    dE = np.zeros_like(E)
    np.add.at(dE, t, (1 - h**2) * w)
    dw = h.sum(axis=0)
    return dE, dw
''',
    ("E", "w"),
)

CONVOLUTION = Base(
    "convolution",
    lambda: trace(
        "np.sum(np.array([np.sum(x[i:i + k.shape[0]]*k) for i in range(y.shape[0])])*y)",
        x="L",
        k="K",
        y="L-K+1",
    ),
    '''
def backward(x, k, y):
    """One filter over one signal."""
    dx = np.convolve(y, k)
    dk = np.correlate(x, y, "valid")
    return dx, dk
''',
    ("x", "k"),
)

REGRESSION = Base(
    "regression",
    lambda: trace(
        """
        h = np.tanh(X @ W1 + b1)
        return np.mean((h @ w2 + b2 - y)**2)
        """,
        X="n d",
        W1="d k",
        b1="k",
        w2="k",
        b2="",
        y="n",
    ),
    '''
def backward(X, W1, b1, w2, b2, y):
    """One hidden layer, one output, mean squared error."""
    h = np.tanh(X @ W1 + b1)
    e = 2 * (h @ w2 + b2 - y) / len(y)
    dh = np.outer(e, w2) * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ e, e.sum()
''',
    ("W1", "b1", "w2", "b2"),
)

BASES = (
    SOFTMAX,
    SIGMOID,
    DEEP,
    LOOP,
    LOGISTIC,
    NORMALISATION,
    ATTENTION,
    BOLTZMANN,
    EMBEDDING,
    CONVOLUTION,
    REGRESSION,
)

# right as well, and written in another way altogether -------------------------------------------

CHUNKS = Base(
    "chunks",
    LOOP.model,
    '''
def backward(x, y, W1, b1, W2, b2):
    """The batch in chunks of two, sums kept in a dictionary."""
    g = {"W1": 0 * W1, "b1": 0 * b1, "W2": 0 * W2, "b2": 0 * b2}
    N = len(x)
    for start in range(0, N, 2):
        a, t = x[start:start + 2], y[start:start + 2]
        z1 = a @ W1.T + b1
        h1 = z1.clip(min=0)
        z2 = h1 @ W2.T + b2
        d = np.exp(z2 - np.logaddexp.reduce(z2, axis=1)[:, None])
        d[range(len(a)), t] -= 1
        g["W2"] += d.T @ h1 / N
        g["b2"] += d.sum(0) / N
        d = (d @ W2) * (h1 > 0)
        g["W1"] += d.T @ a / N
        g["b1"] += d.sum(0) / N
    return g
''',
    LOOP.outputs,
)

AUGMENTED = Base(
    "augmented",
    LOOP.model,
    '''
def backward(x, y, W1, b1, W2, b2):
    """Biases as a last column of the weights."""
    one = np.ones((len(x), 1), x.dtype)
    A, V = np.hstack([W1, b1[:, None]]), np.hstack([W2, b2[:, None]])
    X = np.hstack([x, one])
    Z = X @ A.T
    H = np.hstack([np.where(Z > 0, Z, 0), one])
    S = H @ V.T
    P = np.exp(S - S.max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    D = (P - (np.arange(len(W2)) == y[:, None])) / x.dtype.type(len(x))
    dV = D.T @ H
    B = (D @ W2) * np.heaviside(Z, 0)
    dA = B.T @ X
    return dA[:, :-1], dA[:, -1], dV[:, :-1], dV[:, -1]
''',
    LOOP.outputs,
)

PYTHON = Base(
    "python",
    LOOP.model,
    '''
import math

def backward(x, y, W1, b1, W2, b2):
    """Plain Python numbers and math.fsum."""
    kind = x.dtype
    x, W1, b1, W2, b2 = (a.tolist() for a in (x, W1, b1, W2, b2))
    N, K, H, I = len(x), len(W2), len(W1), len(W1[0])
    g1 = [[0.0] * I for _ in range(H)]; c1 = [0.0] * H
    g2 = [[0.0] * H for _ in range(K)]; c2 = [0.0] * K
    for n in range(N):
        z = [math.fsum([*(w * v for w, v in zip(row, x[n])), b]) for row, b in zip(W1, b1)]
        h = [max(v, 0.0) for v in z]
        s = [math.fsum([*(w * v for w, v in zip(row, h)), b]) for row, b in zip(W2, b2)]
        top = max(s)
        e = [math.exp(v - top) for v in s]
        d = [(v / math.fsum(e) - (k == y[n])) / N for k, v in enumerate(e)]
        back = [math.fsum(d[k] * W2[k][j] for k in range(K)) if z[j] > 0 else 0.0 for j in range(H)]
        for k in range(K):
            c2[k] += d[k]
            for j in range(H):
                g2[k][j] += d[k] * h[j]
        for j in range(H):
            c1[j] += back[j]
            for i in range(I):
                g1[j][i] += back[j] * x[n][i]
    return tuple(np.array(a, kind) for a in (g1, c1, g2, c2))
''',
    LOOP.outputs,
)

LAYERS = Base(
    "layers",
    DEEP.model,
    '''
def backward(x, y, W1, b1, W2, b2, W3, b3):
    """Layers in lists, read backwards."""
    Ws, bs = [W1, W2, W3], [b1, b2, b3]
    acts = [x]
    for l, (W, b) in enumerate(zip(Ws, bs)):
        z = np.einsum("ni,ji->nj", acts[-1], W) + b
        acts.append(z if l == 2 else np.tanh(z))
    delta = acts.pop() - y
    grads = []
    for l in (2, 1, 0):
        grads = [np.tensordot(delta, acts[l], (0, 0)) / len(x), delta.mean(axis=0), *grads]
        if l:
            delta = delta @ Ws[l] * (1 - acts[l]) * (1 + acts[l])
    return grads
''',
    DEEP.outputs,
)

OTHER_WAYS = (CHUNKS, AUGMENTED, PYTHON, LAYERS)
