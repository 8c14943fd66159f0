"""A page with every form of block, and one with hostile words in every text of it."""

from __future__ import annotations

from backproof.pages.blocks import (
    Code,
    Evidence,
    EvidenceRow,
    Figure,
    Formula,
    Implementation,
    ImplementationRow,
    Page,
    Prose,
    Section,
    StepRow,
    Steps,
    Table,
)
from backproof.pages.inline import literal

# The smallest valid PNG: one black pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'

HOSTILE = "<script>alert('1')</script><img src=x onerror=alert(2)> & \"'{}$_^%#~\\ `**[a](b)|"


def every_block() -> Page:
    """A two-layer network in short: every block, labels, references, characters beyond ASCII."""
    model = Section(
        "The model",
        (
            Prose("A net $h = \\tanh(z)$ with **weights $W_1$** and `loss(x)`.\n\nLoss: @eq:J."),
            Formula(
                r"z_{n,j} = \sum_{i} W_{j,i}\, x_{n,i}",
                "z[n,j] = Σ_i W[j,i] x[n,i]",
                sympy="Sum(W[j,i]*x[n,i], (i,0,d-1))",
                numpy="z = x @ W.T",
                label="z",
                note="The batch index $n$ is an index like any other.",
            ),
            Formula(r"J = -\frac{1}{N} \sum_{n} \log p_{n,t_n}", "J", label="J"),
            Table(("Symbol", "Shape"), (("$W$", "$m \\times d$"), ("$p(t|x)$", "`a|b`"))),
        ),
    )
    gradient = Section(
        "The gradient",
        (
            Steps((StepRow("map", r"\tanh'(z)", r"1 - h^{2}", "by @eq:z; $h = \\tanh z$"),)),
            Formula(r"\dot z_{n,j} = (1 - h_{n,j}^2)\,\dot h_{n,j}", "dz", numpy="dz = ..."),
            Implementation((ImplementationRow(r"h = \tanh z", "np.tanh(z, out=h)  # σ ≤ 1"),)),
            Code("import numpy as np\nprint(np.pi < 4)"),
            Code("backproof tour", "console"),
        ),
    )
    found = Section(
        "What was checked",
        (
            Evidence(
                (
                    EvidenceRow("`dW` is $\\nabla_W J$", "verified", ("derived", "sampled"), "ok"),
                    EvidenceRow("`db` is right", "refuted", ("sampled",), "off by $1/N$"),
                    EvidenceRow("relu at $0$", "convention differs", ("derived",)),
                    EvidenceRow("float16", "not checked"),
                )
            ),
            Figure(SVG, "svg", "The loss at $\\lambda = 0$", "A falling curve", b"%PDF-1.5 x"),
            Figure(PNG, "png", "Confusion matrix", "A bright diagonal"),
        ),
        anchor="evidence",
    )
    return Page("A net with $\\tanh$", "derived", (model, gradient, found), "Made by `backproof`.")


LATEX = (
    r"h = \tanh(z)",
    r"W_1",
    r"z_{n,j} = \sum_{i} W_{j,i}\, x_{n,i}",
    r"J = -\frac{1}{N} \sum_{n} \log p_{n,t_n}",
    r"m \times d",
    r"\tanh'(z)",
    r"1 - h^{2}",
    r"h = \tanh z",
    r"\dot z_{n,j} = (1 - h_{n,j}^2)\,\dot h_{n,j}",
    r"\nabla_W J",
    r"1/N",
    r"\lambda = 0",
    r"\tanh",
)


def every_text_hostile() -> Page:
    """The same forms with hostile words in every text field."""
    words = literal(HOSTILE)
    code = HOSTILE + "\n```\n</code></pre><script>alert(3)</script>\n"
    return Page(
        words,
        words,
        (
            Section(
                words,
                (
                    Prose(f"{words} `<img src=x onerror=alert(4)>` **{words}**"),
                    Formula(r"a<b>c", code, code, code, note=words),
                    Steps((StepRow(words, r"a<script>", r"a>b", words),), words),
                    Implementation((ImplementationRow("x<y", code),), HOSTILE),
                    Evidence((EvidenceRow(words, "verified", (HOSTILE,), words),)),
                    Table((words,), ((words,),)),
                    Code(code, HOSTILE),
                    Code(code),
                    Figure(SVG, "svg", words, HOSTILE),
                ),
            ),
        ),
        words,
    )
