"""Functions that the program has left behind: nobody calls, imports or mentions them."""

from __future__ import annotations

import re

from sqla_lint.ir import Function as Code
from sqla_lint.project.entry import entry
from sqla_lint.project.spoken import names_in, texts_in
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# With so many others of its module in use elsewhere it is no library, whose callers are not here.
LIVING = 3
# The same of a program that serves requests, has commands, or works off a queue.
LIVING_IN_PROGRAM = 1
# Settings outside of the code start these: `[project.scripts]`, a WSGI server, a cloud.
_STARTED = frozenset(
    {"main", "cli", "run", "create_app", "make_app", "app", "application", "handler"}
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_SEVERAL = ""  # no name of a module


def is_dead(function: Function) -> bool:
    """A plain function or method whose name stands nowhere else, in a module whose others are used
    by other modules. Not a method that a base outside of the project may call, nor what a decorator
    may have registered: others with it are used by their names."""
    module, code, name = function.typed.module, function.typed.function, _name(function.qualname)
    if code.kind != "def" or function.entry or "<locals>" in code.qualname:
        return False
    if name in _STARTED or name[:2] == "__":
        return False
    if code.parent in module.classes and not is_all_known(function):
        return False
    mentioned = _mentioned(function)
    if name in mentioned:
        return False
    living = {
        other
        for code_of in module.functions.values()
        if code_of.kind == "def" and code_of.parent == code.parent
        if code_of.decorators == code.decorators
        if (other := _name(code_of.qualname))[:2] != "__"
        if mentioned.get(other, module.name) != module.name
    }
    enough = LIVING_IN_PROGRAM if not code.decorators and _is_program(function) else LIVING
    return len(living) >= enough


def _name(qualname: str) -> str:
    return qualname.rpartition(".")[2].partition("#")[0]


@per_project
def _is_program(function: Function) -> bool:
    """Something outside of the code calls functions of it."""
    knowledge = function.project.knowledge
    return any(
        entry(module, code, knowledge)
        for module, code in knowledge.functions.values()
        if code.decorators and not knowledge.told.is_test(module.path)
    )


def is_all_in_program(function: Function) -> bool:
    """Who calls it is here: something outside of the code calls functions beside it, of the same
    package, as routes, commands or tasks."""
    return function.typed.module.name.partition(".")[0] in _serving(function)


@per_project
def _serving(function: Function) -> frozenset[str]:
    """The packages, or modules, of functions that are entries."""
    knowledge = function.project.knowledge
    return frozenset(
        module.name.partition(".")[0]
        for module, code in knowledge.functions.values()
        if code.decorators and not knowledge.told.is_test(module.path)
        if entry(module, code, knowledge)
    )


@per_project
def _mentioned(function: Function) -> dict[str, str]:
    """Names of functions that any other code says, and the module that does; `_SEVERAL` for
    more."""
    knowledge = function.project.knowledge
    names = {_name(code.qualname) for _, code in knowledge.functions.values()}
    found: dict[str, str] = {}
    for module, code in knowledge.functions.values():
        if knowledge.told.is_test(module.path):
            continue
        for word in (_words(code) & names) - {_name(code.qualname)}:
            found[word] = module.name if found.get(word, module.name) == module.name else _SEVERAL
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
