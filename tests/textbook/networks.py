"""Backpropagation, recurrence, convolution."""

from textbook.result import BISHOP, GOODFELLOW, LECTURE, MURPHY, Result

from backproof.theory.declarations import array

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
TANH_SHAPES = {"W1": "m d", "x": "d", "W2": "k m", "t": "k"}
LAYER = "H = np.tanh(X @ W + b)\nreturn np.sum(G*H)"
LAYER_SHAPES = {"X": "n d", "W": "d m", "b": "m", "G": "n m"}
RECURRENT = """
h1 = np.tanh(b + W @ h0 + U @ x1)
h2 = np.tanh(b + W @ h1 + U @ x2)
o1 = c + V @ h1
o2 = c + V @ h2
return special.logsumexp(o1) - y1 @ o1 + special.logsumexp(o2) - y2 @ o2
"""
RECURRENT_SHAPES = {
    "b": "n",
    "W": "n n",
    "U": "n d",
    "V": "k n",
    "c": "k",
    "h0": "n",
    "x1": "d",
    "x2": "d",
    "y1": array("k", simplex=True),
    "y2": array("k", simplex=True),
}
CONVOLUTION = """
Z = a*h[:-1, :-1] + b*h[1:, :-1] + c*h[:-1, 1:] + d*h[1:, 1:]
H = np.tanh(Z)
return np.sum(G*H)
"""
CONVOLUTION_SHAPES = {"h": "m n", "a": "", "b": "", "c": "", "d": "", "G": "m-1 n-1"}
CONVOLUTION_LINES = (
    "Z[k,l] = a h[k,l] + b h[k+1,l] + c h[k,l+1] + d h[k+1,l+1]",
    "H[k,l] = tanh(Z[k,l])",
    "dZ[k,l] = (1 - H[k,l]**2) G[k,l]",
)

RESULTS = (
    Result(
        "backpropagation through a tanh layer, inner weights",
        f"{BISHOP}, section 5.3.2, eqs. 5.65 to 5.67",
        TANH_NET,
        TANH_SHAPES,
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
        TANH_SHAPES,
        "W2",
        book="np.outer(W2 @ np.tanh(W1 @ x) - t, np.tanh(W1 @ x))",
        matrix=("dW2 = np.outer(dy, z)",),
        text=("dW2[l,i] = dy[l] z[i]",),
        latex=(r"\bar{W}^{(2)} = \bar{y} z^{\top}",),
    ),
    Result(
        "backpropagation, one layer, weights",
        f"{GOODFELLOW}, section 6.5.4, algorithm 6.4; {LECTURE}, section on backpropagation",
        LAYER,
        LAYER_SHAPES,
        "W",
        book="X.T @ ((1 - np.tanh(X @ W + b)**2) * G)",
        closed="dW = X.T @ ((1 - tanh(X @ W + b)**2) * G)",
    ),
    Result(
        "backpropagation, one layer, offsets",
        f"{GOODFELLOW}, section 6.5.4, algorithm 6.4",
        LAYER,
        LAYER_SHAPES,
        "b",
        book="np.sum((1 - np.tanh(X @ W + b)**2) * G, axis=0)",
        closed="db = sum((1 - tanh(X @ W + b)**2) * G, axis=0)",
    ),
    Result(
        "backpropagation, one layer, the layer below",
        f"{GOODFELLOW}, section 6.5.4, algorithm 6.4; {MURPHY}, section 13.3.3",
        LAYER,
        LAYER_SHAPES,
        "X",
        book="((1 - np.tanh(X @ W + b)**2) * G) @ W.T",
        closed="dX = ((1 - tanh(X @ W + b)**2) * G) @ W.T",
    ),
    Result(
        "a rectifier network with weight decay, first layer",
        f"{GOODFELLOW}, section 6.5.7",
        MLP,
        MLP_SHAPES,
        "W1",
        book="X.T @ ((((special.softmax(np.maximum(X @ W1, 0) @ W2, axis=1) - np.eye(k)[y]) / m) "
        "@ W2.T) * (X @ W1 > 0)) + 2 * lam * W1",
        closed="dW1 = 2 * lam * W1 + X.T @ "
        "((X @ W1 > 0) * ((softmax(relu(X @ W1) @ W2) - one_hot(y, k)) @ W2.T)) / m",
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
        book="np.maximum(X @ W1, 0).T @ ((special.softmax(np.maximum(X @ W1, 0) @ W2, axis=1) "
        "- np.eye(k)[y]) / m) + 2 * lam * W2",
        closed="dW2 = 2 * lam * W2 + H.T @ (softmax(H @ W2) - one_hot(y, k)) / m\n"
        "    where H = relu(X @ W1)",
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
        closed="ds = W.T @ ((1 - tanh(b + W @ s + U @ x)**2) * g)",
        text=("dt1[i] = (1 - h[i]**2) g[i]", "ds[i] = Σ_k dt1[k] W[k,i]"),
    ),
    Result(
        "backpropagation through time, the recurrent matrix",
        f"{GOODFELLOW}, section 10.2.2, eqs. 10.18 to 10.26",
        RECURRENT,
        RECURRENT_SHAPES,
        "W",
        book="np.outer((1 - np.tanh(b + W @ np.tanh(b + W @ h0 + U @ x1) + U @ x2)**2) "
        "* (V.T @ (special.softmax(c + V @ np.tanh(b + W @ np.tanh(b + W @ h0 + U @ x1) "
        "+ U @ x2)) - y2)), np.tanh(b + W @ h0 + U @ x1)) "
        "+ np.outer((1 - np.tanh(b + W @ h0 + U @ x1)**2) * (V.T @ (special.softmax(c + V "
        "@ np.tanh(b + W @ h0 + U @ x1)) - y1) + W.T @ ((1 - np.tanh(b + W @ np.tanh(b + W @ h0 "
        "+ U @ x1) + U @ x2)**2) * (V.T @ (special.softmax(c + V @ np.tanh(b + W "
        "@ np.tanh(b + W @ h0 + U @ x1) + U @ x2)) - y2)))), h0)",
        matrix=(
            "do2 = p - y2",
            "do1 = p_2 - y1",
            "dh2 = V.T @ do2",
            "dt2 = (1 - h2**2) * dh2",
            "dh1 = V.T @ do1 + W.T @ dt2",
            "dt1 = (1 - h1**2) * dh1",
            "dW = np.outer(dt2, h1) + np.outer(dt1, h0)",
        ),
    ),
    Result(
        "backpropagation through time, the output matrix",
        f"{GOODFELLOW}, section 10.2.2, eq. 10.24",
        RECURRENT,
        RECURRENT_SHAPES,
        "V",
        book="np.outer(special.softmax(c + V @ np.tanh(b + W @ np.tanh(b + W @ h0 + U @ x1) "
        "+ U @ x2)) - y2, np.tanh(b + W @ np.tanh(b + W @ h0 + U @ x1) + U @ x2)) "
        "+ np.outer(special.softmax(c + V @ np.tanh(b + W @ h0 + U @ x1)) - y1, "
        "np.tanh(b + W @ h0 + U @ x1))",
        matrix=("dV = np.outer(do2, h2) + np.outer(do1, h1)",),
    ),
    Result(
        "convolution with four parameters, one parameter",
        f"{LECTURE}, section on convolution",
        CONVOLUTION,
        CONVOLUTION_SHAPES,
        "b",
        book="np.sum((1 - np.tanh(a*h[:-1, :-1] + b*h[1:, :-1] + c*h[:-1, 1:] + d*h[1:, 1:])**2) "
        "* G * h[1:, :-1])",
        text=(*CONVOLUTION_LINES, "db = Σ_k,l dZ[k,l] h[k+1,l]"),
    ),
    Result(
        "convolution with four parameters, the layer below",
        f"{LECTURE}, section on convolution; {GOODFELLOW}, section 9.5",
        CONVOLUTION,
        CONVOLUTION_SHAPES,
        "h",
        book="sum(np.pad(w * (1 - np.tanh(a*h[:-1, :-1] + b*h[1:, :-1] + c*h[:-1, 1:] "
        "+ d*h[1:, 1:])**2) * G, ((p, 1 - p), (q, 1 - q))) for w, p, q in "
        "((a, 0, 0), (b, 1, 0), (c, 0, 1), (d, 1, 1)))",
        text=(
            *CONVOLUTION_LINES,
            "dh[i,j] = a dZ[i,j] 1[i < m - 1] 1[j < n - 1] + b dZ[i-1,j] 1[i >= 1] 1[j < n - 1] "
            "+ c dZ[i,j-1] 1[i < m - 1] 1[j >= 1] + d dZ[i-1,j-1] 1[i >= 1] 1[j >= 1]",
        ),
    ),
    Result(
        "mean pooling",
        f"{LECTURE}, section on pooling; {GOODFELLOW}, section 9.3",
        "np.array([np.sum(h[2*i:2*i + 2])/2 for i in range(g.shape[0])]) @ g",
        {"h": "2*n", "g": "n"},
        "h",
        book="np.repeat(g, 2) / 2",
        closed="dh[j] = Σ_k,l δ[j,2*k+l] g[k] / 2",
    ),
)
