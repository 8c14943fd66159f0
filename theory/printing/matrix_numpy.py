"""Matrix expressions as NumPy: ``@`` for chains, ``np.sum`` for ones, ``*`` for diagonals."""

from __future__ import annotations

import keyword

import sympy as sp

from backproof.theory.equations import Equation, MatrixValue, Reduction
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import Affine, Entry, Index, slot
from backproof.theory.printing.matrices import (
    Axes,
    Chain,
    Diag,
    Entrywise,
    Hadamard,
    Identity,
    Leaf,
    Node,
    NoMatrixForm,
    OneHot,
    Outer,
    Plus,
    Scaled,
    Softmax,
    Trace,
    Transposed,
    Unit,
    leaf,
)
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


class MatrixNumPy:
    """Writes the right-hand side of one equation."""

    def __init__(self, equation: Equation) -> None:
        self._names = {equation.tensor.name, *(t.name for t in equation.operands)}
        self._scalar = ScalarNumPy()
        if any(not n.isidentifier() or keyword.iskeyword(n) for n in self._names):
            raise NoMatrixForm

    def show(self, rhs: Plus | Reduction | MatrixValue) -> str:
        """The right-hand side."""
        if isinstance(rhs, MatrixValue):
            return self._matrix_value(rhs)
        return self._reduction(rhs) if isinstance(rhs, Reduction) else self._plus(rhs)[0]

    # sums ----------------------------------------------------------------------------------

    def _plus(self, total: Plus) -> Written:
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
            return (f"np.zeros({self._shape(target)})" if target else "0"), ATOM
        number, above, below = fraction(sp.together(spelled(size)))
        self._check(size)
        front = [self._scalar.in_product(a) for a in above]
        under = [self._scalar.in_product(b) for b in below]
        body = [] if term.of is None else [self._broadcast(term.of, term.axes, target)]
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
        code = self._scalar.ratio(number, parts, under).replace(" * 1 / ", " / ")
        return code, PRODUCT if len(parts) + len(under) > 1 or number != 1 else ATOM

    def _broadcast(self, node: Node, axes: Axes, target: Axes) -> Written:
        """The node as it takes part in an operation on the target's axes."""
        written = self._node(node)
        if axes == target or not axes:
            return written
        if len(axes) == len(target) == 2 and axes == target[::-1]:
            return f"{within(written, ATOM)}.T", ATOM
        places = [target.index(i) for i in axes if i in target]
        if len(places) < len(axes) or places != sorted(places):
            raise NoMatrixForm
        if target[-len(axes) :] == axes:
            return written
        items = [":" if n in places else "None" for n in range(places[0], len(target))]
        return f"{within(written, ATOM)}[{', '.join(items)}]", ATOM

    # nodes ---------------------------------------------------------------------------------

    def _node(self, node: Node) -> Written:
        match node:
            case Leaf(entry):
                return self._leaf(entry), ATOM
            case Softmax(of, over):
                return f"special.softmax({self._leaf(of.entry)}{self._axis(of.axes, over)})", ATOM
            case Unit((index,)):
                return f"np.ones({self._size(index.size)})", ATOM
            case Identity((index, _)):
                return f"np.eye({self._size(index.size)})", ATOM
            case OneHot(label, size):
                return f"np.eye({self._size(size)})[{self._position(label)}]", ATOM
            case Diag(of):
                return f"np.diag({self._node(of)[0]})", ATOM
            case Transposed(of):
                return f"{within(self._node(of), ATOM)}.T", ATOM
            case Entrywise():
                return self._entrywise(node)
            case Hadamard(parts, axes):
                return self._hadamard(parts, axes)
            case Outer(Unit((i,)), Unit((j,))):
                return f"np.ones(({self._size(i.size)}, {self._size(j.size)}))", ATOM
            case Outer(left, right):
                return f"np.outer({self._node(left)[0]}, {self._node(right)[0]})", ATOM
            case Chain(links):
                return self._chain(links)
            case Trace((Transposed(first), last)):
                product = self._hadamard(_merged(first, last), last.axes)
                return f"np.sum({product[0]})", ATOM
            case Trace(links):
                return f"np.trace({self._chain(links)[0]})", ATOM
            case Plus():
                return self._plus(node)
        raise NoMatrixForm

    def _power(self, node: Node, exponent: sp.Expr) -> Written:
        written = self._node(node)
        if exponent == 1:
            return written
        code = self._scalar.doprint(code_of(written) ** exponent)
        return code, ATOM if exponent == sp.S.Half else POWER

    def _entrywise(self, node: Entrywise) -> Written:
        names = {}
        for n, part in enumerate(node.of):
            names[slot(n)] = code_of(self._broadcast(part, part.axes, node.axes))
        expression = node.expression.xreplace(names)
        code = self._scalar.doprint(expression)
        if expression.is_Add or code.startswith("-"):
            return code, SUM
        if expression.is_Mul or (expression.is_Pow and expression.exp.is_negative):
            return code, PRODUCT
        return code, POWER if expression.is_Pow and expression.exp != sp.S.Half else ATOM

    def _hadamard(self, parts: tuple[tuple[Node, sp.Expr], ...], axes: Axes) -> Written:
        above: list[str] = []
        below: list[str] = []
        for node, exponent in parts:
            written = self._broadcast(node, node.axes, axes)
            if abs(exponent) != 1:
                written = self._scalar.doprint(code_of(written) ** abs(exponent)), POWER
            (below if exponent.is_negative else above).append(within(written, POWER))
        code = self._scalar.ratio(sp.S.One, above, below)
        return code, POWER if len(above) == 1 and not below else PRODUCT

    def _chain(self, links: tuple[Node, ...]) -> Written:
        """Diagonals scale a neighbour, ones sum a neighbour, the rest is multiplied."""
        match links:
            case (Unit(), Leaf(entry)) if (
                len(entry.subscripts) == 2 and len(set(entry.subscripts)) == 1
            ):
                return f"np.trace({entry.tensor.name})", ATOM
            case (Unit(), *rest, Unit()) if len(rest) == 1:
                return f"np.sum({self._node(rest[0])[0]})", ATOM
        written: list[Written] = []
        waiting: Written | None = None
        current = list(links)
        while current:
            link = current.pop(0)
            if isinstance(link, Diag):
                vector = self._node(link.of)
                if current and isinstance(current[0], Unit):
                    current.pop(0)
                    written.append(vector)
                elif current:
                    waiting = vector
                else:
                    written.append(
                        (f"{within(written.pop(), PRODUCT)} * {within(vector, POWER)}", PRODUCT)
                    )
                continue
            if isinstance(link, Unit):
                written, current = self._summed(written, current, links)
                continue
            same = [self._node(k) == self._node(link) for k in current]
            run = 1 + (same.index(False) if False in same else len(same))
            if isinstance(link, Transposed) and run > 1:
                inner = " @ ".join([within(self._node(link.of), POWER)] * run)
                part: Written = f"({inner}).T", ATOM
                current = current[run - 1 :]
            else:
                part = self._node(link)
            if waiting is not None:
                column = (
                    within(waiting, ATOM) + "[:, None]"
                    if len(link.axes) == 2
                    else within(waiting, POWER)
                )
                part, waiting = (f"{column} * {within(part, POWER)}", PRODUCT), None
            written.append(part)
        if len(written) == 1:
            return written[0]
        return " @ ".join(within(w, POWER) for w in written), PRODUCT

    def _summed(
        self, written: list[Written], rest: list[Node], links: tuple[Node, ...]
    ) -> tuple[list[Written], list[Node]]:
        """The ones at an end of a chain as a sum of what stands beside them."""
        if written:
            before, last = links[-2], written.pop()
            if isinstance(before, Transposed) and last == self._node(before):
                return [*written, (f"np.sum({self._node(before.of)[0]}, axis=0)", ATOM)], rest
            return [*written, (f"np.sum({last[0]}, axis=1)", ATOM)], rest
        after, *others = rest
        if isinstance(after, Diag):
            return [self._node(after.of)], others
        if len(after.axes) == 1:
            return [(f"np.sum({self._node(after)[0]})", ATOM)], others
        axis = 1 if isinstance(after, Transposed) else 0
        code = self._node(after.of if isinstance(after, Transposed) else after)[0]
        return [(f"np.sum({code}, axis={axis})", ATOM)], others

    # entries and sizes ---------------------------------------------------------------------

    def _leaf(self, entry: Entry) -> str:
        name, plain = entry.tensor.name, [s for s in entry.subscripts if isinstance(s, Index)]
        if len(plain) == len(entry.subscripts):
            return f"np.diag({name})" if len(set(plain)) < len(plain) else name
        axes = leaf(entry).axes
        items = [":" if isinstance(s, Index) else self._position(s) for s in entry.subscripts]
        if len(axes) == len(plain) and any(isinstance(s, Entry) for s in entry.subscripts):
            label = items[1 - entry.subscripts.index(plain[0])]
            return f"{name}[np.arange(len({label})), {label}]"
        while items[-1] == ":":
            items.pop()
        return f"{name}[{', '.join(items)}]"

    def _position(self, subscript: Index | Affine | Entry) -> str:
        if isinstance(subscript, Entry):
            return self._leaf(subscript)
        assert isinstance(subscript, Affine)
        return self._size(subscript.offset)

    def _size(self, size: sp.Expr) -> str:
        self._check(size)
        return str(self._scalar.doprint(size))

    def _shape(self, axes: Axes) -> str:
        sizes = [self._size(i.size) for i in axes]
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"

    def _check(self, size: sp.Expr) -> None:
        """A size that is called like a tensor cannot be written down."""
        if {s.name for s in size.free_symbols} & self._names:
            raise NoMatrixForm

    # reductions ----------------------------------------------------------------------------

    def _reduction(self, reduction: Reduction) -> str:
        axes = tuple(s for s in reduction.operand.subscripts if isinstance(s, Index))
        module = "special" if reduction.kind == "logsumexp" else "np"
        name, where = reduction.operand.tensor.name, self._axis(axes, reduction.over)
        return f"{module}.{reduction.kind}({name}{where})"

    def _matrix_value(self, value: MatrixValue) -> str:
        name = value.operand.tensor.name
        *_, rows, columns = value.operand.subscripts
        matrix = name if (rows, columns) == value.over else f"np.swapaxes({name}, -1, -2)"
        function = BY_NAME[value.function]
        call = function.numpy.format(matrix)
        if call.startswith("np."):
            return call
        scipy = any(name.startswith("scipy.") for name in function.spelled)
        return f"scipy.{call}" if scipy else f"np.{call}"  # kernels import linalg by itself

    def _axis(self, axes: Axes, over: Axes) -> str:
        places = sorted(axes.index(i) for i in over)
        if len(places) == len(axes):
            return ""
        return f", axis={places[0]}" if len(places) == 1 else f", axis={tuple(places)}"


def _merged(first: Node, last: Node) -> tuple[tuple[Node, sp.Expr], ...]:
    one = sp.S.One
    return ((first, sp.Integer(2)),) if first == last else ((first, one), (last, one))
