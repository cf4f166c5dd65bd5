"""Generator expressions that are returned, and read only after their source is closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.solve import Root
from sqla_lint.ir import Op
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function

_UNREAD = frozenset({kinds.QUERY, kinds.RESULT, kinds.SCALARS})


class Returned(NamedTuple):
    """A generator over what a session gives, returned out of the block that closes it."""

    at: Op
    root: Root
    source: Kind


def returned_generators(function: Function) -> Iterator[Returned]:
    """Generator expressions over queries and results of entities."""
    takes = {
        op.op.dst: op
        for op in function.operations()
        if op.op.do == "next" and op.op.dst and op.on.name in _UNREAD
    }
    if not takes:
        return
    for root in (*function.made(kinds.SESSION), *function.entered(kinds.SESSION)):
        uses = function.uses(root)
        if not any(use.op.do == "leave" and "close" in use.happening.events for use in uses):
            continue
        own = {id(use.op) for use in uses}
        for operation in function.operations():
            made = function.maker(operation.op.on) if operation.op.do == "return" else None
            if made is None or made.op.do != "pack" or made.op.name != "gen":
                continue
            named = {str(arg.value).partition(".")[0] for arg in made.op.args}
            for place, taken in takes.items():
                if place in named and id(taken.op) in own and taken.result.name == kinds.ENTITY:
                    yield Returned(operation.op, root, taken.on)
                    break
