"""Plain strings that are executed where only statements are taken."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Call
from sqla_lint.views.otherwise import is_claimed
from sqla_lint.views.versions import is_for_another

RAW_STRING_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
RAW_STRING_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})


def raw_string(call: Call) -> tuple[Arg, Kind] | None:
    """The string that a Connection or Session is told to execute, which raises: since 2.0, and with
    asyncio always."""
    if call.name not in RAW_STRING_RUNS or call.on.name not in RAW_STRING_RUNNERS:
        return None
    if call.target < (2, 0) and not call.on.is_async:
        return None
    given = call.argument(0, "statement")
    if given is None or given[1].name != kinds.STR:
        return None
    if is_for_another(call.function, call.op) or is_claimed(call, *given):
        return None
    return given
