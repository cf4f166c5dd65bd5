"""Sessions that a context manager or dependency lends inside of a transaction of its own."""

from __future__ import annotations

from sqla_lint.flow.root import Position
from sqla_lint.ir import ENTRY
from sqla_lint.project.kind import Kind, lenders
from sqla_lint.views.function import Function
from sqla_lint.ways import behind, leads


def is_lent_begun(function: Function, kind: Kind) -> bool:
    """Every function that lends it does so in a ``with session.begin():``."""
    found = [function.project.typed.get(label) for label in lenders(kind)]
    return bool(found) and all(
        typed is not None and _lends_begun(function.of(typed)) for typed in found
    )


def _lends_begun(lender: Function) -> bool:
    """All that it yields is yielded inside of a block that begins its transaction."""
    if _lends_begun not in lender.kept:
        yields = [(n, i) for n, i, op in lender.positions if op.do == "yield"]
        lender.kept[_lends_begun] = bool(yields) and all(_is_inside(lender, at) for at in yields)
    return lender.kept[_lends_begun] is True


def _is_inside(lender: Function, at: Position) -> bool:
    given = lender.op(at).on
    for number, i, op in lender.positions:
        made = lender.maker(op.on) if op.do == "enter" else None
        if made is None or made.op.do != "call" or made.op.name != "begin" or made.op.on != given:
            continue
        left = [(n, j) for n, j, one in lender.positions if one.do == "leave" and one.on == op.on]
        code = lender.typed.function
        if _is_passed(lender, (number, i), at) and not any(leads(code, one, at) for one in left):
            return True
    return False


def _is_passed(lender: Function, before: Position, at: Position) -> bool:
    """The one is reached past the other only."""
    if before[0] == at[0]:
        return before[1] < at[1]
    reached = behind(lender.typed.function.blocks, [ENTRY], stop=[before[0]])
    return at[0] not in reached
