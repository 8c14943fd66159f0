"""Hand-written backward passes of dense networks, and the ways in which people get them wrong."""

from mutants.template import Base, Mutant

from backproof.theory.networks import mlp

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

BASES = (SOFTMAX, SIGMOID, DEEP, LOOP)

ALL2 = ("dW1", "db1", "dW2", "db2")
LOWER = ("dW1", "db1")
WEIGHTS = ("dW1", "dW2")
ALL3 = ("dW1", "db1", "dW2", "db2", "dW3", "db3")

MUTANTS = (
    # factors and sums
    Mutant("no mean", SOFTMAX, {"    dz2 = dz2 / N\n": ""}, ALL2, ("factor",), ("dz2",)),
    Mutant("mean twice", SOFTMAX, {"dz2 = dz2 / N": "dz2 = dz2 / N**2"}, ALL2, ("factor",), ("dz2",)),
    Mutant("divided by the classes", SOFTMAX, {"dz2 / N": "dz2 / W2.shape[0]"}, ALL2, ("factor",), ("dz2",)),
    Mutant("mean of a bias gradient", SOFTMAX, {"db1 = dz1.sum": "db1 = dz1.mean"}, ("db1",), ("factor",), ("db1",)),
    Mutant("mean of both bias gradients", SOFTMAX, {"db1 = dz1.sum": "db1 = dz1.mean", "db2 = dz2.sum": "db2 = dz2.mean"}, ("db1", "db2"), ("factor",)),
    Mutant("data term halved", SOFTMAX, {"dz1.T @ x +": "dz1.T @ x / 2 +"}, ("dW1",), ("factor",), ("dW1",)),
    Mutant("p − y the wrong way round", SIGMOID, {"dZ2 = A2 - Y": "dZ2 = Y - A2"}, ALL2, ("sign",), ("dz2",)),
    Mutant("one mean missing", SIGMOID, {"dW1 = dZ1 @ X.T / m": "dW1 = dZ1 @ X.T"}, ("dW1",), ("factor",), ("dW1",)),
    Mutant("squared error doubled", DEEP, {"(out - y) / n": "2 * (out - y) / n"}, ALL3, ("factor",), ("dz3",)),
    Mutant("mean over all entries", DEEP, {"(out - y) / n": "(out - y) / out.size"}, ALL3, ("factor",), ("dz3",)),
    Mutant("loss summed and gradient averaged", SIGMOID, {".sum() / m\n": ".sum()\n"}, ("J",), ("factor",), ("J",)),
    # penalties
    Mutant("no penalty", SOFTMAX, {" + 2 * lam * W1": "", " + 2 * lam * W2": ""}, WEIGHTS, ("penalty",)),
    Mutant("penalty on one layer", SOFTMAX, {" + 2 * lam * W1": ""}, ("dW1",), ("penalty",), ("dW1",)),
    Mutant("penalty halved", SOFTMAX, {"2 * lam * W1": "lam * W1", "2 * lam * W2": "lam * W2"}, WEIGHTS, ("penalty",)),
    Mutant("penalty doubled", SOFTMAX, {"2 * lam * W1": "4 * lam * W1", "2 * lam * W2": "4 * lam * W2"}, WEIGHTS, ("penalty",)),
    Mutant("penalty subtracted", SOFTMAX, {"+ 2 * lam * W1": "- 2 * lam * W1", "+ 2 * lam * W2": "- 2 * lam * W2"}, WEIGHTS, ("penalty",)),
    Mutant("penalty averaged", SOFTMAX, {"lam = 0.01\n    N = x.shape[0]": "N = x.shape[0]\n    lam = 0.01 / N"}, WEIGHTS, ("penalty",)),
    Mutant("penalty on biases", SOFTMAX, {"db2 = dz2.sum(axis=0)": "db2 = dz2.sum(axis=0) + 2 * lam * b2", "db1 = dz1.sum(axis=0)": "db1 = dz1.sum(axis=0) + 2 * lam * b1"}, ("db1", "db2"), ("penalty",)),
    Mutant("penalty of absolute values", SOFTMAX, {"2 * lam * W1": "lam * np.sign(W1)", "2 * lam * W2": "lam * np.sign(W2)"}, WEIGHTS, ("penalty",)),
    Mutant("penalty that the model lacks", DEEP, {"g_W2 = d2.T @ h1": "g_W2 = d2.T @ h1 + 0.1 * W2"}, ("dW2",), ("term added",), ("dW2",)),
    # cross-entropy and labels
    Mutant("p for p − y", SOFTMAX, {"    dz2[np.arange(N), y] -= 1\n": ""}, ALL2, ("term left out",), ("dz2",)),
    Mutant("labels from one", SOFTMAX, {"[np.arange(N), y] -= 1": "[np.arange(N), y - 1] -= 1"}, ALL2, ("labels",), ("dz2",)),
    Mutant("labels of the next example", SOFTMAX, {"[np.arange(N), y] -= 1": "[np.arange(N), np.roll(y, -1)] -= 1"}, (*LOWER, "dW2"), ("labels",), ("dz2",)),
    Mutant("softmax over the examples", SOFTMAX, {"e = np.exp(z2 - z2.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=1, keepdims=True)": "e = np.exp(z2 - z2.max(axis=0))\n    p = e / e.sum(axis=0)"}, ALL2, ("softmax axis",), ("p",)),
    Mutant("softmax over everything", SOFTMAX, {"e = np.exp(z2 - z2.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=1, keepdims=True)": "e = np.exp(z2 - z2.max())\n    p = e / e.sum()"}, ALL2, ("softmax axis",), ("p",)),
    Mutant("softmax not shifted", SOFTMAX, {"z2 - z2.max(axis=1, keepdims=True)": "z2"}, ALL2, ("overflow",)),
    Mutant("softmax derivative twice", SOFTMAX, {"dz2 = dz2 / N": "dz2 = dz2 * p * (1 - p) / N"}, ALL2, ("factor added",), ("dz2",)),
    Mutant("sigmoid derivative at the output", SIGMOID, {"dZ2 = A2 - Y": "dZ2 = (A2 - Y) * A2 * (1 - A2)"}, ALL2, ("factor added",), ("dz2",)),
    Mutant("loss with a small constant", SIGMOID, {"(np.logaddexp(0, Z2) - Y * Z2)": "(-Y * np.log(A2 + 1e-8) - (1 - Y) * np.log(1 - A2 + 1e-8))"}, ("J",), ("precision",)),
    Mutant("loss by logarithms", SIGMOID, {"(np.logaddexp(0, Z2) - Y * Z2)": "(-Y * np.log(A2) - (1 - Y) * np.log(1 - A2))"}, ("J",), ("overflow",)),
    # local derivatives
    Mutant("no mask", SOFTMAX, {"dh1 * (z1 > 0)": "dh1"}, LOWER, ("factor left out", "operand", "slope"), ("dz1",)),
    Mutant("mask the wrong way round", SOFTMAX, {"(z1 > 0)": "(z1 < 0)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("h for the mask", SOFTMAX, {"(z1 > 0)": "h1"}, LOWER, ("slope", "operand"), ("dz1",)),
    Mutant("leaky mask", SOFTMAX, {"(z1 > 0)": "np.where(z1 > 0, 1, 0.01)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("mask of the gradient", SOFTMAX, {"(z1 > 0)": "(dh1 > 0)"}, LOWER, ("operand", "slope"), ("dz1",)),
    Mutant("1 − a for a (1 − a)", SIGMOID, {"dA1 * A1 * (1 - A1)": "dA1 * (1 - A1)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("a for a (1 − a)", SIGMOID, {"dA1 * A1 * (1 - A1)": "dA1 * A1"}, LOWER, ("slope", "operand"), ("dz1",)),
    Mutant("sigmoid of the sigmoid", SIGMOID, {"dZ1 = dA1 * A1 * (1 - A1)": "s = special.expit(A1)\n    dZ1 = dA1 * s * (1 - s)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("z for a", SIGMOID, {"dA1 * A1 * (1 - A1)": "dA1 * Z1 * (1 - Z1)"}, LOWER, ("slope", "operand"), ("dz1",)),
    Mutant("no derivative at all", SIGMOID, {"dA1 * A1 * (1 - A1)": "dA1"}, LOWER, ("factor left out", "slope", "operand"), ("dz1",)),
    Mutant("tanh's derivative for the sigmoid's", SIGMOID, {"A1 * (1 - A1)": "(1 - A1**2)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("square forgotten", DEEP, {"(1 - h1**2)": "(1 - h1)"}, LOWER, ("slope",), ("dz1",)),
    Mutant("square forgotten twice", DEEP, {"(1 - h1**2)": "(1 - h1)", "(1 - h2**2)": "(1 - h2)"}, (*LOWER, "dW2", "db2"), ("slope",)),
    Mutant("plus for minus", DEEP, {"(1 - h2**2)": "(1 + h2**2)"}, (*LOWER, "dW2", "db2"), ("slope",), ("dz2",)),
    Mutant("derivative of another layer", DEEP, {"(1 - h1**2)": "(1 - h2**2)"}, LOWER, ("operand", "slope"), ("dz1",)),
    # operands
    Mutant("weights not transposed back", DEEP, {"(d2 @ W2)": "(d2 @ W2.T)"}, LOWER, ("transposed",), ("dh1",)),
    Mutant("another layer's activations", DEEP, {"g_W2 = d2.T @ h1": "g_W2 = d2.T @ h2"}, ("dW2",), ("operand",), ("dW2",)),
    Mutant("before the mask", SOFTMAX, {"dW1 = dz1.T @ x": "dW1 = dh1.T @ x"}, ("dW1",), ("operand",), ("dW1",)),
    Mutant("bias before the mask", SOFTMAX, {"db1 = dz1.sum": "db1 = dh1.sum"}, ("db1",), ("operand",), ("db1",)),
    Mutant("before the activation", SOFTMAX, {"dW2 = dz2.T @ h1": "dW2 = dz2.T @ z1"}, ("dW2",), ("operand",), ("dW2",)),
    Mutant("probabilities sent back", SOFTMAX, {"dh1 = dz2 @ W2": "dh1 = p @ W2"}, LOWER, ("operand",), ("dh1",)),
    Mutant("error of another layer", DEEP, {"g_b1 = np.sum(d1, axis=0)": "g_b1 = np.sum(d2, axis=0)"}, ("db1",), ("operand", "order"), ("db1",)),
    Mutant("gradient transposed", DEEP, {"g_W2 = d2.T @ h1": "g_W2 = h1.T @ d2"}, ("dW2",), ("transposed",), ("dW2",)),
    Mutant("order of the results", DEEP, {"[g_W1, g_b1, g_W2, g_b2,": "[g_W1, g_b2, g_W2, g_b1,"}, ("db1", "db2"), ("order",)),
    Mutant("no bias in the forward pass", DEEP, {"np.tanh(h1 @ W2.T + b2)": "np.tanh(h1 @ W2.T)"}, ALL3, ("term left out",), ("z2",)),
    # examples
    Mutant("only the last example", LOOP, {"dW2 += np.outer": "dW2 = np.outer"}, ("dW2",), ("examples",), ("dW2",)),
    Mutant("last example forgotten", LOOP, {"range(len(x))": "range(len(x) - 1)"}, ALL2, ("examples",)),
    Mutant("first example forgotten", LOOP, {"range(len(x))": "range(1, len(x))"}, ALL2, ("examples",)),
    Mutant("bias gradient overwritten", LOOP, {"db1 += back": "db1 = back"}, ("db1",), ("examples",), ("db1",)),
    Mutant("never filled in", LOOP, {"        db1 += back\n": ""}, ("db1",), ("zero",), ("db1",)),
    Mutant("counted twice", LOOP, {"dW2 += np.outer(g, h1)": "dW2 += 2 * np.outer(g, h1)"}, ("dW2",), ("factor",), ("dW2",)),
    # shapes and precision
    Mutant("bias gradient not summed", SOFTMAX, {"db2 = dz2.sum(axis=0)": "db2 = dz2"}, ("db2",), ("shape",), ("db2",)),
    Mutant("bias gradient summed over the other axis", SOFTMAX, {"db2 = dz2.sum(axis=0)": "db2 = dz2.sum(axis=1)"}, ("db2",), ("shape",), ("db2",)),
    Mutant("bias gradient with two axes", SOFTMAX, {"db1 = dz1.sum(axis=0)": "db1 = dz1.sum(axis=0, keepdims=True)"}, ("db1",), ("shape",), ("db1",)),
    Mutant("weights' gradient transposed", SOFTMAX, {"dW1 = dz1.T @ x + 2 * lam * W1": "dW1 = x.T @ dz1 + 2 * lam * W1.T"}, ("dW1",), ("shape",), ("dW1",)),
    Mutant("activations in half precision", SOFTMAX, {"dW2 = dz2.T @ h1": "dW2 = dz2.T @ h1.astype(np.float32).astype(float)"}, ("dW2",), ("precision",), ("dW2",)),
)  # fmt: skip
