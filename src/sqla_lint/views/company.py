"""Coroutines beside which others surely run: those of routes and handlers, those that are handed to
somebody who runs them, and what they await.

Where nobody is seen to run two coroutines at once, one that waits for the database may have the
loop for itself: a worker that takes one message after the other, a command that does one thing.
"""

from __future__ import annotations

from sqla_lint.project import workers
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.views.alone import Uses, uses, word
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_SERVING = frozenset({"route", "handler", "task"})
_BY_HAND = frozenset({"command", "test", "fixture"})
# Decorators and bases that say nothing of who calls the function.
_SAYING_NOTHING = (
    "abc.",
    "builtins.",
    "contextlib.",
    "functools.",
    "typing.",
    "typing_extensions.",
)


def has_company(function: Function) -> bool:
    """Other coroutines surely wait while this one blocks."""
    return function.label in _accompanied(function)


@per_project
def _accompanied(function: Function) -> set[str]:
    project, told = function.project, function.project.knowledge.told
    running = uses(function)
    found = _reached(function) | _handed_on(function, running)
    names: dict[str, int] = {}
    for label, typed in project.typed.items():
        if typed.function.is_async and not told.is_test(typed.module.path):
            names[word(label)] = names.get(word(label), 0) + 1
            if _is_served(function.of(typed), running):
                found.add(label)
    awaiting = {
        label: callers
        for label, typed in project.typed.items()
        if typed.function.is_async and (callers := _callers(running, names, label))
    }
    while more := {label for label, callers in awaiting.items() if callers & found} - found:
        found |= more
    return found


def _reached(function: Function) -> set[str]:
    """What routes and handlers call; not what a queue's worker does, one task after the other."""
    decorators = function.project.knowledge.decorators
    return {
        label
        for label, chain in function.effects.reached().items()
        if not any(workers.is_queued(d.label) for d in decorators.get(chain[0], ()))
    }


def _handed_on(function: Function, running: Uses) -> set[str]:
    """Coroutine functions whose coroutines somebody else runs: a task, a registry. What gives one
    value after the other its caller goes through itself."""
    functions = function.project.knowledge.functions
    return {label for label in running.elsewhere if not functions[label][1].is_generator}


def _callers(running: Uses, names: dict[str, int], label: str) -> set[str]:
    """Who awaits a coroutine function, also by a name that only it has."""
    sure = running.awaited_by.get(label, set())
    return sure | (
        running.unclear.get(word(label), set()) if names.get(word(label)) == 1 else set()
    )


def _is_served(function: Function, running: Uses) -> bool:
    """A framework calls it for whoever asks, or whenever something happens."""
    decorators = function.project.knowledge.decorators.get(function.label, ())
    if function.entry in _BY_HAND or any(workers.is_queued(d.label) for d in decorators):
        return False  # a queue's worker does one task after the other
    if function.entry in _SERVING:
        return True
    called = running.awaited_by.get(function.label) or running.unclear.get(word(function.label))
    classes = function.project.knowledge.classes.ancestry(function.label.rpartition(".")[0])
    bases = (base for info in classes for base in info.bases)
    # what the program does not call itself is called by who has registered it, or by its base
    handed_on = word(function.label) == "__call__"  # an application, or a middleware
    return not called and (handed_on or any(map(_is_of_library, (*decorators, *bases))))


def _is_of_library(kind: Kind) -> bool:
    library = kind.name in (FOREIGN, NAME) and kind.label
    return bool(library) and not kind.label.startswith(_SAYING_NOTHING)
