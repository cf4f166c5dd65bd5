"""A limit that a Query gets on some way, before something that a limited Query refuses."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.statement import NEW_STATEMENT
from sqla_lint.views.backward import backward
from sqla_lint.views.conditions import may_meet
from sqla_lint.views.function import Call
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sql import reader

LIMITS = frozenset({"limit", "offset", "slice"})


def limited_before(call: Call) -> Note | None:
    """Where the Query that a method is called on gets a limit on some way that leads here."""
    known = reader(call.function.project)
    frame = known.frames.of(call.function.label)
    here = call.function.position(call.op)
    if frame is None or here is None:
        return None
    for made in backward(known, frame.on(here), {kinds.QUERY}, _goes_on):
        op = made.frame.op(made.at)
        if op.name in LIMITS and limits(made, op) and may_meet(made, frame, here):
            path = elsewhere(call.function, made.frame.typed.module.path)
            return Note("limited here, on some way", op.at, path)
    return None


def _goes_on(_: Spot, op: Op) -> bool:
    return op.name not in NEW_STATEMENT


def limits(made: Spot, op: Op) -> bool:
    """It is given a number, as far as can be told."""
    args = made.frame.args(made.at)
    if op.name == "slice":
        args = args[1:]  # from the first row on
    return bool(args) and all(
        one.kind.name != kinds.NONE and one.operand not in (Const(None), Const(0)) for one in args
    )
