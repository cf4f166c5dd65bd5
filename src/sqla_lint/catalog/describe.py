"""A member or function of SQLAlchemy as its own definition describes it.

What the source does not say (effects, corrections, what 1.4 leaves unannotated) is added by
`catalog.generate`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from sqla_lint.catalog import kinds as k
from sqla_lint.catalog import typehints
from sqla_lint.catalog.member import Member
from sqla_lint.catalog.source import (
    ClassSource,
    FunctionDef,
    FunctionSource,
    Library,
    Symbol,
    ValueSource,
    decorator_name,
    decorators,
)
from sqla_lint.catalog.typehints import Classify, Type

_PROPERTIES = ("property", "memoized_attribute")  # how the names of property decorators end
MAX_ALIASES = 3  # of members: `notin_ = not_in`


class Describer:
    """Describes the definitions of one library; ``classify`` says which class is which kind."""

    def __init__(self, library: Library, classify: Classify) -> None:
        self.library = library
        self.classify = classify

    def members(self, cls: ClassSource) -> dict[str, Member]:
        """The members of one class, inherited ones included, as its source says."""
        out: dict[str, Member] = {}
        for base in self.library.mro(cls):
            for name in (*base.members, *base.assigned):
                if name not in out:
                    out[name] = self._member(cls, base, name)
            target = base.proxy_of and self.library.resolve(base.module, base.proxy_of)
            known = self.members(target) if isinstance(target, ClassSource) else {}
            for name, how in base.proxied:
                if name not in out:
                    same = known.get(name, Member())
                    out[name] = Member(
                        property=how == "attribute",
                        coroutine=same.coroutine,
                        awaitable=same.awaitable,
                        deprecated=same.deprecated,
                    )
        return out

    def comparators(self, symbols: Iterable[Symbol]) -> dict[str, Member]:
        """What the comparators nested in types and relationships add to every expression."""
        out: dict[str, Member] = {}
        for symbol in symbols:
            if not isinstance(symbol, ClassSource):
                continue
            for node in symbol.members.get("Comparator", ()):
                if isinstance(node, ast.ClassDef):
                    nested = ClassSource(symbol.module, node.name, node)
                    for item in node.body:
                        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                            nested.members.setdefault(item.name, []).append(item)
                    for name in nested.members:
                        out.setdefault(name, self._member(nested, nested, name))
        return out

    def _member(self, cls: ClassSource, base: ClassSource, name: str, hops: int = 0) -> Member:
        nodes = base.members.get(name) or base.typed.get(name) or []
        functions = [n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        if any(isinstance(n, ast.Assign) and _makes_property(n.value) for n in nodes):
            return Member(property=True)
        if functions:
            typed = [
                n
                for n in base.typed.get(name, [])
                if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
            ]
            return self._described(cls, base, functions, typed)
        for node in nodes:
            if isinstance(node, ast.AnnAssign):
                return _of(self._type(base, node.annotation), property=True)
            value = node.value if isinstance(node, ast.Assign) else None
            for part in value.args if isinstance(value, ast.Call) else [value]:  # x = cast(T, y)
                if isinstance(part, ast.Name) and part.id in base.members and hops < MAX_ALIASES:
                    return self._member(cls, base, part.id, hops + 1)
        return Member(property=True)

    def _described(
        self,
        cls: ClassSource,
        base: ClassSource,
        nodes: list[FunctionDef],
        typed: list[FunctionDef],
    ) -> Member:
        """A method or property from its definitions: overloads first, the implementation last.

        A property's setter comes after it, so the first node decides whether it is one.
        """
        is_property = any(_is_property(node) for node in nodes)
        node = nodes[0] if is_property else nodes[-1]
        marks = decorators(node)
        result = self._type(base, node.returns)
        if not result.kind:
            getters = [n for n in nodes if _is_property(n)] if is_property else nodes
            for other in (*getters, *typed):
                result = self._type(base, other.returns)
                if result.kind:
                    break
        if _is_self(node, result):
            result = Type(k.SELF)
        inplace = any(c.name == "InPlaceGenerative" for c in self.library.mro(cls))
        generative = any(c.name == "Generative" for c in self.library.mro(cls))
        member = _of(
            _manager(result, marks),
            property=is_property,
            coroutine=isinstance(node, ast.AsyncFunctionDef) and not _is_generator(node),
            generative=not inplace
            and ("_generative" in marks or (generative and result.kind == k.SELF))
            and not node.name.startswith("__"),
            deprecated=_deprecated(marks),
        )
        if "_generative" in marks and not member.returns:
            member = member._replace(returns=k.SELF)
        return member._replace(awaitable=member.awaitable or member.coroutine)

    def _type(self, base: ClassSource, node: ast.expr | None) -> Type:
        return typehints.resolve(self.library, self.classify, base.module, node, base)

    def function(self, symbol: FunctionSource) -> Member:
        """What a call of a function of a module gives."""
        node = symbol.nodes[-1]
        marks = decorators(node)
        result = typehints.UNKNOWN
        for each in (node, *symbol.nodes):
            result = typehints.resolve(self.library, self.classify, symbol.module, each.returns)
            if result.kind:
                break
        member = _of(
            _manager(result, marks),
            coroutine=isinstance(node, ast.AsyncFunctionDef) and not _is_generator(node),
            deprecated=_deprecated(marks),
        )
        return member._replace(awaitable=member.awaitable or member.coroutine)

    def factory(self, symbol: ValueSource) -> Member | None:
        """1.4's ``select = public_factory(Select._create, ...)``: an instance of the class. None
        for a value that is no function."""
        call = symbol.value
        if isinstance(call, ast.Attribute) and call.attr == "_unbound_fn":
            return Member(returns=k.LOADER_OPTION)
        if not isinstance(call, ast.Call) or decorator_name(call) != "public_factory":
            return None
        node = call.args[0]
        while True:
            made = self.library.resolve(symbol.module, node)
            if isinstance(made, ClassSource):
                kind, is_async = self.classify(made)
                return Member(returns=kind, is_async=is_async)
            if not isinstance(node, ast.Attribute):
                return Member()
            node = node.value


def _of(
    result: Type,
    *,
    property: bool = False,
    coroutine: bool = False,
    generative: bool = False,
    deprecated: str = "",
) -> Member:
    return Member(
        returns=result.kind,
        coroutine=coroutine,
        property=property,
        generative=generative,
        enters=result.enters,
        deprecated=deprecated,
        is_async=result.is_async,
        of=result.of,
        optional=result.optional,
        awaitable=result.awaitable,
    )


def _manager(result: Type, marks: dict[str, ast.expr]) -> Type:
    """``@contextmanager`` over a generator; ``@asyncstartablecontext`` can be awaited too."""
    if result.kind != k.GENERATOR:
        return result
    if "contextmanager" in marks or "asynccontextmanager" in marks:
        return Type(k.CONTEXT_MANAGER, is_async=result.of_async, enters=result.of)
    if "asyncstartablecontext" in marks:
        return Type(result.of, is_async=result.of_async, enters=result.of, awaitable=True)
    return result


def _is_property(node: FunctionDef) -> bool:
    return any(name.endswith(_PROPERTIES) for name in decorators(node))


def _makes_property(value: ast.expr) -> bool:
    """``bind = property(_get, _set)``"""
    return isinstance(value, ast.Call) and decorator_name(value).endswith(_PROPERTIES)


def _is_generator(node: FunctionDef) -> bool:
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(node))


def _is_self(node: FunctionDef, result: Type) -> bool:
    """``def where(self: SelfSelect, ...) -> SelfSelect`` and the like."""
    args = node.args.args
    if not args or args[0].annotation is None or node.returns is None or result.kind:
        return False
    return ast.unparse(args[0].annotation) == ast.unparse(node.returns)


def _deprecated(marks: dict[str, ast.expr]) -> str:
    for name, node in marks.items():
        if name in ("deprecated_20", "moved_20", "became_legacy_20"):
            return "1.4"
        if name == "deprecated" and isinstance(node, ast.Call) and node.args:
            version = node.args[0]
            if isinstance(version, ast.Constant):
                return str(version.value)
    return ""
