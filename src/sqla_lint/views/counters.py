"""Numbers of rows that are read, changed in Python and written back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.origins import Origin
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.ir import Function as Body
from sqla_lint.project.mapping import Column
from sqla_lint.views.annotations import last_names
from sqla_lint.views.behind import Definitions, definitions
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader as strings

NUMBERS = frozenset(
    {"Integer", "BigInteger", "SmallInteger", "Numeric", "Float", "Double", "DECIMAL", "INTEGER"}
    | {"BIGINT", "SMALLINT", "NUMERIC", "FLOAT", "REAL", "DOUBLE", "DOUBLE_PRECISION"}
)
PYTHON_NUMBERS = frozenset({"int", "float", "Decimal"})
_AROUND = frozenset({"Mapped", "Optional", "Union", "None"})
STEPS = frozenset({"+", "-", "+=", "-="})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_SERVED = frozenset({"route", "task"})
ALONE = frozenset({"test", "fixture", "command"})
# Isolation levels under which the later of two such transactions fails instead.
_STRICT = ("SERIALIZABLE", "REPEATABLE READ", "REPEATABLE_READ")
# Texts and names that say that somebody else waits.
_LOCKS = ("FOR UPDATE", "ADVISORY", "LOCK TABLE", "BEGIN IMMEDIATE")


class LostUpdate(NamedTuple):
    """An assignment of a number that was made from the same attribute; ``read`` is where."""

    op: Op
    read: Op
    model: str
    attribute: str


def lost_updates(function: Function) -> Iterator[LostUpdate]:
    """Read-modify-write of loaded objects, without a lock, committed here or by a framework."""
    defined = definitions(function)
    found = list(_steps(function, defined))
    if not found or function.is_module or function.entry in ALONE:
        return
    if not is_concurrent(function) or locks(function.typed.function) or is_strict(function):
        return
    origins = reader(function).origins(function)
    for one in found:
        ours = [o for o in origins if o.model == one.model and o.how in ("loaded", "called")]
        unlocked = ours and all(_is_unlocked(function, o) for o in ours)
        given = not ours and _is_given_unlocked(function, str(one.op.on))
        if (unlocked or given) and not is_versioned(function, one.model):
            yield one


def _steps(function: Function, defined: Definitions) -> Iterator[LostUpdate]:
    params = {param.name for param in function.typed.function.params}
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "setattr" or op.name is None or not op.args:
            continue
        if on.name != kinds.ENTITY or ("queried" not in on.traits and op.on not in params):
            continue
        attribute = mapped(function.project, on.label, op.name)
        column = attribute.column if attribute is not None else None
        if column is None or column.primary_key or not _is_number(function, on.label, column):
            continue
        read = _read(defined, op.args[0].value, str(op.on), op.name)
        if read is not None:
            yield LostUpdate(op, read, on.label, op.name)


def _read(defined: Definitions, value: Operand, owner: str, name: str) -> Op | None:
    """Where the attribute was read that a value is a step from."""
    made = defined.get(value, []) if isinstance(value, str) else []
    if len(made) != 1:
        return None
    op = made[0].op
    if op.do == "move":
        return _read(defined, op.on or "", owner, name)
    if op.name not in STEPS or op.do not in ("binop", "augassign"):
        return None
    for operand in (op.on, *(arg.value for arg in op.args)):
        read = _attribute(defined, operand, owner, name)
        if read is not None:
            return read
    return None


def _attribute(defined: Definitions, operand: Operand | None, owner: str, name: str) -> Op | None:
    """``owner.name``, itself, in a variable, or with a default: ``(owner.name or 0)``."""
    for made in defined.get(operand, []) if isinstance(operand, str) else []:
        op = made.op
        if op.do == "getattr" and op.name == name and op.on == owner:
            return op
        if op.do == "boolop" and op.args:
            return _attribute(defined, op.args[0].value, owner, name)
        if op.do == "move" and op.on != operand:
            return _attribute(defined, op.on, owner, name)
    return None


def _is_number(function: Function, label: str, column: Column) -> bool:
    if column.type is not None:
        return column.type.name in NUMBERS
    model = function.project.models.of(label)
    found = function.project.models.attribute(model, column.name) if model is not None else None
    if found is None or found.ann is None:
        return False
    names = set(last_names(found.ann)) - _AROUND
    return bool(names) and names <= PYTHON_NUMBERS


def is_concurrent(function: Function) -> bool:
    """A framework runs it beside itself, or it ends a transaction of its own."""
    if function.entry in _SERVED or function.reached_from or function.begun(kinds.SESSION):
        return True
    return any(
        o.op.do == "call" and o.op.name == "commit" and o.on.name in _SESSIONS
        for o in function.operations()
    )


def locks(body: Body) -> bool:
    """The function locks something, by whatever means."""
    for block in body.blocks:
        for op in block.ops:
            words = (op.name, *(arg.keyword for arg in op.args))
            if "with_for_update" in words or "with_lockmode" in words:
                return True
            if op.do == "enter" and "lock" in str(op.on).lower():
                return True
            if op.do == "call" and "lock" in (op.name or str(op.on)).lower():
                return True
            texts = [str(a.value.value).upper() for a in op.args if isinstance(a.value, Const)]
            if any(word in text for text in texts for word in _LOCKS):
                return True
    return False


def is_strict(function: Function) -> bool:
    """Somewhere the project asks for a stricter isolation level."""
    kept = function.effects.kept
    found = kept.get("strict isolation")
    if found is None:
        found = kept["strict isolation"] = any(
            (
                arg.keyword in ("isolation_level", "transaction_isolation")
                and not (
                    isinstance(arg.value, Const) and str(arg.value.value).upper() not in _STRICT
                )
            )
            or arg.value == Const("isolation_level")
            for op in function.project.knowledge.saying("isolation_level", "transaction_isolation")
            for arg in op.args
        )
    return bool(found)


def _is_given_unlocked(function: Function, name: str) -> bool:
    """A parameter for which all calls that are known pass an object that they loaded without a
    lock."""
    if any(op.dst == name for _, _, op in function.positions):
        return False
    given = strings(function.project).frames.callers(function.label, name)
    return bool(given) and all(
        spot.kind.name == kinds.ENTITY
        and "queried" in spot.kind.traits
        and not locks(spot.frame.typed.function)
        for spot in given
    )


def _is_unlocked(function: Function, origin: Origin) -> bool:
    if origin.how == "loaded":
        return True  # the function itself has no lock
    entry = function.project.knowledge.functions.get(origin.callee)
    return entry is not None and not locks(entry[1])


def is_versioned(function: Function, label: str) -> bool:
    """The model has a version column, or may have one."""
    model = function.project.models.of(label)
    seen = 0
    while model is not None and seen < 8:  # inheritance is never that deep
        seen += 1
        arguments = model.mapper_args
        if arguments is not None:
            value = arguments.value
            keys = {key.text for key in value.args[::2]} if value is not None else {None}
            if None in keys or "version_id_col" in keys or not keys:
                return True
        model = function.project.models.of(model.parent) if model.parent else None
    return False
