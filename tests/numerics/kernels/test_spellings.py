"""Each way of writing an operation, by itself: the kernel against NumPy and its differences.

The names of a spelling are those of `oracles.programs`: x, y (n), u (m), X, Y, P (n, m), W (m, k),
A (n, n), B (m, m), T (k, n, m), s, c scalars, r (n, 1), q (1, m), d (n+1), D (2n, m); p and P are
positive; t are n labels below m and l are k labels below n.
"""

import ast

import pytest
from oracles.agreement import check_first_order, check_second_order
from oracles.programs import INPUTS, LABELS, Program

import backproof as bp

ENTRIES = (
    "x + y", "x - y", "x*y", "x/p", "-x", "+x", "s*x", "x/s", "1/p", "2 - x", "x**2", "x**3",
    "p**0.5", "p**-1.5", "p**x", "2**x", "s**2", "P + x[:, None]", "X*u", "X*r", "X + q", "r*q",
    "r + u", "np.add(x, y)", "np.multiply(x, y)", "np.subtract(x, y)", "np.divide(x, p)",
    "np.negative(x)", "np.power(p, 2)", "np.power(p, x)", "np.square(x)", "np.reciprocal(p)",
    "np.float64(2)*x", "np.exp(x)", "np.tanh(x)", "special.expit(x)", "np.log(p)", "np.sqrt(p)",
    "np.sin(x)", "np.cos(x)", "np.tan(x)", "np.sinh(x)", "np.cosh(x)", "np.arctan(x)",
    "np.arcsinh(x)", "np.log1p(p)", "np.expm1(x)", "special.erf(x)", "special.erfc(x)",
    "special.ndtr(x)", "special.gammaln(p)", "special.digamma(p)", "special.psi(p)",
    "special.polygamma(1, p)", "special.log_expit(x)", "special.xlogy(p, p)", "special.log1p(p)",
    "special.expm1(x)", "special.logit(p/9)", "np.logaddexp(x, y)", "np.logaddexp(0, x)",
    "np.logaddexp(X, u)", "np.pi*x", "np.e*x", "x*special.expit(x)", "x*special.ndtr(x)",
    "np.where(x > 0, x, np.expm1(np.minimum(x, 0)))",
)  # fmt: skip
KINKED = (
    "np.abs(x)", "abs(x)", "np.absolute(x)", "np.maximum(x, 0)", "np.minimum(x, 0.5)",
    "np.maximum(x, y)", "np.fmax(x, y)", "np.minimum(X, u)", "np.maximum(0, X)",
    "np.clip(x, -0.5, 0.5)", "np.clip(x, None, 0.5)", "np.clip(x, 0.1, None)",
    "np.where(x > 0, x, y)", "np.where(x <= y, x*2, y)", "np.where(X > u, X, s)",
    "np.where(x > 0, 1, 0)*x", "(x > 0)*x", "np.where(x < 0.5, x**2, x - 0.25)", "np.sign(x)*x",
    "np.where(x >= 0, s, 0)",
)  # fmt: skip
ALONG_AXES = (
    "np.sum(X)", "X.sum()", "np.sum(X, axis=0)", "np.sum(X, 0)", "X.sum(0)", "X.sum(axis=-1)",
    "np.sum(X, axis=1, keepdims=True)", "np.sum(X, axis=(0, 1))", "np.sum(T, axis=(0, 2))",
    "np.sum(r)", "np.sum(x, dtype=float)", "sum(x)", "sum(X)", "np.mean(X, axis=0)", "X.mean()",
    "np.mean(T, axis=(1, 2), keepdims=True)", "np.average(X, axis=0)", "np.max(X, axis=1)",
    "X.max(axis=0, keepdims=True)", "np.amax(X, axis=1)", "np.min(X)", "X.min(axis=1)",
    "np.max(T, axis=(1, 2))", "np.max(x)", "np.min(x)**2", "np.tanh(np.max(x))", "X.var()",
    "np.var(X, axis=1)", "np.var(x)", "np.std(X)", "np.linalg.norm(x)", "np.linalg.norm(x)**2",
    "np.linalg.norm(X)", "np.linalg.norm(X, axis=1)", "special.logsumexp(x)",
    "special.logsumexp(X)", "special.logsumexp(X, axis=1)",
    "special.logsumexp(X, axis=1, keepdims=True)", "special.logsumexp(T, axis=(1, 2))",
    "np.log(np.sum(np.exp(x)))", "np.log(np.mean(np.exp(X), 1))", "special.softmax(x)",
    "special.softmax(X, axis=1)", "special.softmax(X, axis=0)", "special.softmax(X)",
    "special.log_softmax(X, axis=0)", "special.softmax(T, axis=1)",
)  # fmt: skip
PRODUCTS = (
    "X @ W", "X.T @ X", "x @ y", "x @ X", "X @ u", "A @ A @ A", "x @ A @ x", "T @ W", "A @ T",
    "W.T @ X.T", "np.matmul(X, W)", "np.dot(x, y)", "np.dot(X, W)", "X.dot(W)", "x.dot(y)",
    "np.inner(x, y)", "np.vdot(x, y)", "np.outer(x, u)", "np.trace(A)", "np.trace(A @ A.T)",
    "np.diag(A)", "np.diag(x)", "np.diagonal(A)", "np.diag(x) @ A", "X.T", "np.transpose(X)",
    "np.transpose(T, (2, 0, 1))", "np.swapaxes(X, 0, 1)", "x.T", "np.eye(A.shape[0]) - A",
    "A @ np.eye(A.shape[0])", "np.identity(A.shape[0])*A", "np.einsum('ij,jk->ik', X, W)",
    "np.einsum('ij,ij->', X, Y)", "np.einsum('ii->i', A)", "np.einsum('ii', A)",
    "np.einsum('ij->ji', A)", "np.einsum('i,j->ij', x, u)",
    "np.einsum('ij,jk,kl->il', X, W, W.T)", "np.einsum('bi,ij,bj->b', X, B, Y)",
    "np.einsum('knm,mk,n->k', T, W, x)", "np.einsum('ij->', X)", "np.einsum('i,i,i->i', x, y, p)",
    "np.einsum('ij->j', X)", "np.einsum('i,j->', x, u)",
)  # fmt: skip
POSITIONS = (
    "x[0]", "x[-1]*y", "X[0]", "X[-1]", "X[:, 0]", "X[:, -1]", "X[0, 0]", "T[:, 0, :]", "T[0]",
    "T[..., 0]", "X[0] @ X[-1]", "x[:, None]", "x[None, :]", "x[:, np.newaxis]", "x[None]",
    "np.expand_dims(x, 0)", "np.squeeze(x[None])", "X[np.arange(X.shape[0]), t]", "W[t]", "X[l]",
    "X[:, t]", "np.sum(W[t]**2)", "np.take(u, t)", "u[t]", "x.shape[0]*x", "x.size*x", "len(x)*x",
    "X.ndim*X", "d/d.shape[0]", "D/D.shape[0]", "np.ones_like(X)*X",
    "np.ones(X.shape[0]) + X.sum(1)", "np.zeros_like(x) + x", "np.zeros(x.shape) + x",
    "X/X.shape[1]", "np.sum(x*0 + 3)", "x - x",
)  # fmt: skip
MOVED = (
    "np.roll(x, 1)", "np.roll(x, -1)*y", "np.roll(X, 1, axis=0)", "np.flip(x)", "np.flip(X, 1)",
    "x[::-1]*y", "X[::-1]", "np.flipud(X)", "np.fliplr(X)", "np.diff(x)", "np.diff(X, axis=0)",
    "np.tril(A)", "np.triu(A, k=1)", "np.tril(A, -1)", "np.cumsum(x)", "np.cumsum(X, axis=1)",
    "np.cumsum(X)", "np.cumprod(x)", "np.prod(x)", "np.prod(X, axis=1)", "np.prod(X)",
    "np.repeat(x, 2)", "np.tile(x, 2)", "np.tile(X, (1, 2))", "np.moveaxis(T, 0, -1)",
    "T.transpose(2, 0, 1)", "np.broadcast_to(x, (2, x.shape[0]))", "np.atleast_2d(x) @ A",
    "np.convolve(x, np.array([1.0, 2.0]))", "np.correlate(x, np.array([1.0, 2.0]))",
    "np.column_stack([x, y])", "np.block([[A, A], [A, A.T]])",
    "X.ravel(order='F')", "X.flatten('F')", "X.reshape(-1, order='F')", "np.diag(x, 1)",
    "np.diag(A, -1)", "np.diag(A, 1)", "np.eye(A.shape[0], k=1) @ x",
    "np.trace(np.einsum('i,jk->ijk', u, A), axis1=1, axis2=2)", "np.tensordot(X, W, axes=1)",
    "np.tensordot(T, X, axes=([1], [0]))", "np.linalg.multi_dot([X, W, W.T])",
    "np.take_along_axis(X, t[:, None], axis=1)", "np.split(np.tile(x, 2), 2)[1]*y",
    "np.vander(x, 3)", "np.polyval(np.array([1.0, 2.0, 3.0]), x)", "np.meshgrid(x, u)[0]",
    "np.add.outer(x, u)", "np.subtract.outer(x, y)", "np.add.reduce(X)", "np.trace(A, offset=1)",
    "np.select([x > 1, x > 0], [x, y], 0.5)", "X.mT", "D[[0, 1, 0]]", "D[:, [0, 0]]",
    "np.maximum.reduce(X, axis=1)", "np.array([[1, 2], [3, 4]]) @ D[:2]", "D[-2:]*3", "D[:-1]",
    "D[::-1][::2]*X", "D[::-1][1::2]*D[::2]",
    "d[1:] - d[:-1]", "D[::2] - 2*D[1::2]", "d[1:]*d[:-1]**2",
    "np.lib.stride_tricks.sliding_window_view(x, 2) @ np.array([1.0, 3.0])",
)  # fmt: skip
COUNTED = (
    "np.arange(x.shape[0])*x", "x/(1 + np.arange(len(x)))", "np.linspace(0, 1, len(x))*x",
    "np.where(np.arange(len(x)) > 0, x, y)", "(np.arange(len(x)) % 2)*x",
    "np.where(np.arange(len(x))[:, None] >= np.arange(len(x)), A, 0.0)",
    "special.softmax(np.where(np.tril(np.ones_like(A)) > 0, A, -np.inf), axis=1)",
    "(t[:, None] == np.arange(X.shape[1]))*X", "np.eye(X.shape[1])[t]*X", "t*x",
    "np.full(3, 2.0)*np.sum(x)", "np.array([1.0, 2.0]) * x[0]", "np.array([x[0], y[1]])",
    "np.array([[x[0], 1.0], [y[0], 2.0]])", "np.sum([x, y])", "np.stack([x, y], axis=1)",
    "np.array([[i*j for j in range(len(y))] for i in range(len(x))]) @ y",
    "np.array([(k >> 1) & 1 for k in range(len(x))])*x",
    "sum(x[i]*y[i] for i in range(len(x)))", "sum(a*b for a, b in zip(x, y))",
    "sum(i*a for i, a in enumerate(x))", "sum(A[i, j] for i in range(len(x)) for j in range(i))",
    "sum(A[i, j] for i in range(len(x)) for j in range(len(x)) if i != j)",
    "sum(x[i]*y[j] for i in range(len(x)) for j in range(i + 1, len(x)))", "[x, y][1]*x",
    "x[range(len(x))]*y",
)  # fmt: skip
OTHERS = (
    "np.exp2(x)", "np.log2(p)", "np.log10(p)", "np.cbrt(p)", "np.hypot(x, y)", "np.arctan2(x, p)",
    "np.arccosh(1 + p)", "np.arctanh(x/9)", "np.logical_and(x > 0, y > 0)*x", "x - np.floor(x)",
    "x % 1.0", "special.log_ndtr(x)", "special.ndtri(p/9)", "special.erfinv(x/9)",
    "special.gamma(p)", "special.rel_entr(p, p + 1)", "special.kl_div(p, p + 1)",
    "special.entr(p)", "special.betaln(p, p + 1)", "special.huber(0.5, x)",
    "special.pseudo_huber(0.5, x)", "special.xlog1py(p, p)", "special.i0(x)", "special.i1(x)",
    "np.average(x, weights=p)", "np.average(X, axis=0, weights=p)", "np.ptp(x)",
    "np.cov(A, bias=True)", "np.cov(np.hstack([A, A]))", "np.linalg.norm(x, 1)",
    "np.linalg.norm(x, np.inf)", "np.linalg.norm(x, 3)", "np.linalg.norm(X, 1)",
    "np.linalg.norm(X, np.inf)", "np.linalg.norm(X, 1, axis=1)", "X.std(0)",
    "D.var(axis=0, ddof=1)",
)  # fmt: skip
POSITIVE_DEFINITE = "A @ A.T + 2*np.eye(len(A))"
FACTORED = (
    f"np.linalg.cholesky({POSITIVE_DEFINITE})",
    f"scipy.linalg.cholesky({POSITIVE_DEFINITE}) @ x",
    f"2*np.sum(np.log(np.diag(np.linalg.cholesky({POSITIVE_DEFINITE}))))",
    f"scipy.linalg.solve_triangular(np.linalg.cholesky({POSITIVE_DEFINITE}), x, lower=True)",
    "scipy.linalg.solve_triangular(A + 3*np.eye(len(A)), x, trans='T')",
    f"scipy.linalg.cho_solve(scipy.linalg.cho_factor({POSITIVE_DEFINITE}), x)",
    "np.linalg.svd(W, compute_uv=False)", "np.linalg.norm(W, 'nuc')", "np.linalg.norm(W, 2)",
    "np.linalg.norm(W, -2)", "np.linalg.norm(T, 'nuc', axis=(0, 2))", "np.linalg.pinv(W)",
    "np.linalg.cond(W)", "np.linalg.cond(A + 3*np.eye(len(A)), 'fro')", "scipy.linalg.expm(A/4)",
    "np.linalg.eigvalsh(A + A.T)", "np.linalg.eigh(A + A.T)[1]**2",
    "np.linalg.svd(W, full_matrices=False)[0] @ np.linalg.svd(W, full_matrices=False)[2]",
)  # fmt: skip
SPELLINGS = (
    *(ENTRIES + KINKED + ALONG_AXES + PRODUCTS + POSITIONS + MOVED + COUNTED + OTHERS),
    *FACTORED,
)
BODIES = (
    "b = x\nb = b*2\nreturn np.sum(b*x)",
    "n, m = X.shape\nreturn np.sum(X**2)/n/m",
    "n = X.shape[0]; return np.sum(X**2)/n",
    "a, b = x*2, y*3\nreturn a @ b",
    "a = b = x*2\nreturn a @ b",
    "f = lambda z: np.tanh(z)\nreturn np.sum(f(x)*f(y))",
    "def f(z):\n    return np.tanh(z)\nreturn np.sum(f(f(x)))",
    "# a comment\n'''and words'''\nreturn np.sum(x**2)",
    "x: float = x*2\nreturn np.sum(x**2)",
    "a = x @ y\na = a*a\na = a*a\nreturn a",
    "a = x @ y; b = a; a = 2*a\nreturn b + a**2",
    "dx = x*2\nreturn np.sum(dx**2)",
    "t1 = x*2\nt2 = t1 @ y\nreturn t2**2",
    "f = x @ y\nreturn f*f",
    "value = x @ y\nreturn value*value",
    "z = x*x\nz /= 3\nz += y\nreturn np.sum(z**2)",
    "z = x*x\nz @= A\nreturn z @ y",
    "a = 3\nb = a**2\nreturn b*x @ y",
    "return np.sum(x**2) if 2 > 1 else 0",
    "p = special.softmax(X, axis=1)\nq = p*X\nreturn np.sum(q, axis=1)",
    "L = X @ X.T\ns = np.sum(L)\nm = np.max(L)\nreturn s*m",
)
LOOPS = (
    "b = np.zeros(len(d))\nb[1:] = d[:-1]\nb[:-1] = d[1:]*2\nb[0] = d[0]**2\nreturn b",
    "b = np.zeros(len(D))\nb[1:] = D[:-1, 0]\nb[1:-1] *= D[2:, 0]\nreturn b",
    "s = 0.0\nfor i in range(len(x)):\n    for j in range(i + 1, len(x)):\n"
    "        s += x[i]*y[j]**2\nreturn s",
    "s = 0.0\nfor i in range(len(x)):\n    for j in range(len(x)):\n        if i != j:\n"
    "            s += A[i, j]\n        else:\n            s -= x[i]**2\nreturn s",
    "for i in range(3):\n    x = np.tanh(A @ x)\nreturn np.sum(x)",
    "s = 0.0\nfor i in range(len(x)):\n    s += x[i]**2*y[i]\nreturn s",
    "s = 0\nfor i in range(len(x)):\n    s = s + np.exp(x[i])\nreturn s**2",
    "s = 1.0\nfor i in range(len(x)):\n    for a in u:\n        s -= x[i]*a**2\nreturn s",
    "b = np.zeros(len(x))\nfor i in range(len(x)):\n    b[i] = np.sin(x[i])*y[i]\nreturn b",
    "b = x.copy()\nfor i in range(len(x)):\n    b[i] = b[i]*2\nreturn b".replace(
        "b[i]*2", "y[i]*2"
    ),
    "b = np.zeros_like(X)\nfor i in range(X.shape[0]):\n    for j in range(X.shape[1]):\n"
    "        b[i, j] = x[i]*u[j]\nreturn b*X",
    "b = np.zeros(2*len(x))\nfor i in range(len(x)):\n    b[2*i] = x[i]\n    b[2*i + 1] = y[i]\n"
    "return b**2",
    "b = np.zeros(len(x) + 1)\nfor i in range(2):\n    b[i:i + len(x)] += (i + 1)*x\nreturn b**2",
    "b = np.ones(len(x))\nb[0] = x[0]\nb[1:] = y[1:]\nreturn b**2",
    "b = x*2\nb[0] = b[1]*b[0]\nb[1] = b[0]**2\nreturn b",
    "b = x*2\nb[0] += y[1]\nb[-1] *= 3\nreturn b**2",
    "b = x*1\nb[b > 0] = 0.5\nreturn b*x",
    "b = X*1\nb[:, 0] = x\nreturn b**2",
    "b = X*1\nb[0] = u\nb[1, :] = 2*u\nreturn b**2",
    "b = np.zeros((len(t), X.shape[1]))\nb[np.arange(len(t)), t] = x\nreturn b*X",
    "b = np.zeros(X.shape[1])\nnp.add.at(b, t, x)\nreturn b**2",
    "b = np.zeros_like(W)\nnp.add.at(b, t, X[:, :1]*W[t])\nreturn b**2",
    "q = []\nfor i in range(3):\n    x = np.tanh(x)*y\n    q.append(x)\nreturn np.stack(q)",
    "q = []\nfor i in range(len(x)):\n    q.append(x[i]*y)\nreturn np.array(q)",
    "q = [x, y]\nq.append(x*y)\nreturn q[0] + q[-1]*len(q)",
    "s = 0\nfor a, b in zip([x, y], [y, x*2]):\n    s = s + a @ b**2\nreturn s",
    "s = 0\nfor i, a in enumerate([x, y]):\n    s = s + (i + 1)*np.sum(a**2)\nreturn s",
    "for k in reversed(range(3)):\n    x = x**2/(k + 1)\nreturn x",
    "s = 0\nfor a in X:\n    s += a @ u\nreturn s",
    "for k in range(5):\n    if k == 1:\n        continue\n    if k > 2:\n        break\n"
    "    x = x*y + k\nreturn x",
    "w = {'a': x, 'b': y}\nreturn w['a'] @ w['b']",
    "if X.ndim == 2 and len(x) > 0:\n    x = x*2\nelse:\n    x = y\nreturn x",
    "assert x.ndim == 1\nb = None\nreturn x if b is None else y",
    "b = np.cumsum(x)\nc = b[-1]\nreturn b/c if len(x) > 0 else b",
    "return (b := x*2) + b**2",
    "a, b = np.stack([x, y])\nreturn a*b**2",
    "d0 = np.zeros(len(x))\nd0[:] = x\nd0[...] = d0*y\nreturn d0",
)


def program(source: str) -> Program:
    """A program of one spelling, with the inputs that it names."""
    lines = "\n".join(f"    {line}" for line in source.splitlines())
    tree = ast.parse(f"def function():\n{lines}")
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
              and isinstance(node.ctx, ast.Store)}  # fmt: skip
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - stored
    named |= {name for name in ("x",) if name in stored}  # assigned anew, after it was read
    return Program(source, (), tuple(n for n in (*INPUTS, *LABELS) if n in named), seed=5)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling(spelling: str) -> None:
    check_first_order(program(f"return {spelling}"))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_second_derivative_of_spelling(spelling: str) -> None:
    check_second_order(program(f"return np.sum(np.sin({spelling}))"))


@pytest.mark.parametrize("body", BODIES + LOOPS)
def test_body(body: str) -> None:
    check_first_order(program(body))


NOT_READ = (
    "b = x\nb += 1\nreturn np.sum(x*b)",
    "b = x*2\nc = b\nb += 1\nreturn np.sum(c*b)",
    "x += 1\nreturn np.sum(x)",
    "while True:\n    pass\nreturn x",
    "return np.linalg.inv(X)[0, 0] if x[0] > 0 else x[0]",
    "return np.sum(x, where=x > 0)",
    "return __import__('os').getcwd()",
    "return x.__class__",
    "return np.load('file')",
    "return open('file')",
    "return (x @ y if x.shape[0] > 2 else x[0])",
)


@pytest.mark.parametrize("body", NOT_READ)
def test_what_is_not_read_is_refused_with_its_place(body: str) -> None:
    with pytest.raises(bp.BackproofError, match=r"line \d+"):
        bp.trace(body, x="n", y="n", X="n n")
