"""The backends: where the derived equations run.

``numpy`` is pure and the reference. ``c`` is compiled at first use by the machine's own compiler.
``jax`` and ``torch`` are the same equations in the operations of a framework.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backproof.numerics import kernel
from backproof.numerics.framework_kernel import FrameworkKernel
from backproof.numerics.frameworks import FRAMEWORKS
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.kernel import Kernel
from backproof.numerics.native.compiler import NoCompilerError
from backproof.numerics.native.kernel import NativeKernel
from backproof.numerics.native.matrix_products import matrix_products
from backproof.numerics.native.program import program
from backproof.numerics.statement import stated
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model

Compiler = Callable[[Model | Derivation, str | type], Kernel]


def in_numpy(statement: Model | Derivation, dtype: str | type) -> Kernel:
    """Lines of NumPy."""
    return kernel.compile(statement, dtype)


def in_c(statement: Model | Derivation, dtype: str | type) -> Kernel:
    """Loops in C; where they cannot be compiled, NumPy with a warning that says why."""
    read = stated(statement, dtype, "c")
    single = read.arguments.dtype.itemsize == 4
    try:
        with ThreadPoolExecutor() as pool:
            products = pool.submit(matrix_products, single)  # while the kernel is written
            made = program(
                read.equations,
                read.arguments.tensors,
                read.arguments.sizes,
                list(read.results.values()),
                single,
            )
            return NativeKernel(read, made, products)
    except NoCompilerError as error:
        warnings.warn(
            f"backend 'c': {error}; the kernel is NumPy's. Next: install a C compiler, name one in "
            "the environment variable CC, or pass backend='numpy'.",
            RuntimeWarning,
            stacklevel=3,
        )
        return in_numpy(statement, dtype)


def in_framework(dialect: Dialect) -> Compiler:
    """The framework's own operations on its arrays."""

    def compiled(statement: Model | Derivation, dtype: str | type) -> Kernel:
        read = stated(statement, dtype, dialect.name)
        return FrameworkKernel(read, dialect, gradient_of(statement))

    return compiled


def gradient_of(statement: Model | Derivation) -> tuple[str, ...]:
    """The arguments by whose entries the results are the gradient of a scalar; none otherwise."""
    if not isinstance(statement, Derivation) or statement.value.shape or statement.per_sample:
        return ()
    return tuple(statement.results) if statement.order == 1 and not statement.symmetric else ()


BACKENDS: dict[str, Compiler] = {
    "numpy": in_numpy,
    "c": in_c,
    **{dialect.name: in_framework(dialect) for dialect in FRAMEWORKS},
}


def compile(  # the public verb is called so
    statement: Model | Derivation, dtype: str | type = "float64", backend: str = "numpy"
) -> Kernel:
    """Compile a model or a derivation to a kernel.

    Every backend computes the same equations and is called the same way:

    - ``numpy``, the default: a chain of two-operand products with ``out=`` buffers;
    - ``c``: one C function, compiled once by ``cc`` and kept in the user's cache folder. Of the
      environment, ``CC`` names the compiler, ``BACKPROOF_CFLAGS`` gives it further options, such
      as ``-march=x86-64-v3``, and ``BACKPROOF_CACHE`` names another folder;
    - ``jax`` and ``torch``: a function of the framework's arrays, ``kernel.function``, to jit and
      to take to an accelerator.

    Raises `BackproofError` for an unknown backend or a dtype that is not a real floating type.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
    >>> kernel = compile(model)
    >>> float(kernel(W=[[1.0, 2.0]], x=[3.0, 4.0], y=[1.0]))
    100.0
    >>> compile(model, backend="fortran")
    Traceback (most recent call last):
    ...
    backproof.theory.errors.BackproofError: bp.compile: found backend 'fortran'; expected one of \
numpy, c, jax, torch. Next: pick one.
    """
    if backend not in BACKENDS:
        raise BackproofError(
            "bp.compile", f"backend {backend!r}", f"one of {', '.join(BACKENDS)}", "pick one"
        )
    return BACKENDS[backend](statement, dtype)
