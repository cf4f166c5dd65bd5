"""What names mean where an edit puts them: bindings, scopes, and imports that are already there."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import libcst as cst

from sqla_lint.syntax.edit_suite import SUITES
from sqla_lint.syntax.edit_text import EditError, NewImport
from sqla_lint.syntax.edit_tree import Tree, walk

Scope: TypeAlias = cst.Module | cst.FunctionDef | cst.ClassDef | cst.Lambda | cst.BaseComp

# The same objects under the names of their inner modules.
_SAME: dict[str, tuple[str, ...]] = {
    "sqlalchemy": ("sqlalchemy.sql", "sqlalchemy.sql.expression"),
    "sqlalchemy.orm": ("sqlalchemy.orm.session", "sqlalchemy.ext.declarative"),
}
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class Binding(NamedTuple):
    """A name given a meaning. ``module`` and ``attribute`` say what an import brings."""

    name: str
    node: cst.CSTNode
    module: str = ""
    attribute: str = ""  # "" for `import module`
    star: bool = False

    @property
    def is_import(self) -> bool:
        return bool(self.module)


class Use(NamedTuple):
    """A place where a name is to be used: the scopes it sees, innermost first."""

    position: int
    scopes: tuple[Scope, ...]

    @property
    def at_import(self) -> bool:
        """Whether it runs when the module is imported."""
        return not any(isinstance(scope, (cst.FunctionDef, cst.Lambda)) for scope in self.scopes)


class Names:
    """The bindings of a file."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._bound: dict[int, dict[str, list[Binding]]] = {}
        self.stars: list[Binding] = []
        self.mentioned: set[str] = set()
        for node in tree.nodes:
            if isinstance(node, cst.Name):
                self.mentioned.add(node.value)
            above = tree.above(node)
            if above is not None and isinstance(above[0], cst.ImportAlias):
                continue  # the import statement tells
            for binding in _bindings(node):
                self._add(node, binding)

    def _add(self, node: cst.CSTNode, binding: Binding) -> None:
        if binding.star:
            self.stars.append(binding)
            return
        for scope in self._scopes_of_binding(node, binding):
            self._bound.setdefault(id(scope), {}).setdefault(binding.name, []).append(binding)

    def _scopes_of_binding(self, node: cst.CSTNode, binding: Binding) -> list[Scope]:
        if isinstance(node, (cst.Global, cst.Nonlocal)):
            return self.scopes(node)  # somewhere between here and the module: all are suspect
        found = self.scopes(binding.node)
        if not isinstance(node, cst.CompFor):
            found = [scope for scope in found if not isinstance(scope, _COMPREHENSIONS)]
        return found[:1]

    def scopes(self, node: cst.CSTNode) -> list[Scope]:
        """The scopes around a node, innermost first. Definitions lie in the scope they bind in."""
        tree = self._tree
        found: list[Scope] = []
        current = node
        while (above := tree.above(current)) is not None:
            parent, field = above
            if (
                (isinstance(parent, (cst.FunctionDef, cst.Lambda)) and field in ("body", "params"))
                or (isinstance(parent, cst.ClassDef) and field == "body")
                or isinstance(parent, (*_COMPREHENSIONS, cst.Module))
            ):
                found.append(parent)
            current = parent
        return found

    def use(self, node: cst.CSTNode) -> Use:
        scopes = self.scopes(node)
        visible = [
            scope
            for index, scope in enumerate(scopes)
            if not isinstance(scope, cst.ClassDef) or index == 0
        ]
        return Use(self._tree.extent(node)[0], tuple(visible))

    def bound(self, scope: Scope, name: str) -> list[Binding]:
        return self._bound.get(id(scope), {}).get(name, [])

    def bound_in(self, scope: Scope) -> dict[str, list[Binding]]:
        return self._bound.get(id(scope), {})

    def runs_before(self, binding: Binding, scope: Scope, use: Use) -> bool:
        """Whether a binding has surely happened whenever a use runs."""
        tree = self._tree
        line = tree.above(binding.node)
        home = tree.above(line[0]) if line is not None else None
        suite = line[0] if line is not None and isinstance(line[0], SUITES) else None
        if suite is None and home is not None and isinstance(home[0], SUITES):
            suite = home[0]
        if suite is None:
            return False
        position = tree.extent(binding.node)[1]
        if isinstance(suite, cst.Module) and not use.at_import:
            return True
        start, end = tree.extent(suite)
        return start <= position <= use.position <= end or (
            isinstance(suite, cst.Module) and position <= use.position
        )


def _bindings(node: cst.CSTNode) -> list[Binding]:
    """What a single node binds."""
    if isinstance(node, cst.Import):
        return [_import(alias, node) for alias in node.names]
    if isinstance(node, cst.ImportFrom):
        return _import_from(node)
    if isinstance(node, (cst.Global, cst.Nonlocal)):
        return [Binding(item.name.value, item) for item in node.names]
    target = _target(node)
    names = _target_names(target) if target is not None else []
    # a definition binds outside of itself, all else where it stands
    return [
        Binding(name.value, node if not isinstance(node, cst.CompFor) else name) for name in names
    ]


_TARGETS = (
    cst.AssignTarget,
    cst.AnnAssign,
    cst.AugAssign,
    cst.For,
    cst.CompFor,
    cst.NamedExpr,
    cst.Del,
)
_NAMED = (
    cst.AsName,
    cst.Param,
    cst.FunctionDef,
    cst.ClassDef,
    cst.MatchAs,
    cst.MatchStar,
    cst.TypeAlias,
    cst.TypeVar,
    cst.TypeVarTuple,
    cst.ParamSpec,
)


def _target(node: cst.CSTNode) -> cst.CSTNode | None:
    """The part of a node whose names it binds."""
    if isinstance(node, _TARGETS):
        return node.target
    if isinstance(node, _NAMED):
        return node.name
    return node.rest if isinstance(node, cst.MatchMapping) else None


def _target_names(target: cst.CSTNode) -> list[cst.Name]:
    """The names in an assignment target; in `x.a[i]` none is bound."""
    if isinstance(target, (cst.Attribute, cst.Subscript)):
        return []
    return [node for node in walk(target) if isinstance(node, cst.Name)]


def _import(alias: cst.ImportAlias, node: cst.Import) -> Binding:
    module = _dotted(alias.name)
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return Binding(alias.asname.name.value, node, module)
    return Binding(module.split(".")[0], node, module, "")


def _import_from(node: cst.ImportFrom) -> list[Binding]:
    module = "." * len(node.relative) + (_dotted(node.module) if node.module else "")
    if isinstance(node.names, cst.ImportStar):
        return [Binding("*", node, module, "*", star=True)]
    found = []
    for alias in node.names:
        attribute = _dotted(alias.name)
        name = attribute
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            name = alias.asname.name.value
        found.append(Binding(name, node, module, attribute))
    return found


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def same_module(module: str, other: str) -> bool:
    """Whether both bring the same objects."""
    return module == other or other in _SAME.get(module, ())


class Spelling(NamedTuple):
    """How a name of another module is written, and the import that is still missing for it."""

    text: str
    missing: NewImport | None = None


def spell(names: Names, module: str, name: str, uses: Sequence[Use]) -> Spelling:
    """How ``module.name`` is said at some places: as the file says it, else by a new import."""
    for candidate in _candidates(names, module, name, uses):
        root = candidate.split(".")[0]
        if all(_means(names, root, module, name, candidate, use) for use in uses):
            return Spelling(candidate)
    for new in (NewImport(module, name), NewImport(module, name, _alias(module, name))):
        if _free(names, new, uses):
            return Spelling(new.alias or new.name, new)
    raise EditError(f"`{name}` has another meaning here")


def _alias(module: str, name: str) -> str:
    return f"sa_{name}" if module.split(".")[0] == "sqlalchemy" else f"{name}_"


def _candidates(names: Names, module: str, name: str, uses: Sequence[Use]) -> list[str]:
    """How the imports in sight would say it; the shortest way of the nearest scope first."""
    found: list[tuple[int, int, str]] = []
    scopes = uses[0].scopes if uses else ()
    for depth, scope in enumerate(scopes):
        for bindings in names.bound_in(scope).values():
            for binding in bindings:
                text = _says(binding, module, name)
                if text:
                    found.append((text.count("."), depth, text))
    return list(dict.fromkeys(text for _, _, text in sorted(found)))


def _says(binding: Binding, module: str, name: str) -> str | None:
    """The spelling of ``module.name`` that an import makes possible."""
    if not binding.is_import:
        return None
    if binding.attribute:
        if binding.attribute == name and same_module(module, binding.module):
            return binding.name
        if f"{binding.module}.{binding.attribute}" == module:  # from sqlalchemy import orm
            return f"{binding.name}.{name}"
        return None
    if binding.module == module:
        if binding.name == module.split(".")[0]:  # import sqlalchemy[.orm]
            return f"{module}.{name}"
        return f"{binding.name}.{name}"  # import sqlalchemy as sa
    if binding.module.startswith(module + ".") and binding.name == module.split(".")[0]:
        return f"{module}.{name}"  # import sqlalchemy.orm brings sqlalchemy too
    return None


def _means(names: Names, root: str, module: str, name: str, text: str, use: Use) -> bool:
    """Whether a spelling means ``module.name`` at a place, whichever way the place is reached."""
    for scope in use.scopes:
        bindings = names.bound(scope, root)
        if not bindings:
            continue
        plain = [binding for binding in bindings if not _plain_package(binding, root, text)]
        return all(_says(binding, module, name) == text for binding in plain) and any(
            _says(binding, module, name) == text and names.runs_before(binding, scope, use)
            for binding in bindings
        )
    return False


def _plain_package(binding: Binding, root: str, text: str) -> bool:
    """`import sqlalchemy.x` beside `import sqlalchemy.orm`: both bind the same package."""
    return (
        binding.is_import
        and not binding.attribute
        and binding.name == root == binding.module.split(".")[0]
        and text.startswith(root + ".")
    )


def _free(names: Names, new: NewImport, uses: Sequence[Use]) -> bool:
    """Whether a new import at the head of the module is seen at all places and hides nothing."""
    name = new.alias or new.name
    for use in uses:
        if any(names.bound(scope, name) for scope in use.scopes[:-1]):
            return False
    module_scope = uses[0].scopes[-1] if uses else None
    bindings = names.bound(module_scope, name) if module_scope is not None else []
    if bindings:
        return all(
            binding.attribute == new.name and same_module(new.module, binding.module)
            for binding in bindings
        )
    if name not in names.mentioned:
        return True
    # mentioned, but bound elsewhere: a builtin, a star import, or only a local of another function
    return not hasattr(builtins, name) and all(
        same_module(new.module, star.module) for star in names.stars
    )
