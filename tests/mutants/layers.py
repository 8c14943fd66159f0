"""Layers, losses and elementary functions that are right, each with its specification."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mutants.catalogue import Base, Edited, compiled

from backproof.numerics.judge import verify
from backproof.numerics.judge.verification import Verification
from backproof.theory import specs
from backproof.theory.specs import Specification


@dataclass(frozen=True)
class Stated(Base):
    """Code held against a specification: a function called ``forward``, or a pair with another."""

    against: Specification = specs.relu


def made(code: Base | Edited) -> Any:
    """The function, or the pair of a forward and a backward one, that a source defines."""
    source = code.source if isinstance(code, Base) else code.source()
    space = compiled(source)
    pair = (space["forward"], space["backward"])
    return pair if "def backward(d" in source else pair[0]


def judged(code: Base | Edited, seed: int, dtype: str = "float64") -> Verification:
    """The verdict about a base or an edit of one."""
    base = code if isinstance(code, Base) else code.base
    assert isinstance(base, Stated)
    return verify(made(code), base.against, dtype=dtype, seed=seed)


def _model() -> Any:
    raise NotImplementedError("a specification states it")


def stated(name: str, against: Specification, source: str) -> Stated:
    return Stated(name, _model, source, (), against)


SIGMOID = stated(
    "sigmoid_function",
    specs.sigmoid,
    '''
def forward(x):
    """By the side on which the exponential is small."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))

backward = None
''',
)
SOFTPLUS = stated(
    "softplus_function",
    specs.softplus,
    '''
def forward(x):
    """The greater of x and 0, and a correction."""
    top = np.maximum(x, 0)
    rest = np.log1p(np.exp(-np.abs(x)))
    return top + rest

def backward(dy, x):
    s = special.expit(x)
    return dy * s
''',
)
LOGSUMEXP = stated(
    "logsumexp_function",
    specs.logsumexp,
    """
def forward(x, axis=-1):
    top = np.max(x, axis=axis, keepdims=True)
    total = np.sum(np.exp(x - top), axis=axis, keepdims=True)
    y = np.squeeze(top + np.log(total), axis=axis)
    return y

backward = None
""",
)
SOFTMAX = stated(
    "softmax_pair",
    specs.softmax,
    '''
def forward(x, axis=-1):
    """The cache is the result and the axis."""
    top = x.max(axis=axis, keepdims=True)
    e = np.exp(x - top)
    y = e / e.sum(axis=axis, keepdims=True)
    return y, (y, axis)

def backward(dy, cache):
    y, axis = cache
    inner = (dy * y).sum(axis=axis, keepdims=True)
    dx = y * (dy - inner)
    return dx
''',
)
CROSS_ENTROPY = stated(
    "cross_entropy",
    specs.softmax_cross_entropy,
    '''
def forward(logits, labels):
    """The mean loss, and its gradient."""
    N = len(labels)
    rows = np.arange(N)
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logs[rows, labels].mean()
    dx = np.exp(logs)
    dx[rows, labels] -= 1
    dx = dx / N
    return loss, dx

backward = None
''',
)
GELU = stated(
    "gelu_pair",
    specs.gelu,
    """
def forward(x):
    c = x.dtype.type(0.7071067811865476)
    y = x * (1 + special.erf(x * c)) / 2
    return y, x

def backward(dy, x):
    c = x.dtype.type(0.7071067811865476)
    cdf = (1 + special.erf(x * c)) / 2
    pdf = np.exp(-x * x / 2) * x.dtype.type(0.3989422804014327)
    return dy * (cdf + x * pdf)
""",
)
DENSE = stated(
    "dense_pair",
    specs.dense,
    """
def forward(x, W, b):
    y = x @ W + b
    return y, (x, W)

def backward(dy, cache):
    x, W = cache
    dx = dy @ W.T
    dW = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dW, db
""",
)
CONVOLUTION = stated(
    "convolution_pair",
    specs.convolution,
    '''
def forward(x, W, b, stride=1, pad=0):
    """Place by place over the image."""
    P, Q = W.shape[2:]
    p = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    H, L = (p.shape[2] - P) // stride + 1, (p.shape[3] - Q) // stride + 1
    y = np.zeros((len(x), len(W), H, L), x.dtype)
    for i in range(H):
        for j in range(L):
            patch = p[:, :, i * stride:i * stride + P, j * stride:j * stride + Q]
            y[:, :, i, j] = np.tensordot(patch, W, ((1, 2, 3), (1, 2, 3)))
    y = y + b[:, None, None]
    return y, (p, W, stride, pad, x.shape)

def backward(dy, cache):
    p, W, stride, pad, shape = cache
    P, Q = W.shape[2:]
    dp, dW = np.zeros_like(p), np.zeros_like(W)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            at = np.s_[:, :, i * stride:i * stride + P, j * stride:j * stride + Q]
            dp[at] += np.tensordot(dy[:, :, i, j], W, 1)
            dW += np.tensordot(dy[:, :, i, j], p[at], (0, 0))
    dx = dp[:, :, pad:pad + shape[2], pad:pad + shape[3]]
    db = dy.sum(axis=(0, 2, 3))
    return dx, dW, db
''',
)
POOLING = stated(
    "pooling_pair",
    specs.max_pool,
    """
def forward(x, size=2):
    N, C, H, L = x.shape
    I, J = (H - size) // size + 1, (L - size) // size + 1
    y = np.zeros((N, C, I, J), x.dtype)
    for i in range(I):
        for j in range(J):
            window = x[:, :, i * size:i * size + size, j * size:j * size + size]
            y[:, :, i, j] = window.max(axis=(2, 3))
    return y, (x, size)

def backward(dy, cache):
    x, size = cache
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dy.shape):
        window = x[n, c, i * size:i * size + size, j * size:j * size + size]
        p, q = np.unravel_index(np.argmax(window), window.shape)
        dx[n, c, i * size + p, j * size + q] += dy[n, c, i, j]
    return dx
""",
)
LAYERNORM = stated(
    "layernorm_pair",
    specs.layernorm,
    """
def forward(x, gamma, beta, eps=1e-5):
    eps = x.dtype.type(eps)
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    s = np.sqrt(var + eps)
    xhat = (x - mu) / s
    y = gamma * xhat + beta
    return y, (xhat, gamma, s)

def backward(dy, cache):
    xhat, gamma, s = cache
    front = tuple(range(dy.ndim - 1))
    g = dy * gamma
    mean = g.mean(axis=-1, keepdims=True)
    along = (g * xhat).mean(axis=-1, keepdims=True)
    dx = (g - mean - xhat * along) / s
    dgamma = (dy * xhat).sum(axis=front)
    dbeta = dy.sum(axis=front)
    return dx, dgamma, dbeta
""",
)
BATCHNORM = stated(
    "batchnorm_pair",
    specs.batchnorm,
    """
def forward(x, gamma, beta, eps=1e-5):
    eps = x.dtype.type(eps)
    mu = x.mean(axis=0)
    c = x - mu
    s = np.sqrt((c * c).mean(axis=0) + eps)
    xhat = c / s
    return gamma * xhat + beta, (xhat, gamma, s)

def backward(dy, cache):
    xhat, gamma, s = cache
    N = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * xhat).sum(axis=0)
    dx = gamma / s * (dy - dbeta / N - xhat * dgamma / N)
    return dx, dgamma, dbeta
""",
)
ATTENTION = stated(
    "attention_pair",
    specs.attention,
    """
def forward(q, k, v, causal=False):
    scale = 1 / np.sqrt(q.dtype.type(q.shape[1]))
    s = q @ k.T * scale
    if causal:
        keep = np.tri(len(q), len(k), dtype=bool)
        s = np.where(keep, s, -np.inf)
    e = np.exp(s - s.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    y = a @ v
    return y, (q, k, v, a, scale)

def backward(dy, cache):
    q, k, v, a, scale = cache
    dv = a.T @ dy
    da = dy @ v.T
    ds = a * (da - (da * a).sum(axis=1, keepdims=True)) * scale
    dq = ds @ k
    dk = ds.T @ q
    return dq, dk, dv
""",
)
EMBEDDING = stated(
    "embedding_pair",
    specs.embedding,
    """
def forward(E, ids):
    return E[ids], (E.shape, ids)

def backward(dy, cache):
    shape, ids = cache
    dE = np.zeros(shape, dy.dtype)
    np.add.at(dE, ids, dy)
    return dE
""",
)
FREE_ENERGY = stated(
    "free_energy_function",
    specs.rbm_free_energy,
    """
def forward(v, W, b_v, b_h):
    z = v @ W + b_h
    hidden = np.logaddexp(0, z).sum(axis=-1)
    return -v @ b_v - hidden

backward = None
""",
)

LAYERS: tuple[Stated, ...] = (
    SIGMOID,
    SOFTPLUS,
    LOGSUMEXP,
    SOFTMAX,
    CROSS_ENTROPY,
    GELU,
    DENSE,
    CONVOLUTION,
    POOLING,
    LAYERNORM,
    BATCHNORM,
    ATTENTION,
    EMBEDDING,
    FREE_ENERGY,
)
Judge = Callable[[Base | Edited, int, str], Verification]
