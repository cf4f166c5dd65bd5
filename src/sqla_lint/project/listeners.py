"""Functions that SQLAlchemy's events call, and what it hands them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Function, Module, Op, Operand, Param
from sqla_lint.project.bodies import may_say
from sqla_lint.project.classes import Mapping
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.reexports import made_in

_EVENT = "sqlalchemy.event"
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
_SESSION = Kind(kinds.SESSION, owner="caller")
_CONNECTION = Kind(kinds.CONNECTION, owner="caller")
_RAW = Kind(kinds.RAW_CONNECTION, owner="caller")
_CURSOR = Kind(kinds.CURSOR)
_OF_SESSIONS = """
    after_attach after_commit after_flush after_flush_postexec after_rollback after_soft_rollback
    before_attach before_commit before_flush deleted_to_detached deleted_to_persistent
    detached_to_persistent loaded_as_persistent pending_to_persistent pending_to_transient
    persistent_to_deleted persistent_to_detached persistent_to_transient transient_to_pending
"""
_OF_POOLS = """
    checkin checkout close close_detached connect detach first_connect invalidate reset
    soft_invalidate
"""
_OF_CONNECTIONS = """
    after_execute before_execute begin begin_twophase commit commit_twophase engine_connect
    prepare_twophase release_savepoint rollback rollback_savepoint rollback_twophase savepoint
    set_connection_execution_options
"""
_OF_TABLES = "after_create after_drop before_create before_drop"
# What a listener gets, by position (docs: "ORM Events", "Core Events"); UNKNOWN says nothing.
_GETS: dict[str, tuple[Kind, ...]] = {
    **dict.fromkeys(MAPPER_EVENTS, (UNKNOWN, _CONNECTION)),
    **dict.fromkeys(_OF_SESSIONS.split(), (_SESSION,)),
    "after_begin": (_SESSION, Kind(kinds.TRANSACTION), _CONNECTION),
    "after_transaction_create": (_SESSION, Kind(kinds.TRANSACTION)),
    "after_transaction_end": (_SESSION, Kind(kinds.TRANSACTION)),
    "do_orm_execute": (Kind(FOREIGN, label="sqlalchemy.orm.ORMExecuteState()"),),
    **dict.fromkeys(_OF_POOLS.split(), (_RAW,)),
    **dict.fromkeys(_OF_CONNECTIONS.split(), (_CONNECTION,)),
    **dict.fromkeys(("after_cursor_execute", "before_cursor_execute"), (_CONNECTION, _CURSOR)),
    **dict.fromkeys(("do_execute", "do_execute_no_params", "do_executemany"), (_CURSOR,)),
    "set_engine_execution_options": (Kind(kinds.ENGINE),),
    **dict.fromkeys(_OF_TABLES.split(), (UNKNOWN, _CONNECTION)),
}


_BASE = kinds.DECLARATIVE_BASE  # what `declarative_base()` makes has no label
_CLASSES = frozenset({kinds.MAPPED_CLASS, kinds.CLASS, _BASE})
# Keywords with which a listener still gets objects, as with none; `raw=True` gives their state.
_OBJECTS_STILL = frozenset({None, "propagate", "insert", "once", "retval"})


class Listener(NamedTuple):
    """A function and an event it is called for; ``of`` is the one class of the project whose
    objects it gets, when that is known: a mapped one, or one that mapped ones inherit from."""

    label: str
    event: str
    of: str = ""


def listeners(knowledge: Knowledge) -> frozenset[Listener]:
    """Every `event.listens_for` and `event.listen` of the project that names its function."""
    found: set[Listener] = set()
    listening = sorted(knowledge.listening & knowledge.functions.keys())
    for module, function in (knowledge.functions[label] for label in listening):
        calls = {op.dst: op for block in function.blocks for op in block.ops if _listens(op)}
        for op in calls.values():
            if _called(op) == "listen" and len(op.args) > 2 and _is_ours(op, module, knowledge):
                target = op.args[2].value
                nested = f"{function.qualname}.<locals>.{target}"
                named = nested if nested in module.functions else target
                if isinstance(named, str) and named in module.functions:
                    found.update(_named(f"{module.name}:{named}", op, module, knowledge))
        for inner in module.functions.values():
            if inner.parent == function.qualname or (
                inner.parent is None and function.kind == "module"
            ):
                found.update(_decorated(inner, calls, module, knowledge))
    return frozenset(found)


def of_mappers(found: frozenset[Listener]) -> frozenset[str]:
    """The labels of listeners that are called while rows are written."""
    return frozenset(label for label, event, _ in found if event in MAPPER_EVENTS)


def may_listen(function: Function) -> bool:
    """Something is called in it as listeners are registered."""
    return may_say(function, "listen") and any(
        _listens(op) for block in function.blocks for op in block.ops
    )


def handed(found: frozenset[Listener], knowledge: Knowledge) -> dict[tuple[str, str], Kind]:
    """The kinds of the parameters of listeners."""
    given: dict[tuple[str, str], Kind] = {}
    classes: dict[str, set[str]] = {}
    for label, _, of in found:
        classes.setdefault(label, set()).add(of)
    events: dict[str, set[tuple[Kind, ...]]] = {}
    for label, event, _ in found:
        events.setdefault(label, set()).add(_GETS.get(event, ()))
    for label, event, of in found:
        if len(events[label]) != 1:
            continue
        params = handed_to(label, knowledge)
        for param, kind in zip(params, _GETS.get(event, ()), strict=False):
            if kind.known and param.kind in ("positional", "normal"):
                given[label, param.name] = kind
        if event in MAPPER_EVENTS and len(params) > 2 and of and len(classes[label]) == 1:
            info = knowledge.classes.get(of)
            if info is not None:
                name = kinds.ENTITY if info.mapping is Mapping.YES else kinds.INSTANCE
                given[label, params[2].name] = Kind(name, label=of)
    return given


def handed_to(label: str, knowledge: Knowledge) -> tuple[Param, ...]:
    """The parameters of a listener; a method of a class has that class before."""
    params = knowledge.functions[label][1].params
    marks = {decorator.label for decorator in knowledge.decorators.get(label, ())}
    return params[1:] if "builtins.classmethod" in marks else params


def _listens(op: Op) -> bool:
    return op.do == "call" and _called(op) in ("listen", "listens_for")


def _called(op: Op) -> str:
    return op.name or (op.on.rpartition(".")[2] if isinstance(op.on, str) else "")


def _decorated(
    function: Function, calls: dict[str | None, Op], module: Module, knowledge: Knowledge
) -> Iterator[Listener]:
    for decorator in function.decorators:
        op = calls.get(decorator) if isinstance(decorator, str) else None
        if op is not None and _is_ours(op, module, knowledge):
            label = f"{module.name}:{function.qualname}"
            yield from _named(label, op, module, knowledge)


def _named(label: str, op: Op, module: Module, knowledge: Knowledge) -> Iterator[Listener]:
    if len(op.args) < 2:
        return
    event = op.args[1].value
    if isinstance(event, Const) and isinstance(event.value, str):
        path = _path(op.args[0].value)
        of = knowledge.global_name(module, path[0]) if len(path) == 1 else UNKNOWN
        alone = of.name in _CLASSES and all(arg.keyword in _OBJECTS_STILL for arg in op.args)
        named = of.label or (_base(path[0], module, knowledge) if of.name == _BASE else "")
        yield Listener(label, event.value, named if alone else "")


def _base(name: str, module: Module, knowledge: Knowledge) -> str:
    """The label of a base: the variable of the module that makes it."""
    made = made_in(knowledge.index, f"{module.name}.{name}", module)
    return f"{made[0].name}:{made[1]}" if made is not None else ""


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
