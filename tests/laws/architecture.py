"""The rules of the house: who imports whom, how files are named, and what no text says.

A rule is a function from the root of a checkout to its findings, one line each. Nothing is
imported or run: the sources are read with `ast`.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOMS = {"theory": "backproof.theory", "numerics": "backproof.numerics", "backproof": "backproof"}
BESIDE = ("tests", "benchmarks", "docs", "examples", "notebooks")

Rule = Callable[[Path], list[str]]
Line = tuple[int, str]  # the number of a line and what stands there

# Reading the sources -----------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A Python file: its path in the checkout, its installed name and its syntax tree."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.parts[0]

    @property
    def package(self) -> str:
        return self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]


def sources(root: Path, places: tuple[str, ...] = tuple(ROOMS)) -> list[Source]:
    """The Python files in some folders of a checkout; `.` stands for those in its root alone."""
    found = []
    patterns = ["*.py" if place == "." else f"{place}/**/*.py" for place in places]
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        relative, text = path.relative_to(root), path.read_text("utf-8")
        room, *inner = relative.with_suffix("").parts
        name = ".".join([ROOMS.get(room, room), *(part for part in inner if part != "__init__")])
        found.append(Source(relative, name, text, ast.parse(text, str(path))))
    return found


def imports(source: Source, tree: ast.AST | None = None) -> Iterator[Line]:
    """What a file (or a part of it) imports, by absolute name: `from a import b` is `a.b`."""
    for node in ast.walk(tree or source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = source.package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and last_name(node.func) in ("import_module", "__import__"):
            constants = [a.value for a in node.args if isinstance(a, ast.Constant)]
            yield from ((node.lineno, text) for text in constants if isinstance(text, str))


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`."""
    return getattr(node, "attr", getattr(node, "id", ""))


def first_name(node: ast.AST) -> str:
    """`a` of `a`, `*a`, `a.b.c` and `a(…)`."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def inside(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


# The rules ---------------------------------------------------------------------------------


def rooms_import_downwards(root: Path) -> list[str]:
    """theory knows SymPy and itself; numerics knows theory; neither knows the face."""
    own = {
        "theory": ("backproof.theory",),
        "numerics": ("backproof.theory", "backproof.numerics"),
    }
    findings = []
    for source in sources(root, ("theory", "numerics")):
        symbolic = (*sys.stdlib_module_names, "sympy", "mpmath", "backproof")
        for line, target in imports(source):
            outside = source.room == "theory" and target.split(".")[0] not in symbolic
            upwards = inside(target, ("backproof",)) and not inside(target, own[source.room])
            if outside or upwards:
                findings.append(f"{source.path}:{line}: {source.room} may not import {target}")
    return findings


def rooms_are_imported_by_installed_name(root: Path) -> list[str]:
    """`from backproof.theory import …` everywhere, never `from theory import …`."""
    return [
        f"{source.path}:{line}: import {target} as backproof.{target}"
        for source in sources(root, (*ROOMS, *BESIDE, "."))
        for line, target in imports(source)
        if inside(target, ("theory", "numerics"))
    ]


def imports_make_no_circle(root: Path) -> list[str]:
    """The modules can be put in an order in which each imports only earlier ones.

    Two kinds of import point upwards and are not counted: those for types alone, and those in
    the methods by which an object shows itself (`__str__` has to ask the printer).
    """
    house = {source.name: source for source in sources(root)}
    graph = {
        name: {module_of(target, house) for _, target in layered_imports(source)} - {"", name}
        for name, source in house.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["these import each other in a circle: " + " <- ".join(error.args[1])]
    return []


def layered_imports(source: Source) -> Iterator[Line]:
    """What a file imports, without the two kinds that may point upwards."""
    return imports(source, WithoutUpwards().visit(ast.parse(source.text)))


class WithoutUpwards(ast.NodeTransformer):
    """Leaves out `if TYPE_CHECKING:` and the methods by which an object shows itself."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if last_name(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        shows = re.fullmatch(r"__(str|repr|format)__|_repr_\w+_", node.name)
        return None if shows else self.generic_visit(node)


def module_of(target: str, house: dict[str, Source]) -> str:
    """The module that an import reads: the longest part of its name that is one."""
    while target and target not in house:
        target = target.rpartition(".")[0]
    return target


def files_have_names(root: Path) -> list[str]:
    """No file or folder is named for holding anything at all."""
    vague = re.compile(r"_?(utils?|helpers?|misc|common)")
    paths = [path for place in (*ROOMS, *BESIDE) for path in sorted((root / place).rglob("*"))]
    return [
        f"{path.relative_to(root)}: name it for what it holds"
        for path in paths
        if vague.fullmatch(path.stem)
    ]


def files_are_short(root: Path) -> list[str]:
    """A file is read in one sitting."""
    lengths = {source.path: len(source.text.splitlines()) for source in sources(root)}
    return [f"{path}: {n} lines, more than 320" for path, n in lengths.items() if n > 320]


def members_are_listed(root: Path) -> list[str]:
    """In a package whose `__init__` holds a tuple of members, each module gives it one.

    Such an open set is `ACTIVATIONS = (relu, sigmoid)` with relu.py and sigmoid.py beside it. A
    tuple is taken for one if it is empty or names something that comes from a module beside it.
    The one module that is no member is the one that every member's module imports.
    """
    house = sources(root)
    findings = []
    for source in (source for source in house if source.path.stem == "__init__"):
        beside = modules_beside(root / source.path)
        origin = origins(source)
        given = {
            name: {origin.get(first_name(element), "") for element in elements} & beside
            for name, elements in upper_case_tuples(source.tree)
            if not elements or beside & {origin.get(first_name(element)) for element in elements}
        }
        listed = set().union(*given.values())
        for module in sorted(beside - listed if given else ()):
            if not imported_by_all(module, listed, source, house):
                where = f"{source.path.parent}/{module}"
                findings.append(f"{where}: no member of it is in {' or '.join(given)}")
    return findings


def imported_by_all(module: str, members: set[str], package: Source, house: list[Source]) -> bool:
    """Whether each of some modules of a package imports another module of it."""
    importing = {
        source.name.removeprefix(f"{package.name}.")
        for source in house
        for _, target in imports(source)
        if inside(target, (f"{package.name}.{module}",))
    }
    return bool(members) and members <= importing


def modules_beside(path: Path) -> set[str]:
    """The modules and packages in the folder of a file."""
    files = {other.stem for other in path.parent.glob("*.py")} - {"__init__", "__main__"}
    return files | {other.parent.name for other in path.parent.glob("*/__init__.py")}


def upper_case_tuples(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    """The constants of a file that are written as tuples, each with its elements."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Tuple):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id.isupper():
                    yield target.id, node.value.elts


def origins(source: Source) -> dict[str, str]:
    """For each name imported from the package's own modules: which module it comes from."""
    found = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, (_, target) in zip(node.names, imports(source, node), strict=True):
                if inside(target, (source.name,)):
                    module = target.removeprefix(f"{source.name}.").split(".")[0]
                    found[alias.asname or alias.name] = module
    return found


def every_step_has_a_reason(root: Path) -> list[str]:
    """No `simplify`, which is unstable and gives no reason; no `eval`; no bare `except`."""
    return [
        f"{source.path}:{line}: {what}"
        for source in sources(root)
        for node in ast.walk(source.tree)
        for line, what in reasonless(node)
    ]


def reasonless(node: ast.AST) -> Iterator[Line]:
    """What stands in one node of a syntax tree that the rule above forbids."""
    if isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "simplify":
        yield node.lineno, "no simplify here: write the rewriting as a named step"
    if isinstance(node, ast.ImportFrom) and "simplify" in [alias.name for alias in node.names]:
        yield node.lineno, "no simplify here: write the rewriting as a named step"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "eval":
        yield node.lineno, "no eval here: parse with ast against a list of allowed names"
    if isinstance(node, ast.ExceptHandler) and node.type is None:
        yield node.lineno, "no bare except here: name the exceptions"


# Written so that this file does not itself hold what it forbids.
ELSEWHERE = re.compile(r"/wor[k]/|/hom[e]/\w|/User[s]/\w|\.\./share[d]|share[d]/cases|DESIGN[.]md")
WRITTEN = {".py", ".md", ".toml", ".ipynb", ".tex", ".html", ".css", ".v", ".json", ".sh", ""}


def nothing_outside_is_named(root: Path) -> list[str]:
    """A clone is complete: no text names a place of the machine that it was written on."""
    inner = [path for place in (*ROOMS, *BESIDE, ".ci") for path in (root / place).rglob("*")]
    return [
        f"{path.relative_to(root)}:{number}: names a place outside: {line.strip()[:80]}"
        for path in sorted([*root.glob("*"), *inner])
        if path.is_file() and path.suffix in WRITTEN and path.name != ".git"  # of a worktree
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if ELSEWHERE.search(line)
    ]


RULES: tuple[Rule, ...] = (
    rooms_import_downwards,
    rooms_are_imported_by_installed_name,
    imports_make_no_circle,
    files_have_names,
    files_are_short,
    members_are_listed,
    every_step_has_a_reason,
    nothing_outside_is_named,
)
