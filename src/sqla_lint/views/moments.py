"""Points in time with a zone that meet attributes of a column without one, or the other way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.root import Position
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.kind import FOREIGN, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Type
from sqla_lint.project.moments import AWARE, NAIVE, is_moment
from sqla_lint.views.annotations import last_names
from sqla_lint.views.assigned import follows
from sqla_lint.views.behind import Definitions, definitions
from sqla_lint.views.configuration import ENGINE_MAKERS
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_project
from sqla_lint.views.sql import may_be_postgres

_TYPES = frozenset({"DateTime", "DATETIME", "TIMESTAMP"})
_ORDERING = frozenset({"<", "<=", ">", ">="})
_AROUND = frozenset({"Mapped", "Optional", "Union", "None"})
_ASKS = frozenset({"tzinfo", "utcoffset", "is_aware", "is_naive"})
# What says how a Python type is stored, or changes objects as they are loaded.
_MAP = "type_annotation_map"
_LOADING = frozenset({"load", "refresh", "reconstructor", "loaded_as_persistent"})


class Mixed(NamedTuple):
    """``entity.attribute`` is compared with a point in time of the other sort; ``zoned`` tells
    whether the column keeps the zone."""

    op: Op
    attribute: Op
    column: Column
    model: str
    zoned: bool

    @property
    def says_zone(self) -> bool:
        """The column is declared with a zone, whatever becomes of it."""
        kind = self.column.type
        return kind is not None and _said(kind) is True


def mixed_moments(function: Function) -> Iterator[Mixed]:
    """Comparisons and differences of a loaded attribute and a point in time that Python refuses."""
    if FOREIGN not in function.typed.present or _asks(function):
        return
    defined = definitions(function)
    for operation in function.operations():
        for operand, moment in _pairs(operation):
            traits = moment.traits if is_moment(moment) else frozenset()
            if not traits & {AWARE, NAIVE}:
                continue
            found = _attribute(function, defined, operand, operation)
            if found is None or found.zoned != (NAIVE in traits):
                continue
            if not _changes_what_is_loaded(function):
                yield found


def _pairs(operation: Operation) -> Iterator[tuple[Operand, Kind]]:
    op, given = operation.op, operation.arg_kinds
    if op.do == "compare" and op.name in _ORDERING and op.args and op.on is not None:
        yield op.on, given[0]
        yield op.args[0].value, operation.on
    elif op.do == "binop" and op.name == "-" and len(op.args) == 2:
        yield op.args[0].value, given[1]
        yield op.args[1].value, given[0]


def _attribute(
    function: Function, defined: Definitions, operand: Operand, user: Operation
) -> Mixed | None:
    """The one place where an operand is read from an object that a statement has loaded, or that
    somebody has given."""
    made = defined.get(operand, []) if isinstance(operand, str) else []
    made = [one for one in made if not _is_of_another_turn(function, one.op, user.op)]
    if len(made) == 1 and made[0].op.do == "move" and made[0].op.on != operand:
        return _attribute(function, defined, made[0].op.on or "", user)
    reads = [one for one in made if one.op.do == "getattr"]
    if len(reads) != len(made) or not made or len({one.op.name for one in made}) > 1:
        return None
    read = reads[0]
    owner, name = read.on, read.op.name
    if owner.name != kinds.ENTITY or name is None or not _is_loaded(function, defined, read):
        return None
    found = mapped(function.project, owner.label, name)
    column = found.column if found is not None else None
    zoned = _is_zoned(function, owner.label, column) if column is not None else None
    if column is None or zoned is None:
        return None
    return Mixed(user.op, read.op, column, owner.label.rpartition(":")[2], zoned)


def _is_of_another_turn(function: Function, op: Op, user: Op) -> bool:
    """What is set here is never read there: the name stands for another object by then."""
    return op.do == "setattr" and isinstance(op.on, str) and not follows(function, op, user, op.on)


def _is_loaded(function: Function, defined: Definitions, read: Operation) -> bool:
    """Its object comes from the database: a new one has what it was given."""
    place = str(read.op.on)
    if any(
        one.op.do in ("setattr", "setitem")
        and one.op.name == read.op.name
        and (one.op.on != place or follows(function, one.op, read.op, place))
        for one in function.operations()
    ):
        return False
    if any(
        one.op.do == "call" and one.on.name == kinds.MAPPED_CLASS for one in defined.get(place, ())
    ):
        return False
    params = {param.name for param in function.typed.function.params}
    return "queried" in read.on.traits or (place in params and place not in defined)


def _is_zoned(function: Function, label: str, column: Column) -> bool | None:
    """Whether what is loaded has a zone; None when that is the database's to say."""
    kind = column.type
    if kind is None:
        return False if _is_plain(function, label, column) else None
    if kind.varies or kind.name not in _TYPES or not kind.dotted.startswith("sqlalchemy."):
        return None
    return _zone(function, kind)


def _zone(function: Function, kind: Type) -> bool | None:
    said = _said(kind)
    if said is not True:
        return said
    if _is_only_sqlite(function):
        return False
    return True if function.project.dialects == {"postgres"} else None


def _said(kind: Type) -> bool | None:
    given = kind.word("timezone") or (kind.args[0] if kind.args else None)
    return False if given is None else given.truth


@per_project
def _is_only_sqlite(function: Function) -> bool:
    """All engines of the project are of SQLite, whatever the environment says: it keeps no zone."""
    project = function.project
    if project.dialects != {"sqlite"} or may_be_postgres(project):
        return False
    found = [
        _url(project, label, (number, i))
        for label, (module, body) in project.knowledge.functions.items()
        if not project.knowledge.told.is_test(module.path)
        for number, block in enumerate(body.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in ENGINE_MAKERS
    ]
    return bool(found) and all(url.startswith("sqlite") for url in found)


def _url(project: Project, label: str, at: Position) -> str:
    """The constant text that an engine is made of; "" of any other."""
    typed = project.typed.get(label)
    op = typed.function.blocks[at[0]].ops[at[1]] if typed is not None else None
    if typed is None or op is None or not op.args or op.args[0].keyword not in (None, "url"):
        return ""
    value = op.args[0].value
    if isinstance(value, Const):
        return str(value.value)
    kind = typed.args[at[0]][at[1]][0]
    return kind.label if kind.name == kinds.STR else ""


def _is_plain(function: Function, label: str, column: Column) -> bool:
    """``Mapped[datetime]`` without another type."""
    model = function.project.models.of(label)
    found = function.project.models.attribute(model, column.name) if model is not None else None
    if found is None or found.ann is None or column.opaque:
        return False
    names = set(last_names(found.ann)) - _AROUND
    return names == {"datetime"} and not _maps_types(function)


def _asks(function: Function) -> bool:
    """The function finds out by itself whether a value has a zone, or expects that it may not."""
    for _, _, op in function.positions:
        if op.name in _ASKS or (op.do == "call" and str(op.on).rpartition(".")[2] in _ASKS):
            return True
    return any(
        ann.name.rpartition(".")[2] == "TypeError"
        for block in function.typed.function.blocks
        for handler in block.handlers
        for one in handler.types
        for ann in (one, *one.args)
    )


@per_project
def _maps_types(function: Function) -> bool:
    """The project says itself how Python types are stored."""
    return any(
        _MAP in (op.name, op.dst) or any(arg.keyword == _MAP for arg in op.args)
        for op in function.project.knowledge.saying(_MAP)
    )


@per_project
def _changes_what_is_loaded(function: Function) -> bool:
    """The project listens to objects being loaded."""
    return any(
        any(isinstance(arg.value, Const) and arg.value.value in _LOADING for arg in op.args)
        and (op.name or str(op.on)).rpartition(".")[2] in ("listens_for", "listen")
        for op in function.project.knowledge.saying("listens_for", "listen")
    )
