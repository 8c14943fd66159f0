"""Gaussians, Gaussian processes, free energies of Boltzmann machines, variational bounds."""

from textbook.result import BISHOP, GOODFELLOW, LECTURE, MURPHY, RASMUSSEN, Result

from backproof.theory.declarations import array

COVARIANCE = array("n n", positive_definite=True)
NORMAL = "-(x - mu) @ np.linalg.inv(S) @ (x - mu)/2 - np.linalg.slogdet(S)[1]/2"
BATCH = (
    "D = X - mu\n"
    "return -np.trace(D @ np.linalg.inv(S) @ D.T)/2 - X.shape[0]/2*np.linalg.slogdet(S)[1]"
)
PRECISION = "np.linalg.slogdet(L)[1]/2 - (x - mu) @ L @ (x - mu)/2"
EVIDENCE = (
    "C = K + s*np.eye(y.shape[0])\nreturn -y @ np.linalg.inv(C) @ y/2 - np.linalg.slogdet(C)[1]/2"
)
PROCESS = {"y": "n", "K": COVARIANCE, "s": ""}
FREE_ENERGY = "-b @ v - np.sum(np.log(1 + np.exp(c + W @ v)))"
BOLTZMANN = {"b": "n", "v": "n", "c": "m", "W": "m n"}
COUPLINGS = {"s": "n", "W": array("n n", symmetric=True), "c": "n"}

RESULTS = (
    Result(
        "Gaussian, mean",
        f"{BISHOP}, section 2.3.4, eq. 2.120",
        BATCH,
        {"X": "N n", "mu": "n", "S": COVARIANCE},
        "mu",
        book="np.linalg.inv(S) @ np.sum(X - mu, axis=0)",
        closed="dmu = inv(S) @ sum(X - mu, axis=0)",
        positive=("s",),
    ),
    Result(
        "Gaussian, mean of one point",
        f"{MURPHY}, section 4.2.6",
        NORMAL,
        {"x": "n", "mu": "n", "S": COVARIANCE},
        "mu",
        book="np.linalg.inv(S) @ (x - mu)",
        closed="dmu = inv(S) @ (x - mu)",
        latex=(r"\bar{\mu} = -\bar{t}^{(1)}",),
    ),
    Result(
        "Gaussian, Fisher information of the mean",
        f"{MURPHY}, section 4.2.6",
        NORMAL,
        {"x": "n", "mu": "n", "S": COVARIANCE},
        "mu",
        book="-np.linalg.inv(S)",
        closed="d2mu = -inv(S)",
        order=2,
    ),
    Result(
        "Gaussian, covariance",
        f"{BISHOP}, section 2.3.4; appendix C",
        NORMAL,
        {"x": "n", "mu": "n", "S": COVARIANCE},
        "S",
        book="np.linalg.inv(S) @ np.outer(x - mu, x - mu) @ np.linalg.inv(S)/2 "
        "- np.linalg.inv(S)/2",
        closed="dS = (outer(inv(S) @ (x - mu), inv(S) @ (x - mu)) - inv(S)) / 2",
    ),
    Result(
        "Gaussian, precision",
        f"{MURPHY}, section 4.2.6",
        PRECISION,
        {"x": "n", "mu": "n", "L": COVARIANCE},
        "L",
        book="(np.linalg.inv(L) - np.outer(x - mu, x - mu)) / 2",
        closed="dL = (inv(L) - outer(x - mu, x - mu)) / 2",
        latex=(r"\bar{L} = \frac{1}{2} (L^{-1} - t^{(3)} t^{(3)\top})",),
    ),
    Result(
        "Gaussian, precision, second derivative",
        f"{MURPHY}, section 4.2.6",
        PRECISION,
        {"x": "n", "mu": "n", "L": "n n"},
        "L",
        book="-np.einsum('li,jk->klij', np.linalg.inv(L), np.linalg.inv(L)) / 2",
        closed="d2L[k,l,i,j] = -inverse(L[p,q])[l,i] inverse(L[r,s])[j,k] / 2",
        order=2,
    ),
    Result(
        "divergence of a Gaussian from the standard one, covariance",
        f"{MURPHY}, section 6.2",
        "(np.trace(S) + mu @ mu - S.shape[0] - np.linalg.slogdet(S)[1])/2",
        {"S": COVARIANCE, "mu": "n"},
        "S",
        book="(np.eye(n) - np.linalg.inv(S)) / 2",
        closed="dS = (eye(n) - inv(S)) / 2",
        matrix=("f = (np.trace(S) + mu @ mu - n - t2) / 2",),
    ),
    Result(
        "divergence of the encoder, logarithm of the variance",
        "Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B",
        "-np.sum(1 + s - m**2 - np.exp(s))/2",
        {"s": "n", "m": "n"},
        "s",
        book="(np.exp(s) - 1) / 2",
        closed="ds = (exp(s) - 1) / 2",
    ),
    Result(
        "marginal likelihood of a Gaussian process, noise",
        f"{RASMUSSEN}, section 5.4.1, eq. 5.9",
        EVIDENCE,
        PROCESS,
        "s",
        book="np.trace(np.outer(np.linalg.inv(K + s*np.eye(n)) @ y, "
        "np.linalg.inv(K + s*np.eye(n)) @ y) - np.linalg.inv(K + s*np.eye(n))) / 2",
        closed="ds = (y @ C_inv @ C_inv @ y - trace(C_inv)) / 2\n"
        "    where C_inv = inv(K + s * eye(n))",
        positive=("s",),
    ),
    Result(
        "marginal likelihood of a Gaussian process, covariance",
        f"{RASMUSSEN}, section 5.4.1, eq. 5.9; {BISHOP}, section 6.4.3, eq. 6.70",
        EVIDENCE,
        PROCESS,
        "K",
        book="(np.outer(np.linalg.inv(K + s*np.eye(n)) @ y, np.linalg.inv(K + s*np.eye(n)) @ y) "
        "- np.linalg.inv(K + s*np.eye(n))) / 2",
        closed="dK = (outer(C_inv @ y, C_inv @ y) - C_inv) / 2\n"
        "    where C_inv = inv(K + s * eye(n))",
        positive=("s",),
    ),
    Result(
        "free energy of a restricted Boltzmann machine, weights",
        "Bengio, Learning Deep Architectures for AI (2009), section 5.3",
        FREE_ENERGY,
        BOLTZMANN,
        "W",
        book="-np.outer(special.expit(c + W @ v), v)",
        closed="dW = -outer(σ(c + W @ v), v)",
        matrix=("dt1 = -special.expit(t1)", "dW = np.outer(dt1, v)"),
        text=("dt1[j] = -σ(t1[j])", "dW[j,i] = dt1[j] v[i]"),
        latex=(r"\bar{t}^{(1)} = -\sigma(t^{(1)})", r"\bar{W} = \bar{t}^{(1)} v^{\top}"),
    ),
    Result(
        "free energy of a restricted Boltzmann machine, hidden offsets",
        "Bengio, Learning Deep Architectures for AI (2009), section 5.3",
        FREE_ENERGY,
        BOLTZMANN,
        "c",
        book="-special.expit(c + W @ v)",
        closed="dc = -σ(c + W @ v)",
    ),
    Result(
        "free energy of a restricted Boltzmann machine, a batch",
        f"{GOODFELLOW}, section 20.2",
        "np.sum(-V @ a - np.sum(np.logaddexp(0, V @ W + c), axis=1))",
        {"V": "b n", "a": "n", "W": "n h", "c": "h"},
        "W",
        book="-V.T @ special.expit(V @ W + c)",
        closed="dW = -V.T @ σ(V @ W + c)",
    ),
    Result(
        "energy between two layers",
        f"{LECTURE}, section on deep Boltzmann machines; {GOODFELLOW}, section 20.2",
        "-b @ v - c @ h - v @ W @ h",
        {"b": "n", "v": "n", "c": "m", "h": "m", "W": "n m"},
        "h",
        book="-c - W.T @ v",
        closed="dh = -c - W.T @ v",
    ),
    Result(
        "energy of a Boltzmann machine, one unit",
        f"{GOODFELLOW}, section 20.1",
        "-s @ W @ s/2 - c @ s",
        COUPLINGS,
        "s",
        book="-W @ s - c",
        closed="ds = -W @ s - c",
    ),
    Result(
        "mean-field equations",
        f"{GOODFELLOW}, section 20.4.2",
        "-s @ W @ s/2 - c @ s + np.sum(s*np.log(s) + (1 - s)*np.log(1 - s))",
        COUPLINGS,
        "s",
        book="np.log(s / (1 - s)) - W @ s - c",
        closed="ds = log(s) - W @ s - c - log(1 - s)",
        positive=("s",),
    ),
    Result(
        "one conditional of an autoregressive estimator",
        "Larochelle and Murray, The Neural Autoregressive Distribution Estimator (2011), "
        "algorithm 1",
        "np.sum(np.logaddexp(0, b + V @ h) - v*(b + V @ h))",
        {"b": "n", "V": "n m", "h": "m", "v": "n"},
        "V",
        book="np.outer(special.expit(b + V @ h) - v, h)",
        closed="dV = outer(σ(b + V @ h) - v, h)",
    ),
)
