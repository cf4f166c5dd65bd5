"""Parameters that a call in the project gives an SQL expression."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand
from sqla_lint.views.function import Function
from sqla_lint.views.sql import CALLERS, reader

_MADE = frozenset({"compare", "binop"})


def given_expression(function: Function, operand: Operand) -> str:
    """The function that gives a comparison of columns for a parameter which is never assigned; ""
    when none is known to. Tests aside."""
    typed = function.typed.function
    if not any(param.name == operand for param in typed.params):
        return ""
    if any(op.dst == operand for block in typed.blocks for op in block.ops):
        return ""
    known = reader(function.project)
    for one in known.frames.callers(function.label, str(operand))[:CALLERS]:
        if function.project.knowledge.told.is_test(one.frame.typed.module.path):
            continue
        if one.kind.name != kinds.COLUMN_EXPR:
            continue
        makers = list(known.origins.makers(one))
        if makers and all(made.frame.op(made.at).do in _MADE for made in makers):
            return one.frame.typed.function.qualname
    return ""
