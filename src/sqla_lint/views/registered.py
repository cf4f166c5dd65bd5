"""Applications of Flask that Flask-SQLAlchemy is initialised with, here or in a function called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Op
from sqla_lint.ir import Function as Body
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.linked import Project
from sqla_lint.views.flask import initialised
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.ways import behind, passes_by


class Registered(NamedTuple):
    """A call after which an application has an instance."""

    app: str  # its name in the function
    op: Op
    position: tuple[int, int]


def registered_twice(function: Function) -> Iterator[tuple[Registered, Registered]]:
    """Two calls for one application, the second of which always comes after the first."""
    found = sorted(_registered(function), key=lambda one: one.op.at)
    bound = [op.dst for _, _, op in function.positions]
    for n, second in enumerate(found):
        if bound.count(second.app) > 1:
            continue
        for first in found[:n]:
            if first.app == second.app and _comes_first(function, first, second):
                yield first, second
                break


def _registered(function: Function) -> Iterator[Registered]:
    project, typed = function.project, function.typed
    for one in initialised(function):
        number, i = one.position
        yield Registered(one.app, typed.function.blocks[number].ops[i], one.position)
    if not _with_instances(function):
        return
    names = {op.on: op.dst for _, _, op in function.positions if op.do == "move"}
    for number, i, op in function.call_positions:
        if op.name == "init_app":
            continue
        callee = called(project.knowledge, op, typed.on[number][i])
        inside = project.typed.get(callee.label)
        if inside is None or kinds.FLASK_DB not in inside.present:
            continue
        given = {name: arg.value for arg, name in parameters(project.knowledge, op, callee)}
        for app in _always_registers(inside, project, function):
            returned = app in _returned(inside.function)
            place = names.get(op.dst, op.dst) if returned else given.get(app)
            if isinstance(place, str) and place[0] != "%":
                yield Registered(place, op, (number, i))


@per_project
def _with_instances(function: Function) -> bool:
    """Some function of the project has to do with an instance of Flask-SQLAlchemy."""
    return any(kinds.FLASK_DB in one.present for one in function.project.typed.values())


def _always_registers(inside: Typed, project: Project, function: Function) -> set[str]:
    """The applications, by their names in a function, that each way through it initialises."""
    if inside.function.is_async or inside.function.kind != "def":
        return set()
    found: dict[str, set[int]] = {}
    for one in initialised(function.of(inside)):
        found.setdefault(one.app, set()).add(one.position[0])
    return {app for app, blocks in found.items() if not passes_by(inside.function, blocks)}


def _returned(body: Body) -> set[object]:
    return {op.on for block in body.blocks for op in block.ops if op.do == "return"}


def _comes_first(function: Function, first: Registered, second: Registered) -> bool:
    """No way leads to the second but through the first."""
    (start, i), (goal, j) = first.position, second.position
    if start == goal:
        return i < j
    blocks = function.typed.function.blocks
    return goal not in behind(blocks, [ENTRY], stop={start}, swallowed=True)
