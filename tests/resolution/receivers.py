"""Every receiver of a call that looks like database work, with the kind the linter gives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqla_lint.catalog import load
from sqla_lint.ir import Function, Module, Op
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import Kind
from sqla_lint.project.link import link
from sqla_lint.project.linked import DATABASE_KINDS, Project
from sqla_lint.project.target import find_target
from sqla_lint.project.unresolved import reason
from sqla_lint.run import understood
from sqla_lint.settings import Settings

STRONG = frozenset(
    {"execute", "scalar", "scalars", "commit", "rollback", "flush", "add_all", "refresh"}
    | {"query", "begin_nested", "merge"}
)
# Methods that dictionaries, sets, files and HTTP clients have, too.
WEAK = frozenset({"add", "delete", "get", "begin", "connect", "close", "stream"})


class Receiver(NamedTuple):
    """One call ``place.method(...)``."""

    path: str
    function: str
    at: int
    place: str
    method: str
    kind: Kind
    reason: str

    @property
    def answer(self) -> str:
        """ "db", "other" (known, and no database object) or "unknown"."""
        if not self.kind.known:
            return "unknown"
        return "db" if self.kind.name in DATABASE_KINDS else "other"


def lowered(*folders: Path) -> list[Module]:
    """The modules of a code base that a run looks at."""
    project = understood(list(folders), Settings()).project
    return list(project.knowledge.index.modules.values())


def linked(folder: Path, modules: list[Module]) -> Project:
    """The code base as a run links it."""
    for module in modules:
        module.name = module.name.split("@")[0]
    return link(modules, load(find_target(folder).version))


def receivers(project: Project) -> Iterator[Receiver]:
    """All of them, in functions that touch a database and in all others."""
    for label, (module, function) in sorted(project.knowledge.functions.items()):
        if not any(_looks_like_it(op) for block in function.blocks for op in block.ops):
            continue
        typed = project.typed.get(label) or infer(module, function, project.knowledge)
        yield from _of(typed, function)


def _of(typed: Typed, function: Function) -> Iterator[Receiver]:
    seen: set[int] = set()
    for number, block in enumerate(function.blocks):
        for i, op in enumerate(block.ops):
            if not _looks_like_it(op) or op.at in seen:  # a copy of a `finally`
                continue
            seen.add(op.at)
            kind = typed.on[number][i]
            yield Receiver(
                typed.module.path,
                function.qualname,
                op.at,
                str(op.on),
                op.name or "",
                kind,
                "" if kind.known else reason(op, function),
            )


def _looks_like_it(op: Op) -> bool:
    return op.do == "call" and (op.name in STRONG or op.name in WEAK) and isinstance(op.on, str)
