"""Globals that are set later: by functions (``global engine``) and by other modules; variables of
a function that those in it set (``nonlocal session``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqla_lint.project.kind import FOREIGN, Kind, join

if TYPE_CHECKING:
    from sqla_lint.project.infer import Typed
    from sqla_lint.project.knowledge import Knowledge

Assigned = dict[str, dict[str, Kind]]


def assigned_by(functions: Iterable[Typed], knowledge: Knowledge) -> Assigned:
    """What functions set, by module and name, where all agree. A test may set a stand-in."""
    found: Assigned = {}
    for typed in functions:
        if not typed.assigned:
            continue
        in_tests = knowledge.told.is_test(typed.module.path)
        for module, name, kind in typed.assigned:
            if in_tests and (not kind.known or kind.name == FOREIGN):
                continue
            there = found.setdefault(module, {})
            there[name] = join(there[name], kind) if name in there else kind
    return found


def changed_in(
    before: Mapping[str, Mapping[str, Kind]], now: Mapping[str, Mapping[str, Kind]]
) -> set[tuple[str, ...]]:
    """The questions that have other answers now."""
    found: set[tuple[str, ...]] = set()
    for module in before.keys() | now.keys():
        old, new = before.get(module, {}), now.get(module, {})
        names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        of_function = ":" in module  # `nonlocal`
        found.update(("cell" if of_function else "global", module, name) for name in names)
        if names and not of_function:
            found.add(("star", module))
    return found
