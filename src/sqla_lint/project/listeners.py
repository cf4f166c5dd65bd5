"""Functions that SQLAlchemy's events call, and what it hands them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Function, Module, Op, Operand
from sqla_lint.project.kind import NAME, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge

_EVENT = "sqlalchemy.event"
# Positions of what a listener gets (docs: "ORM Events").
MAPPER_EVENTS = frozenset(
    {
        "before_insert",
        "after_insert",
        "before_update",
        "after_update",
        "before_delete",
        "after_delete",
    }
)
SESSION_EVENTS = frozenset(
    {
        "after_commit",
        "after_flush",
        "after_flush_postexec",
        "after_rollback",
        "after_soft_rollback",
        "before_commit",
        "before_flush",
    }
)


class Listener(NamedTuple):
    """A function and an event it is called for; ``of`` is the one mapped class whose objects it
    gets, when that is known."""

    label: str
    event: str
    of: str = ""


def listeners(knowledge: Knowledge) -> frozenset[Listener]:
    """Every `event.listens_for` and `event.listen` of the project that names its function."""
    found: set[Listener] = set()
    for module, function in knowledge.functions.values():
        calls = {op.dst: op for block in function.blocks for op in block.ops if _listens(op)}
        for op in calls.values():
            if op.name == "listen" and len(op.args) > 2 and _is_ours(op, module, knowledge):
                target = op.args[2].value
                nested = f"{function.qualname}.<locals>.{target}"
                named = nested if nested in module.functions else target
                if isinstance(named, str) and named in module.functions:
                    found.update(_named(f"{module.name}:{named}", op, module, knowledge))
        if not calls:
            continue
        for inner in module.functions.values():
            if inner.parent == function.qualname or (
                inner.parent is None and function.kind == "module"
            ):
                found.update(_decorated(inner, calls, module, knowledge))
    return frozenset(found)


def handed(found: frozenset[Listener], knowledge: Knowledge) -> dict[tuple[str, str], Kind]:
    """The kinds of the parameters of listeners."""
    given: dict[tuple[str, str], Kind] = {}
    classes: dict[str, set[str]] = {}
    for label, _, of in found:
        classes.setdefault(label, set()).add(of)
    for label, event, of in found:
        params = knowledge.functions[label][1].params
        if event in SESSION_EVENTS and params:
            given[label, params[0].name] = Kind(kinds.SESSION, owner="caller")
        elif event in MAPPER_EVENTS and len(params) > 1:
            given[label, params[1].name] = Kind(kinds.CONNECTION, owner="caller")
            if len(params) > 2 and of and len(classes[label]) == 1:
                given[label, params[2].name] = Kind(kinds.ENTITY, label=of)
    return given


def _listens(op: Op) -> bool:
    if op.do != "call":
        return False
    called = op.name or (op.on.rpartition(".")[2] if isinstance(op.on, str) else "")
    return called in ("listen", "listens_for")


def _decorated(
    function: Function, calls: dict[str | None, Op], module: Module, knowledge: Knowledge
) -> Iterator[Listener]:
    for decorator in function.decorators:
        op = calls.get(decorator) if isinstance(decorator, str) else None
        if op is not None and _is_ours(op, module, knowledge):
            label = f"{module.name}:{function.qualname}"
            yield from _named(label, op, module, knowledge)


def _named(label: str, op: Op, module: Module, knowledge: Knowledge) -> Iterator[Listener]:
    event = op.args[1].value if len(op.args) > 1 else None
    if isinstance(event, Const) and isinstance(event.value, str):
        path = _path(op.args[0].value)
        of = knowledge.global_name(module, path[0]) if len(path) == 1 else UNKNOWN
        alone = of.name == kinds.MAPPED_CLASS and all(arg.keyword is None for arg in op.args)
        yield Listener(label, event.value, of.label if alone else "")


def _is_ours(op: Op, module: Module, knowledge: Knowledge) -> bool:
    """Called on `sqlalchemy.event`, or on Flask-SQLAlchemy's `db.event`."""
    path = _path(op.on)
    if not path:
        return False
    kind = knowledge.global_name(module, path[0])
    for number, name in enumerate(path[1:]):
        if kind.name == kinds.FLASK_DB and name == "event" and number == len(path) - 2:
            return True
        kind = knowledge.attribute(kind, name)
    return kind.name == NAME and kind.label in (
        _EVENT,
        f"{_EVENT}.listen",
        f"{_EVENT}.listens_for",
        f"{_EVENT}.api.listen",
    )


def _path(operand: Operand | None) -> list[str]:
    return operand.split(".") if isinstance(operand, str) and operand[0] != "%" else []
