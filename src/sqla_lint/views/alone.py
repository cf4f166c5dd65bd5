"""Coroutines for which no other one waits: those that are run by themselves, and those that only
run while an application starts or stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Module, Op, Operand
from sqla_lint.ir import Function as Code
from sqla_lint.project import workers
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, UNKNOWN, Kind
from sqla_lint.regex import pattern
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# How frameworks name what runs before they serve, and after: a decorator, a parameter, a list, an
# event (documentation of FastAPI, Starlette, Litestar, Quart, Sanic, aiohttp, aiogram,
# python-telegram-bot, discord.py).
_MOMENT = pattern(
    r"(?:^|[._])(?:on_event|startup|shutdown|lifespan|cleanup_ctx|on_cleanup|(?:before|after)_serving"
    r"|(?:before|after)_server_(?:start|stop)|main_process_(?:start|stop)|post_init|post_shutdown)"
    r"(?:$|[.(])"
)
_HOOKS = {"setup_hook": "discord."}  # methods that a base class of that library calls
_GIVES = frozenset({"move", "return", "yield"})
# What runs a coroutine in a loop of its own; the two left out hand it to one that others share.
_LOOPS = workers.RUNS_ONE - {"anyio.from_thread.run", "asgiref.sync.async_to_sync"}


@dataclass
class Uses:
    """Who does what with the coroutine functions of the project, by label."""

    awaited_by: dict[str, set[str]] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    # who calls something unknown, by the last word of it
    unclear: dict[str, set[str]] = field(default_factory=dict)


def runs_alone(function: Function) -> bool:
    """`asyncio.run()` or a framework's hook of start or end runs a coroutine, or only coroutines of
    which that is so await it."""
    return function.label in _alone(function)


@per_project
def _alone(function: Function) -> set[str]:
    project = function.project
    running = uses(function)
    awaited_by, unclear = running.awaited_by, running.unclear
    found = running.alone | {label for label in project.typed if is_hook(function, label)}
    waiting = {
        label: callers
        for label, typed in project.typed.items()
        if typed.function.is_async
        and label not in running.elsewhere
        and (callers := awaited_by.get(label, set()) | unclear.get(word(label), set()))
        and not function.of(typed).entry
    }
    while (
        more := {label for label, callers in waiting.items() if callers - {label} <= found} - found
    ):
        found |= more
    return found


def is_hook(function: Function, label: str) -> bool:
    """A framework runs it when an application starts or stops."""
    knowledge = function.project.knowledge
    decorators = [one.label for one in knowledge.decorators.get(label, ())]
    decorators += [str(one) for one in knowledge.functions[label][1].decorators]
    if any(_MOMENT.search(one) for one in decorators):
        return True
    manages = any(one.endswith("contextmanager") for one in decorators)
    if manages and function.project.typed[label].yields.name in (kinds.NONE, kinds.UNKNOWN):
        return True  # what a lifespan does
    library = _HOOKS.get(word(label))
    return library is not None and any(
        base.label.startswith(library)
        for info in knowledge.classes.ancestry(label.rpartition(".")[0])
        for base in info.bases
    )


@per_project
def uses(function: Function) -> Uses:
    """Who does what with the coroutine functions of the project."""
    found = Uses()
    knowledge = function.project.knowledge
    for label, (module, code) in knowledge.functions.items():
        if knowledge.told.is_test(module.path):
            continue
        reading = _Reading(function, module, code, function.project.typed.get(label))
        _add_calls(found, label, reading)
        _add_mentions(found, reading)
    _add_overriding(found, function)
    return found


def _add_overriding(uses: Uses, function: Function) -> None:
    """Who awaits or runs a method of a base may have an object of a class below."""
    knowledge = function.project.knowledge
    for label, (module, code) in knowledge.functions.items():
        if not code.is_async or code.parent not in module.classes:
            continue
        for info in knowledge.classes.ancestry(f"{module.name}:{code.parent}")[1:]:
            above = info.methods.get(word(label))
            if above is None:
                continue
            if above in uses.awaited_by:
                uses.awaited_by.setdefault(label, set()).update(uses.awaited_by[above])
            for known in (uses.alone, uses.elsewhere):
                known.update({label} if above in known else ())


class _Reading:
    """The kinds of what a function calls and hands on: inferred where it has something of a
    database, else what names of the module and methods of its own object tell."""

    def __init__(self, function: Function, module: Module, code: Code, typed: Typed | None) -> None:
        self.knowledge = function.project.knowledge
        self.module, self.code, self.typed = module, code, typed
        self.ops = [
            (number, i, op)
            for number, block in enumerate(code.blocks)
            for i, op in enumerate(block.ops)
        ]
        self._read: dict[object, Kind] = {}
        if typed is None:
            for name, method in [(None, code), *self._around()]:
                if method.parent in module.classes and method.params:
                    own = method.params[0].name
                    if name in (None, own):
                        label = f"{module.name}:{method.parent}"
                        self._read[own] = Kind(kinds.INSTANCE, label=label)
            for _, _, op in self.ops:
                if op.do == "getattr" and op.name is not None:
                    self._read[op.dst] = self.knowledge.attribute(self._named(op.on), op.name)

    def _around(self) -> Iterator[tuple[str, Code]]:
        """The names it takes from functions around it."""
        for name, scope in self.code.captures.items():
            if scope in self.module.functions:
                yield name, self.module.functions[scope]

    def on(self, number: int, i: int, op: Op) -> Kind:
        return self.typed.on[number][i] if self.typed is not None else self._named(op.on)

    def given(self, number: int, i: int, op: Op) -> Iterator[tuple[str | None, Kind]]:
        """What an operation hands on, by its keyword."""
        if op.do in _GIVES:
            yield None, self.on(number, i, op)
        elif op.do != "closure":  # what a nested function captures is looked at in its own body
            for at, arg in enumerate(op.args):
                typed = self.typed.args[number][i] if self.typed is not None else ()
                yield arg.keyword, typed[at] if typed else self._named(arg.value)

    def coroutine(self, kind: Kind) -> bool:
        """A coroutine function of the project, or a method that is one."""
        entry = self.knowledge.functions.get(kind.label) if kind.name in FUNCTIONS else None
        return entry is not None and entry[1].is_async

    def _named(self, operand: Operand | None) -> Kind:
        if operand in self._read:
            return self._read[operand]
        if not isinstance(operand, str) or operand in self.code.locals:
            return UNKNOWN
        return self.knowledge.globals.get(self.module.name, {}).get(operand, UNKNOWN)


def _add_calls(uses: Uses, label: str, reading: _Reading) -> None:
    awaited = {op.on for _, _, op in reading.ops if op.do == "await"}
    # ``given = service.stop()``, then ``await given`` where that is a coroutine
    awaited |= {op.on for _, _, op in reading.ops if op.do == "move" and op.dst in awaited}
    run, either = set(_run(reading)), _either(reading)
    for number, i, op in reading.ops:
        if op.do != "call":
            continue
        on = reading.on(number, i, op)
        callee = called(reading.knowledge, op, on)
        if op.dst in run:
            uses.alone.update(f"{reading.module.name}:{name}" for name in either.get(op.on, ()))
        of_library = reading.knowledge.catalog.member(on.name, on.is_async, op.name or "")
        if callee.name == UNKNOWN.name and of_library is None:
            uses.unclear.setdefault(word(op.name or op.on), set()).add(label)
        if not reading.coroutine(callee):
            continue
        if op.dst in run and not _is_another(reading.code, op):
            uses.alone.add(callee.label)
        elif op.dst in awaited:
            uses.awaited_by.setdefault(callee.label, set()).add(label)
        else:
            uses.elsewhere.add(callee.label)


def _is_another(code: Code, op: Op) -> bool:
    """A method of another object: ``asyncio.run(Janitor().run())``; such components are made to
    work beside others."""
    return op.name is not None and not (code.params and op.on == code.params[0].name)


def _add_mentions(uses: Uses, reading: _Reading) -> None:
    """Coroutine functions that are handed on: to a hook of an application, or to anybody."""
    hooks = {  # the lists in ``Starlette(on_startup=[connect, fill])``
        arg.value
        for _, _, op in reading.ops
        if op.do == "call"
        for arg in op.args
        if _is_moment(op, arg.keyword)
    }
    for number, i, op in reading.ops:
        if op.do == "move" and reading.code.kind == "module" and str(op.dst).isidentifier():
            continue  # another name for it, by which it is known
        for keyword, kind in reading.given(number, i, op):
            if not reading.coroutine(kind):
                continue
            calls = op.do == "call"
            registers = op.dst in hooks or (calls and _is_moment(op, keyword))
            if registers or (calls and _runs(op, reading.on(number, i, op))):
                uses.alone.add(kind.label)
            else:
                uses.elsewhere.add(kind.label)


def _is_moment(op: Op, keyword: str | None) -> bool:
    """A call registers what it is given for the start or the end of an application."""
    said = [keyword or "", f"{op.on}.{op.name}" if op.name else str(op.on)]
    said += [str(arg.value.value) for arg in op.args if isinstance(arg.value, Const)]
    return any(_MOMENT.search(one) for one in said)


def _run(reading: _Reading) -> Iterator[Operand | None]:
    """The coroutines that a function hands to `asyncio.run()` and the like."""
    kept = {op.dst: op.on for _, _, op in reading.ops if op.do == "move"}
    for number, i, op in reading.ops:
        if op.do == "call" and op.args and _runs(op, reading.on(number, i, op)):
            given = op.args[0].value
            yield given
            if isinstance(given, str):
                yield kept.get(given)  # ``coro = main()``, then ``asyncio.run(coro)``


def _runs(op: Op, on: Kind) -> bool:
    """A call runs an event loop for one coroutine."""
    label = on.label if on.name in (NAME, FOREIGN) else ""
    return workers.plain(f"{label}.{op.name}" if op.name else label) in _LOOPS


def _either(reading: _Reading) -> dict[Operand | None, list[str]]:
    """``(instead or main)()``: the names from which the function that is called is chosen."""
    return {
        op.dst: [arg.value for arg in op.args if isinstance(arg.value, str)]
        for _, _, op in reading.ops
        if op.do in ("boolop", "ifelse")
    }


def word(operand: object) -> str:
    """The last word of a name, an attribute or a label."""
    return str(operand).rpartition(":")[2].rpartition(".")[2]
