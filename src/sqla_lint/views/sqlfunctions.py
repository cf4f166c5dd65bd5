"""Functions of SQLAlchemy by their names: ``func.sum``, ``sa.exists``, ``desc``."""

from __future__ import annotations

from sqla_lint.ir import Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME

_LIBRARIES = ("sqlalchemy", "sqlmodel")


def function_name(op: Op, on: Spot) -> str:
    """What a call calls: a function of SQLAlchemy's, or a method; "" of any other function."""
    if on.kind.name == NAME and on.kind.label.startswith(_LIBRARIES):
        return op.name or on.kind.label.rpartition(".")[2]
    return op.name or ""
