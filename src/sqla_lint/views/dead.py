"""Functions that the program has left behind: nobody calls, imports or mentions them."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from sqla_lint.ir import Function as Code
from sqla_lint.project.entry import entries_beside, entry
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.project.unloaded import STARTED, unloaded
from sqla_lint.project.unrouted import unrouted
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# With so many others of its module in use elsewhere it is no library, whose callers are not here.
LIVING = 3
# The same of a program that serves requests, has commands, or works off a queue.
LIVING_IN_PROGRAM = 1
_WORD = re.compile(r"[A-Za-z_]\w*")
_SEVERAL = ""  # no name of a module


def is_dead(function: Function) -> bool:
    """A plain function or method whose name stands nowhere else, but in others that are dead, in a
    module whose others are used by other modules. Not a method that a base outside of the project
    may call, nor what a decorator may have registered: others with it are used by their names. And
    all of a module that nothing imports, and routes of routers that no application includes."""
    if function.typed.module.name in _unloaded(function):
        return True
    return function.label in _dead(function)


@per_project
def _unloaded(function: Function) -> frozenset[str]:
    return unloaded(function.project.knowledge, function.project.models.imports)


@per_project
def _dead(function: Function) -> frozenset[str]:
    """The labels of all of them: what only dead functions mention is dead, too."""
    functions = function.project.knowledge.functions
    mentions = _mentions(function)
    named: dict[str, list[str]] = {}
    for label, (_, code) in functions.items():
        named.setdefault(_name(code.qualname), []).append(label)
    sayers = {name: len(labels) for name, labels in mentions.by_name.items()}
    waiting = [name for name in named if name not in sayers]
    dying = list(unrouted(function.project.knowledge, function.project.models.imports))
    routes = set(dying)  # and what only they call
    found: set[str] = set()
    while waiting or dying:
        if not dying:
            labels = named.get(name := waiting.pop(), ())
            only = not routes.isdisjoint(mentions.by_name.get(name, ()))
            more = [one for one in labels if _may_be_dead(function, one, mentions, of_route=only)]
            routes.update(more if only else ())
            dying += more
            continue
        label = dying.pop()
        if label in found:
            continue
        found.add(label)
        for inner in mentions.within.get(label, (label,)):
            for name in mentions.by_label.get(inner, ()):
                sayers[name] -= 1
                if not sayers[name]:
                    waiting.append(name)
    return frozenset(found)


def _may_be_dead(function: Function, label: str, mentions: _Mentions, *, of_route: bool) -> bool:
    """Nothing outside of the code calls a function, as far as can be told. ``of_route``: a route
    that no request reaches calls it, so that it is no library's."""
    knowledge = function.project.knowledge
    module, code = knowledge.functions[label]
    name = _name(code.qualname)
    if code.kind != "def" or "<locals>" in code.qualname or name in STARTED or name[:2] == "__":
        return False
    if entry(module, code, knowledge):
        return False
    if code.parent in module.classes and not is_all_known(knowledge, label):
        return False
    if of_route and not code.decorators:
        return True
    living = {
        other
        for code_of in module.functions.values()
        if code_of.kind == "def" and code_of.parent == code.parent
        if code_of.decorators == code.decorators
        if (other := _name(code_of.qualname))[:2] != "__"
        if mentions.modules.get(other, module.name) != module.name
    }
    enough = LIVING_IN_PROGRAM if not code.decorators and _serving(function) else LIVING
    return len(living) >= enough


def _name(qualname: str) -> str:
    return qualname.rpartition(".")[2].partition("#")[0]


def is_all_in_program(function: Function) -> bool:
    """Who calls it is here: something outside of the code calls functions beside it, of the same
    package, as routes, commands or tasks."""
    return function.typed.module.name.partition(".")[0] in _serving(function)


@per_project
def _serving(function: Function) -> frozenset[str]:
    return entries_beside(function.project.knowledge)


class _Mentions(NamedTuple):
    """Which code says the names of functions, beside the only one of a name itself, and tests.

    ``by_label``  the names that a function says
    ``by_name``   the functions that say a name
    ``modules``   the module that says a name; `_SEVERAL` for more
    ``within``    a function that has functions of its own: these and it
    """

    by_label: dict[str, set[str]]
    by_name: dict[str, list[str]]
    modules: dict[str, str]
    within: dict[str, list[str]]


@per_project
def _mentions(function: Function) -> _Mentions:
    knowledge = function.project.knowledge
    counts = Counter(_name(code.qualname) for _, code in knowledge.functions.values())
    names = set(counts)
    found = _Mentions({}, {}, {}, {})
    for label, (module, code) in knowledge.functions.items():
        if knowledge.told.is_test(module.path):
            continue
        said = found.by_label[label] = _words(code) & names
        if counts[_name(code.qualname)] == 1:  # else it may be another that it calls
            said.discard(_name(code.qualname))
        for word in said:
            found.by_name.setdefault(word, []).append(label)
            only = found.modules.setdefault(word, module.name)
            if only != module.name:
                found.modules[word] = _SEVERAL
        outer = f"{module.name}:{code.qualname.partition('.<locals>.')[0]}"
        if outer != label:
            found.within.setdefault(outer, [outer]).append(label)
    return found


def _words(code: Code) -> set[str]:
    words: set[str] = set()
    for block in code.blocks:
        for op in block.ops:
            words |= names_in(op)
            for text in texts_in(op):
                # `from m import name`, `__all__`, "module:name", a table of names
                words.update(_WORD.findall(text))
    return words
