"""How loops and writes read: what the equations are, and what is refused."""

import pytest

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.equations import every_index
from backproof.theory.trace.tracing import trace
from laws.refusals import refused


def test_independent_steps_are_one_equation() -> None:
    body = "b = np.zeros(len(x))\nfor q in range(len(x)):\n    b[q] = np.tanh(A[q] @ x)\nreturn b"
    assert str(trace(body, x="n", A="n n")).splitlines() == [
        "t1[i] = Σ_j A[i,j] x[j]",
        "b[i] = tanh(t1[i])",
    ]


def test_steps_that_build_on_each_other_are_written_out_without_a_trace_of_the_attempt() -> None:
    body = "for q in range(2):\n    x = np.tanh(A @ x)\nreturn x"
    assert str(trace(body, x="n", A="n n")).splitlines() == [
        "t1[i] = Σ_j A[i,j] x[j]",
        "x_2[i] = tanh(t1[i])",
        "t2[i] = Σ_j A[i,j] x_2[j]",
        "x_3[i] = tanh(t2[i])",
    ]


def test_a_failed_attempt_leaves_no_steps() -> None:
    """The attempt meets log(1 + eʸ), whose stable form is a step, before it meets the old x."""
    body = "for q in range(2):\n    h = np.log(1 + np.exp(y))\n    x = x*h\nreturn np.sum(x)"
    assert len(trace(body, x="n", y="n").steps) == 2


def test_the_value_of_the_last_step_is_not_read() -> None:
    body = "s = 0.0\nfor q in range(len(x)):\n    h = x[q]**2\n    s += h\nreturn s + h"
    refused(lambda: trace(body, x="n"), "h read as", "last step", place=(5, 12))


@pytest.mark.parametrize(
    "body",
    [
        "b = np.empty(len(x))\nb[1:] = x[1:]\nreturn np.sum(b)",
        "return np.empty(3)*np.sum(x)",
    ],
)
def test_entries_that_nothing_wrote_are_refused(body: str) -> None:
    refused(lambda: trace(body, x="n"), "np.empty", "np.zeros")


def test_an_empty_array_that_is_written_whole() -> None:
    body = "b = np.empty(len(x))\nfor q in range(len(x)):\n    b[q] = x[q]**2\nreturn np.sum(b)"
    assert str(trace(body, x="n")) == "b[i] = x[i]**2\nf = Σ_i b[i]"


def test_whole_numbers_like_labels_hold_no_reals() -> None:
    labels = array("n", dtype=int, below="k")
    refused(lambda: trace("x*np.zeros_like(t)", x="n", t=labels), "dtype", "int")


def test_a_direction_may_have_the_name_of_an_index() -> None:
    model = trace("np.sum(x**3)", x="n")
    (letter,) = {i.name for e in model.equations for t in e.rhs.terms for i in t.over}
    product = derive(model, "x", order=2, along=letter)
    assert list(product.inputs) == [letter]
    assert letter not in {i.name for e in product.equations for i in every_index(e)}
