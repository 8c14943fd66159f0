r"""Matrix expressions in LaTeX: :math:`\bar{W} = H^{\top} \bar{S}`, entry by entry with ⊙ and ⊘."""

from __future__ import annotations

from itertools import groupby

import sympy as sp

from backproof.theory.equations import MatrixValue, Reduction
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import Affine, Entry, slot
from backproof.theory.printing.entrywise_latex import (
    ONES,
    Array,
    ArrayProduct,
    divided,
)
from backproof.theory.printing.latex import SYMBOLS
from backproof.theory.printing.matrices import (
    Axes,
    Chain,
    Diag,
    Diagonal,
    Entrywise,
    FunctionOf,
    Hadamard,
    Identity,
    Leaf,
    Node,
    NoMatrixForm,
    Norm,
    OneHot,
    Outer,
    Plus,
    Reduced,
    Scaled,
    Softmax,
    Trace,
    Transposed,
    Unit,
)
from backproof.theory.printing.plain_latex import PlainLatex
from backproof.theory.printing.recognition import spelled
from backproof.theory.printing.scalar_latex import Printed, bracket, juxtaposed, raised
from backproof.theory.printing.scalar_order import fraction
from backproof.theory.printing.transposes import turned

ATOM, CHAIN, ENTRYWISE, SUM = 4, 3, 2, 1
TIGHT, PRODUCT_OF, SUM_OF = sorted(SYMBOLS, reverse=True)
Written = tuple[str, int]  # LaTeX and how tightly its outermost operation binds


SCALARS = {ATOM: TIGHT, CHAIN: PRODUCT_OF, ENTRYWISE: PRODUCT_OF, SUM: SUM_OF}


def within(written: Written, level: int) -> str:
    """The formula in brackets when it binds less tightly than ``level``."""
    return written[0] if written[1] >= level else bracket(written[0])


class MatrixLatex(PlainLatex):
    """Writes one equation without indices; a vector is a column."""

    def equation(self, rhs: Plus | Reduction | MatrixValue) -> str:
        """``\\bar{W} = H^{\\top} \\bar{S}``."""
        left = self._name(self._left).indexed("")
        if isinstance(rhs, Plus):
            return f"{left} = {self._plus(rhs)[0]}"
        right = self._reduction(rhs) if isinstance(rhs, Reduction) else self._matrix_value(rhs)
        return f"{left} = {right}"

    # sums ----------------------------------------------------------------------------------

    def _plus(self, total: Plus) -> Written:
        if not total.terms:
            raise NoMatrixForm
        out = ""
        for term in total.terms:
            negative = bool(term.coefficient.as_coeff_Mul()[0].is_negative)
            written = self._scaled(
                term, total.axes, -term.coefficient if negative else term.coefficient
            )
            body = within(written, ENTRYWISE if negative else SUM)
            out += (
                (" - " if negative else " + ") + body if out else f"-{body}" if negative else body
            )
        first = total.terms[0].coefficient.as_coeff_Mul()[0].is_negative
        return out, written[1] if len(total.terms) == 1 and not first else SUM

    def _scaled(self, term: Scaled, target: Axes, coefficient: sp.Expr) -> Written:
        if coefficient == 0:
            return "0", ATOM
        number, above, below = fraction(sp.together(spelled(coefficient)))
        front = [self._scalar.inside(a) for a in above]
        under: list[sp.Expr] = list(below)
        products: list[Written] = []
        for node, exponent in term.scalars:
            if isinstance(node, Leaf | Entrywise | Norm) or exponent != 1:
                scalar = self._scalar_of(node) ** abs(exponent)
                if exponent.is_negative:
                    under.append(scalar)
                else:
                    front.append(self._scalar.inside(scalar))
            else:
                products.append(self._node(node))
        share = self._scalar.ratio(number, front, under)
        ones = ("", ONES, rf"{ONES} {ONES}^{{\top}}", None)[min(len(target), 3)]
        alone = term.of is None and not ones and len(products) == 1
        scalars = [within(p, CHAIN if alone else ATOM) for p in products]
        share = juxtaposed(["" if share == "1" and products else share, *scalars])
        if term.of is None:
            if ones is None:
                raise NoMatrixForm
            return (juxtaposed([share if share != "1" or not ones else "", ones]) or "1"), CHAIN
        body = self._broadcast(term.of, term.axes, target)
        if share == "1":
            return body
        loose = body[1] == ENTRYWISE
        return juxtaposed([share, within(body, ENTRYWISE)]), ENTRYWISE if loose else CHAIN

    def _scalar_of(self, node: Node) -> sp.Expr:
        """A scalar node as a SymPy expression of printed names."""
        if isinstance(node, Entrywise):
            names = {slot(n): self._symbol(part, ()) for n, part in enumerate(node.of)}
            return spelled(node.expression.xreplace(names))
        return self._symbol(node, ())

    def _broadcast(self, node: Node, axes: Axes, target: Axes) -> Written:
        """The node with ones on the axes of the target that it lacks."""
        if axes == target or not axes:
            return self._node(node)
        if len(target) != 2 or not set(axes) <= set(target):
            raise NoMatrixForm
        if len(axes) == 2:
            return self._node(turned(node))
        if axes == target[:1]:
            return rf"{within(self._node(node), CHAIN)} {ONES}^{{\top}}", CHAIN
        return f"{ONES} {self._row(node)}", CHAIN

    # nodes ---------------------------------------------------------------------------------

    def _node(self, node: Node) -> Written:
        match node:
            case Leaf(entry):
                return self._leaf(entry), ATOM
            case Softmax(of, over):
                where = self._direction(of.axes, over)
                return rf"\operatorname{{softmax}}{where}{bracket(self._node(of)[0])}", ATOM
            case Reduced(kind, of, over):
                return self._extreme(kind, of.axes, over, self._node(of)[0]), ATOM
            case FunctionOf(function, of):
                return self._function(function, of)
            case Unit():
                return ONES, ATOM
            case Identity():
                return r"\mathbf{I}", ATOM
            case OneHot(Affine() as place):
                return rf"\mathbf{{e}}_{{{self._script.subscript(place)}}}", ATOM
            case OneHot(Entry(subscripts=()) as label):
                return rf"\mathbf{{e}}_{{{self._leaf(label)}}}", ATOM
            case OneHot(Entry() as label):
                return rf"\operatorname{{onehot}}({self._leaf(label)})", ATOM
            case Diag(of) | Diagonal(of):
                return rf"\operatorname{{diag}}{bracket(self._node(of)[0])}", ATOM
            case Transposed(of):
                return self._transposed(of), ATOM
            case Entrywise():
                return self._entrywise(node)
            case Hadamard(parts, axes):
                return self._hadamard(parts, axes)
            case Outer(left, right):
                return f"{within(self._node(left), CHAIN)} {self._row(right)}", CHAIN
            case Chain(links):
                return self._chain(links)
            case Trace((Transposed(first), last)) if first == last:
                return rf"{self._norm(first)}^{{2}}", ATOM
            case Norm(of):
                return self._norm(of), ATOM
            case Trace(links):
                return rf"\operatorname{{tr}}{bracket(self._product(links))}", ATOM
            case Plus():
                return self._plus(node)
        raise NoMatrixForm

    def _norm(self, of: Node) -> str:
        """The length of a vector, the Frobenius norm of a matrix."""
        body = self._node(of)[0]
        tall = body.replace("\\frac", "").replace("\\sum", "") != body
        left, right = (r"\left\lVert", r"\right\rVert") if tall else (r"\lVert", r"\rVert")
        return rf"{left} {body} {right}" + ("_{F}" if len(of.axes) == 2 else "")

    def _transposed(self, node: Node) -> str:
        if isinstance(node, Leaf) and node.axes == node.entry.subscripts:
            name = self._name(node.entry.tensor)
            return name.transposed().indexed("")
        return raised(within(self._node(node), ATOM), r"\top")

    def _row(self, node: Node) -> str:
        """A vector as a row."""
        return rf"{ONES}^{{\top}}" if isinstance(node, Unit) else self._transposed(node)

    def _chain(self, links: tuple[Node, ...]) -> Written:
        match links:
            case (Unit(), Leaf(entry)) if (
                len(entry.subscripts) == 2 and len(set(entry.subscripts)) == 1
            ):
                return rf"\operatorname{{tr}}({self._name(entry.tensor).indexed('')})", ATOM
            case (Unit(), Diagonal(of)) | (Diagonal(of), Unit()):
                return rf"\operatorname{{tr}}{bracket(self._node(of)[0])}", ATOM
        if len(links[0].axes) == 1:
            return f"{self._row(links[0])} {self._product(links[1:])}", CHAIN
        return self._product(links), CHAIN

    def _product(self, links: tuple[Node, ...]) -> str:
        """Matrices side by side, equal neighbours as a power."""
        printed = []
        for _, run in groupby(links, key=self._node):
            link, *more = run
            if not more:
                printed.append(within(self._node(link), CHAIN))
                continue
            base = link.of if isinstance(link, Transposed) else link
            power = raised(within(self._node(base), ATOM), str(1 + len(more)))
            printed.append(rf"({power})^{{\top}}" if isinstance(link, Transposed) else power)
        return juxtaposed(printed)

    def _entrywise(self, node: Entrywise) -> Written:
        names = {}
        for n, part in enumerate(node.of):
            names[slot(n)] = self._symbol(part, node.axes)
            self._scalar.depth[names[slot(n)]] = len(part.axes)
        expression = spelled(node.expression.xreplace(names))
        if not node.axes:
            return self._scalar.doprint(expression), SUM if expression.is_Add else CHAIN
        printed = self._scalar.doprint(expression)
        if expression.is_Add or printed.startswith("-"):
            return printed, SUM
        divides = expression.is_Pow and expression.exp.is_negative
        return printed, ENTRYWISE if expression.is_Mul or divides else ATOM

    def _symbol(self, node: Node, axes: Axes) -> Printed:
        """A node as a symbol that knows when it needs brackets."""
        written = self._broadcast(node, node.axes, axes)
        if not node.axes:
            tightness = SCALARS[written[1]]
            return SYMBOLS[tightness](written[0], real=True)
        return (Array if written[1] == ATOM else ArrayProduct)(written[0], real=True)

    def _hadamard(self, parts: tuple[tuple[Node, sp.Expr], ...], axes: Axes) -> Written:
        above: list[str] = []
        below: list[str] = []
        for node, exponent in parts:
            symbol = self._symbol(node, axes)
            printed = self._scalar.inside(symbol ** abs(exponent))
            (below if exponent.is_negative else above).append(printed)
        tight = len(above) == 1 and not below
        return divided(r" \odot ".join(above) or ONES, below), ATOM if tight else ENTRYWISE

    def _function(self, function: str, of: Node) -> Written:
        """A function of a matrix, its argument in brackets unless it is a name."""
        body = self._node(of)[0]
        form = BY_NAME[function].latex
        bare = (isinstance(of, Leaf) and "^" not in body) or r"\left({0}" in form
        return form.format(body if bare else bracket(body)), CHAIN
