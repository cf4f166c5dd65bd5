"""Attributes that a program first asks for: `hasattr(User, "email")`."""

from __future__ import annotations

from sqla_lint.ir import Const, Place
from sqla_lint.views.conditions import passed_tests
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.sql import reader
from sqla_lint.views.versions import asks_for_attribute
from sqla_lint.views.written import only_binding


def is_found_first(operation: Operation, label: str, name: str) -> bool:
    """Every way to an operation has asked the class of that label for the attribute, and found it:
    what is written there is for a class that has it."""
    function = operation.function
    frame = reader(function.project).frames.of(function.label)
    here = function.position(operation.op)
    if frame is None or here is None:
        return False
    return any(
        test.holds is (test.is_ == "true") and _asks(function, test.place, label, name)
        for _, test in passed_tests(frame, here)
    )


def _asks(function: Function, place: Place, label: str, name: str) -> bool:
    made = function.maker(place)
    if made is None:  # a name that is given once
        bound = only_binding(function.typed.function, place)
        made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    return (
        made is not None
        and asks_for_attribute(made.op)
        and made.op.args[1].value == Const(name)
        and made.arg_kinds[0].label == label
    )
