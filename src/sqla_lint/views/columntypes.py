"""What type a mapped column has that is read of its class, where the program says so."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import Operand
from sqla_lint.views.annotations import last_names
from sqla_lint.views.function import Function

_AROUND = frozenset({"Mapped", "Optional", "Union", "None"})
_PYTHON = frozenset({"int", "float", "str", "Decimal", "datetime", "date", "time", "UUID"})
_LIBRARY = "sqlalchemy."
_MAY_BE_TRUE = frozenset({"Boolean", "BOOLEAN", "BIT", "TINYINT"})


def is_never_boolean(function: Function, operand: Operand | None) -> bool:
    """``User.age``: a column of a type of SQLAlchemy's own, or of Python's, other than bool."""
    read = function.maker(operand) or function.reader_of(operand)
    if read is None or read.op.do != "getattr" or read.on.name != kinds.MAPPED_CLASS:
        return False
    found = mapped(function.project, read.on.label, read.op.name or "")
    column = found.column if found is not None else None
    if column is None or column.opaque:
        return False
    kind = column.type
    if kind is not None:
        return kind.dotted.startswith(_LIBRARY) and kind.name not in _MAY_BE_TRUE
    model = function.project.models.of(read.on.label)
    told = function.project.models.attribute(model, column.name) if model is not None else None
    if told is None or told.ann is None:
        return False
    names = set(last_names(told.ann)) - _AROUND
    return bool(names) and names <= _PYTHON
