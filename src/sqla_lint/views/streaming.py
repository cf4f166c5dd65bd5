"""Results that are read in portions, and loader options that need all of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.kind import Kind
from sqla_lint.project.linked import Project
from sqla_lint.views.behind import Definitions, definitions, maker, statement_chain
from sqla_lint.views.collections import joins_collection
from sqla_lint.views.function import Function, Operation

_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_RUNS = frozenset({"execute", "scalars", "stream", "stream_scalars", "exec"})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_FETCHING = frozenset({"all", "first", "one", "one_or_none", "scalar", "__iter__"})
_UNDOING = frozenset({"enable_eagerloads"})


class Portions(NamedTuple):
    """A statement that is sent with `yield_per` and loads collections by ``how``."""

    op: Op
    how: str  # a join, a subquery
    split: bool = False  # the rows of one object may come in two portions: no error, wrong objects


def portions(function: Function) -> Iterator[Portions]:
    """Statements that are read in portions with such options."""
    defined = definitions(function)
    seen: set[int] = set()
    for operation in function.operations():
        sent = _sent(defined, operation)
        if sent is not None:
            statement, kind, options = sent
            calls = list(statement_chain(defined, statement)) if statement is not None else []
            streams = options or any(_is_portioned(defined, call) for call in calls)
            undone = any(call.op.name in _UNDOING for call in calls)
            how = _needs_all(function.project, kind)
            if streams and how and not undone and operation.op.at not in seen:
                seen.add(operation.op.at)
                yield Portions(operation.op, how)
        elif operation.op.do == "call" and operation.op.name == "yield_per":
            how = _of_result(defined, operation)
            if how:
                yield Portions(operation.op, how, split=True)


def _sent(defined: Definitions, operation: Operation) -> tuple[Operation | None, Kind, bool] | None:
    """A statement that is sent here: its last call, its kind, and whether the call says so."""
    op, on = operation.op, operation.on
    place: Operand | None = None
    kind, options = on, False
    if (op.do == "next" and on.name == kinds.QUERY) or (
        op.do == "call" and on.name == kinds.QUERY and op.name in _FETCHING
    ):
        place = op.on
    elif op.do == "call" and op.name is None and op.args and operation.arg_kinds:
        kind, place = operation.arg_kinds[0], op.args[0].value
        if kind.name != kinds.QUERY or on.label not in ("builtins.list", "builtins.iter"):
            return None
    elif op.do == "call" and on.name in _RUNNERS and op.name in _RUNS and operation.arg_kinds:
        kind, place = operation.arg_kinds[0], op.args[0].value
        if kind.name not in _STATEMENTS:
            return None
        options = any(
            arg.keyword == "execution_options" and _names(defined, arg.value) for arg in op.args
        )
    else:
        return None
    return maker(defined, place, operation), kind, options


def _names(defined: Definitions, operand: Operand) -> bool:
    """A dictionary of options says `yield_per`."""
    made = defined.get(operand, []) if isinstance(operand, str) else []
    return len(made) == 1 and any(arg.value == Const("yield_per") for arg in made[0].op.args[::2])


def _is_portioned(defined: Definitions, call: Operation) -> bool:
    op = call.op
    if op.name == "yield_per" and call.on.name == kinds.QUERY:
        return True
    return op.name == "execution_options" and any(arg.keyword == "yield_per" for arg in op.args)


def _needs_all(project: Project, kind: Kind) -> str:
    if joins_collection(project, kind):
        return "a join"
    return "a subquery" if "buffered" in kind.traits else ""


def _of_result(defined: Definitions, operation: Operation) -> str:
    """`execute(...).unique().yield_per(...)`: how the statement behind a result loads."""
    if operation.on.name not in (kinds.RESULT, kinds.SCALARS):
        return ""
    chain = list(statement_chain(defined, operation))
    if not any(call.op.name == "unique" for call in chain):
        return ""
    for call in chain:
        if call.on.name in _RUNNERS and call.arg_kinds:
            return "a join" if joins_collection(call.function.project, call.arg_kinds[0]) else ""
    return ""
