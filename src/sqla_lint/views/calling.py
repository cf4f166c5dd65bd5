"""Who calls whom, as far as both are known."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.project.callers import called
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project


@per_project
def calls(function: Function) -> dict[str, list[tuple[str, Position]]]:
    """Where each function of the project is called by one that touches a database: the label of
    that one, and the position of the call."""
    found: dict[str, list[tuple[str, Position]]] = {}
    knowledge = function.project.knowledge
    for label, typed in function.project.typed.items():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.do == "call":
                    callee = called(knowledge, op, typed.on[number][i])
                    if callee.label in knowledge.functions:
                        found.setdefault(callee.label, []).append((label, (number, i)))
    return found


@per_project
def property_reads(function: Function) -> dict[str, list[tuple[str, Position]]]:
    """The same of properties: where they are read."""
    found: dict[str, list[tuple[str, Position]]] = {}
    knowledge = function.project.knowledge
    for label, typed in function.project.typed.items():
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on = typed.on[number][i]
                if op.do != "getattr" or on.name != kinds.INSTANCE or not on.label:
                    continue
                method = knowledge.classes.method(on.label, op.name or "")
                if method is not None and knowledge.is_property(method):
                    found.setdefault(method, []).append((label, (number, i)))
    return found


@per_project
def askers(function: Function) -> dict[str, list[str]]:
    """Who has asked what a function gives: whoever calls it, also those that touch no database."""
    found: dict[str, list[str]] = {}
    for label, one in function.project.inferred.items():
        for question in one.asked:
            if question[0] == "summary":
                found.setdefault(question[1], []).append(label)
    return found
