"""Make the catalog's data from SQLAlchemy's source.

    python -m sqla_lint.catalog.generate [DIRECTORY] [--output FILE]

DIRECTORY is a ``sqlalchemy`` package directory, installed or unpacked; without it, the one the
running Python would import (it is not imported). 1.4 has no annotations: what it has is read from
its source, and what that gives from the data of `REFERENCE`, which therefore has to be made first.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import sys
from pathlib import Path
from typing import NamedTuple

from sqla_lint.catalog import classes, effects, typehints
from sqla_lint.catalog import kinds as k
from sqla_lint.catalog.member import Member, decode, encode
from sqla_lint.catalog.overrides import OVERRIDES
from sqla_lint.catalog.source import (
    ClassSource,
    FunctionDef,
    FunctionSource,
    Library,
    Symbol,
    ValueSource,
    decorator_name,
    decorators,
    read,
)
from sqla_lint.catalog.typehints import Type

DATA = Path(__file__).parent / "data"
REFERENCE = "2.0"  # names are spelled as this version spells them; returns come from it for 1.4
_PROPERTIES = ("property", "memoized_attribute")  # how the names of property decorators end
# Bases from outside that give a class no name anyone would look for.
_NO_MEMBERS = ("object", "Generic", "Protocol", "ABC", "TypedDict")
MAX_ALIASES = 3  # of members: `notin_ = not_in`


class Reference(NamedTuple):
    """What is taken over from the data of `REFERENCE`."""

    names: dict[str, str]  # importable path -> canonical
    functions: dict[str, Member]
    members: dict[str, dict[str, Member]]


NOTHING = Reference({}, {}, {})


def reference() -> Reference:
    raw = json.loads((DATA / f"sqlalchemy-{REFERENCE}.json").read_text())
    names = {}
    for module, entries in raw["modules"].items():
        for entry in entries.split():
            name, equals, target = entry.partition("=")
            names[f"{module}.{name}"] = target if equals else f"{module}.{name}"
    return Reference(
        names,
        {name: decode(text) for name, text in raw["functions"].items()},
        {
            kind: {name: decode(text) for name, text in members.items()}
            for kind, members in raw["members"].items()
        },
    )


class Generator:
    """One library being described."""

    def __init__(self, library: Library, known: Reference | None) -> None:
        self.library = library
        self.known = known
        self.short = ".".join(library.version.split(".")[:2])
        self.annotated = self.short != "1.4"
        self._anchors: dict[str, str] = {}
        self._kinds: dict[str, tuple[str, bool]] = {}
        for path, kind in classes.ANCHORS:
            symbol = self._at(path)
            if isinstance(symbol, ClassSource):
                self._anchors.setdefault(symbol.dotted, kind)
        self.paths: dict[str, list[str]] = {}
        self.symbols: dict[str, Symbol] = {}
        for module, name, symbol in library.symbols():
            self.paths.setdefault(symbol.dotted, []).append(f"{module}.{name}")
            self.symbols[symbol.dotted] = symbol
        self.canonical: dict[str, str] = {}
        claimed: set[str] = set()  # two classes never share a name; 1.4 has two Engines
        for dotted in sorted(self.paths, key=lambda d: (d not in (known or NOTHING).names, d)):
            name = self._canonical(dotted, claimed)
            self.canonical[dotted] = name
            if isinstance(self.symbols[dotted], ClassSource):
                claimed.add(name)

    # --- names

    def _at(self, path: str) -> Symbol | None:
        module, _, name = path.rpartition(".")
        return self.library.lookup(module, name)

    def _canonical(self, dotted: str, claimed: set[str]) -> str:
        if dotted in self.library.modules:
            return dotted
        home, _, own_name = dotted.rpartition(".")

        def rank(path: str) -> tuple[bool, bool, int, bool, str]:
            module, _, name = path.rpartition(".")
            near = home == module or home.startswith(f"{module}.")
            return ("._" in path, name != own_name, path.count("."), not near, path)

        paths = sorted(self.paths[dotted], key=rank)
        if self.known is not None:
            for path in paths:
                target = self.known.names.get(path)
                same = target is not None and target.rpartition(".")[2] == own_name
                if target and same and target not in claimed:
                    return target
        return paths[0]

    def modules(self) -> dict[str, str]:
        """module -> "name name=canonical name=" (the last for what is not SQLAlchemy's)."""
        out = {}
        for module in sorted(self.library.modules.values(), key=lambda m: m.name):
            entries = []
            for name in sorted(module.names):
                symbol = self.library.lookup(module.name, name)
                target = "" if symbol is None else self.canonical.get(symbol.dotted, symbol.dotted)
                entries.append(name if target == f"{module.name}.{name}" else f"{name}={target}")
            out[module.name] = " ".join(entries)
        return out

    # --- classes

    def classify(self, cls: ClassSource) -> tuple[str, bool]:
        found = self._kinds.get(cls.dotted)
        if found is None:
            found = ("", False)
            for base in self.library.mro(cls):
                kind = self._anchors.get(base.dotted)
                if kind is not None:
                    found = (kind.rstrip("!"), kind.endswith("!"))
                    break
            self._kinds[cls.dotted] = found
        return found

    def classes(self) -> dict[str, str]:
        """canonical -> "KIND!|bases|own members"."""
        out = {}
        for dotted, symbol in self.symbols.items():
            if isinstance(symbol, ClassSource):
                kind, is_async = self.classify(symbol)
                bases = [
                    base if isinstance(base, str) else self.canonical.get(base.dotted, base.dotted)
                    for base in self.library.bases(symbol)
                ]
                own = {*symbol.members, *symbol.assigned, *(name for name, _ in symbol.proxied)}
                shown = sorted(n for n in own if n == "__getattr__" or not n.startswith("__"))
                ours = [b for b in bases if b not in _NO_MEMBERS]
                out[self.canonical[dotted]] = (
                    f"{kind}{'!' * is_async}|{' '.join(ours)}|{' '.join(shown)}"
                )
        return dict(sorted(out.items()))

    # --- members of kinds

    def members(self) -> dict[str, dict[str, Member]]:
        sources: dict[str, list[ClassSource]] = {}
        first = [symbol.dotted for path in classes.FIRST if (symbol := self._at(path))]

        def order(cls: ClassSource) -> tuple[int, int, int, str]:
            place = first.index(cls.dotted) if cls.dotted in first else len(first)
            return (place, cls.dotted not in self._anchors, cls.dotted.count("."), cls.dotted)

        for symbol in self.symbols.values():
            if isinstance(symbol, ClassSource):
                kind, is_async = self.classify(symbol)
                if kind:
                    sources.setdefault(kind + "!" * is_async, []).append(symbol)
        for path, kind in classes.SHARED:
            symbol = self._at(path)
            if isinstance(symbol, ClassSource):
                sources.setdefault(kind, []).append(symbol)
        out = {}
        for kind, found in sorted(sources.items()):
            table: dict[str, Member] = {}
            for cls in sorted(found, key=order):
                for name, member in self.members_of(cls).items():
                    table.setdefault(name, member)
            if kind == k.COLUMN_EXPR:
                for name, member in self._comparators().items():
                    table.setdefault(name, member)
            out[kind] = {
                name: self._finish(kind, name, member)
                for name, member in sorted(table.items())
                if _shown(name)
            }
        if not self.annotated and self.known is not None:
            self._add_unseen(out, self.known)
        return out

    def _add_unseen(self, out: dict[str, dict[str, Member]], known: Reference) -> None:
        for kind in classes.UNSEEN_IN_1_4:
            seen = out.setdefault(kind, {})
            for name, member in known.members[kind].items():
                if not name.startswith("__"):
                    seen.setdefault(name, member)
        loaders = out[classes.LOADERS_IN_1_4]
        for name, member in known.members[classes.LOADERS_IN_1_4].items():
            if self.library.lookup("sqlalchemy.orm", name) is not None:
                loaders.setdefault(name, member)

    def members_of(self, cls: ClassSource) -> dict[str, Member]:
        """The members of one class, inherited ones included, as its source says."""
        out: dict[str, Member] = {}
        for base in self.library.mro(cls):
            for name in (*base.members, *base.assigned):
                if name not in out:
                    out[name] = self._member(cls, base, name)
            target = base.proxy_of and self.library.resolve(base.module, base.proxy_of)
            known = self.members_of(target) if isinstance(target, ClassSource) else {}
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

    def _comparators(self) -> dict[str, Member]:
        """What the comparators nested in types and relationships add to every expression."""
        out: dict[str, Member] = {}
        for symbol in self.symbols.values():
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
        if _is_self(node, result, cls, self.classify):
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

    def _finish(self, kind: str, name: str, member: Member) -> Member:
        """Add what no source says: from the reference, the effects, the overrides."""
        if not self.annotated and self.known is not None:
            member = _fill(member, self.known.members.get(kind, {}).get(name))
        done, raises = effects.table().get((kind.rstrip("!"), name), ((), ""))
        member = member._replace(effects=done, raises=raises)
        return self._overridden(kind, name, member)

    def _overridden(self, where: str, name: str, member: Member) -> Member:
        for override in OVERRIDES:
            if (
                where in override.where
                and override.only in ("", self.short)
                and name in override.names.split()
            ):
                member = member._replace(**override.fields)  # type: ignore[arg-type]
        return member

    # --- functions

    def functions(self) -> dict[str, Member]:
        out = {}
        for dotted, symbol in self.symbols.items():
            name = self.canonical[dotted]
            member = self._function(name, symbol)
            if member is None:
                continue
            member = self._overridden("", name, member)
            if member != Member() or not name.rpartition(".")[2].startswith("_"):
                out[name] = member
        return dict(sorted(out.items()))

    def _function(self, name: str, symbol: Symbol) -> Member | None:
        known = self.known.functions.get(name) if self.known is not None else None
        if isinstance(symbol, ValueSource):
            call = symbol.value
            if isinstance(call, ast.Attribute) and call.attr == "_unbound_fn":
                return known or Member(returns=k.LOADER_OPTION)
            if not (
                isinstance(call, ast.Call)
                and isinstance(call.func, (ast.Name, ast.Attribute))
                and ast.unparse(call.func).rpartition(".")[2] == "public_factory"
            ):
                return None
            return known or self._factory(symbol.module, call.args[0])
        if not isinstance(symbol, FunctionSource):
            return None
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
        member = member._replace(awaitable=member.awaitable or member.coroutine)
        return member if self.annotated else _fill(member, known)

    def _factory(self, module: str, node: ast.expr) -> Member:
        """1.4's ``public_factory(Select._create, ...)``: the class it makes."""
        while node is not None:
            symbol = self.library.resolve(module, node)
            if isinstance(symbol, ClassSource):
                kind, is_async = self.classify(symbol)
                return Member(returns=kind, is_async=is_async)
            if not isinstance(node, ast.Attribute):
                break
            node = node.value
        return Member()

    def data(self) -> dict[str, object]:
        members, functions = self.members(), self.functions()

        def entered(kind: str) -> str:
            table = members.get(kind, {})
            enter = table.get("__aenter__" if kind.endswith("!") else "__enter__")
            return enter.returns if enter is not None else ""

        def managed(member: Member, receiver: str = "") -> Member:
            """Say what `with` and `await` do with the value, where its own kind knows it."""
            if member.enters:
                return member
            kind = member.returns + "!" * member.is_async
            kind = receiver if member.returns == k.SELF else kind
            bound = entered(kind)
            return member._replace(
                enters=kind.rstrip("!") if bound == k.SELF else bound,
                awaitable=member.awaitable or "__await__" in members.get(kind, ()),
            )

        return {
            "version": self.library.version,
            "modules": self.modules(),
            "classes": self.classes(),
            "functions": {name: encode(managed(m)) for name, m in functions.items()},
            "members": {
                kind: {name: encode(managed(m, kind)) for name, m in table.items()}
                for kind, table in members.items()
            },
        }


def _fill(member: Member, known: Member | None) -> Member:
    """What a version without annotations lacks, from one that has them."""
    if known is None:
        return member
    return member._replace(
        returns=member.returns or known.returns,
        # what a plain value does under `with` its own kind says: 1.4's results are no managers
        enters=member.enters or (known.enters if known.returns == k.CONTEXT_MANAGER else ""),
        is_async=member.is_async or known.is_async,
        of=member.of or known.of,
        optional=member.optional or known.optional,
        awaitable=member.awaitable or (known.awaitable and known.returns == k.CONTEXT_MANAGER),
    )


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


def _is_self(node: FunctionDef, result: Type, cls: ClassSource, classify: object) -> bool:
    """``def where(self: SelfSelect, ...) -> SelfSelect`` and the like."""
    args = node.args.args
    if not args or args[0].annotation is None or node.returns is None or result.kind:
        return False
    return ast.unparse(args[0].annotation) == ast.unparse(node.returns)


def _deprecated(marks: dict[str, ast.expr]) -> str:
    for name, node in marks.items():
        if name in ("deprecated_20", "moved_20"):
            return "1.4"
        if name == "deprecated" and isinstance(node, ast.Call) and node.args:
            version = node.args[0]
            if isinstance(version, ast.Constant):
                return str(version.value)
    return ""


_DUNDERS = frozenset(
    f"__{name}__"
    for name in (
        *("call", "enter", "exit", "aenter", "aexit", "await"),
        *("iter", "next", "aiter", "anext", "getitem", "contains", "len", "bool"),
        *("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "invert", "neg"),
        *("add", "sub", "mul", "truediv", "mod", "radd"),
    )
)
_SHOWN_PRIVATE = frozenset(("_mapping", "_asdict", "_fields", "_tuple", "_t"))


def _shown(name: str) -> bool:
    return not name.startswith("_") or name in _DUNDERS or name in _SHOWN_PRIVATE


def as_text(data: dict[str, object]) -> str:
    """JSON with one entry of a table a line, so that a new version is a readable diff."""
    return json.dumps(data, indent=0, ensure_ascii=False) + "\n"


def write(data: dict[str, object], path: Path) -> None:
    path.write_text(as_text(data), encoding="utf-8", newline="\n")


def make(directory: Path) -> dict[str, object]:
    """The data of the SQLAlchemy in ``directory``."""
    library = read(directory)
    is_reference = library.version.startswith(f"{REFERENCE}.")
    return Generator(library, None if is_reference else reference()).data()


def installed() -> Path | None:
    """Where the running Python has SQLAlchemy, without importing it."""
    spec = importlib.util.find_spec("sqlalchemy")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sqla_lint.catalog.generate")
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    directory: Path | None = options.directory or installed()
    if directory is None or not (directory / "__init__.py").is_file():
        print(f"no SQLAlchemy in {directory or 'this Python'}", file=sys.stderr)
        return 2
    data = make(directory)
    short = ".".join(str(data["version"]).split(".")[:2])
    output: Path = options.output or DATA / f"sqlalchemy-{short}.json"
    write(data, output)
    print(f"SQLAlchemy {data['version']} -> {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
