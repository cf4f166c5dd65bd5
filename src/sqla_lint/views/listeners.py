"""What a listener of SQLAlchemy's events does to sessions that are not its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import MODULE_BODY, Const, Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, NAME
from sqla_lint.project.listeners import Listener, handed_to
from sqla_lint.project.loading import may_be_loaded
from sqla_lint.project.mapping import Model
from sqla_lint.views.function import Function, Operation

_MAKERS = frozenset({kinds.SESSION_FACTORY, kinds.CLASS, kinds.GENERATOR, kinds.FUNCTION})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


def listens_for(function: Function) -> frozenset[str]:
    """The events for which SQLAlchemy calls a function."""
    listeners = function.project.knowledge.listeners
    return frozenset(event for label, event, _ in listeners if label == function.label)


def given_sessions(function: Function) -> Iterator[Operation]:
    """Method calls on sessions that the function did not make itself."""
    own = _own_sessions(function)
    for operation in function.operations():
        called = operation.op.do == "call" and bool(operation.op.name)
        if called and operation.on.name in _SESSIONS and operation.op.on not in own:
            yield operation


def _own_sessions(function: Function) -> set[Place | None]:
    own: set[Place | None] = set()
    for _ in range(2):  # a second round finds names bound after their first use
        for operation in function.operations():
            op = operation.op
            makes = op.do == "call" and (
                operation.on.name in _MAKERS or (operation.on.name == NAME and op.name is None)
            )
            if operation.result.name == kinds.SESSION and makes:
                if not operation.on.label.endswith("object_session"):
                    own.add(op.dst)
            elif op.on in own and op.do in ("move", "enter", "await"):
                own.add(op.dst)
    return own


def changes_of_others(function: Function) -> Iterator[tuple[Op, str]]:
    """Attributes that a listener sets on objects to which a relationship of its own leads, or that
    it has loaded in the session that is being flushed, and the name of the object."""
    classes = function.project.knowledge.classes
    others: dict[Operand | None, str] = dict(_loaded(function))
    for _ in range(2):  # a second round finds names bound after their first use
        for operation in function.operations():
            op, on = operation.op, operation.on
            if op.do == "getattr" and on.name == kinds.ENTITY and op.name and op.dst:
                found = classes.attribute(on.label, op.name)
                if found is not None and found.name == kinds.RELATIONSHIP:
                    others[op.dst] = f"{op.on}.{op.name}"
            elif op.do == "move" and op.on in others and op.dst:
                others[op.dst] = op.dst
    for operation in function.operations():
        op = operation.op
        if op.do != "setattr" or op.on not in others:
            continue
        on = operation.on
        if on.name != kinds.ENTITY or mapped(function.project, on.label, op.name or ""):
            yield op, others[op.on]


def _loaded(function: Function) -> Iterator[tuple[Operand, str]]:
    """Names for objects of other classes than the listener's own, which a session that was there
    before has loaded."""
    params = {param.name for param in function.typed.function.params}
    given = {
        operation.on.label
        for operation in function.operations()
        if operation.op.on in params and operation.on.name == kinds.ENTITY
    }
    if not given or _own_sessions(function) - {None}:
        return
    models = function.project.models
    own = {
        base.label
        for label in given
        if (model := models.of(label))
        for base in models.lineage(model)
    }
    for operation in function.operations():
        op, result = operation.op, operation.result
        if op.do != "move" or op.dst is None or result.name != kinds.ENTITY:
            continue
        made = function.maker(op.on)
        if made is None or made.op.do not in ("call", "await") or "queried" not in result.traits:
            continue
        model = models.of(result.label)
        if model is not None and own.isdisjoint(base.label for base in models.lineage(model)):
            yield op.dst, op.dst


# In these the row of the object at hand is written already.
WRITTEN = frozenset({"after_insert", "after_update"})
_SQL = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})


class OwnChange(NamedTuple):
    """A column of the object at hand that a listener sets; ``inside`` is the operation that does
    it, with its file, when the listener has called something for that."""

    op: Op
    name: str
    inside: tuple[Op, str] | None = None


def own_changes(function: Function) -> Iterator[OwnChange]:
    """Columns that a listener for written rows sets on the object it is given, where it sends no
    SQL by itself: what it has written by an UPDATE it may keep the object in step with."""
    project, label = function.project, function.label
    known = [Listener(*one) for one in project.knowledge.listeners if one[0] == label]
    params = handed_to(label, project.knowledge)
    if len(params) < 3 or not all(one.of for one in known) or _sends(function, params[1].name):
        return
    models = [model for one in known for model in _listened_to(function, one.of)]
    target = params[2].name
    for operation in function.operations():
        op = operation.op
        if op.do == "setattr" and op.on == target and _is_written(function, models, op.name):
            yield OwnChange(op, f"{target}.{op.name}")
        elif op.do == "call":
            name = _set_by_name(operation, target)
            if name and _is_written(function, models, name):
                yield OwnChange(op, f"{target}.{name}")
            yield from _set_within(function, operation, target, models)


def _sends(function: Function, connection: str) -> bool:
    """It has, or may have, SQL sent; or it binds the connection to another name."""
    for operation in function.operations():
        op = operation.op
        if op.do == "call" and operation.on.name in _SQL:
            return True
        if op.on == connection or any(arg.value == connection for arg in op.args):
            return True
        if any(kind.name in _SQL for kind in operation.arg_kinds):
            return True
    return False


def _listened_to(function: Function, of: str) -> list[Model]:
    """The mapped classes whose objects a listener of a class gets."""
    project = function.project
    of = project.models.aliases.get(of, of)
    return [
        model
        for model in project.models.models.values()
        if of in (model.label, model.base) or of in project.knowledge.classes.lineage(model.label)
    ]


def _is_written(function: Function, models: list[Model], name: str | None) -> bool:
    """The attribute is a column, to which the database gives no value of its own that somebody may
    want to repeat."""
    found = [mapped(function.project, model.label, name or "") for model in models]
    columns = [one.column for one in found if one is not None and one.column is not None]
    return bool(columns) and not any(
        column.computed
        or column.primary_key
        or column.server_default is not None
        or column.server_onupdate is not None
        for column in columns
    )


def _set_by_name(operation: Operation, target: str) -> str:
    """The attribute that `setattr(target, "name", …)` sets."""
    op = operation.op
    args = [arg.value for arg in op.args]
    if op.name is None and op.on == "setattr" and len(args) == 3 and args[0] == target:
        return str(args[1].value) if isinstance(args[1], Const) else ""
    return ""


def _set_within(
    function: Function, operation: Operation, target: str, models: list[Model]
) -> Iterator[OwnChange]:
    """What a function of the project sets on the object it is called with, or called on."""
    op, project = operation.op, function.project
    callee = called(project.knowledge, op, operation.on)
    entry = project.knowledge.functions.get(callee.label)
    if entry is None or callee.name not in FUNCTIONS or entry[1].is_async:
        return
    module, code = entry
    given = parameters(project.knowledge, op, callee)
    names = {name for arg, name in given if arg.value == target}
    if op.on == target and code.params:
        names.add(code.params[0].name)
    typed = project.typed.get(callee.label)
    if not names or (typed is not None and not _SQL.isdisjoint(typed.present)):
        return
    for block in code.blocks:
        for one in block.ops:
            sets = one.do == "setattr" and one.on in names
            if sets and _is_written(function, models, one.name):
                yield OwnChange(op, f"{target}.{one.name}", (one, module.path))
                return


# What hands an entity on without reading its relationships.
_KEEPS = frozenset({"add", "add_all", "flush", "commit", "merge"})
_GIVES = _SESSIONS | {kinds.SCALARS, kinds.QUERY, kinds.RESULT, kinds.MAPPED_CLASS}


class Unloaded(NamedTuple):
    """A relationship that the listener reads, of an object of the function around it, where
    nothing has loaded it."""

    op: Op
    made: Op
    name: str


def unloaded_reads(function: Function) -> Iterator[Unloaded]:
    """Relationships of objects that a nested listener got from the function around it, and that
    its read is the first to load."""
    project, module = function.project, function.typed.module
    for _, _, op in function.positions:
        if op.do != "getattr" or op.name is None or not isinstance(op.on, str):
            continue
        scope = function.typed.function.captures.get(op.on, MODULE_BODY)
        outer = project.typed.get(f"{module.name}:{scope}") if scope != MODULE_BODY else None
        if outer is None:
            continue
        made = _made(function.of(outer), op.on)
        if made is None or made.result.name != kinds.ENTITY:
            continue
        found = mapped(project, made.result.label, op.name)
        if found is None or found.role != "relationship" or found.load != "lazy":
            continue
        loaded = may_be_loaded(made.result.loaded, op.name)
        if not loaded and not _knows(function.of(outer), op.on, op.name, made):
            yield Unloaded(op, made.op, f"{op.on}.{op.name}")


def _made(outer: Function, name: Place) -> Operation | None:
    """What makes the only value that a variable has."""
    if any(param.name == name for param in outer.typed.function.params):
        return None
    bound = [o for o in outer.operations() if o.op.dst == name and o.op.do != "getattr"]
    if len(bound) != 1:
        return None
    made = outer.maker(bound[0].op.on) if bound[0].op.do == "move" else bound[0]
    while made is not None and made.op.do == "await":
        made = outer.maker(made.op.on)
    given = made is not None and made.op.do == "call" and made.on.name in _GIVES
    return replace(made, result=bound[0].result) if given and made is not None else None


def _knows(outer: Function, name: Place, attribute: str, made: Operation) -> bool:
    """The function around may have loaded or set the attribute."""
    if any(arg.keyword == attribute or arg.star for arg in made.op.args):
        return True
    for operation in outer.operations():
        op = operation.op
        if op.on == name and op.do in ("getattr", "setattr", "call") and op.name == attribute:
            return True
        if op.on == name and op.do == "call":
            return True  # a method of its own may read anything
        given = any(arg.value == name for arg in op.args)
        if given and op.do != "closure":
            keeps = operation.on.name in _SESSIONS and op.name in _KEEPS
            if not keeps:
                return True
    return False
