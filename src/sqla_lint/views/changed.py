"""Which attributes of mapped objects the project changes in place, where they may be new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqla_lint.catalog import kinds
from sqla_lint.ir import Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.linked import Project
from sqla_lint.project.mentions import CHANGING

_MEMO = "changed in place"
_GETTING = frozenset({"get", "setdefault"})
# An object and attribute, by the label of its class and the name.
_Changed = frozenset[tuple[str, str]]


def changed_when_new(project: Project) -> _Changed:
    """What is changed in place of objects that no statement has loaded: those have values of their
    own, a new one may still have its column's default. What a method does to its own object says
    nothing of where that comes from."""
    if _MEMO not in project.memo:
        found = (one for typed in project.typed.values() for one in _changed(typed))
        project.memo[_MEMO] = frozenset(found)
    return cast(_Changed, project.memo[_MEMO])


def _changed(typed: Typed) -> Iterator[tuple[str, str]]:
    if kinds.ENTITY not in typed.present:
        return
    params = typed.function.params
    own = params[0].name if params and typed.function.parent in typed.module.classes else ""
    held: dict[Place, tuple[str, str]] = {}
    for n, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = held.get(op.on) if isinstance(op.on, str) else None
            if on is not None and (op.do in ("setitem", "augassign") or op.name in CHANGING):
                yield on
            if op.dst is None:
                continue
            of = typed.on[n][i]
            if op.do == "getattr" and of.name == kinds.ENTITY:
                if "queried" not in of.traits and op.on != own:
                    held[op.dst] = (of.label, op.name or "")
            elif on is not None and (op.do in ("move", "getitem") or op.name in _GETTING):
                held[op.dst] = on
