"""Matrix expressions as code: ``@`` for chains, ``sum`` for ones, ``*`` for diagonals.

Two dialects write the same expressions: NumPy that runs as it stands (`matrix_numpy`) and the
lines that a reader wants (`matrix_text`), which leave the names of modules out.
"""

from __future__ import annotations

import keyword
from abc import ABC, abstractmethod

import sympy as sp

from backproof.theory.equations import Equation, MatrixValue, Reduction
from backproof.theory.notation import Affine, Entry, Index, slot
from backproof.theory.printing.chain_code import divided
from backproof.theory.printing.chains import powers
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
from backproof.theory.printing.plain_entries import leaf
from backproof.theory.printing.recognition import spelled
from backproof.theory.printing.scalar_numpy import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    ScalarNumPy,
    Written,
    code_of,
    within,
)
from backproof.theory.printing.scalar_order import fraction
from backproof.theory.printing.transposes import turned


class MatrixCode(ABC):
    """Writes the right-hand side of one equation; a dialect says how functions are called."""

    scalar: ScalarNumPy

    def __init__(self, equation: Equation, names: frozenset[str]) -> None:
        self._names = {equation.tensor.name, *names}
        if any(not n.isidentifier() or keyword.iskeyword(n) for n in self._names):
            raise NoMatrixForm

    # the dialect ---------------------------------------------------------------------------

    @abstractmethod
    def name(self, plain: str) -> str:
        """How a function of arrays is called: ``sum``, ``softmax``, ``diag``, …"""

    @abstractmethod
    def softmax(self, body: str, axes: Axes, over: Axes) -> str: ...
    @abstractmethod
    def one_hot(self, label: str, size: str) -> str: ...
    @abstractmethod
    def matrix_function(self, function: str, body: str) -> str: ...
    @abstractmethod
    def chain(self, links: tuple[Node, ...]) -> Written: ...

    def call(self, plain: str, *arguments: str) -> str:
        """A function of arrays, called."""
        return f"{self.name(plain)}({', '.join(a for a in arguments if a)})"

    # sums ----------------------------------------------------------------------------------

    def plus(self, total: Plus) -> Written:
        """``a + b - c``."""
        if not total.terms:
            raise NoMatrixForm
        out, tightness = "", SUM
        for term in total.terms:
            negative = bool(term.coefficient.as_coeff_Mul()[0].is_negative)
            written = self._scaled(term, total.axes)
            body = within(written, PRODUCT if out or negative else SUM)
            if out:
                out += f" - {body}" if negative else f" + {body}"
            else:
                out = f"-{body}" if negative else body
                tightness = SUM if negative else written[1]
        return out, tightness if len(total.terms) == 1 else SUM

    def _scaled(self, term: Scaled, target: Axes) -> Written:
        """A term without its sign, broadcast to the target."""
        size = term.coefficient
        size = -size if size.as_coeff_Mul()[0].is_negative else size
        if size == 0:
            return (self.call("zeros", self._shape(target)) if target else "0"), ATOM
        number, above, below = fraction(sp.together(spelled(size)))
        self._check(size)
        front = [self.scalar.in_product(a) for a in above]
        under = [self.scalar.in_product(b) for b in below]
        body: list[Written] = []
        if isinstance(term.of, Hadamard) and term.axes == target:
            factors, divisors = self._above_and_below(term.of)
            body.append(self._product(factors))
            under += divisors
        elif isinstance(term.of, Chain) and term.axes == target:
            links, divisors = divided(self, term.of.links, len(target))
            body.append(self.chain(links) if len(links) > 1 else self.node(links[0]))
            under += divisors
        elif term.of is not None:
            body.append(self.broadcast(term.of, term.axes, target))
        for node, exponent in term.scalars:
            written = self._power(node, abs(exponent))
            alone = term.of is None and not body and not front and sp.fraction(number)[0] == 1
            if alone and exponent.is_positive:
                body.append(written)
            else:
                (under if exponent.is_negative else front).append(within(written, POWER))
        if body and number == 1 and not front and not under:
            return body[0]
        parts = [*(within(b, PRODUCT) for b in body if term.of is None), *front]
        parts += [within(b, PRODUCT) for b in body if term.of is not None]
        code = self.scalar.ratio(number, parts, under).replace(" * 1 / ", " / ")
        return code, PRODUCT if len(parts) + len(under) > 1 or number != 1 else ATOM

    def broadcast(self, node: Node, axes: Axes, target: Axes) -> Written:
        """The node as it takes part in an operation on the target's axes."""
        if len(axes) == len(target) == 2 and axes == target[::-1]:
            return self.node(turned(node))
        written = self.node(node)
        if axes == target or not axes:
            return written
        places = [target.index(i) for i in axes if i in target]
        if len(places) < len(axes) or places != sorted(places):
            raise NoMatrixForm
        if target[-len(axes) :] == axes:
            return written
        items = [":" if n in places else "None" for n in range(places[0], len(target))]
        return f"{within(written, ATOM)}[{', '.join(items)}]", ATOM

    # nodes ---------------------------------------------------------------------------------

    def node(self, node: Node) -> Written:
        """Any matrix expression, and how tightly its outermost operation binds."""
        match node:
            case Leaf(entry):
                return self.leaf(entry), ATOM
            case Softmax(of, over):
                return self.softmax(self.node(of)[0], of.axes, over), ATOM
            case Reduced(kind, of, over):
                return self.call(kind, self.node(of)[0], axis_of(of.axes, over)), ATOM
            case FunctionOf(function, of):
                return self.matrix_function(function, self.node(of)[0]), ATOM
            case Norm(of):
                return self.call("norm", self.node(of)[0]), ATOM
            case Unit((index,)):
                return self.call("ones", self.size(index.size)), ATOM
            case Identity((index, _)):
                return self.call("eye", self.size(index.size)), ATOM
            case OneHot(label, size):
                return self.one_hot(self._position(label), self.size(size)), ATOM
            case Diag(of) | Diagonal(of):
                return self.call("diag", self.node(of)[0]), ATOM
            case Transposed(of):
                return f"{within(self.node(of), ATOM)}.T", ATOM
            case Entrywise():
                return self._entrywise(node)
            case Hadamard():
                return self._hadamard(node)
            case Outer(Unit((i,)), Unit((j,))):
                return self.call("ones", f"({self.size(i.size)}, {self.size(j.size)})"), ATOM
            case Outer(left, right):
                return self.call("outer", self.node(left)[0], self.node(right)[0]), ATOM
            case Chain(links):
                return self.chain(links)
            case Trace((Transposed(first), last)):
                product = Hadamard(powers([(first, sp.S.One), (last, sp.S.One)]), last.axes)
                return self.call("sum", self._hadamard(product)[0]), ATOM
            case Trace(links):
                return self.call("trace", self.chain(links)[0]), ATOM
            case Plus():
                return self.plus(node)
        raise NoMatrixForm

    def _power(self, node: Node, exponent: sp.Expr) -> Written:
        written = self.node(node)
        if exponent == 1:
            return written
        code = self.scalar.doprint(code_of(written) ** exponent)
        return code, ATOM if exponent == sp.S.Half else POWER

    def _entrywise(self, node: Entrywise) -> Written:
        names = {}
        for n, part in enumerate(node.of):
            names[slot(n)] = code_of(self.broadcast(part, part.axes, node.axes))
            self.scalar.depth[names[slot(n)]] = len(part.axes)
        expression = node.expression.xreplace(names)
        code = self.scalar.doprint(expression)
        if expression.is_Add or code.startswith("-"):
            return code, SUM
        if expression.is_Mul or (expression.is_Pow and expression.exp.is_negative):
            return code, PRODUCT
        return code, POWER if expression.is_Pow and expression.exp != sp.S.Half else ATOM

    def _hadamard(self, node: Hadamard) -> Written:
        above, below = self._above_and_below(node)
        if not below:
            return self._product(above)
        return self.scalar.ratio(sp.S.One, [within(w, POWER) for w in above], below), PRODUCT

    def _product(self, factors: list[Written]) -> Written:
        """Factors side by side; one alone as it is."""
        if len(factors) == 1:
            return factors[0]
        return self.scalar.ratio(sp.S.One, [within(f, POWER) for f in factors], []), PRODUCT

    def _above_and_below(self, node: Hadamard) -> tuple[list[Written], list[str]]:
        """The factors above and below the line."""
        above: list[Written] = []
        below: list[str] = []
        for part, exponent in node.parts:
            written = self.broadcast(part, part.axes, node.axes)
            if abs(exponent) != 1:
                code = self.scalar.doprint(code_of(written) ** abs(exponent))
                written = code, ATOM if abs(exponent) == sp.S.Half else POWER
            if exponent.is_negative:
                below.append(within(written, POWER))
            else:
                above.append(written)
        return above, below

    # entries and sizes ---------------------------------------------------------------------

    def leaf(self, entry: Entry) -> str:
        """A tensor, its diagonal, a row, a column, or what labels pick."""
        name, plain = entry.tensor.name, [s for s in entry.subscripts if isinstance(s, Index)]
        if len(plain) == len(entry.subscripts):
            return self.call("diag", name) if len(set(plain)) < len(plain) else name
        axes = leaf(entry).axes
        items = [":" if isinstance(s, Index) else self._position(s) for s in entry.subscripts]
        if len(axes) == len(plain) and any(isinstance(s, Entry) for s in entry.subscripts):
            label = items[1 - entry.subscripts.index(plain[0])]
            return f"{name}[{self.call('arange', f'len({label})')}, {label}]"
        while items[-1] == ":":
            items.pop()
        return f"{name}[{', '.join(items)}]"

    def _position(self, subscript: Index | Affine | Entry) -> str:
        if isinstance(subscript, Entry):
            return self.leaf(subscript)
        assert isinstance(subscript, Affine)
        return self.size(subscript.offset)

    def size(self, size: sp.Expr) -> str:
        """A size by its name."""
        self._check(size)
        return str(self.scalar.doprint(size))

    def _shape(self, axes: Axes) -> str:
        sizes = [self.size(i.size) for i in axes]
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"

    def _check(self, size: sp.Expr) -> None:
        """A size that is called like a tensor cannot be written down."""
        if {s.name for s in size.free_symbols} & self._names:
            raise NoMatrixForm

    # reductions ----------------------------------------------------------------------------

    def show(self, rhs: Plus | Reduction | MatrixValue) -> str:
        """A right-hand side."""
        if isinstance(rhs, Plus):
            return self.plus(rhs)[0]
        name = rhs.operand.tensor.name
        if isinstance(rhs, Reduction):
            axes = tuple(s for s in rhs.operand.subscripts if isinstance(s, Index))
            return self.call(rhs.kind, name, axis_of(axes, rhs.over))
        *_, rows, columns = rhs.operand.subscripts
        plain = (rows, columns) == rhs.over
        matrix = name if plain else self.call("swapaxes", name, "-1", "-2")
        return self.matrix_function(rhs.function, matrix)


def axis_of(axes: Axes, over: Axes) -> str:
    """The argument ``axis=…`` of a reduction; nothing when it is over all of them."""
    places = sorted(axes.index(i) for i in over)
    if len(places) == len(axes):
        return ""
    return f"axis={places[0]}" if len(places) == 1 else f"axis={tuple(places)}"
