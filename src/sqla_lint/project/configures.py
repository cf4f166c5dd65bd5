"""Functions that set up a database without touching one: imports, URLs, keys of a configuration."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME

_LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "alembic")
_NAMED = frozenset({NAME, FOREIGN})
# What is asked of them is about the set-up, too.
_PARTS = frozenset({kinds.TABLE, kinds.INSPECTOR, kinds.ROW, kinds.URL})
_KEY = "SQLALCHEMY_"  # how the keys begin that Flask-SQLAlchemy reads


def configures(typed: Typed) -> bool:
    """Uses names of SQLAlchemy or of a library that stands on it, or sets a key that they read."""
    if not _PARTS.isdisjoint(typed.present):
        return True
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            for kind in (typed.dst[number][i], typed.on[number][i]):
                if kind.name in _NAMED and kind.label.startswith(_LIBRARIES):
                    return True
            if _sets_key(op):
                return True
    return False


def _sets_key(op: Op) -> bool:
    if op.dst is not None and op.dst.startswith(_KEY):
        return True
    for arg in op.args:
        key = arg.value.value if isinstance(arg.value, Const) else arg.keyword
        if isinstance(key, str) and key.startswith(_KEY):
            return True
    return False
