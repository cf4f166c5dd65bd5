"""Calls that wait for the database without letting the event loop go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project import workers
from sqla_lint.project.callers import called
from sqla_lint.project.flags import NO_FLAGS, Flags, flags, reached
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.project.reach import is_endless
from sqla_lint.views.alone import runs_alone
from sqla_lint.views.function import Function
from sqla_lint.views.running import shut, unset
from sqla_lint.ways import only_through

# How far calls of project functions are followed.
DEPTH = 3

_BLOCKING = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.ENGINE, kinds.CONNECTION, kinds.QUERY}
)
_WAITS = frozenset({"execute", "flush", "commit"})
_CONNECTS = frozenset({"connect", "begin", "raw_connection"})
# Nobody writes a class of connections or engines but to put something else under it: a driver
# that is awaited later, a recorder, a double.
_REPLACED = frozenset({kinds.ENGINE, kinds.CONNECTION})
_HARMLESS = frozenset({"staticmethod", "classmethod", "property", "override", "wraps"})


class Blocking(NamedTuple):
    """A call that blocks: a member of ``on``, or a function of the project by its label."""

    op: Op
    on: Kind
    through: str = ""
    how: str = ""  # what that function waits on: its "own", or what it is "given"


def blocking(function: Function) -> tuple[Blocking, ...]:
    """The blocking calls of a coroutine function that shares its event loop with others, in source
    order; none for other functions."""
    if not function.is_async:
        return ()
    found = list(_blocking(function, function.typed, DEPTH))
    if not found or not shares_its_loop(function):
        return ()
    if told := unset(function):
        found = list(_blocking(function, function.typed, DEPTH, told))
    return tuple(sorted(found, key=lambda one: one.op.at))


def _blocking(
    function: Function, typed: Typed, depth: int, told: Flags = NO_FLAGS
) -> Iterator[Blocking]:
    code = typed.function
    knowledge = function.project.knowledge
    never = shut(typed)
    runs = reached(code, told, never) if told or never else range(len(code.blocks))
    calls = knowledge.outlined(code).calls
    awaited = {op.on for block in code.blocks for op in block.ops if op.do == "await"}
    asynchronous = {op.on for _, _, op in calls if op.dst in awaited}
    for op in _wrongly_entered(typed):
        awaited.add(op.on)
        asynchronous.add(op.dst)
    catalog = function.project.catalog
    plain = typed.plain_ways
    for number in sorted(runs):
        if plain and only_through(code, number, plain):
            continue  # whoever asks for the plain one means to wait for it
        for i, op in enumerate(code.blocks[number].ops):
            on = typed.on[number][i]
            if op.do == "next" and on.name == kinds.QUERY and op.name != "async":
                yield Blocking(op, on)
            if op.do != "call" or op.dst in awaited:
                continue
            if on.name in _REPLACED and "subclass" in on.traits:
                continue
            if on.name in _BLOCKING and not on.is_async and op.on not in asynchronous:
                member = catalog.member(on.name, False, op.name or "")
                connects = on.name == kinds.ENGINE and op.name in _CONNECTS
                if connects or (member is not None and _WAITS & set(member.effects)):
                    yield Blocking(op, on)
            elif depth and on.name not in _BLOCKING:
                label = called(knowledge, op, on).label
                if ":" not in label:
                    continue
                passed = flags(knowledge, op, on, told)
                how = _how(function, label, depth - 1, passed)
                if how == "own" or (how == "given" and _gives(typed.args[number][i])):
                    yield Blocking(op, on, label, how)


def _wrongly_entered(typed: Typed) -> Iterator[Op]:
    """`async with` on what is synchronous: it fails before it blocks."""
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            manager = typed.on[number][i]
            ours = manager.name in _BLOCKING or manager.name == kinds.CONTEXT_MANAGER
            if op.do == "enter" and op.name == "async" and ours and not manager.is_async:
                yield op


def _gives(args: tuple[Kind, ...]) -> bool:
    """A sync session, connection or engine is handed over."""
    return any(
        kind.name in _BLOCKING
        and not kind.is_async
        and not (kind.name in _REPLACED and "subclass" in kind.traits)
        for kind in args
    )


def _how(function: Function, label: str, depth: int, told: Flags = NO_FLAGS) -> str:
    """Whether calling a function of the project, with these flags, waits for the database: on what
    is its "own", on what it is "given", or not at all ("")."""
    project = function.project
    known = function.effects.blocking
    key = (label, told)
    if key not in known:
        known[key] = ""  # a function that calls itself adds nothing
        entry = project.knowledge.functions.get(label)
        typed = project.typed.get(label)
        plain = entry is not None and not entry[1].is_async and not entry[1].is_generator
        decorators = project.knowledge.decorators.get(label, ())
        if plain and typed is not None and all(_is_harmless(d) for d in decorators):
            given = {param.name for param in typed.function.params} - {"self", "cls"}
            found = [
                one.how or ("given" if one.op.on in given else "own")
                for one in _blocking(function, typed, depth, told)
            ]
            if found:
                known[key] = "own" if "own" in found or not given else "given"
    return known[key]


def _is_harmless(decorator: Kind) -> bool:
    return decorator.name == NAME and decorator.label.rpartition(".")[2] in _HARMLESS


def shares_its_loop(function: Function) -> bool:
    """Other coroutines wait while this one blocks: requests, handlers, tasks."""
    path = function.typed.module.path
    if (
        function.entry == "test"
        or function.project.knowledge.told.is_test(path)
        or path.endswith(".ipynb")
    ):
        return False  # the cells of a notebook run one after the other
    decorators = function.project.knowledge.decorators.get(function.label, ())
    if any(d.label.startswith("flask.") for d in decorators):
        return False  # Flask runs each coroutine in a loop of its own
    if runs_alone(function):
        return False
    if function.entry == "route" or function.serves_requests or _has_company(function):
        return True
    return any(d.name == FOREIGN for d in decorators)


def _has_company(function: Function) -> bool:
    """The project starts tasks anywhere, or components that never end; or it runs no loop itself:
    then a framework does, or whoever imports it."""
    found = function.effects.tasks
    if found is None:
        found = function.effects.tasks = _looks_shared(function)
    return found


def _looks_shared(function: Function) -> bool:
    runs = False
    for typed in function.project.typed.values():
        code = typed.function
        if function.project.knowledge.told.is_test(typed.module.path):
            continue
        if code.is_async and code.parent in typed.module.classes and is_endless(code):
            return True
        for number, block in enumerate(code.blocks):
            for i, op in enumerate(block.ops):
                label = _called(op, typed.on[number][i])
                if _starts_tasks(label):
                    return True
                runs = runs or label in workers.RUNS_ONE
    return not runs


def _called(op: Op, on: Kind) -> str:
    if op.do != "call" or on.name not in (NAME, FOREIGN):
        return ""
    return workers.plain(dotted_label(on, op.name))


def _starts_tasks(label: str) -> bool:
    start = workers.start(label)
    return label in workers.TOGETHER or (start is not None and start.where == "task")
