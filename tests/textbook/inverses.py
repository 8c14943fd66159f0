"""The Matrix Cookbook and Giles: determinants, inverses and norms."""

from textbook.result import COOKBOOK, GILES, Result

SQUARE = {"X": "n n"}

RESULTS = (
    Result(
        "trace of an inverse",
        f"{COOKBOOK}, eq. 64",
        "np.trace(np.linalg.inv(X + A))",
        {"X": "n n", "A": "n n"},
        "X",
        book="-(np.linalg.inv(X + A) @ np.linalg.inv(X + A)).T",
        closed="dX = -(inv(X + A) @ inv(X + A)).T",
    ),
    Result(
        "bilinear form of the inverse",
        f"{COOKBOOK}, eq. 61",
        "a @ np.linalg.inv(X) @ b",
        {"a": "n", "X": "n n", "b": "n"},
        "X",
        book="-np.linalg.inv(X).T @ np.outer(a, b) @ np.linalg.inv(X).T",
        closed="dX = -outer(inv(X).T @ a, inv(X) @ b)",
        matrix=("dX_inv = np.outer(a, b)", "dX = -X_inv.T @ dX_inv @ X_inv.T"),
        text=("dX[i,j] = -Σ_k,l dX_inv[k,l] X_inv[k,i] X_inv[j,l]",),
    ),
    Result(
        "determinant",
        f"{COOKBOOK}, eq. 49",
        "np.linalg.det(X)",
        SQUARE,
        "X",
        book="np.linalg.det(X) * np.linalg.inv(X).T",
        closed="dX = det(X) * inv(X).T",
        text=("dX[i,j] = t1 X_inv[j,i]",),
        latex=(r"\bar{X} = t_{1} X^{-\top}",),
    ),
    Result(
        "logarithm of the determinant of a Gram matrix",
        f"{COOKBOOK}, eq. 55",
        "np.linalg.slogdet(X.T @ X)[1]",
        {"X": "n m"},
        "X",
        book="2 * np.linalg.pinv(X).T",
        closed="dX = 2 * X @ inv(X.T @ X)",
    ),
    Result(
        "logarithm of the determinant",
        f"{COOKBOOK}, eq. 57",
        "np.linalg.slogdet(X)[1]",
        SQUARE,
        "X",
        book="np.linalg.inv(X).T",
        closed="dX = inv(X).T",
        text=("dX[i,j] = X_inv[j,i]",),
        latex=(r"\bar{X} = X^{-\top}",),
    ),
    Result(
        "distance",
        f"{COOKBOOK}, eq. 129",
        "np.linalg.norm(x - a)",
        {"x": "n", "a": "n"},
        "x",
        book="(x - a) / np.sqrt(np.sum((x - a)**2))",
        closed="dx = (x - a) / norm(x - a)",
    ),
    Result(
        "distance, second derivative",
        f"{COOKBOOK}, eq. 130",
        "np.linalg.norm(x - a)",
        {"x": "n", "a": "n"},
        "x",
        book="np.eye(n) / np.linalg.norm(x - a) "
        "- np.outer(x - a, x - a) / np.linalg.norm(x - a)**3",
        closed="d2x = (eye(n) - outer(t1, t1) / f**2) / f\n    where f = norm(t1)\n"
        "    where t1 = x - a",
        order=2,
    ),
    Result(
        "squared Frobenius norm",
        f"{COOKBOOK}, eq. 132",
        "np.sum(X**2)",
        {"X": "m n"},
        "X",
        book="2 * X",
        closed="dX = 2 * X",
    ),
    Result(
        "adjoint of an inverse",
        f"{GILES}, section 2.2",
        "C = np.linalg.inv(A)\nreturn np.sum(G*C)",
        {"A": "n n", "G": "n n"},
        "A",
        book="-np.linalg.inv(A).T @ G @ np.linalg.inv(A).T",
        closed="dA = -inv(A).T @ G @ inv(A).T",
    ),
)
