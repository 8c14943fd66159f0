"""torch: functions, modules, and `autograd.Function` classes."""

from __future__ import annotations

import ast
import copy
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backproof.numerics.adapters.frameworks.framework import (
    Array,
    Framework,
    Native,
    readable,
    title_of,
)


class Torch(Framework):
    """Functions of tensors; gradients by ``torch.autograd.grad``.

    A module is a function of its arguments and of its parameters, whose dots become underscores.
    A tensor shares its memory with the array that it is made of, so that a change in place shows.
    """

    name = "torch"
    package = "torch"

    def owns(self, function: Any) -> bool:
        kinds = function.__mro__ if inspect.isclass(function) else type(function).__mro__
        known = {f"{k.__module__}.{k.__qualname__}" for k in kinds}
        module = getattr(function, "__module__", None) or ""
        builtin = inspect.isbuiltin(function) and (
            module.partition(".")[0] == "torch" or "_VariableFunctions" in repr(function)
        )
        return builtin or bool(known & {
            "torch.nn.modules.module.Module", "torch.autograd.function.Function",
            "torch.jit.ScriptFunction", "torch._jit_internal.ScriptFunction",
        })  # fmt: skip

    def dtype(self) -> str:
        return str(self.require().get_default_dtype()).removeprefix("torch.")

    def lifted(self, array: Array) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a read-only array: whether it is written to is seen
            return self.require().from_numpy(np.asarray(array))

    def lowered(self, value: Any) -> Any:
        return value.detach().cpu().numpy() if isinstance(value, self.require().Tensor) else value

    def pullback(
        self, function: Callable[..., Any], arrays: Sequence[Array], upstream: Array
    ) -> tuple[Any, list[Any]]:
        torch = self.require()
        before = [np.array(a) for a in arrays]
        value = function(*map(self.lifted, arrays))
        leaves = [self.lifted(a if np.array_equal(a, b, True) else b)
                  for a, b in zip(arrays, before, strict=True)]  # fmt: skip
        leaves = [leaf.detach().requires_grad_() for leaf in leaves]
        # what changes its arguments in place may not be given the leaves themselves
        changed = any(not np.array_equal(a, b, True) for a, b in zip(arrays, before, strict=True))
        with torch.enable_grad():
            traced = function(*(leaf.clone() if changed else leaf for leaf in leaves))
        if not traced.requires_grad:
            return value, [torch.zeros_like(leaf) for leaf in leaves]
        cotangent = self.lifted(upstream).to(traced.dtype)
        found = torch.autograd.grad(traced, leaves, cotangent, allow_unused=True)
        made = zip(found, leaves, strict=True)
        return value, [torch.zeros_like(leaf) if g is None else g for g, leaf in made]

    def native(self, function: Any) -> Native:
        torch = self.require()
        if isinstance(function, torch.nn.Module):
            return _module(function, torch)
        if inspect.isclass(function) and issubclass(function, torch.autograd.Function):
            return _of_class(function, torch)
        own, code = readable(function) or _told(function), inspect.unwrap(function)
        return Native(function, title_of(function), own, code=code)


def _of_class(function: Any, torch: Any) -> Native:
    """``apply`` of an `autograd.Function`; what it is given by keywords is in order."""
    own = readable(function.forward)
    plain = function.setup_context is torch.autograd.Function.setup_context
    if own is not None and plain:  # the first parameter of forward is then the context
        own = own.replace(parameters=list(own.parameters.values())[1:])

    def call(*given: Any, **named: Any) -> Any:
        return function.apply(*given, *named.values())

    return Native(call, function.__name__, own, code=function.backward)


def _module(module: Any, torch: Any) -> Native:
    """A module as a function of its arguments and its parameters."""
    copies: dict[Any, Any] = {}
    names = {_plain(name): name for name, _ in module.named_parameters()}

    def call(*given: Any, **named: Any) -> Any:
        held = {names[n]: v for n, v in named.items() if n in names}
        rest = {n: v for n, v in named.items() if n not in names}
        tensors = [t for t in (*given, *rest.values(), *held.values()) if hasattr(t, "dtype")]
        kind = next((t.dtype for t in tensors if t.is_floating_point()), torch.float32)
        if kind not in copies:
            copies[kind] = copy.deepcopy(module).to(kind)
        return torch.func.functional_call(copies[kind], held, given, rest)

    own = inspect.signature(module.forward)
    keywords = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names]
    last = [p for p in own.parameters.values() if p.kind is p.VAR_KEYWORD]
    first = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
    signature = own.replace(parameters=[*first, *keywords, *last])
    shapes = {_plain(n): tuple(p.shape) for n, p in module.named_parameters()}
    return Native(call, type(module).__name__, signature, shapes, type(module).forward)


def _plain(name: str) -> str:
    """The name of a parameter as an identifier: ``0.weight`` is ``_0_weight``."""
    plain = name.replace(".", "_")
    return plain if plain.isidentifier() else f"_{plain}"


def _told(function: Any) -> inspect.Signature | None:
    """The signature that the first line of a built-in function's documentation tells."""
    for line in (inspect.getdoc(function) or "").splitlines()[:3]:
        head = line.partition("->")[0].strip()
        try:
            tree = ast.parse(f"def {head}: ...")
        except SyntaxError:
            continue
        given = tree.body[0].args  # type: ignore[attr-defined]
        return inspect.Signature(_parameters(given))
    return None


def _parameters(given: ast.arguments) -> list[inspect.Parameter]:
    """Those with a default by keyword: what is told does not say which may stand in order."""
    kind = inspect.Parameter
    plain = [*given.posonlyargs, *given.args]
    first = len(plain) - len(given.defaults)
    found = [kind(a.arg, kind.POSITIONAL_OR_KEYWORD) for a in plain[:first]]
    defaults = [*given.defaults, *given.kw_defaults]
    return found + [
        kind(a.arg, kind.KEYWORD_ONLY, default=kind.empty if d is None else _literal(d))
        for a, d in zip([*plain[first:], *given.kwonlyargs], defaults, strict=True)
    ]


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


torch = Torch()
