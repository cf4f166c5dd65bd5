"""Functions of generic classes, read for one class: `Repository[User].get` gives users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.variables import bind, mentions, named_variables


def for_class(project: Project, typed: Typed, model: str) -> Typed:
    """The function with its one type variable standing for a class; itself when it has none, or
    several."""
    kinds = {kind for rows in (typed.on, typed.dst) for row in rows for kind in row}
    kinds |= {kind for row in typed.args for given in row for kind in given}
    names = named_variables(kind for kind in kinds if mentions(kind))
    info = project.knowledge.classes.get(model)
    if len(names) != 1 or info is None:
        return typed
    known = {name: project.knowledge.class_kind(info) for name in names}

    def bound(row: Iterable[Kind]) -> list[Kind]:
        return [bind(kind, known, project.knowledge.instance) for kind in row]

    return replace(
        typed,
        on=[bound(row) for row in typed.on],
        dst=[bound(row) for row in typed.dst],
        args=[[tuple(bound(given)) for given in row] for row in typed.args],
        cells={p: bind(k, known, project.knowledge.instance) for p, k in typed.cells.items()},
    )
