"""What a rule looks at: one module for each view."""

from __future__ import annotations

from sqla_lint.views.function import (
    LAZY,
    Call,
    Compare,
    Function,
    Note,
    Operation,
    Parameters,
    is_expression,
    needs_it,
)
from sqla_lint.views.transactions import (
    caught_at,
    first_by_mark,
    is_in_begin,
    operations_of,
    reads_attribute,
)

__all__ = [
    "LAZY",
    "Call",
    "Compare",
    "Function",
    "Note",
    "Operation",
    "Parameters",
    "caught_at",
    "first_by_mark",
    "is_expression",
    "is_in_begin",
    "needs_it",
    "operations_of",
    "reads_attribute",
]
