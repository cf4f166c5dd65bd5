"""Parameters that a call in the project gives an SQL expression."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand
from sqla_lint.views.function import Function
from sqla_lint.views.sql import CALLERS, reader

_MADE = frozenset({"compare", "binop"})


# A parameter that goes into one of these may be an expression; others are not asked for.
_TAKES_CRITERIA = frozenset({"where", "filter", "having", "and_", "or_", "join", "outerjoin"})


def _is_criterion(function: Function, operand: Operand) -> bool:
    return any(
        op.do == "call"
        and op.name in _TAKES_CRITERIA
        and any(arg.value == operand for arg in op.args)
        for op in function.readers.get(str(operand), ())
    )


def given_expression(function: Function, operand: Operand | None) -> str:
    """The function that gives a comparison of columns for a parameter which is never assigned; ""
    when none is known to. Tests aside."""
    typed = function.typed.function
    if not isinstance(operand, str) or not _is_criterion(function, operand):
        return ""
    if not any(param.name == operand for param in typed.params):
        return ""
    if any(op.dst == operand for block in typed.blocks for op in block.ops):
        return ""
    known = reader(function.project)
    for one in known.frames.callers(function.label, operand)[:CALLERS]:
        if function.project.knowledge.told.is_test(one.frame.typed.module.path):
            continue
        if one.kind.name != kinds.COLUMN_EXPR:
            continue
        makers = list(known.origins.makers(one))
        if makers and all(made.frame.op(made.at).do in _MADE for made in makers):
            return one.frame.typed.function.qualname
    return ""
