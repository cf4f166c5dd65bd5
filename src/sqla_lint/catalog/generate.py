"""Make the catalog's data from SQLAlchemy's source.

    python -m sqla_lint.catalog.generate [DIRECTORY] [--output FILE]

DIRECTORY is a ``sqlalchemy`` package directory, installed or unpacked; without it, the one the
running Python would import (it is not imported). 1.4 has no annotations: what it has is read from
its source, and what that gives from the data of `REFERENCE`, which therefore has to be made first.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import NamedTuple

from sqla_lint.catalog import classes, effects
from sqla_lint.catalog import kinds as k
from sqla_lint.catalog.describe import Describer
from sqla_lint.catalog.member import Member, decode, encode
from sqla_lint.catalog.overrides import OVERRIDES
from sqla_lint.catalog.source import (
    ClassSource,
    FunctionSource,
    Library,
    Symbol,
    ValueSource,
    read,
)

DATA = Path(__file__).parent / "data"
REFERENCE = "2.0"  # names are spelled as this version spells them; returns come from it for 1.4
# Bases from outside that give a class no name anyone would look for.
_NO_MEMBERS = ("object", "Generic", "Protocol", "ABC", "TypedDict")


class Reference(NamedTuple):
    """What is taken over from the data of `REFERENCE`."""

    names: dict[str, str]  # importable path -> canonical
    functions: dict[str, Member]
    members: dict[str, dict[str, Member]]


NOTHING = Reference({}, {}, {})


def reference() -> Reference:
    raw = json.loads((DATA / f"sqlalchemy-{REFERENCE}.json").read_text("utf-8"))
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
        self._effects = effects.table()
        self.describer = Describer(library, self.classify)
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
                shown = sorted(n for n in own if n == "__getattr__" or not n.startswith("_"))
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
                for name, member in self.describer.members(cls).items():
                    table.setdefault(name, member)
            if kind == k.COLUMN_EXPR:
                for name, member in self.describer.comparators(self.symbols.values()).items():
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

    def _finish(self, kind: str, name: str, member: Member) -> Member:
        """Add what no source says: from the reference, the effects, the overrides."""
        if not self.annotated and self.known is not None:
            member = _fill(member, self.known.members.get(kind, {}).get(name))
        done, raises = self._effects.get((kind.rstrip("!"), name), ((), ""))
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
            made = self.describer.factory(symbol)
            return known or made if made is not None else None
        if not isinstance(symbol, FunctionSource):
            return None
        member = self.describer.function(symbol)
        return member if self.annotated else _fill(member, known)

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
