"""What the heirs of a mapped class have beyond it: a statement that selects the class loads their
objects, and leaves their columns out.

So it is with joined and with single-table inheritance, unless the mapping says `polymorphic_load`
or `with_polymorphic`. The first read of such a column loads all of its class.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.flow.attributes import Mapped, mapped
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Model

_POLYMORPHIC = "polymorphic_on"
# What of an heir's mapping, or of a base's, loads the columns of heirs with the object.
_LOADING = frozenset({"polymorphic_load", "with_polymorphic"})
_LEFT_OUT = frozenset({"joined", "single"})
# Heirs, and heirs of these, the nearest first.
_HEIRS_LIMIT = 60


class OfHeir(NamedTuple):
    """A column of an heir, which its objects lack when the class is selected."""

    heir: str
    attribute: Mapped


def of_heirs(project: Project, label: str) -> dict[str, OfHeir]:
    """These columns, by name: of a class whose statements give objects of its heirs."""
    memo: dict[str, dict[str, OfHeir]] = project.memo.setdefault(__name__, {})  # type: ignore[assignment]
    if label not in memo:
        memo[label] = _columns(project, label)
    return memo[label]


def _columns(project: Project, label: str) -> dict[str, OfHeir]:
    model = project.models.of(label)
    if model is None or not model.complete or model.dynamic or not project.models.heirs(model):
        return {}
    said = [_said(one) for one in project.models.lineage(model)]
    words = set[str]().union(*(one or set() for one in said))
    if None in said or _POLYMORPHIC not in words or words & _LOADING:
        return {}
    own, found, others = project.models.attributes(model), dict[str, OfHeir](), set[str]()
    for heir in _below(project, model):
        told = _said(heir)
        loads = told is None or bool(told & _LOADING) or heir.inheritance not in _LEFT_OUT
        for name in project.models.attributes(heir):
            column = mapped(project, heir.label, name) if name not in own else None
            plain = column is not None and column.role == "column" and column.load == "eager"
            if loads or not plain or column is None or column.column is None:
                others.add(name)
            elif column.column.primary_key is not True and name not in found:
                found[name] = OfHeir(heir.label, column._replace(load="lazy"))
    return {name: one for name, one in found.items() if name not in others}


def _below(project: Project, model: Model) -> Iterator[Model]:
    waiting = deque(project.models.heirs(model))
    for _ in range(min(_HEIRS_LIMIT, len(project.models.models))):
        if not waiting:
            return
        heir = waiting.popleft()
        yield heir
        waiting.extend(project.models.heirs(heir))


def _said(model: Model) -> set[str] | None:
    """What its `__mapper_args__` say; None when that is not all written there."""
    args = model.mapper_args
    if args is None:
        return set()
    value = args.value
    if value is None or value.do != "dict" or value.starred:
        return None
    words = {key.text for key in value.args[::2]}
    return None if None in words else {word for word in words if word is not None}
