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

__all__ = [
    "LAZY",
    "Call",
    "Compare",
    "Function",
    "Note",
    "Operation",
    "Parameters",
    "is_expression",
    "needs_it",
]
