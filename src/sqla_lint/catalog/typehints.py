"""From an annotation in SQLAlchemy's source to a kind.

Names are looked up in the module that wrote them, type checkers' imports included; aliases
(``_X = Union[...]``) are followed. What has no kind is "".
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds as k
from sqla_lint.catalog.source import ClassSource, Library, ValueSource

MAX_ALIASES = 8  # aliases of aliases followed; SQLAlchemy's longest chain is 4


class Type(NamedTuple):
    """A type as far as kinds go."""

    kind: str = ""
    is_async: bool = False
    of: str = ""
    optional: bool = False
    enters: str = ""
    of_async: bool = False
    awaitable: bool = False


UNKNOWN = Type()

Classify: TypeAlias = Callable[[ClassSource], tuple[str, bool]]

_PLAIN: dict[str, str] = {
    "str": k.STR,
    "int": k.INT,
    "bool": k.BOOL,
    "float": k.FLOAT,
    "bytes": k.BYTES,
    "None": k.NONE,
    "NoReturn": k.NONE,
    "Never": k.NONE,
}
_CONTAINERS: dict[str, str] = {
    "list": k.LIST,
    "List": k.LIST,
    "Sequence": k.LIST,
    "MutableSequence": k.LIST,
    "tuple": k.TUPLE,
    "Tuple": k.TUPLE,
    "set": k.SET,
    "Set": k.SET,
    "frozenset": k.SET,
    "FrozenSet": k.SET,
    "AbstractSet": k.SET,
    "dict": k.DICT,
    "Dict": k.DICT,
    "Mapping": k.DICT,
    "MutableMapping": k.DICT,
    "immutabledict": k.DICT,
    "Iterator": k.GENERATOR,
    "Iterable": k.GENERATOR,
    "Generator": k.GENERATOR,
    "AsyncIterator": k.GENERATOR,
    "AsyncIterable": k.GENERATOR,
    "AsyncGenerator": k.GENERATOR,
}
_MANAGERS = frozenset(
    (
        "AbstractContextManager",
        "ContextManager",
        "AbstractAsyncContextManager",
        "AsyncContextManager",
        "_GeneratorContextManager",
        "_AsyncGeneratorContextManager",
    )
)
# TypeVars whose bound says nothing, and what SQLAlchemy uses them for.
_TYPE_VARS: dict[str, str] = {"_O": k.ENTITY}


def resolve(
    library: Library,
    classify: Classify,
    module: str,
    node: ast.expr | None,
    owner: ClassSource | None = None,
    depth: int = 0,
) -> Type:
    """The type an annotation of ``module`` says."""

    def again(inner: ast.expr) -> Type:
        return resolve(library, classify, module, inner, owner, depth + 1)

    if node is None or depth > 4 * MAX_ALIASES:
        return UNKNOWN
    match node:
        case ast.Constant(value=None):
            return Type(k.NONE)
        case ast.Constant(value=str(text)):
            return again(ast.parse(text, mode="eval").body)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([again(left), again(right)])
        case ast.Subscript(value=value, slice=index):
            items = index.elts if isinstance(index, ast.Tuple) else [index]
            return _subscript(_last(value), items, again, again(value))
        case ast.Name() | ast.Attribute():
            pass
        case _:
            return UNKNOWN
    name = _last(node)
    if name in ("Self", "SelfType"):
        return Type(k.SELF)
    symbol = library.resolve(module, node, typing=True)
    if isinstance(symbol, ClassSource):
        if name == "immutabledict":  # SQLAlchemy's own; its Tuple and Sequence are no containers
            return Type(k.DICT)
        kind, is_async = classify(symbol)
        return Type(kind, is_async) if kind else Type(k.INSTANCE)
    if name in _TYPE_VARS:
        return Type(_TYPE_VARS[name])
    if isinstance(symbol, ValueSource):
        if symbol.value is None or isinstance(symbol.value, ast.Call):
            return UNKNOWN  # a TypeVar or something computed
        return resolve(library, classify, symbol.module, symbol.value, owner, depth + MAX_ALIASES)
    return Type(_PLAIN.get(name) or _CONTAINERS.get(name) or _outside(name))


def _outside(name: str) -> str:
    if name in _MANAGERS:
        return k.CONTEXT_MANAGER
    return {"Type": k.CLASS, "type": k.CLASS, "Callable": k.FUNCTION}.get(name, "")


def _subscript(
    name: str, items: Sequence[ast.expr], again: Callable[[ast.expr], Type], base: Type
) -> Type:
    if name == "Optional":
        return again(items[0])._replace(optional=True)
    if name == "Union":
        return _union([again(item) for item in items])
    if name in ("Literal",):
        return Type(k.STR)
    if name in ("Annotated", "ClassVar", "Final", "Required", "TypeGuard", "NotRequired"):
        return again(items[0])
    if name in ("Awaitable", "Coroutine"):
        return Type(k.COROUTINE)
    if name in _MANAGERS:
        inner = again(items[0])
        return Type(k.CONTEXT_MANAGER, is_async=inner.is_async, enters=inner.kind)
    kind = _CONTAINERS.get(name)
    if kind is not None and base.kind in ("", kind):
        element = again(items[-1] if kind == k.DICT else items[0]) if items else UNKNOWN
        return Type(kind, of=element.kind, of_async=element.is_async)
    return base


def _union(parts: list[Type]) -> Type:
    """What all parts agree on; None makes it optional."""
    optional = any(part.optional or part.kind == k.NONE for part in parts)
    some = [part for part in parts if part.kind != k.NONE]
    if not some:
        return Type(k.NONE)
    if len({(part.kind, part.is_async, part.of) for part in some}) == 1:
        return some[0]._replace(optional=optional)
    return Type(optional=optional)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
