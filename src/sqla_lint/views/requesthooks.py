"""What an application of Flask does before each request, and when it is over: it empties the
registry of its sessions."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FUNCTIONS, Kind, dotted_label
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# Source: Flask docs, "API": Flask, Blueprint.
_HOOKS = frozenset({"teardown_appcontext", "teardown_app_request", "teardown_request"})
_BEFORE = frozenset({"before_app_request", "before_request"})


def ends_with_request(function: Function, session: Kind) -> bool:
    """The session of a request: another one gives the next request its objects."""
    if session.owner == "managed" or "request-scoped" in session.traits:
        return True
    return session in _emptied(function)


@per_project
def _emptied(function: Function) -> frozenset[Kind]:
    typed, decorators = function.project.typed, function.project.knowledge.decorators
    hooks = {
        label
        for label in typed
        if any(_is_hook(one.label, _HOOKS) for one in decorators.get(label, ()))
    }
    for one in typed.values():
        hooks |= set(_handed_to_hooks(one))
    return frozenset(kind for label in hooks & typed.keys() for kind in _removed(typed[label]))


def begins_request(function: Function) -> bool:
    """A hook that runs before each request."""
    decorators = function.project.knowledge.decorators.get(function.label, ())
    return any(_is_hook(one.label, _BEFORE) for one in decorators)


def _is_hook(label: str, hooks: frozenset[str]) -> bool:
    return label.startswith("flask.") and label.rpartition(".")[2] in hooks


def _handed_to_hooks(typed: Typed) -> Iterator[str]:
    """`app.teardown_appcontext(remove_session)`"""
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if (
                op.do == "call"
                and op.name in _HOOKS
                and _is_hook(dotted_label(on, op.name), _HOOKS)
            ):
                yield from (arg.label for arg in typed.args[number][i] if arg.name in FUNCTIONS)


def _removed(typed: Typed) -> Iterator[Kind]:
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "call" and op.name == "remove" and on.name == kinds.SCOPED_SESSION:
                yield on
