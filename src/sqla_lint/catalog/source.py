"""SQLAlchemy's source as data: modules, what their names are bound to, classes and their members.

Read with `ast`, never imported: the version to be read need not be the one that is installed, and
`typing.get_type_hints` fails for a third of the methods (their names exist under TYPE_CHECKING
only). Two tables of names are kept per module: what exists at run time, and, beside it, what
only type checkers see, which is needed to understand annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

FunctionDef: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

SKIPPED = ("sqlalchemy.testing",)  # SQLAlchemy's own test machinery; nobody's API
MAX_HOPS = 20  # re-exports followed before a name counts as unresolvable


class Imported(NamedTuple):
    """``from module import name``; ``name`` is "" for ``import module``."""

    module: str
    name: str


@dataclass(slots=True)
class ClassSource:
    """A class statement. ``members`` are those of its own body, in source order."""

    module: str
    name: str
    node: ast.ClassDef
    members: dict[str, list[ast.stmt]] = field(default_factory=dict)  # run time; all overloads
    typed: dict[str, list[ast.stmt]] = field(default_factory=dict)  # under TYPE_CHECKING
    assigned: dict[str, ast.expr | None] = field(default_factory=dict)  # self.x = ... annotation
    proxied: tuple[tuple[str, str], ...] = ()  # (name, attribute|method|classmethod) it forwards
    proxy_of: ast.expr | None = None  # ... to this class

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


class FunctionSource(NamedTuple):
    """A function of a module, with its overloads; the implementation is last."""

    module: str
    name: str
    nodes: tuple[FunctionDef, ...]

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


class ValueSource(NamedTuple):
    """Any other binding of a module."""

    module: str
    name: str
    value: ast.expr | None

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


class ModuleSource(NamedTuple):
    """A module itself, as the thing a dotted name leads to."""

    module: str

    @property
    def dotted(self) -> str:
        return self.module


Symbol: TypeAlias = ClassSource | FunctionSource | ValueSource | ModuleSource
Binding: TypeAlias = Imported | ClassSource | FunctionSource | ValueSource


@dataclass(slots=True)
class Module:
    """One file of the library."""

    name: str
    is_package: bool
    names: dict[str, Binding] = field(default_factory=dict)  # at run time
    typed: dict[str, Binding] = field(default_factory=dict)  # what type checkers see besides
    stars: list[str] = field(default_factory=list)


class Library:
    """All modules of one SQLAlchemy."""

    def __init__(self, modules: dict[str, Module], version: str) -> None:
        self.modules = modules
        self.version = version
        self._mro: dict[int, list[ClassSource]] = {}

    def lookup(
        self, module: str, name: str, *, typing: bool = False, hops: int = 0
    ) -> Symbol | None:
        """What ``module.name`` is, through re-exports; ``typing``: as a type checker sees it."""
        for hop in range(hops, MAX_HOPS):
            found = self.modules.get(module)
            if found is None:
                return None
            binding = found.names.get(name)
            if typing and not isinstance(binding, (ClassSource, FunctionSource)):
                binding = found.typed.get(name, binding)
            if binding is None:
                submodule = f"{module}.{name}"
                return ModuleSource(submodule) if submodule in self.modules else None
            if isinstance(binding, ValueSource) and isinstance(
                binding.value, (ast.Name, ast.Attribute)
            ):
                alias = self.resolve(module, binding.value, typing=typing, hops=hop + 1)
                return binding if alias is None or isinstance(alias, ModuleSource) else alias
            if not isinstance(binding, Imported):
                return binding
            if not binding.name:
                return ModuleSource(binding.module) if binding.module in self.modules else None
            module, name = binding.module, binding.name
        return None

    def resolve(
        self, module: str, node: ast.expr, *, typing: bool = False, hops: int = 0
    ) -> Symbol | None:
        """What a name or attribute path written in ``module`` is."""
        if isinstance(node, ast.Name):
            return self.lookup(module, node.id, typing=typing, hops=hops)
        if isinstance(node, ast.Attribute):
            base = self.resolve(module, node.value, typing=typing, hops=hops)
            if isinstance(base, ModuleSource):
                return self.lookup(base.module, node.attr, typing=typing, hops=hops)
        return None

    def symbols(self) -> Iterator[tuple[str, str, Symbol]]:
        """Each (module, name, symbol) that exists at run time."""
        for module in self.modules.values():
            for name in module.names:
                symbol = self.lookup(module.name, name)
                if symbol is not None:
                    yield module.name, name, symbol

    def bases(self, cls: ClassSource) -> list[ClassSource | str]:
        """Its direct bases; one from outside SQLAlchemy is its name as written."""
        out: list[ClassSource | str] = []
        written: list[ast.expr] = []
        for base in cls.node.bases:
            with_metaclass = isinstance(base, ast.Call) and decorator_name(base) == "with_metaclass"
            written.extend(
                base.args[1:] if isinstance(base, ast.Call) and with_metaclass else [base]
            )
        for base in written:
            node = base.value if isinstance(base, ast.Subscript) else base
            symbol = self.resolve(cls.module, node, typing=True)
            if isinstance(symbol, ClassSource) and symbol is not cls:
                out.append(symbol)
            else:
                out.append(decorator_name(node))
        return out

    def mro(self, cls: ClassSource) -> list[ClassSource]:
        """Its method resolution order, without classes from outside."""
        found = self._mro.get(id(cls))
        if found is None:
            own = [base for base in self.bases(cls) if isinstance(base, ClassSource)]
            found = [cls, *_merge([*(self.mro(base) for base in own), own])]
            self._mro[id(cls)] = found
        return found


def _merge(sequences: list[list[ClassSource]]) -> list[ClassSource]:
    """C3; where it has no answer (a base we could not see), the first in line goes next."""
    out: list[ClassSource] = []
    rest = [list(sequence) for sequence in sequences if sequence]
    while rest:
        for sequence in rest:
            head = sequence[0]
            if not any(head in other[1:] for other in rest):
                break
        else:
            head = rest[0][0]
        out.append(head)
        rest = [[c for c in sequence if c is not head] for sequence in rest]
        rest = [sequence for sequence in rest if sequence]
    return out


# --- reading ------------------------------------------------------------------------------------


def read(directory: Path) -> Library:
    """The library whose package directory (the one with ``__init__.py``) is ``directory``."""
    modules: dict[str, Module] = {}
    version = ""
    for path in sorted(directory.rglob("*.py")):
        parts = ["sqlalchemy", *path.relative_to(directory).with_suffix("").parts]
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        if name.startswith(SKIPPED):
            continue
        tree = ast.parse(path.read_bytes())
        module = Module(name, is_package)
        _read_body(module, tree.body, typed=False)
        modules[name] = module
        if name == "sqlalchemy":
            version = _version(tree)
    library = Library(modules, version)
    _expand_stars(library)
    return library


def _version(tree: ast.Module) -> str:
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "__version__"
            and isinstance(node.value, ast.Constant)
        ):
            return str(node.value.value)
    return ""


def is_type_checking(test: ast.expr) -> bool:
    """Whether a test is TYPE_CHECKING itself, so that its body never runs."""
    if isinstance(test, ast.Attribute):
        return test.attr == "TYPE_CHECKING"
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def is_python_2(test: ast.expr) -> bool:
    """``util.py2k``: 1.4 still has branches for Python 2."""
    return isinstance(test, (ast.Name, ast.Attribute)) and ast.unparse(test).endswith("py2k")


def _read_body(module: Module, body: Iterable[ast.stmt], *, typed: bool) -> None:
    table = module.typed if typed else module.names
    for node in body:
        match node:
            case ast.ClassDef():
                table[node.name] = _read_class(module.name, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                known = table.get(node.name)
                before = known.nodes if isinstance(known, FunctionSource) else ()
                table[node.name] = FunctionSource(module.name, node.name, (*before, node))
                _read_globals_set(module, node)
            case ast.Import():
                for alias in node.names:
                    if alias.asname:
                        table[alias.asname] = Imported(alias.name, "")
                    else:
                        first = alias.name.partition(".")[0]
                        table[first] = Imported(first, "")
            case ast.ImportFrom():
                origin = _absolute(module, node)
                for alias in node.names:
                    if alias.name == "*":
                        module.stars.append(origin)
                    else:
                        table[alias.asname or alias.name] = Imported(origin, alias.name)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                _read_assignment(module, node, table)
            case ast.If() if not is_python_2(node.test):
                only_typed = typed or is_type_checking(node.test)
                _read_body(module, node.body, typed=only_typed)
                _read_otherwise(module, node.orelse, typed=typed)
            case ast.If():
                _read_body(module, node.orelse, typed=typed)
            case ast.Try():
                _read_body(module, node.body, typed=typed)
                _read_body(module, node.orelse, typed=typed)
                for handler in node.handlers:
                    _read_otherwise(module, handler.body, typed=typed)
                _read_body(module, node.finalbody, typed=typed)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        table.pop(target.id, None)
            case ast.With() | ast.For() | ast.While():
                _read_body(module, node.body, typed=typed)
            case _:
                pass


def _read_otherwise(module: Module, body: Iterable[ast.stmt], *, typed: bool) -> None:
    """The other branch: it binds what the first one did not (fallbacks, old Pythons)."""
    other = Module(module.name, module.is_package)
    _read_body(other, body, typed=typed)
    for name, binding in other.names.items():
        module.names.setdefault(name, binding)
    for name, binding in other.typed.items():
        module.typed.setdefault(name, binding)
    module.stars.extend(other.stars)


def _read_globals_set(module: Module, function: FunctionDef) -> None:
    """``global X; from .y import X`` in a function that the module runs when imported."""
    shared = {name for n in ast.walk(function) if isinstance(n, ast.Global) for name in n.names}
    for node in ast.walk(function) if shared else ():
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in shared:
                    module.names[alias.name] = Imported(_absolute(module, node), alias.name)


def _read_assignment(
    module: Module, node: ast.Assign | ast.AnnAssign | ast.AugAssign, table: dict[str, Binding]
) -> None:
    if isinstance(node, ast.AnnAssign) and node.value is None:
        table = module.typed  # a bare annotation binds nothing
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for name in ast.walk(target):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                value = node.value if name is target else None
                table[name.id] = ValueSource(module.name, name.id, value)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    drop = node.level - (1 if module.is_package else 0)
    base = parts[: len(parts) - drop]
    return ".".join([*base, *([node.module] if node.module else [])])


def _expand_stars(library: Library) -> None:
    for module in library.modules.values():
        for origin in module.stars:
            source = library.modules.get(origin)
            for name in source.names if source else ():
                if not name.startswith("_"):
                    module.names.setdefault(name, Imported(origin, name))


# --- classes ------------------------------------------------------------------------------------


def _read_class(module: str, node: ast.ClassDef) -> ClassSource:
    cls = ClassSource(module, node.name, node)
    _read_members(cls, node.body, typed=False)
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator_name(decorator) == "create_proxy_methods":
            cls.proxied = tuple(_proxied(decorator))
            cls.proxy_of = decorator.args[0]
    return cls


def _read_members(cls: ClassSource, body: Iterable[ast.stmt], *, typed: bool) -> None:
    table = cls.typed if typed else cls.members
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                table.setdefault(node.name, []).append(node)
                if not typed:
                    _read_attributes_set(cls, node)
            case ast.ClassDef():
                table.setdefault(node.name, []).append(node)
            case ast.Assign():
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            table.setdefault(name.id, []).append(node)
            case ast.AnnAssign() if isinstance(node.target, ast.Name):
                # a bare annotation binds nothing, yet says that instances have it
                table.setdefault(node.target.id, []).append(node)
            case ast.If():
                if not is_python_2(node.test):
                    _read_members(cls, node.body, typed=typed or is_type_checking(node.test))
                _read_members(cls, node.orelse, typed=typed)
            case ast.Try():
                _read_members(cls, node.body, typed=typed)
            case _:
                pass


def _read_attributes_set(cls: ClassSource, function: FunctionDef) -> None:
    """``self.x = ...`` in any method: instances have an ``x``."""
    if not function.args.args:
        return
    this = function.args.args[0].arg
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == this
        ):
            cls.assigned.setdefault(node.attr, None)


def _proxied(call: ast.Call) -> Iterator[tuple[str, str]]:
    for keyword in call.keywords:
        if keyword.arg in ("classmethods", "methods", "attributes") and isinstance(
            keyword.value, (ast.List, ast.Tuple)
        ):
            for element in keyword.value.elts:
                if isinstance(element, ast.Constant):
                    yield str(element.value), keyword.arg[:-1]


def decorator_name(node: ast.expr) -> str:
    """``util.deprecated(...)`` → ``deprecated``."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def decorators(node: ast.stmt) -> dict[str, ast.expr]:
    """The decorators of a definition by their last name."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {decorator_name(d): d for d in node.decorator_list}
    return {}
