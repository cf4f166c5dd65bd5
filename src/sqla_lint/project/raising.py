"""Calls that never come back: `abort(400)`, `sys.exit()`, a helper that only raises."""

from __future__ import annotations

from sqla_lint.ir import ENTRY, EXIT, Function, Op
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.project.knowledge import Knowledge

# Functions of libraries that end a function by an exception of their own.
ALWAYS_RAISE = frozenset(
    {
        "builtins.exit",
        "builtins.quit",
        "flask.abort",
        "flask.json.abort",
        "os._exit",
        "pytest.exit",
        "pytest.fail",
        "pytest.skip",
        "sys.exit",
        "werkzeug.exceptions.abort",
    }
)


def raises_always(op: Op, on: Kind, knowledge: Knowledge) -> bool:
    """A call of one of these, or of a function of the project of which no way comes back."""
    if op.do != "call" or op.on is None:
        return False
    if on.name in (NAME, FOREIGN):
        return dotted_label(on, op.name) in ALWAYS_RAISE
    callee = called(knowledge, op, on)
    entry = knowledge.functions.get(callee.label)
    if entry is None or entry[1].is_async or entry[1].is_generator:
        return False
    return not (reaches_exit(entry[1]) or is_abstract(entry[1]))


def reaches_exit(function: Function) -> bool:
    """Some plain or handled way through a function ends in a return."""
    seen, waiting = {ENTRY}, [ENTRY]
    while waiting:
        number = waiting.pop()
        if number == EXIT:
            return True
        block = function.blocks[number]
        after = [edge.to for edge in block.edges] + [handler.to for handler in block.handlers]
        for to in (*after, block.exc):
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return False


def is_abstract(function: Function) -> bool:
    """Subclasses are to have a function of their own."""
    return any(
        op.do in ("call", "raise") and op.on == "NotImplementedError"
        for block in function.blocks
        for op in block.ops
    )
