"""Backward passes that are right and look otherwise: other orders, other forms, other tools.

None of them may be refuted, at any seed and in any format.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mutants.dense import DEEP, LOOP, SIGMOID, SOFTMAX
from mutants.template import Base, function


@dataclass(frozen=True)
class Unusual:
    """A right backward pass: a base with some texts replaced, or a source of its own."""

    name: str
    base: Base
    edits: Mapping[str, str]
    own: str = ""

    def function(self) -> object:
        """The function."""
        text = self.own or self.base.source
        for old, new in self.edits.items():
            assert text.count(old) == 1, f"{self.name}: {old!r} stands {text.count(old)} times"
            text = text.replace(old, new)
        return function(text)


CHUNKS = '''
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
'''

AUGMENTED = '''
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
'''

PYTHON = '''
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
'''

LAYERS = '''
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
'''

SHIFTED = "e = np.exp(z2 - z2.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=1, keepdims=True)"

UNUSUAL = (
    Unusual("einsum", SOFTMAX, {"dz2.T @ h1": "np.einsum('nk,nj->kj', dz2, h1)", "dz1.T @ x": "np.einsum('nj,ni->ji', dz1, x)"}),
    Unusual("a sum of outer products", SOFTMAX, {"dz2.T @ h1": "sum(np.outer(a, b) for a, b in zip(dz2, h1))", "dz1.T @ x": "sum(np.outer(a, b) for a, b in zip(dz1, x))"}),
    Unusual("examples backwards", SOFTMAX, {"dz2.T @ h1": "dz2[::-1].T @ h1[::-1]", "dz1.T @ x": "dz1[::-1].T @ x[::-1]"}),
    Unusual("log-softmax", SOFTMAX, {SHIFTED: "p = np.exp(z2 - special.logsumexp(z2, axis=1, keepdims=True))"}),
    Unusual("SciPy's softmax", SOFTMAX, {SHIFTED: "p = special.softmax(z2, axis=1)"}),
    Unusual("powers of two", SOFTMAX, {SHIFTED: "e = np.exp2((z2 - z2.max(axis=1, keepdims=True)) * z2.dtype.type(np.log2(np.e)))\n    p = e / e.sum(axis=1, keepdims=True)"}),
    Unusual("one-hot rows", SOFTMAX, {"    dz2[np.arange(N), y] -= 1\n": "    dz2 -= np.eye(W2.shape[0], dtype=x.dtype)[y]\n"}),
    Unusual("mean at the end", SOFTMAX, {"    dz2 = dz2 / N\n": "", "dz2.T @ h1": "dz2.T @ h1 / N", "db2 = dz2.sum(axis=0)": "db2 = dz2.mean(axis=0)", "dz1.T @ x": "dz1.T @ x / N", "db1 = dz1.sum(axis=0)": "db1 = dz1.mean(axis=0)"}),
    Unusual("mask of the activations", SOFTMAX, {"(z1 > 0)": "np.sign(h1)"}),
    Unusual("mask by where", SOFTMAX, {"dh1 * (z1 > 0)": "np.where(z1 > 0, dh1, 0)"}),
    Unusual("mask in place", SOFTMAX, {"dz1 = dh1 * (z1 > 0)": "dz1 = dh1\n    dz1[z1 <= 0] = 0"}),
    Unusual("relu by absolute values", SOFTMAX, {"np.maximum(z1, 0)": "(z1 + np.abs(z1)) / 2"}),
    Unusual("penalty by addition", SOFTMAX, {"2 * lam * W1": "lam * (W1 + W1)", "2 * lam * W2": "lam * W2 + lam * W2"}),
    Unusual("column-major copies", SOFTMAX, {"dz2.T @ h1": "np.asfortranarray(dz2).T.dot(np.asfortranarray(h1))", "dz1.T @ x": "np.ascontiguousarray(dz1.T) @ np.asfortranarray(x)"}),
    Unusual("double inside", SOFTMAX, {"    lam = 0.01\n": "    lam = 0.01\n    kind = x.dtype\n    x, W1, b1, W2, b2 = (a.astype(np.longdouble) for a in (x, W1, b1, W2, b2))\n", "return dW1, db1, dW2, db2": "return tuple(a.astype(kind) for a in (dW1, db1, dW2, db2))"}),
    Unusual("another shift", SOFTMAX, {SHIFTED: "e = np.exp(z2 - z2.max(axis=1, keepdims=True) - 1)\n    p = e * (1 / e.sum(axis=1, keepdims=True))"}),
    Unusual("chunks in a dictionary", LOOP, {}, CHUNKS),
    Unusual("augmented matrices", LOOP, {}, AUGMENTED),
    Unusual("plain Python", LOOP, {}, PYTHON),
    Unusual("means inside the loop", LOOP, {"g[y[n]] -= 1": "g[y[n]] -= 1\n        g /= len(x)", "return dW1 / len(x), db1 / len(x), dW2 / len(x), db2 / len(x)": "return dW1, db1, dW2, db2"}),
    Unusual("sigmoid by its formula", SIGMOID, {"A1 = special.expit(Z1)": "A1 = 1 / (1 + np.exp(-Z1))", "A2 = special.expit(Z2)": "A2 = 1 / (1 + np.exp(-Z2))"}),
    Unusual("sigmoid by tanh", SIGMOID, {"A1 = special.expit(Z1)": "A1 = (1 + np.tanh(Z1 / 2)) / 2"}),
    Unusual("both tails", SIGMOID, {"A1 * (1 - A1)": "special.expit(Z1) * special.expit(-Z1)"}),
    Unusual("loss by log1p", SIGMOID, {"(np.logaddexp(0, Z2) - Y * Z2)": "(np.maximum(Z2, 0) - Y * Z2 + np.log1p(np.exp(-np.abs(Z2))))"}),
    Unusual("loss by rows", SIGMOID, {".sum() / m\n": ".mean(axis=1).sum()\n"}),
    Unusual("difference of squares", DEEP, {"(1 - h1**2)": "(1 - h1) * (1 + h1)", "(1 - h2**2)": "(1 - np.square(h2))"}),
    Unusual("hyperbolic cosine", DEEP, {"(1 - h1**2)": "np.cosh(x @ W1.T + b1) ** -2"}),
    Unusual("tanh by sigmoids", DEEP, {"h1 = np.tanh(x @ W1.T + b1)": "h1 = 2 * special.expit(2 * (x @ W1.T + b1)) - 1"}),
    Unusual("layers in lists", DEEP, {}, LAYERS),
    Unusual("transposed and back", DEEP, {"(d2 @ W2)": "(W2.T @ d2.T).T", "d3.T @ h2": "(h2.T @ d3).T"}),
)  # fmt: skip
