"""The rules by which random NumPy programs grow: each proposes one operation.

A rule takes the `Workshop` of `oracles.programs`, picks terms and returns a proposal, or None where
nothing fits.  To add an operation: one more rule and its name in RULES.
"""

from collections.abc import Callable

from hypothesis import strategies as st
from oracles.programs import LABELS, Program, Proposal, Shape, Term, Workshop

Rule = Callable[[Workshop], Proposal | None]
SMOOTH = (
    "np.tanh", "special.expit", "np.sin", "np.cos", "special.erf", "special.ndtr", "np.arctan",
    "np.square", "np.exp", "np.expm1", "special.log_expit", "np.arcsinh", "np.sinh", "np.cosh",
    "special.erfc", "np.negative", "-",
)  # fmt: skip
ON_POSITIVE = (
    "np.log", "np.sqrt", "np.log1p", "special.gammaln", "special.digamma", "np.reciprocal",
)  # fmt: skip
NUMBERS = ("2", "0.5", "3", "-1.5", "np.pi", "1e-3", "1/3")


def broadcast(a: Shape, b: Shape) -> Shape | None:
    """The shape of an entrywise operation, or None where NumPy may refuse."""
    length = max(len(a), len(b))
    longer = [("1",) * (length - len(shape)) + shape for shape in (a, b)]
    pairs = list(zip(*longer, strict=True))
    if any(i != j and "1" not in (i, j) for i, j in pairs):
        return None
    return tuple(j if i == "1" else i for i, j in pairs)


def pair(shop: Workshop) -> tuple[Term, Term, Shape] | None:
    """Two terms that broadcast, and the shape of the result."""
    a = shop.pick()
    if a is None:
        return None
    b = shop.pick(lambda term: broadcast(a.shape, term.shape) is not None)
    if b is None:
        return None
    shape = broadcast(a.shape, b.shape)
    return None if shape is None or len(shape) > 3 else (a, b, shape)


# Entry by entry ----------------------------------------------------------------------------


def smooth(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    return a and Proposal(f"{shop.choice(SMOOTH)}({a.text})", a.shape)


def on_positive(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    return a and Proposal(f"{shop.choice(ON_POSITIVE)}({a.text})", a.shape, (f"np.min({a.text})",))


def arithmetic(shop: Workshop) -> Proposal | None:
    found = pair(shop)
    return found and Proposal(f"({found[0].text} {shop.choice('+-*')} {found[1].text})", found[2])


def quotient(shop: Workshop) -> Proposal | None:
    found = pair(shop)
    return found and Proposal(
        f"({found[0].text} / {found[1].text})",
        found[2],
        (f"np.min(np.abs({found[1].text})) - 0.1",),
    )


def with_number(shop: Workshop) -> Proposal | None:
    a, number = shop.pick(), shop.choice(NUMBERS)
    texts = ("({0} + {1})", "({1} - {0})", "({0}*{1})", "{0}/({1})", "({1})*{0}")
    return a and Proposal(shop.choice(texts).format(a.text, number), a.shape)


def number_over(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    guard = (f"np.min(np.abs({a.text})) - 0.1",) if a else ()
    return a and Proposal(f"{shop.choice(('1', '2', '0.5'))}/({a.text})", a.shape, guard)


def power(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    texts = ("({0})**2", "({0})**3", "2**({0})", "np.power({0}, 2)")
    return a and Proposal(shop.choice(texts).format(a.text), a.shape)


def power_of_positive(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    texts = ("({0})**0.5", "({0})**-1.5", "({0})**-1", "({0})**-2", "np.power({0}, 1.5)")
    return a and Proposal(shop.choice(texts).format(a.text), a.shape, (f"np.min({a.text}) - 0.1",))


def power_of_both(shop: Workshop) -> Proposal | None:
    found = pair(shop)
    return found and Proposal(
        f"({found[0].text})**({found[1].text})", found[2], (f"np.min({found[0].text}) - 0.1",)
    )


def logaddexp(shop: Workshop) -> Proposal | None:
    found = pair(shop)
    return found and Proposal(f"np.logaddexp({found[0].text}, {found[1].text})", found[2])


def softplus(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    texts = (
        "np.logaddexp(0, {0})", "np.logaddexp({0}, 0)", "np.log(1 + np.exp({0}))",
        "np.log1p(np.exp({0}))", "-np.log(special.expit({0}))", "np.log(1 - special.expit({0}))",
        "1/(1 + np.exp(-{0}))", "np.exp({0})/(1 + np.exp({0}))", "1 - special.expit({0})",
    )  # fmt: skip
    return a and Proposal(shop.choice(texts).format(a.text), a.shape)


# Kinks -------------------------------------------------------------------------------------


def absolute(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    guard = (f"np.min(np.abs({a.text}))",) if a else ()
    return a and Proposal(f"{shop.choice(('np.abs', 'abs'))}({a.text})", a.shape, guard)


def larger(shop: Workshop) -> Proposal | None:
    found = pair(shop)
    name = shop.choice(("np.maximum", "np.minimum"))
    return found and Proposal(
        f"{name}({found[0].text}, {found[1].text})",
        found[2],
        (f"np.min(np.abs({found[0].text} - {found[1].text}))",),
    )


def larger_than_number(shop: Workshop) -> Proposal | None:
    a, number = shop.pick(), shop.choice(("0", "0.5", "-0.3"))
    texts = ("np.maximum({0}, {1})", "np.maximum({1}, {0})", "np.minimum({0}, {1})")
    guard = (f"np.min(np.abs({a.text} - ({number})))",) if a else ()
    return a and Proposal(shop.choice(texts).format(a.text, number), a.shape, guard)


def clip(shop: Workshop) -> Proposal | None:
    a = shop.pick()
    if a is None:
        return None
    guards = (f"np.min(np.abs({a.text} - 0.7))", f"np.min(np.abs({a.text} + 0.6))")
    return Proposal(f"np.clip({a.text}, -0.6, 0.7)", a.shape, guards)


def where(shop: Workshop) -> Proposal | None:
    found, comparison = pair(shop), shop.choice(("<", "<=", ">", ">="))
    if found is None:
        return None
    a, b, shape = found
    other = shop.pick(lambda term: broadcast(shape, term.shape) is not None)
    if other is None:
        return None
    whole = broadcast(shape, other.shape)
    number = shop.choice(("0", "0.25", b.text))
    texts = ("np.where({0} {1} {2}, {3}, {4})", "np.where({0} {1} {2}, {4}, {3})",
             "np.where({0} {1} {2}, {3}*{4}, {4} - {3})")  # fmt: skip
    text = shop.choice(texts).format(a.text, comparison, number, b.text, other.text)
    if whole is None or len(whole) > 3:
        return None
    return Proposal(text, whole, (f"np.min(np.abs({a.text} - ({number})))",))


# Along axes --------------------------------------------------------------------------------


def reduced(shop: Workshop, a: Term) -> tuple[str, Shape, str]:
    """The arguments of a reduction: axis and keepdims, the shape left, and the axis alone."""
    count = len(a.shape)
    choices: list[str] = ["None", *map(str, range(-count, count))]
    if count > 1:
        choices.append("(0, 1)")
    if count > 2:
        choices += ["(1, 2)", "(0, 2)", "(-1, 0)"]
    axis, keep = shop.choice(choices), shop.draw(st.booleans())
    value = eval(axis)
    gone = (
        set(range(count))
        if value is None
        else ({i % count for i in value} if isinstance(value, tuple) else {value % count})
    )
    left = [(i, size) for i, size in enumerate(a.shape) if keep or i not in gone]
    shape = tuple("1" if i in gone else size for i, size in left)
    words = ([] if axis == "None" else [f"axis={axis}"]) + (["keepdims=True"] if keep else [])
    return ", ".join(words), shape, axis


def reduction(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    words, shape, _ = reduced(shop, a)
    name = shop.choice(("sum", "sum", "mean", "var"))
    if shop.draw(st.booleans()):
        return Proposal(f"({a.text}).{name}({words})", shape)
    return Proposal(f"np.{name}({', '.join([a.text, *filter(None, [words])])})", shape)


def standard_deviation(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape) and "m" not in term.shape)
    if a is None:
        return None
    words, shape, _ = reduced(shop, a)
    name, text = shop.choice(("np.std", "np.linalg.norm")), a.text
    if name == "np.linalg.norm" and ("(" in words or (len(a.shape) > 2 and "axis" not in words)):
        name = "np.std"
    call = f"{name}({', '.join([text, *filter(None, [words])])})"
    return Proposal(call, shape, (f"np.min({call})",))


def extremum(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    words, shape, axis = reduced(shop, a)
    name = shop.choice(("max", "min"))
    sign = "" if name == "max" else "-"
    guard = f"gap({sign}({a.text}), {axis})"
    if shop.draw(st.booleans()):
        return Proposal(f"({a.text}).{name}({words})", shape, (guard,))
    return Proposal(f"np.{name}({', '.join([a.text, *filter(None, [words])])})", shape, (guard,))


def log_sum_exp(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    words, shape, _ = reduced(shop, a)
    comma = f", {words}" if words else ""
    texts = (f"special.logsumexp({a.text}{comma})", f"np.log(np.sum(np.exp({a.text}){comma}))",
             f"np.log(np.exp({a.text}).mean({words}))")  # fmt: skip
    return Proposal(shop.choice(texts), shape)


def softmax(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    axis = shop.choice(range(-len(a.shape), len(a.shape)))
    along = f"axis={axis}, keepdims=True"
    texts = (
        "special.softmax({0}, axis={1})", "special.log_softmax({0}, axis={1})",
        "np.exp({0})/np.sum(np.exp({0}), {2})", "({0} - special.logsumexp({0}, {2}))",
        "np.log(special.softmax({0}, axis={1}))", "np.exp({0} - np.max({0}, {2}))",
        "np.exp(special.log_softmax({0}, axis={1}))", "special.softmax({0})",
        "({0} - np.log(np.sum(np.exp({0}), {2})))", "({0} - np.max({0}, {2}))",
    )  # fmt: skip
    text = shop.choice(texts)
    guards = (f"gap({a.text}, {axis})",) if "np.max" in text else ()
    return Proposal(text.format(a.text, axis, along), a.shape, guards)


# Products ----------------------------------------------------------------------------------


def product(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    inner = a.shape[-1]
    b = shop.pick(
        lambda term: bool(term.shape) and len(term.shape) < 3
        and term.shape[-2 if len(term.shape) > 1 else 0] == inner
    )  # fmt: skip
    if b is None:
        return None
    shape = (*a.shape[:-1], *(b.shape[-1:] if len(b.shape) == 2 else ()))
    flat = len(a.shape) < 3
    texts = ("({0} @ {1})", "np.matmul({0}, {1})", "np.dot({0}, {1})", "({0}).dot({1})")
    return Proposal(shop.choice(texts if flat else texts[:2]).format(a.text, b.text), shape)


def stacked_product(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: len(term.shape) == 2)
    if a is None:
        return None
    b = shop.pick(lambda term: len(term.shape) == 3 and term.shape[1] == a.shape[1])
    return b and Proposal(f"({a.text} @ {b.text})", (b.shape[0], a.shape[0], b.shape[2]))


def transpose(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: len(term.shape) >= 2)
    if a is None:
        return None
    if len(a.shape) == 3:
        order = shop.choice(((0, 2, 1), (2, 0, 1), (1, 2, 0), (2, 1, 0)))
        return Proposal(f"np.transpose({a.text}, {order})", tuple(a.shape[i] for i in order))
    return Proposal(shop.choice(("({0}).T", "np.transpose({0})")).format(a.text), a.shape[::-1])


def outer(shop: Workshop) -> Proposal | None:
    a, b = (shop.pick(lambda term: len(term.shape) == 1) for _ in range(2))
    return (
        None
        if a is None or b is None
        else Proposal(f"np.outer({a.text}, {b.text})", a.shape + b.shape)
    )


def inner(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: len(term.shape) == 1)
    b = shop.pick(lambda term: a is not None and term.shape == a.shape)
    return None if a is None or b is None else Proposal(f"np.inner({a.text}, {b.text})", ())


def square(term: Term) -> bool:
    """Whether a term is a square matrix, and not one number."""
    return len(term.shape) == 2 and term.shape[0] == term.shape[1] != "1"


def diagonal(shop: Workshop) -> Proposal | None:
    a = shop.pick(square)
    if a is None:
        return None
    name = shop.choice(("np.trace", "np.diag", "np.diagonal"))
    return Proposal(f"{name}({a.text})", () if name == "np.trace" else a.shape[:1])


def diagonal_matrix(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: len(term.shape) == 1 and term.shape != ("1",))
    return a and Proposal(f"np.diag({a.text})", a.shape * 2)


def identity(shop: Workshop) -> Proposal | None:
    a = shop.pick(square)
    return a and Proposal(f"({a.text} {shop.choice('+-*@')} np.eye(({a.text}).shape[0]))", a.shape)


def einsum(shop: Workshop) -> Proposal | None:
    picked = [shop.pick(lambda term: "1" not in term.shape and len(term.shape) > 0)
              for _ in range(shop.choice((1, 2, 2, 3)))]  # fmt: skip
    operands = [term for term in picked if term is not None]
    if not operands:
        return None
    letters = {"n": "ij", "m": "pq", "k": "ab", "n+1": "u", "2*n": "v"}
    sizes = {letter: size for size, both in letters.items() for letter in both}
    names = ["".join(shop.choice(letters[size]) for size in term.shape) for term in operands]
    present = sorted(set("".join(names)))
    out = shop.draw(st.lists(st.sampled_from(present), max_size=3, unique=True))
    text = f"np.einsum('{','.join(names)}->{''.join(out)}', {', '.join(t.text for t in operands)})"
    return Proposal(text, tuple(sizes[letter] for letter in out))


# Positions ---------------------------------------------------------------------------------


def new_axis(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: 0 < len(term.shape) < 3)
    if a is None:
        return None
    first, last = ("1", *a.shape), (*a.shape, "1")
    texts = {
        1: (("[:, None]", last), ("[None, :]", first), ("[None]", first)),
        2: (("[:, None, :]", (a.shape[0], "1", a.shape[-1])), ("[None]", first),
            ("[..., None]", last), ("[:, :, np.newaxis]", last)),
    }  # fmt: skip
    text, shape = shop.choice(texts[len(a.shape)])
    return Proposal(f"({a.text}){text}", shape)


def position(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    if a is None:
        return None
    at, where_ = shop.choice(("0", "-1")), shop.choice(range(len(a.shape)))
    if a.shape[where_] == "1":
        return None
    text = ", ".join(at if i == where_ else ":" for i in range(len(a.shape)))
    if where_ == len(a.shape) - 1 and shop.draw(st.booleans()):
        text = f"..., {at}"
    return Proposal(f"({a.text})[{text}]", a.shape[:where_] + a.shape[where_ + 1 :])


def rows_by_label(shop: Workshop) -> Proposal | None:
    label = shop.choice(tuple(LABELS))
    shape, below = LABELS[label]
    a = shop.pick(lambda term: bool(term.shape) and term.shape[0] == below)
    return a and Proposal(f"({a.text})[{label}]", (*shape, *a.shape[1:]))


def entries_by_label(shop: Workshop) -> Proposal | None:
    label = shop.choice(tuple(LABELS))
    (rows,), below = LABELS[label]
    a = shop.pick(lambda term: term.shape[:2] == (rows, below) and len(term.shape) == 2)
    like = shop.choice((label, a.text, "x" if rows == "n" else "W.T")) if a else ""
    return a and Proposal(f"({a.text})[np.arange(({like}).shape[0]), {label}]", (rows,))


def times_size(shop: Workshop) -> Proposal | None:
    a = shop.pick(lambda term: bool(term.shape))
    texts = ("({0})/({0}).shape[0]", "({0})*({0}).size", "({0})/np.sqrt(({0}).shape[-1])")
    return a and Proposal(shop.choice(texts).format(a.text), a.shape)


RULES: tuple[Rule, ...] = (
    smooth, on_positive, arithmetic, arithmetic, quotient, with_number, number_over, power,
    power_of_positive, power_of_both, logaddexp, softplus, absolute, larger, larger_than_number,
    clip, where, reduction, reduction, standard_deviation, extremum, log_sum_exp, softmax, product,
    product, stacked_product, transpose, outer, inner, diagonal, diagonal_matrix, identity, einsum,
    einsum, new_axis, position, rows_by_label, entries_by_label, times_size,
)  # fmt: skip


@st.composite
def programs(draw: Callable[..., object], scalar: bool | None = None, most: int = 9) -> Program:
    """A program of one to `most` operations; its result is scalar, not, or either."""
    shop = Workshop(draw, seed=draw(st.integers(0, 999)))
    for _ in range(draw(st.sampled_from(range(most, 0, -1)))):
        proposal = draw(st.sampled_from(RULES))(shop)
        if proposal is not None and proposal.shape.count("1") < 3 and shop.holds(proposal):
            shop.add(proposal)
    result = shop.terms[-1]
    if scalar or (scalar is None and (len(result.shape) > 2 or draw(st.booleans()))):
        result = total(shop, result)
    return shop.finish(result)


def total(shop: Workshop, result: Term) -> Term:
    """A scalar made of a term."""
    if not result.shape:
        return result
    texts = ("np.sum({0})", "np.mean(({0})**2)", "np.sum(np.tanh({0})*{0})")
    return Term(shop.choice(texts).format(result.text), ())
