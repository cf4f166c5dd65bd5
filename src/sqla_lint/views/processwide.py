"""Attributes and globals that are there as long as the process: what one request puts into them,
another takes out."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.stores import Store
from sqla_lint.ir import MODULE_BODY
from sqla_lint.ir import Function as Code
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project


def is_of_process(function: Function, store: Store) -> bool:
    """A global; an attribute that a class itself has; or one of objects that are made when modules
    are loaded, all of them that are seen to be made."""
    if not store.owner or _is_of_class(function, store):
        return True
    family = {
        label
        for label in function.project.knowledge.classes.by_label
        if (line := function.project.knowledge.classes.ancestry(label))
        and line[-1].label == store.owner
    }
    return bool(family & _made_by_modules(function)) and not family & _made_by_functions(function)


@per_project
def _made_by_modules(function: Function) -> frozenset[str]:
    """The classes of which a global is an object."""
    return frozenset(
        kind.label
        for names in function.project.knowledge.globals.values()
        for kind in names.values()
        if kind.name == kinds.INSTANCE and kind.label
    )


@per_project
def _made_by_functions(function: Function) -> frozenset[str]:
    """The classes of which functions make objects that are no tests."""
    knowledge = function.project.knowledge
    return frozenset(
        on.label
        for typed in function.project.typed.values()
        if typed.function.qualname != MODULE_BODY and not knowledge.told.is_test(typed.module.path)
        for on in _called(typed)
        if on.name == kinds.CLASS
    )


def _called(typed: Typed) -> Iterator[Kind]:
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "call" and op.name is None:
                yield typed.on[number][i]


def _is_of_class(function: Function, store: Store) -> bool:
    """The body of the class makes it, and no method binds it anew for an object."""
    knowledge = function.project.knowledge
    info = knowledge.classes.get(store.owner)
    body = info.module.functions.get(info.node.qualname) if info is not None else None
    if info is None or body is None or not _binds(body, store.name):
        return False
    return not any(
        op.do == "setattr" and op.name == store.name
        for label in info.methods.values()
        if (entry := knowledge.functions.get(label)) is not None
        for block in entry[1].blocks
        for op in block.ops
    )


def _binds(body: Code, name: str) -> bool:
    return any(op.dst == name and op.do != "declare" for block in body.blocks for op in block.ops)
