"""The derivatives of a derivation at small sizes, one lemma for each scalar.

The activations stay opaque: `auto_derive` leaves `Derive sigmoid z`, which the lemmas of the
library rewrite, and `field` closes what is then an identity of rational functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.printing import name_of, term
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import UnsupportedError
from backproof.theory.evaluation.opaque import written_out
from backproof.theory.scalars import absolute, larger, relu, sgn, smaller, step

KINKED = (relu, absolute, sgn, step, larger, smaller, sp.Max, sp.Min, sp.Abs, sp.Piecewise)
TACTICS = """\
Ltac positive :=
  repeat first [apply Rplus_lt_0_compat | apply Rmult_lt_0_compat | apply exp_pos | lra].
Ltac side :=
  repeat split; try exact I;
  first [apply sigmoid_ex_derive | apply softplus_ex_derive | apply tanh_ex_derive
        | positive | apply Rgt_not_eq; positive | idtac].
Ltac equal :=
  rewrite ?sigmoid_Derive, ?softplus_Derive, ?tanh_Derive;
  first [ring | field; side].
"""
PROOF = ("intros; auto_derive; [side | equal]",)


def gradients(derivation: Derivation, sizes: Mapping[str, int]) -> Development:
    """A lemma ``is_derive (fun w => J) w dw`` for every entry w of what was differentiated.

    Raises `UnsupportedError` for second derivatives, for outputs that are no scalar, and for
    functions with kinks, whose conventions at a kink are no theorem.
    """
    if derivation.order != 1 or derivation.value.shape:
        raise UnsupportedError(
            "bp.prove",
            "a derivation that is no gradient",
            "the gradient of a scalar",
            "use order=1",
        )
    given, found = written_out(derivation, sizes)
    value = found[derivation.value.name]
    kinks = sorted({type(f).__name__ for f in value.atoms(*KINKED)})
    if kinks:
        raise UnsupportedError(
            "bp.prove",
            f"functions with kinks: {', '.join(kinks)}",
            "smooth activations",
            "use sigmoid, tanh or softplus",
        )
    symbols = [s for v in given.values() for _, s in entries(v) if isinstance(s, sp.Symbol)]
    lemmas = []
    for name, tensor in derivation.results.items():
        slopes = dict(entries(found[tensor.name]))
        for place, symbol in entries(given[name]):
            label = "_".join([tensor.name, *map(str, place)])
            lemmas.append(_lemma(f"{label}_right", value, symbol, slopes[place]))
    declared = " ".join(map(name_of, symbols))
    shape = ", ".join(f"{k} = {v}" for k, v in sizes.items())
    title = f"The derivatives of {derivation.model.title or derivation.value.name}"
    return Development(
        f"{title} at {shape}" if shape else title,
        uses=("activations",),
        preamble=f"{TACTICS}\nSection Gradient.\nVariables ({declared} : R).\n",
        lemmas=tuple(lemmas),
        closing="End Gradient.",
    )


def _lemma(name: str, value: sp.Expr, symbol: sp.Symbol, slope: sp.Expr) -> Lemma:
    variable = name_of(symbol)
    statement = f"is_derive (fun {variable} : R => {term(value)}) {variable} {term(slope)}"
    return Lemma(name, statement, PROOF, f"∂/∂{symbol} of the value is the derived entry")


def entries(value: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The entries of nested tuples with their places."""
    if isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from entries(part, (*place, n))
    else:
        yield place, value
