"""Linear algebra in single and double precision, as kernels call it: LAPACK by NumPy and SciPy."""

from numpy.linalg import cholesky, det, eigh, eigvalsh, inv, pinv, slogdet, svd
from scipy.linalg import expm

__all__ = ["cholesky", "det", "eigh", "eigvalsh", "expm", "inv", "pinv", "slogdet", "svd"]
