"""A closed form is the quantity it stands for, in every form in which it can be seen.

Each of its lines is taken as a reader would take it: NumPy is run, the text of matrices is run
with its words defined, the text of indices is read by its grammar, LaTeX by its own.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.linalg
from scipy import special

from backproof.theory.closed import Closed
from backproof.theory.equations import Equation
from backproof.theory.evaluation.exact import Environment
from backproof.theory.notation import Delta
from backproof.theory.printing.latex import Latex
from backproof.theory.printing.layout import Script
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex, matrix_text
from backproof.theory.printing.text import Text
from laws import latex_reading, reading
from laws.steps import assert_close

WORDS: dict[str, Any] = {
    **{n: getattr(np, n) for n in ("sum", "trace", "outer", "diag", "eye", "ones", "zeros")},
    **{n: getattr(np, n) for n in ("exp", "log", "sqrt", "tanh", "sinh", "cosh", "sin", "cos")},
    **{n: getattr(np, n) for n in ("where", "maximum", "minimum", "max", "argmax", "argmin")},
    "min": lambda a, *sizes, axis=None: min(a, *sizes) if sizes else np.min(a, axis=axis),
    **{n: getattr(np, n) for n in ("arange", "swapaxes", "pi", "e", "abs")},
    **{n: getattr(special, n) for n in ("logsumexp", "erf", "erfc", "gammaln", "digamma")},
    "polygamma": special.polygamma,
    "softmax": lambda z, axis=-1: special.softmax(z, axis=axis),
    "one_hot": lambda t, k: np.eye(k)[t],
    "norm": np.linalg.norm,
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "logabsdet": lambda a: np.linalg.slogdet(a)[1],
    "detsign": lambda a: np.linalg.slogdet(a)[0],
    "eigenvalues": np.linalg.eigvalsh,
    "eigenvectors": lambda a: np.linalg.eigh(a)[1],
    "left_singular_vectors": lambda a: np.linalg.svd(a, full_matrices=False)[0],
    "right_singular_vectors": lambda a: np.linalg.svd(a, full_matrices=False)[2],
    "cholesky": np.linalg.cholesky,
    "pinv": np.linalg.pinv,
    "singular_values": np.linalg.svdvals,
    "expm": scipy.linalg.expm,
    "σ": special.expit,
    "Φ": special.ndtr,
    "softplus": lambda z: np.logaddexp(0, z),
    "logaddexp": np.logaddexp,
    "relu": lambda z: np.maximum(z, 0),
    "sgn": np.sign,
}


def closed_form_holds(closed: Closed, here: Environment) -> dict[str, int]:
    """Every line, in every form, is the value of its quantity; how many of each there were."""
    known = {name: array(name, closed, here) for name in here.values}
    sizes = {s.name: n for s, n in here.sizes.items()}
    numpy = {"np": np, "scipy": scipy, "special": special, **sizes}
    counts = dict.fromkeys(("NumPy", "text", "index", "LaTeX"), 0)
    for equation in closed.equations:
        if re.search("eigenvectors|singular_vectors", str(equation)):  # determined up to signs only
            continue
        code = matrix_form(equation, closed.context, closed.written)
        text = matrix_text(equation, closed.context, closed.written)
        for line, scope, kind in ((code, numpy, "NumPy"), (text, {**WORDS, **sizes}, "text")):
            if line is not None:
                runs(line, {**scope, **known}, equation, known)
                counts[kind] += 1
        index_form_reads_back(equation, closed, here)
        counts["index"] += 1
        if text is not None and "singular_vectors" in text:  # as U(A), letters and no function
            continue
        index_latex_reads_back(equation, closed, here)
        counts["index"] += 1
        if matrix_latex(equation, closed.context, closed.written) is not None:
            latex_reading.matrix_latex_reads_back(
                equation, closed.context, here, closed.written, identities(equation, closed, here)
            )
            counts["LaTeX"] += 1
    return counts


def array(name: str, closed: Closed, here: Environment) -> Any:
    """The numbers of a quantity; labels are integers."""
    tensors = [t for e in closed.context.equations for t in (e.tensor, *e.operands)]
    integer = any(t.name == name and t.dtype == "integer" for t in tensors)
    return np.array(here.values[name], dtype=int if integer else float)


def runs(line: str, scope: Mapping[str, Any], equation: Equation, known: Mapping[str, Any]) -> None:
    """The line, run, gives the quantity on its left."""
    name = equation.tensor.name
    names = {k: v for k, v in scope.items() if k != name}
    exec(line, names)
    assert np.shape(names[name]) == known[name].shape, line
    assert np.allclose(names[name], known[name], rtol=1e-9, atol=1e-11), line


def index_form_reads_back(equation: Equation, closed: Closed, here: Environment) -> None:
    """The line in indices, read by the grammar of texts."""
    script: Script = Text(closed.context)
    _, _, right = script.closed(equation, closed.written).partition(" = ")
    extents = {letter: here.extent(i.size) for i, letter in script._letters.items()}
    assert len(set(script._letters.values())) == len(script._letters), right
    value: Any = here.values[equation.tensor.name]
    for at in some(here, equation, 12):
        letters = {script._letters[i]: n for i, n in at.items()}
        expected = value
        for place in at.values():
            expected = expected[place]
        found = reading.Reader(right, here, extents).value(letters)
        assert_close(found, expected, right)


def some(here: Environment, equation: Equation, many: int) -> list[Mapping[Any, int]]:
    """About so many of the positions of a quantity, spread evenly, the last one included."""
    every = list(here.assignments(equation.indices))
    return every[:: -max(1, len(every) // many)]


def index_latex_reads_back(equation: Equation, closed: Closed, here: Environment) -> None:
    """The line in indices, as LaTeX."""
    script = Latex(closed.context)
    _, _, right = script.closed(equation, closed.written).partition(" = ")
    if r"V\!\left(" in right:  # reads as a tensor called V
        return
    spelled = {i: script.names.size(letter) for i, letter in script._letters.items()}
    extents = {letter: here.extent(i.size) for i, letter in spelled.items()}
    names = latex_reading.names_in(equation, closed.context, frozenset(closed.written))
    reader = latex_reading.Reader(right, names, here, extents)
    expected = np.array(here.values[equation.tensor.name], dtype=float)
    for at in some(here, equation, 3):
        found = reader.value({spelled[i]: n for i, n in at.items()})
        place = tuple(at[i] for i in equation.indices)
        assert np.allclose(found, expected[place], rtol=1e-9, atol=1e-12), right


def identities(equation: Equation, closed: Closed, here: Environment) -> dict[str, int]:
    """The sizes of the identity and of rows of it, which LaTeX leaves out."""
    from backproof.theory.printing.substitution import Substitution, bases

    products = Substitution(closed.written, closed.context.equations).products(equation)
    deltas = [b for b in bases(products) if isinstance(b, Delta)]
    found = {}
    for delta in deltas:
        left = delta.left if hasattr(delta.left, "size") else delta.right
        right = delta.right if left is delta.left else delta.left
        found[latex_reading._unit(right)] = here.extent(left.size)  # type: ignore[union-attr]
    return found
