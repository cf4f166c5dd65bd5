"""The fix for several statements in one text: a call for each, in the order in which they stand."""

from __future__ import annotations

from sqla_lint import sqltext
from sqla_lint.finding import Applicability, Insert, Replace, Rewrite
from sqla_lint.ir import Const
from sqla_lint.views.binding import literal
from sqla_lint.views.function import Call


def one_by_one(call: Call) -> Rewrite | None:
    """`execute(text("a; b"))` as `execute(text("a"))` and `execute(text("b"))`; only for a call
    without values whose text is written in place and whose result nobody reads."""
    function, op = call.function, call.op
    readers = function.readers.get(op.dst, []) if op.dst is not None else []
    awaited = next((one for one in readers if one.do == "await"), None)
    dropped = op.discarded or (awaited is not None and awaited.discarded)
    if len(op.args) != 1 or op.args[0].keyword or op.args[0].star or not dropped:
        return None
    made = function.maker(op.args[0].value)
    written = op.args[0] if made is None else made.op.args[0]
    if made is not None and (made.op.do != "call" or len(made.op.args) != 1):
        return None
    if not isinstance(written.value, Const) or not isinstance(written.value.value, str):
        return None
    pieces = [literal(piece) for piece in sqltext.pieces(written.value.value)]
    *first, last = pieces
    if last is None or not first:
        return None
    runner = op.at + 2  # in preorder the call is followed by its callee, that by its receiver
    refs = (runner,) if made is None else (runner, made.op.at + 1)
    lines = []
    for piece in first:
        if piece is None or "\n" in piece:
            return None
        given = piece if made is None else f"{{1}}({piece})"
        wait = "await " if awaited is not None else ""
        lines.append(f"{wait}{{0:primary}}.{op.name}({given})")
    edits = (
        Insert(op.at, "before", "\n".join(lines), refs),
        Replace(written.at, last),
    )
    return Rewrite("run them one by one", Applicability.UNSAFE, edits)
