"""The preamble of a program: what depends on sizes alone, computed once for each of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence


class Preamble:
    """Names for expressions; equal expressions share one."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken  # names that the code uses already; those given out are added
        self.kind = self.free("kind")  # the dtype
        self.name_of: dict[str, str] = {}
        self.own: list[str] = []
        self.view_of: dict[str, str] = {}  # a name that is a view, and the array that it views

    def free(self, wish: str) -> str:
        """The name, or the first of name2, name3, … that is free."""
        return free(self.taken, wish)

    @property
    def lines(self) -> list[str]:
        """The definitions, in order."""
        return [*self.own, *(f"{name} = {code}" for code, name in self.name_of.items())]

    def name(self, code: str, wish: str, views: str | None = None) -> ast.expr:
        """The name of an expression, a new one for a new expression.

        One that ``views`` an array must be a view: a copy would keep what the array held before.
        """
        if views is not None:
            code = uncopied(code)
        if code not in self.name_of:
            name = self.name_of[code] = self.free(wish)
            if views is not None:
                self.view_of[name] = views
        return ast.Name(self.name_of[code], ast.Load())

    def array(self, code: str, wish: str) -> ast.expr:
        """A new array that lines write to, under a name of its own."""
        name = self.free(wish)
        self.own.append(f"{name} = {code}")
        return ast.Name(name, ast.Load())

    def ones(self, size: str) -> ast.expr:
        """A vector of ones."""
        return self.name(f"np.ones({size}, {self.kind})", "ones")

    def zeros(self, shape: Sequence[str], memory: Sequence[int]) -> ast.expr:
        """An array of zeros, its axes in some order in memory."""
        return self.name(self.lying("zeros", shape, memory, self.kind), "zeros")

    @staticmethod
    def lying(function: str, shape: Sequence[str], memory: Sequence[int], kind: str) -> str:
        """The code of a new array whose axes lie in some order in memory."""
        code = f"np.{function}(({', '.join(shape[n] for n in memory)},), {kind})"
        if list(memory) == sorted(memory):
            return code
        return f"{code}.transpose({', '.join(str(list(memory).index(n)) for n in sorted(memory))})"

    def total(self, size: str, longest: int) -> ast.expr:
        """The sum of a vector of some size, as a function."""
        return self.name(
            f"np.ones({size}, {self.kind}).dot if {size} <= {longest} else np.sum", "total"
        )

    def constant(self, code: str) -> ast.expr:
        """A number as an array without axes, which a ufunc need not convert."""
        return self.name(f"np.array({code}, {self.kind})", "c")

    def function(self, code: str) -> ast.expr:
        """A function of NumPy or SciPy."""
        return self.name(code, code.replace("np.", "").replace("special.", "").replace(".", "_"))


def uncopied(code: str) -> str:
    """The code with every reshape refused that would have to copy."""
    tree = ast.parse(code, mode="eval")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == "reshape" and not node.keywords:
            node.keywords.append(ast.keyword("copy", ast.Constant(False)))
    return ast.unparse(tree)


def free(taken: set[str], wish: str) -> str:
    """The name, or the first of name2, name3, … that is not taken; now it is."""
    name, count = wish, 1
    while name in taken:
        count += 1
        name = f"{wish}{count}"
    taken.add(name)
    return name
