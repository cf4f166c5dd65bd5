"""Criteria that stand beside each other, all of which a row has to meet."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Compare, Operation

# What no NULL meets, whatever it is compared with.
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_METHODS = frozenset({"in_", "like", "ilike", "startswith", "endswith", "contains", "between"})
_WHERE = frozenset({"and_", "where", "filter", "having"})


def leaves_out_null(compare: Compare, column: Kind) -> bool:
    """Another criterion beside this one compares the same column with a value, which leaves out
    the rows where it is NULL already: ``and_(User.name is not None, User.name != "")``."""
    function = compare.function
    for reader in function.readers.get(compare.op.dst or "", []):
        for operand in _criteria(reader):
            made = function.maker(operand) if operand != compare.op.dst else None
            if made is not None and _refuses_null(made, column):
                return True
    return False


def _criteria(joined: Op) -> Iterator[Operand]:
    """What `and_()`, `where()` or `&` puts beside each other."""
    if joined.do == "call" and (joined.name or str(joined.on).rpartition(".")[2]) in _WHERE:
        yield from (arg.value for arg in joined.args if not arg.star and arg.keyword is None)
    elif joined.do == "binop" and joined.name == "&" and joined.on is not None:
        yield joined.on
        yield joined.args[0].value


def _refuses_null(made: Operation, column: Kind) -> bool:
    op = made.op
    if op.do == "compare" and op.name in _COMPARISONS:
        sides = ((made.on, op.args[0].value), (made.arg_kinds[0], op.on))
        return any(kind.label == column.label and other != Const(None) for kind, other in sides)
    return op.do == "call" and op.name in _METHODS and made.on.label == column.label
