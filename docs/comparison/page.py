"""The page of the comparison, from what was measured."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from by_backproof import model
from losses import LOSSES, Loss

import backproof as bp
from backproof.pages.blocks import Block, Code, Formula, Page, Prose, Section, Table
from backproof.pages.inline import literal

TOOLS = {"sympy": "SymPy", "tensorgrad": "tensorgrad", "backproof": "backproof"}
PACKAGES = (*TOOLS, "numpy", "mpmath", "jax")
MARKS = {"right": "✓", "silent zero": "∅", "wrong": "✗", "error": "!", "not evaluated": "?"}
SPACE = "\N{NO-BREAK SPACE}"
KNOWN = {
    "simplex": "each row of `{0}` a distribution",
    "positive_definite": "`{0}` positive definite, its entries taken as independent",
}
CUT = 600  # letters of an answer that is only text
Measured = dict[str, Any]


def page(measured: Measured) -> Page:
    """What is compared, the outcome in a table, then one section a loss."""
    versions = measured["versions"]
    named = ", ".join(f"{TOOLS[tool]} {versions[tool]}" for tool in TOOLS)
    answers = measured["answers"]
    sections = [
        Section("The outcome", _outcome(answers), "outcome"),
        *(_section(loss, answers[loss.name]) for loss in LOSSES),
        Section("How it was compared", _method(measured), "how"),
        Section("Every attempt", _every(answers), "attempts"),
    ]
    footer = "Written by `python docs/comparison`. Its measurements are in `comparison.json`."
    return Page("Ten losses and their derivatives, by three tools", named, sections, footer)


def _outcome(answers: Measured) -> list[Block]:
    rows = [
        [literal(loss.title), *(_short(answers[loss.name][tool]) for tool in TOOLS)]
        for loss in LOSSES
    ]
    words = {tool: Counter(_shown(a[tool])["verdict"] for a in answers.values()) for tool in TOOLS}
    rows.append(["**right, of ten**", *(f"**{words[tool]['right']}**" for tool in TOOLS)])
    return [
        Table(("loss", *TOOLS.values()), rows),
        Prose(
            "✓ right. ∅ silent zero: zero everywhere, and no error. ✗ wrong, and no error. "
            "! an error. Beside ✓ stand the nodes of the answer and the time of its derivation. "
            "How these were measured is said at the end."
        ),
        Prose(
            "The three are made for different things. **SymPy** is a general algebra system, on "
            "which backproof itself rests. Derivatives of matrix expressions are one corner of "
            "it; what is written out entry by entry it differentiates well. **tensorgrad** is made "
            "to calculate with tensors as diagrams, and to teach that; its answers are meant "
            "to be seen as drawings, and it takes expectations and compiles to PyTorch as well. "
            "**backproof** is made for what stands here, the gradient of NumPy code in the form "
            "of a book, and the choice of the ten losses was ours."
        ),
    ]


def _method(measured: Measured) -> list[Block]:
    versions = measured["versions"]
    (rounds,) = {len(a["milliseconds"]) for by in measured["answers"].values() for a in by.values()}
    return [
        Prose(
            "**The question.** Each loss is stated in the language of each tool, with sizes that "
            "are letters, and differentiated symbolically. In SymPy it is a matrix expression of "
            "`MatrixSymbol`; two calls were tried, `expression.diff(X).doit()` and "
            "`array_derive(convert_matrix_to_array(expression), X)`. In tensorgrad it is a tensor "
            "with named edges, and the calls are `grad(X)` and `full_simplify`, with and without "
            "`expand`. backproof reads the NumPy source; the call is `closed(derive(trace(source), "
            '"X"))`. Where a loss can be written in several ways, all that we found were tried. '
            "Shown is the shortest right answer; where none is right, the first answer; else the "
            "error. The next section lists every attempt with its verdict."
        ),
        Prose(
            "**The verdict** is computed. Each answer is evaluated at random numbers, at two "
            "assignments of unequal sizes, and compared with central differences of the NumPy "
            f"source in fifty digits (mpmath {versions['mpmath']}), which agree with JAX "
            f"{versions['jax']} to $10^{{-9}}$. It is right when the largest difference is below "
            "$10^{-9}$ of the largest entry at both sizes. Each statement is evaluated as well, "
            "and has to be the loss: no tool is blamed for what was stated wrong. The trees of "
            "SymPy and tensorgrad are read and evaluated with NumPy, since SymPy does not evaluate "
            "all of its array expressions, and tensorgrad 0.3 evaluates with named tensors, which "
            "PyTorch 2.13 lacks; backproof's answer is run as the NumPy code that it prints."
        ),
        Prose(
            "**The form.** SymPy's answers are as SymPy typesets them, and as its text where that "
            "is long; it writes a matrix of ones as $1$. tensorgrad's drawings need LaTeX; here "
            "stands its tree in index notation: an index is named after its size, $|n|$ is a "
            "size, and a copy tensor is an index that occurs more than once. **Nodes** are counted "
            "in each tool's own tree: names, numbers, functions, sums, products. Lists of axes in "
            "SymPy and renamed edges in tensorgrad are not counted."
        ),
        Prose(
            "**The time** is the processor time of statement and derivative, without "
            f"imports: the median of {rounds} rounds, each in a new process, on "
            f"{literal(measured['machine'])}. First calls are slower than later ones in all three."
        ),
    ]


def _section(loss: Loss, answers: Measured) -> Section:
    stated = bp.closed(model(loss))
    known = "".join(f", {KNOWN[word].format(name)}" for name, word in loss.known.items())
    note = f"Differentiated by `{loss.wrt}`{known}."
    blocks: list[Block] = [Formula(bp.latex(stated), bp.text(stated), numpy=loss.source, note=note)]
    for tool, name in TOOLS.items():
        blocks.append(Prose(_headline(name, answers[tool])))
        blocks += _answer(answers[tool])
    return Section(literal(loss.title), blocks, loss.name.replace(" ", "-"))


def _shown(answer: Measured) -> Measured:
    return dict(answer["attempts"][answer["shown"]])


def _headline(name: str, answer: Measured) -> str:
    one = _shown(answer)
    size = f"{_nodes(one)}, " if "nodes" in one else ""
    return f"**{name}: {_mark(one)}** · {size}{_time(answer)}"


def _answer(answer: Measured) -> list[Block]:
    one, note = _shown(answer), _attempts(answer)
    if "latex" in one:
        return [Formula(one["latex"], one["text"], note=note)]
    text = str(one["text"] if "text" in one else one["problem"])
    if len(text) <= CUT:
        return [Prose(f"`{text}`"), Prose(note)]
    rest = f"and so on, {len(text):,} letters in all. "
    return [Prose(f"`{text[:CUT]}`…"), Prose(rest + note)]


def _attempts(answer: Measured) -> str:
    """The call that is shown, and what came of the others."""
    others = [one for place, one in enumerate(answer["attempts"]) if place != answer["shown"]]
    counts = Counter(one["verdict"] for one in others)
    words = ", ".join(f"{count} {_several(word, count)}" for word, count in counts.items())
    also = f" Other attempts: {words}." if others else ""
    return f"By `{_shown(answer)['stated']}`.{also}"


def _several(word: str, count: int) -> str:
    return f"{word}s" if count > 1 and word in ("silent zero", "error") else word


def _every(answers: Measured) -> list[Block]:
    """All calls, with their verdicts and how far each is off."""
    blocks: list[Block] = [
        Prose(
            "In the order of trying: the verdict, the nodes, the largest difference in parts of "
            "the largest entry, and the call. `docs/comparison` holds the words that stand for "
            "expressions, such as `SCORES` and `ones(n)`."
        )
    ]
    for loss in LOSSES:
        lines = [loss.title]
        for tool, name in TOOLS.items():
            lines += ["", name]
            for one in answers[loss.name][tool]["attempts"]:
                off = f"{max(one['off']):.0e}" if "off" in one else ""
                lines.append(f"{_mark(one):14}{one.get('nodes', ''):>4} {off:>6}  {one['stated']}")
                if "problem" in one:
                    lines.append(f"{'':14}{one['problem']}")
        blocks.append(Code("\n".join(lines), "text"))
    return blocks


def _mark(one: Measured) -> str:
    return f"{MARKS[one['verdict']]} {one['verdict']}"


def _short(answer: Measured) -> str:
    one = _shown(answer)
    if one["verdict"] != "right":
        return f"**{_mark(one).replace(' ', SPACE, 1)}**"
    return f"{MARKS['right']}{SPACE}{one['nodes']}, {_time(answer)}"


def _nodes(one: Measured) -> str:
    return "1 node" if one["nodes"] == 1 else f"{one['nodes']} nodes"


def _time(answer: Measured) -> str:
    time = statistics.median(answer["milliseconds"])
    return f"{time:.0f}{SPACE}ms" if time >= 10 else f"{time:.1f}{SPACE}ms"
