"""Loops: one reading of the body at an index where steps are independent, else step by step.

A loop whose steps do not build on each other is read once, with an index for its counter: what
the steps add up becomes a sum over the index, what they write becomes an axis.  A loop that
carries a value from step to step is written out, which needs a number of steps.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import Index, fresh
from backproof.theory.trace.effects import gathered_in, stored
from backproof.theory.trace.gathering import Closed, Gathering
from backproof.theory.trace.operands import operand
from backproof.theory.trace.steps import Recurrence, Steps, listed, steps_of
from backproof.theory.trace.values import Collected, Condition, Label, Value, number
from backproof.theory.trace.writing import Assignments


class Skipped(Exception):
    """``continue``, on its way to its loop."""


class Ended(Exception):
    """``break``, on its way to its loop."""


class Loops(Assignments):
    """Reads ``for`` and comprehensions; ``masks`` are what restricts the loops being read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.masks: list[list[Value]] = []

    def visit_For(self, node: ast.For) -> None:
        if node.orelse:
            raise UnsupportedError("for", "else", "a loop without", "write it after the loop")
        steps = steps_of(self.visit(node.iter), self.row)
        if steps.length == 1 or steps.length == 0:
            self._one_by_one(node, steps)
            return
        kept = self._kept()
        try:
            self._at_index(node, steps)
        except (BackproofError, Skipped, Ended) as error:
            self._restore(kept)
            if not steps.known:
                if isinstance(error, BackproofError) and not isinstance(error, Recurrence):
                    raise
                steps.each()  # says what to do
            self._one_by_one(node, steps)

    def visit_Continue(self, node: ast.Continue) -> None:
        raise Skipped

    def visit_Break(self, node: ast.Break) -> None:
        raise Ended

    # step by step --------------------------------------------------------------------------

    def _one_by_one(self, node: ast.For, steps: Steps) -> None:
        for item in steps.each():
            self.assign(node.target, item, node.iter)
            try:
                for line in node.body:
                    self.visit(line)
            except Skipped:
                continue
            except Ended:
                break

    # at an index ---------------------------------------------------------------------------

    def _at_index(self, node: ast.For, steps: Steps) -> None:
        index = fresh(Index(self.statement.letters.of(steps.length), steps.length))
        bound = dict.fromkeys(stored(node.body))
        changed = [n for n in bound if n in self.scope]
        gathered: dict[str, Gathering] = {}
        for name in dict.fromkeys((*gathered_in(node.body), *changed)):
            if name not in self.scope:
                continue
            if name in gathered_in(node.body):
                gathered[name] = Gathering(name, self.scope[name])
                self.scope[name] = gathered[name]
            else:
                self.scope[name] = Closed(name, "its value of the step before")
        self.assign(node.target, steps.item(index), node.iter)
        self.masks.append(self._mask(steps, index))
        try:
            for line in node.body:
                self.visit(line)
        finally:
            self.masks.pop()
        for name in dict.fromkeys((*stored([node]),)):
            if name not in gathered:
                self.scope[name] = Closed(name, "its value of the last step")
        for name, gathering in gathered.items():
            found = gathering.finished(self.statement, index)
            self.name(name, found) if isinstance(found, Value) else self.scope.update({name: found})

    def _mask(self, steps: Steps, index: Index) -> list[Value]:
        """The factors 1[a ≤ b] that keep a counter within bounds that depend on another one."""
        if steps.within is None:
            return []
        pairs = steps.within(Label((), index, steps.length))
        found = [[operand(side, self.statement) for side in pair] for pair in pairs]
        return [operand(self.statement.compare(sp.Le, *sides), self.statement) for sides in found]

    def _restricted(self, value: Value) -> Value:
        """The value times the masks of the loops around it."""
        for mask in itertools.chain.from_iterable(self.masks):
            value = self.statement.multiply(mask, value)
        return value

    def visit_If(self, node: ast.If) -> None:
        """A test of counters masks what the branch adds; one that sizes decide picks a branch."""
        test = self.visit(node.test) if self.masks else None
        if not isinstance(test, Condition) or not counters(test):
            for line in node.body if self.decided(node.test) else node.orelse:
                self.visit(line)
            return
        other = Condition(test.axes, sp.Not(test.relation), test.arguments)
        for condition, lines in ((test, node.body), (other, node.orelse)):
            self.masks.append([operand(condition, self.statement)])
            try:
                for line in lines:
                    if not isinstance(line, ast.AugAssign):
                        raise Recurrence("if", "another statement than +=", "+=", "bind the size")
                    self.visit(line)
            finally:
                self.masks.pop()

    def _kept(self) -> Any:
        """What an attempt may change, to be put back when it fails."""
        scope = {k: list(v) if isinstance(v, list) else v for k, v in self.scope.items()}
        gathered = {k: v.copied() for k, v in self.scope.items() if isinstance(v, Gathering)}
        lists = {k: v for k, v in self.scope.items() if isinstance(v, list)}
        shares = {k: set(v) for k, v in self.shares.items()}
        return scope, lists, gathered, set(self.owned), shares, self.statement.saved()

    def _restore(self, kept: Any) -> None:
        scope, lists, gathered, owned, shares, saved = kept
        for name, items in lists.items():  # the same list, since other names may hold it
            items[:] = scope[name]
        for name, gathering in gathered.items():
            scope[name].restored(gathering)
        self.scope.clear()
        self.scope.update({**scope, **lists})
        self.owned, self.shares = owned, shares
        self.statement.restore(saved)

    # what gathers --------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> None:
        """``total = total + x`` gathers as ``total += x`` does."""
        target, value = node.targets[0], node.value
        if (
            len(node.targets) == 1
            and isinstance(target, ast.Name)
            and isinstance(self.scope.get(target.id), Gathering)
            and isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add | ast.Sub)
        ):
            for own, other in ((value.left, value.right), (value.right, value.left)):
                commutes = own is value.left or isinstance(value.op, ast.Add)
                if isinstance(own, ast.Name) and own.id == target.id and commutes:
                    part = self._signed(type(value.op), other)
                    self.scope[target.id].add(self.statement, self._restricted(part))
                    return
        super().visit_Assign(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            gathering = self.scope.get(node.target.id)
            if isinstance(gathering, Gathering):
                part = self._signed(type(node.op), node.value)
                gathering.add(self.statement, self._restricted(part))
                return
        super().visit_AugAssign(node)

    def _signed(self, kind: type[ast.operator], node: ast.expr) -> Value:
        value = operand(self.visit(node), self.statement)
        if kind is ast.Add:
            return value
        if kind is ast.Sub:
            return self.statement.multiply(number(-1), value)
        raise Recurrence("loop", f"{kind.__name__} from step to step", "+=", "bind the size")

    def add_in_place(self, target: ast.Subscript, kind: type[ast.operator], node: ast.expr) -> None:
        name = target.value.id if isinstance(target.value, ast.Name) else ""
        gathering = self.scope.get(name)
        if isinstance(gathering, Gathering):
            if any(self.masks):
                raise Recurrence("loop", "a masked +=", "a whole range", "bind the size")
            gathering.add_at(self.statement, self._items(target.slice), self._signed(kind, node))
            return
        super().add_in_place(target, kind, node)

    def _write(self, target: ast.Subscript, value: Any) -> None:
        name = target.value.id if isinstance(target.value, ast.Name) else ""
        gathering = self.scope.get(name)
        if isinstance(gathering, Gathering):
            if any(self.masks):
                raise Recurrence("loop", "a masked write", "a whole range", "bind the size")
            if name not in self.owned:
                self.check_write(name, f"write into a copy: {name} = {name}.copy()")
            gathering.write(
                self.statement, self._items(target.slice), operand(value, self.statement)
            )
            return
        super()._write(target, value)

    # comprehensions ------------------------------------------------------------------------

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        return self._comprehended(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> Any:
        return self._comprehended(node)

    def _comprehended(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        outer, kept = dict(self.scope), self._kept()
        try:
            return self._collected(node)
        except BackproofError as error:
            self._restore(kept)
            try:
                found = list(self._listed(node.elt, node.generators))
            except Recurrence:
                raise error from None
            return found
        finally:
            self.scope.clear()
            self.scope.update(outer)

    def _collected(self, node: ast.ListComp | ast.GeneratorExp) -> Collected:
        """Every generator is an index, the element is its formula."""
        loops, masks = [], []
        for generator in node.generators:
            steps = steps_of(self.visit(generator.iter), self.row, "comprehension")
            index = fresh(Index(self.statement.letters.of(steps.length), steps.length))
            loops.append(index)
            self.assign(generator.target, steps.item(index))
            masks += self._mask(steps, index)
            for test in generator.ifs:
                condition = self.visit(test)
                if not isinstance(condition, Condition) or not counters(condition):
                    raise Recurrence("comprehension", "a test of data", "np.where", "use np.where")
                masks.append(operand(condition, self.statement))
        element = self.visit(node.elt)
        if isinstance(element, Collected):
            element = listed(element)
        value = operand(element, self.statement)
        for mask in masks:
            value = self.statement.multiply(mask, value)
        return Collected(Value((*loops, *value.axes), value.rhs), len(loops), bool(masks))

    def _listed(self, element: ast.expr, generators: Sequence[ast.comprehension]) -> Iterator[Any]:
        """A Python list, item by item."""
        if not generators:
            yield self.visit(element)
            return
        first, *rest = generators
        steps = steps_of(self.visit(first.iter), self.row, "comprehension")
        if not steps.known:
            raise Recurrence("comprehension", f"{steps.length} items", "a number", "bind the size")
        for item in steps.each():
            self.assign(first.target, item)
            if all(self.decided(test) for test in first.ifs):
                yield from self._listed(element, rest)


def counters(condition: Condition) -> bool:
    """Whether a condition is about counters and labels alone."""
    return all(entry.tensor.dtype == "integer" for entry in condition.arguments)
