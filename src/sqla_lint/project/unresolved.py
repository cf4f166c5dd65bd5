"""Receivers that look like database work and whose kind is not known: counted, never guessed."""

from __future__ import annotations

from collections import Counter

from sqla_lint.ir import Function, Op
from sqla_lint.project.infer import Typed

# Methods that are hardly called on anything but sessions, connections and cursors.
_DATABASE_CALLS = frozenset(
    [
        "execute",
        "scalar",
        "scalars",
        "commit",
        "rollback",
        "flush",
        "add_all",
        "begin_nested",
        "query",
        "expunge_all",
        "exec_driver_sql",
        "bulk_save_objects",
        "bulk_insert_mappings",
    ]
)

PARAMETER = "a parameter without a known type"
ATTRIBUTE = "an attribute of an object whose class does not tell"
RESULT = "what an unknown call returned"
VARIABLE = "a variable whose value is unknown"


def unresolved(typed: Typed) -> Counter[str]:
    """The reasons why receivers of a function are unknown, with their numbers."""
    found: Counter[str] = Counter()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if looks_like_it(op) and not typed.on[number][i].known:
                found[reason(op, typed.function)] += 1
    return found


def looks_like_it(op: Op) -> bool:
    """A call that hardly anything but a database object has."""
    return op.do == "call" and op.name in _DATABASE_CALLS


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
