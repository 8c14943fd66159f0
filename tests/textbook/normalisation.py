"""Attention; batch, layer and root-mean-square normalisation."""

from textbook.result import Result

ATTENTION = """
S = Q @ K.T/np.sqrt(Q.shape[1])
P = special.softmax(S, axis=1)
O = P @ V
return np.sum(dO*O)
"""
ATTENTION_SHAPES = {"Q": "n d", "K": "m d", "V": "m v", "dO": "n v"}
BATCH_NORM = """
mu = np.mean(X, axis=0)
var = np.mean((X - mu)**2, axis=0)
N = (X - mu)/np.sqrt(var + eps)
Y = N*gamma + beta
return np.sum(G*Y)
"""
BATCH_SHAPES = {"X": "m d", "gamma": "d", "beta": "d", "eps": "", "G": "m d"}
LAYER_NORM = """
mu = np.mean(a)
sigma = np.sqrt(np.mean((a - mu)**2) + eps)
return np.sum(g*(a - mu)/sigma)
"""

RESULTS = (
    Result(
        "attention, queries",
        "Vaswani et al., Attention Is All You Need (2017), section 3.2.1, eq. 1; derivative: "
        "Dao et al., FlashAttention (2022), appendix B.2",
        ATTENTION,
        ATTENTION_SHAPES,
        "Q",
        book="(special.softmax(Q @ K.T/np.sqrt(d), axis=1) * (dO @ V.T - np.sum(dO "
        "* (special.softmax(Q @ K.T/np.sqrt(d), axis=1) @ V), axis=1)[:, None])) @ K / np.sqrt(d)",
        closed="dQ = (p * (dO @ V.T - sum((p @ V) * dO, axis=1)[:, None])) @ K / sqrt(d)\n"
        "    where p = softmax(Q @ K.T / sqrt(d))",
        matrix=(
            "dp = dO @ V.T",
            "dL = -np.sum(dp * p, axis=1)",
            "dS = p * (dp + dL[:, None])",
            "dQ = dS @ K / np.sqrt(d)",
        ),
    ),
    Result(
        "attention, values",
        "Vaswani et al., Attention Is All You Need (2017), section 3.2.1, eq. 1; derivative: "
        "Dao et al., FlashAttention (2022), appendix B.2",
        ATTENTION,
        ATTENTION_SHAPES,
        "V",
        book="special.softmax(Q @ K.T/np.sqrt(d), axis=1).T @ dO",
        closed="dV = softmax(Q @ K.T / sqrt(d)).T @ dO",
    ),
    Result(
        "batch normalisation, inputs",
        "Ioffe and Szegedy, Batch Normalization (2015), section 3, formulas of backpropagation",
        BATCH_NORM,
        BATCH_SHAPES,
        "X",
        book="gamma / np.sqrt(np.var(X, axis=0) + eps) * (G - np.mean(G, axis=0) "
        "- (X - np.mean(X, axis=0)) * np.mean(G * (X - np.mean(X, axis=0)), axis=0) "
        "/ (np.var(X, axis=0) + eps))",
        text=(
            "dN[i,j] = G[i,j] gamma[j]",
            "dvar[j] = -Σ_i (X[i,j] - mu[j]) dN[i,j] / (2 (var[j] + eps)**(3/2))",
            "dmu[j] = Σ_i (2 (mu[j] - X[i,j]) dvar[j] / m - dN[i,j] / sqrt(var[j] + eps))",
            "dX[i,j] = dN[i,j] / sqrt(var[j] + eps) + 2 (X[i,j] - mu[j]) dvar[j] / m + dmu[j] / m",
        ),
        positive=("eps",),
    ),
    Result(
        "batch normalisation, scale",
        "Ioffe and Szegedy, Batch Normalization (2015), section 3, formulas of backpropagation",
        BATCH_NORM,
        BATCH_SHAPES,
        "gamma",
        book="np.sum(G * (X - np.mean(X, axis=0)) / np.sqrt(np.var(X, axis=0) + eps), axis=0)",
        text=("dgamma[j] = Σ_i G[i,j] N[i,j]",),
        positive=("eps",),
    ),
    Result(
        "batch normalisation, shift",
        "Ioffe and Szegedy, Batch Normalization (2015), section 3, formulas of backpropagation",
        BATCH_NORM,
        BATCH_SHAPES,
        "beta",
        book="np.sum(G, axis=0)",
        closed="dbeta = sum(G, axis=0)",
    ),
    Result(
        "layer normalisation, inputs",
        "Ba, Kiros and Hinton, Layer Normalization (2016), section 3",
        LAYER_NORM,
        {"a": "n", "g": "n", "eps": ""},
        "a",
        book="(g - (a - np.mean(a)) * (g @ (a - np.mean(a))) / (n * (np.var(a) + eps)) "
        "- np.mean(g)) / np.sqrt(np.var(a) + eps)",
        closed="da = (g - ((a - mu) @ g) * (a - mu) / (n * sigma**2) - sum(g) / n) / sigma\n"
        "    where sigma = sqrt(sum((a - mu)**2) / n + eps)\n"
        "    where mu = sum(a) / n",
        positive=("eps",),
    ),
    Result(
        "root-mean-square normalisation, inputs",
        "Zhang and Sennrich, Root Mean Square Layer Normalization (2019), section 4",
        "r = np.sqrt(np.mean(a**2) + eps)\nreturn np.sum(g*a/r)",
        {"a": "n", "g": "n", "eps": ""},
        "a",
        book="(np.eye(n) - np.outer(a, a) / (n * (np.mean(a**2) + eps))) @ g "
        "/ np.sqrt(np.mean(a**2) + eps)",
        closed="da = (g - (g @ a) * a / (n * r**2)) / r\n    where r = sqrt(a @ a / n + eps)",
        positive=("eps",),
    ),
)
