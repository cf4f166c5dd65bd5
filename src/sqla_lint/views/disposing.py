"""Engines that a function makes for whoever calls it, and that its callers give up."""

from __future__ import annotations

from sqla_lint.ir import Place
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function


def callers_dispose(function: Function, made: Place | None) -> bool:
    """A function hands out an engine, and each that calls it disposes of one: perhaps only of what
    is its own, which a flag or a comparison tells."""
    if not function.returns_any_of(made):
        return False
    callers = {label for label, _ in calls(function).get(function.label, ())}
    return bool(callers) and all(function.calls_anywhere("dispose", (one,)) for one in callers)
