"""Attributes that a program first asks for: `hasattr(User, "email")`."""

from __future__ import annotations

from sqla_lint.ir import Const, Place
from sqla_lint.views.conditions import passed_tests
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.sql import reader

# With so many arguments: `getattr` gives the last where there is none of that name.
_ASKING = {"hasattr": 2, "getattr": 3}


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
    made = function.maker(place) or _kept(function, place)
    return (
        made is not None
        and made.op.do == "call"
        and made.op.name is None
        and len(made.op.args) == _ASKING.get(str(made.op.on))
        and made.op.args[1].value == Const(name)
        and made.arg_kinds[0].label == label
    )


def _kept(function: Function, place: Place) -> Operation | None:
    """What made a value that was given its name once."""
    writers = [one for one in function.operations() if one.op.dst == place]
    if len(writers) != 1:
        return None
    (one,) = writers
    return function.maker(one.op.on) if one.op.do == "move" else one
