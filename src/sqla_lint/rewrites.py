"""Fixes and ends that several rules build alike."""

from __future__ import annotations

from collections.abc import Iterable

from sqla_lint.catalog import kinds
from sqla_lint.finding import (
    Applicability,
    Enclose,
    Rewrite,
)
from sqla_lint.flow.root import SELF, Root
from sqla_lint.flow.solve import End
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op, Ref
from sqla_lint.views import LAZY, Function, needs_it


def ends_by_object(ends: Iterable[End], *ways: str) -> list[End]:
    """One end for each object, the first that was found, of those that end in one of these ways."""
    first: dict[Root, End] = {}
    for end in ends:
        if end.way in ways:
            first.setdefault(end.root, end)
    return list(first.values())


def receiver(op: Op) -> Ref:
    """The ref of ``x`` in the method call ``x.name()``: in preorder the call is followed by its
    callee, the callee by its receiver."""
    return op.at + 2


def enclosed(function: Function, root: Root, uses: tuple[Use, ...]) -> Rewrite | None:
    """`x = open()` and what follows, as far as ``x`` is used, as `with open() as x:`.

    None when the object has no single name, or when something that still reads from it leaves.
    """
    name = function.bound_name(root)
    opened = function.op(root.position)
    if root.role != SELF or name is None or not name.isidentifier() or opened.do != "call":
        return None
    for use in uses:
        if use.op.do in ("return", "pack") and SELF in (use.role, *use.given):
            return None  # who gets it would get it closed
        out = use.op.do in ("return", "yield", "setattr", "setitem", "pack", "closure")
        if (out and use.role in LAZY) or (use.op.do == "enter" and use.role == SELF):
            return None
        if use.op.do == "setattr" and use.role != kinds.ENTITY:
            return None
        if (use.op.do == "await" and use.op.on == name) or use.op.name == "start":
            return None  # it is started by its name: the block would start it again
    closes = {
        use.op.dst: use.op
        for use in uses
        if use.op.do == "call" and use.op.name == "close" and use.role == SELF
    }
    drop = tuple(
        op.at
        for op in closes.values()
        if op.discarded or any(u.op.do == "await" and u.op.on == op.dst for u in uses)
    )
    if len(drop) != len(closes):
        return None
    word = "async with" if root.kind.is_async else "with"
    return Rewrite(
        f"use a `{word}` block",
        Applicability.UNSAFE,
        (
            Enclose(
                first=opened.at,
                uses=tuple(use.op.at for use in uses if needs_it(use)),
                template=f"{word} {{0}} as {name}:",
                refs=(opened.at,),
                drop=drop,
            ),
        ),
    )
