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
SPELLINGS = ENTRIES + KINKED + ALONG_AXES + PRODUCTS + POSITIONS
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


@pytest.mark.parametrize("body", BODIES)
def test_body(body: str) -> None:
    check_first_order(program(body))


NOT_READ = (
    "b = x\nb += 1\nreturn np.sum(x*b)",
    "b = x*2\nc = b\nb += 1\nreturn np.sum(c*b)",
    "x += 1\nreturn np.sum(x)",
    "b = np.zeros_like(x)\nb[0] = x[0]\nreturn np.sum(b)",
    "for i in range(3):\n    x = np.tanh(x)\nreturn np.sum(x)",
    "while True:\n    pass\nreturn x",
    "return np.linalg.inv(X)[0, 0] if x[0] > 0 else x[0]",
    "return x // 2",
    "return np.sum(x, where=x > 0)",
    "return __import__('os').getcwd()",
    "return x.__class__",
    "return np.load('file')",
    "return open('file')",
    "return (x @ y if x.shape[0] > 2 else x[0])",
    "return np.sum([x, y])",
)


@pytest.mark.parametrize("body", NOT_READ)
def test_what_is_not_read_is_refused_with_its_place(body: str) -> None:
    with pytest.raises(bp.BackproofError, match=r"line \d+"):
        bp.trace(body, x="n", y="n", X="n n")
