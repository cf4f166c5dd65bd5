"""Questions about a function's transactions that several rules ask."""

from __future__ import annotations

from collections.abc import Iterable

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import BEGUN
from sqla_lint.flow.root import SELF, Root
from sqla_lint.flow.solve import End
from sqla_lint.flow.uses import Use
from sqla_lint.ir import EXIT, RAISED, Op, Ref
from sqla_lint.views.function import Function


def reads_attribute(function: Function, name: str) -> bool:
    """Some operation reads an attribute of this name."""
    return any(
        op.do == "getattr" and op.name == name
        for block in function.typed.function.blocks
        for op in block.ops
    )


def is_in_begin(function: Function, root: Root) -> bool:
    """A `begin()` block, or a context manager of the project, will end the transaction."""
    return bool(root.kind.traits & {"begin", "commits"}) or any(
        use.op.do == "leave" and use.role in (kinds.TRANSACTION, BEGUN)
        for use in function.uses(root)
    )


def begins_when_told(root: Root) -> bool:
    """A session of 1.4's autocommit mode: without `begin()` each statement gives its connection
    back. An engine on the level AUTOCOMMIT makes no such sessions."""
    traits = root.kind.traits
    return "autocommit" in traits and "level-autocommit" not in traits


_RUN = frozenset({"execute", "scalar", "scalars"})


def is_of_before(function: Function, root: Root) -> bool:
    """A Connection of 1.4 without `future=True`; also one that is handed strings under names, which
    a later one refuses at once: its program was written for the other."""
    if root.kind.name != kinds.CONNECTION:
        return False
    return function.is_legacy(root.kind) or any(
        use.op.name in _RUN and use.role == SELF and _is_named_string(use)
        for use in function.uses(root)
    )


def _is_named_string(use: Use) -> bool:
    if not use.args or use.args[0].name != kinds.STR:
        return False
    return isinstance(use.op.args[0].value, str)


_ENTERS = frozenset({"enter_context", "enter_async_context", "push", "callback"})


def is_given_to_guard(function: Function, root: Root) -> bool:
    """It is given to something that a ``with`` enters, and that may end it in its own way."""
    given = {use.op.dst for use in function.uses(root) if "pass" in use.happening.events}
    return any(
        op.do == "enter" or (op.do == "call" and op.name in _ENTERS)
        for place in given
        for op in function.readers.get(place or "", ())
    )


def first_by_mark(ends: Iterable[End], *ways: str) -> list[End]:
    """One end for each object and marked operation, the ways in the order of preference."""
    first: dict[tuple[Root, tuple[int, int]], End] = {}
    for way in ways:
        for end in ends:
            if end.way == way:
                first.setdefault((end.root, end.mark), end)
    return list(first.values())


def caught_at(end: End) -> Ref | None:
    """The last handler on the way to an end."""
    trail = end.trail
    while trail is not None:
        if trail.what == "catch":
            return trail.op.at
        trail = trail.before
    return None


def is_suppressed(end: End) -> bool:
    """It was no handler that caught the last failure on the way to an end, but `suppress()`."""
    trail = end.trail
    while trail is not None and trail.what != "catch":
        trail = trail.before
    return trail is not None and trail.op.name == "exc"


def operations_of(function: Function) -> tuple[tuple[int, int, Op], ...]:
    """Every operation with its position."""
    return function.positions


_ENDING = frozenset({"commit", "rollback", "begin", "nest"})


def commits_last(function: Function, root: Root) -> Op | None:
    """The only commit of what a ``with`` enters, when it is the last statement of the block and
    nothing else is done about the transaction: `begin()` would commit in its place."""
    ended = [
        use
        for use in function.uses(root)
        if use.op.do != "leave" and _ENDING & set(use.happening.events)
    ]
    entered = function.entering(root)
    if len(ended) != 1 or entered is None or ended[0].happening.events != ("commit",):
        return None
    here = function.position(ended[0].op)
    if here is None:
        return None
    block = function.typed.function.blocks[here[0]]
    after = block.ops[here[1] + 1 :]
    left = [op.do == "leave" and op.on == entered.on and op.name == "next" for op in after[:1]]
    if not after:
        nexts = [edge for edge in block.edges if edge.to not in (EXIT, RAISED)]
        first = function.typed.function.blocks[nexts[0].to].ops[:1] if len(nexts) == 1 else ()
        left = [op.do == "leave" and op.on == entered.on and op.name == "next" for op in first]
    plain = block.loops == function.typed.function.blocks[root.position[0]].loops
    return ended[0].op if left == [True] and plain else None
