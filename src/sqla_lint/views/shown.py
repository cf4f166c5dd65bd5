"""Attributes that are translated for whoever asks for an object: ``user.key = decrypt(user.key)``.

What the row keeps is not what is shown, and to commit it would be the mistake.
"""

from __future__ import annotations

from sqla_lint.flow.solve import End
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.views.function import Function
from sqla_lint.views.paths import written_since_commit

# Operations inside of an expression are followed no further than this.
DEPTH = 6


def only_shown(function: Function, end: End) -> bool:
    """All that is written since the last commit on the way to an end is an attribute that a
    function made of what it was before, of an object that is returned."""
    writing = list(written_since_commit(end))
    return bool(writing) and all(_is_shown(function, op) for op in writing)


def _is_shown(function: Function, op: Op) -> bool:
    if op.do != "setattr" or not isinstance(op.on, str):
        return False
    return _is_translated(function, op, op.args[0].value) and _is_returned(function, op.on)


def _is_translated(function: Function, op: Op, value: Operand) -> bool:
    """A call that is handed the attribute, alone or with a value in its place: ``load(x.a or "")``.
    A method of the value itself (``user.email.lower()``) rather tidies up what is kept."""
    made = function.maker(value)
    if made is not None and made.op.do == "await":
        made = function.maker(made.op.on)
    if made is None or made.op.do != "call":
        return False
    return any(_holds(function, op, arg.value, DEPTH) for arg in made.op.args)


def _holds(function: Function, op: Op, value: Operand, depth: int) -> bool:
    if value == f"{op.on}.{op.name}":
        return True
    made = function.maker(value)
    if made is None or not depth:
        return False
    if made.op.do == "getattr":
        return made.op.on == op.on and made.op.name == op.name
    return made.op.do != "call" and any(
        _holds(function, op, one, depth - 1)
        for one in (made.op.on, *(arg.value for arg in made.op.args))
        if one is not None
    )


def _is_returned(function: Function, place: Place) -> bool:
    """The object is returned, or what it is an element of, alone or in another list."""
    wanted = {place}
    ops = [op for _, _, op in function.positions]
    walked = (op.on for op in ops if op.do == "next" and op.dst == place)
    wanted |= {one for one in walked if isinstance(one, str)}
    for op in ops:
        if op.do != "return":
            continue
        made = function.maker(op.on)
        given = made.op.args if made is not None and made.op.do in ("call", "pack") else ()
        if not wanted.isdisjoint({op.on, *(arg.value for arg in given)}):
            return True
    return False
