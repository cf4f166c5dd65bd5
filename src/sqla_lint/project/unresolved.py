"""Receivers that look like database work and whose kind is not known: counted, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqla_lint.ir import Function, Op
from sqla_lint.project.infer import Typed
from sqla_lint.project.outline import DATABASE_CALLS
from sqla_lint.project.uses import Placed

PARAMETER = "a parameter without a known type"
ATTRIBUTE = "an attribute of an object whose class does not tell"
RESULT = "what an unknown call returned"
VARIABLE = "a variable whose value is unknown"


def unresolved(typed: Typed, database_calls: Iterable[Placed]) -> Counter[str]:
    """The reasons why receivers of a function are unknown, with their numbers."""
    found: Counter[str] = Counter()
    for number, i, op in database_calls:
        if not typed.on[number][i].known:
            found[reason(op, typed.function)] += 1
    return found


def looks_like_it(op: Op) -> bool:
    """A call that hardly anything but a database object has."""
    return op.do == "call" and op.name in DATABASE_CALLS


def reason(op: Op, function: Function) -> str:
    """Why a receiver is unknown, in a few words that can be counted."""
    place = op.on if isinstance(op.on, str) else "%"
    if place[0] == "%":
        return RESULT
    if "." in place:
        return ATTRIBUTE
    if any(param.name == place for param in function.params):
        return PARAMETER
    return VARIABLE
