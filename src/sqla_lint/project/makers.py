"""Functions that make, or are given, objects which hold a session: they touch a database, too."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.bodies import opened
from sqla_lint.project.entry import entry
from sqla_lint.project.infer import infer
from sqla_lint.project.linked import Inferred, Project

_HELD = frozenset({kinds.SESSION, kinds.CONNECTION})
_INIT = "__init__"
_ENTRIES = frozenset({"route", "task", "command"})


def note_makers(project: Project) -> None:
    """Keep what is known of functions that make objects with a session of their own, and of routes
    that are given one that holds a session or call what uses a registry's, though nothing of
    SQLAlchemy's is in sight there."""
    knowledge = project.knowledge
    holding: dict[str, str] = {}
    making: dict[str, str] = {}
    for label in knowledge.classes.by_label:
        for info in knowledge.classes.ancestry(label):
            for kind in info.attributes.values():
                if kind.name in _HELD:
                    holding[label] = kind.name
                    if kind.owner == "local":
                        making[label] = kind.name
    registries = {
        label for label, typed in project.typed.items() if kinds.SCOPED_SESSION in typed.present
    }
    for label, one in list(project.inferred.items()):
        if label not in knowledge.functions or not (holding or registries):
            continue
        found = _asked_of(one, making, {_INIT})
        given = _asked_of(one, holding, set())
        if any(q[0] == "summary" and q[1] in registries for q in one.asked):
            given.add(kinds.SCOPED_SESSION)
        if given - found and entry(*knowledge.functions[label], knowledge) in _ENTRIES:
            found |= given
        if not found:
            continue
        typed = project.typed.get(label)
        if typed is None:
            knowledge.asked = {}
            module, function = knowledge.functions[label]
            typed = project.typed[label] = infer(module, opened(function), knowledge, ())
        typed.present = typed.present | found


def _asked_of(one: Inferred, classes: dict[str, str], methods: set[str]) -> set[str]:
    """What the classes hold of which an inference has asked for a method (any, for none)."""
    return {
        classes[question[1]]
        for question in one.asked
        if question[0] == "method"
        and question[1] in classes
        and (not methods or question[2] in methods)
    }
