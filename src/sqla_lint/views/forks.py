"""Engines of a module that are used before and after a process is forked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.project.callers import called
from sqla_lint.project.index import absolute
from sqla_lint.project.kind import FUNCTIONS, MODULE, dotted_label
from sqla_lint.views.beside import DEPTH, started
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_ENGINES = frozenset(
    {
        kinds.ENGINE,
        kinds.SESSION_FACTORY,
        kinds.SCOPED_SESSION,
        kinds.SESSION,
        kinds.CONNECTION,
    }
)
_USES = frozenset({"execute", "write", "commit", "flush", "open", "begin"})
_OTHER_STARTS = frozenset({"spawn", "forkserver"})
_CAREFUL = ("dispose", "NullPool", "set_start_method", "get_context", "initializer")


# What a worker process runs first, and what of it gives the process connections of its own.
_FIRST = ("worker_process_init", "postfork", "post_fork", "register_at_fork")
_RENEWING = frozenset({"create_engine", "create_async_engine", "dispose", "engine_from_config"})


class Forked(NamedTuple):
    """Work in a process that uses an engine which was used ``before``."""

    op: Op  # what forks; what uses the engine when the task queue's parent imports it
    engine: str
    before: Op | None  # None: the operation itself
    task: str = ""  # a task that uses it in a forked worker


def across_fork(function: Function) -> Iterator[Forked]:
    """Processes that a function starts after it has used the engine that they use, too; and the
    uses at import of an engine that tasks in forked workers use."""
    if _is_careful(function):
        return
    yield from _by_system_call(function)
    if function.is_module:
        yield from _at_import(function)
    for work in started(function):
        if work.where != "process" or work.function.name != kinds.FUNCTION:
            continue
        for engine in sorted(_engines(function, work.function.label, DEPTH)):
            before = next(_used(function, engine, until=work.position), None)
            if before is not None:
                yield Forked(work.op, engine.partition(":")[2], before)
                break


def _by_system_call(function: Function) -> Iterator[Forked]:
    """`os.fork()` between two uses of an engine: parent and child both go on after it."""
    for number, i, op in function.positions:
        on = function.typed.on[number][i]
        called_name = dotted_label(on, op.name)
        if op.do != "call" or called_name not in ("os.fork", "os.forkpty"):
            continue
        for engine in sorted(_engines(function, function.label, DEPTH)):
            before = next(_used(function, engine, until=(number, i)), None)
            after = next(_used(function, engine, since=(number, i)), None)
            if before is not None and after is not None:
                yield Forked(op, engine.partition(":")[2], before)
                break


def _at_import(function: Function) -> Iterator[Forked]:
    """Celery imports the modules of its tasks, and forks its workers afterwards."""
    guard = min(
        (
            (number, i)
            for number, i, op in function.positions
            if op.do == "compare" and op.on == "__name__"
        ),
        default=None,
    )
    own = function.typed.module.name
    for engine, task in sorted(_of_tasks(function).items()):
        at_home = engine.partition(":")[0] == own
        if not at_home and own not in _imported_first(function, task.partition(":")[0]):
            continue
        used = next(_used(function, engine, until=guard), None)
        if used is not None:
            yield Forked(used, engine.partition(":")[2], None, task.partition(":")[2])


def _imported_first(function: Function, module: str) -> frozenset[str]:
    """The modules of the project that a module imports when it is imported itself."""
    known = _imports_of(function)
    seen = {module}
    waiting = [module]
    while waiting:
        for other in known.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return frozenset(seen)


@per_project
def _imports_of(function: Function) -> dict[str, set[str]]:
    """The modules that each module of the project imports in its own body."""
    index = function.project.knowledge.index
    found: dict[str, set[str]] = {}
    for name, module in index.modules.items():
        for dotted in _imported_names(module.body, module):
            there = index.find(dotted, module)
            if there is not None and there is not module:
                found.setdefault(name, set()).add(there.name)
    return found


@per_project
def _of_tasks(function: Function) -> dict[str, str]:
    """Engines that Celery's tasks use, with one of them, by label."""
    found: dict[str, str] = {}
    decorators = function.project.knowledge.decorators
    for label in sorted(function.project.typed):
        if any(
            d.label.startswith("celery.") and "task" in d.label for d in decorators.get(label, ())
        ):
            for engine in _engines(function, label, DEPTH):
                found.setdefault(engine, label)
    return found


@per_project
def _is_careful(function: Function) -> bool:
    """The project disposes of engines, has no pool to inherit, starts processes otherwise, or gives
    each of them an engine of its own."""
    knowledge = function.project.knowledge
    for label, decorators in knowledge.decorators.items():
        if any(word in d.label for d in decorators for word in _FIRST) and _renews(function, label):
            return True
    for module, code in knowledge.sayings.where(knowledge.index.modules.values(), *_CAREFUL):
        for block in code.blocks:
            for op in block.ops:
                if op.name == "dispose" and op.do in ("call", "getattr"):
                    return True
                if op.do == "import" and any(a.value == Const("NullPool") for a in op.args):
                    return True
                starts = (op.name or str(op.on)) in ("set_start_method", "get_context")
                if starts and any(
                    isinstance(a.value, Const) and a.value.value in _OTHER_STARTS for a in op.args
                ):
                    return True
                label = f"{module.name}:{code.qualname}"
                if any(
                    arg.keyword == "initializer" and _renews_by_name(function, label, arg.value)
                    for arg in op.args
                ):
                    return True
    return False


def _imported_names(body: Code, module: Module) -> Iterator[str]:
    """The dotted names that a body imports: of `from a import b` both ``a`` and ``a.b``."""
    for block in body.blocks:
        for op in block.ops:
            if op.do == "import" and op.name is not None:
                dotted = absolute(module, op.name)
                yield dotted
                if op.args and isinstance(op.args[0].value, Const):
                    yield f"{dotted}.{op.args[0].value.value!s}"


def _renews_by_name(function: Function, label: str, name: object) -> bool:
    module = label.partition(":")[0]
    kind = function.project.knowledge.globals.get(module, {}).get(str(name))
    return kind is not None and _renews(function, kind.label)


def _renews(function: Function, label: str) -> bool:
    entry = function.project.knowledge.functions.get(label)
    return entry is not None and any(
        op.do == "call" and (op.name or op.on) in _RENEWING
        for block in entry[1].blocks
        for op in block.ops
    )


def _engines(function: Function, label: str, depth: int) -> set[str]:
    """The engines of modules that a function and those it calls use, as ``module:name``."""
    typed = function.project.typed.get(label)
    found: set[str] = set()
    if depth == 0:
        return found
    if typed is None:
        for other in _named_calls(function, label):
            found |= _engines(function, other, depth - 1)
        return found
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            for kind in (typed.on[number][i], *typed.args[number][i]):
                if kind.name in _ENGINES and ":" in kind.label:
                    found.add(kind.label)
            if op.do == "call":
                callee = called(function.project.knowledge, op, typed.on[number][i])
                if callee.name in FUNCTIONS and callee.label != label:
                    found |= _engines(function, callee.label, depth - 1)
    return found


def _named_calls(function: Function, label: str) -> Iterator[str]:
    """The functions of the project that another calls by a name of its module: of one that touches
    no database itself no more is known."""
    knowledge = function.project.knowledge
    entry = knowledge.functions.get(label)
    if entry is None:
        return
    module, code = entry
    ops = [op for block in code.blocks for op in block.ops]
    own = {param.name for param in code.params} | {op.dst for op in ops}
    names = knowledge.globals.get(module.name, {})
    for op in ops:
        on = names.get(str(op.on)) if op.do == "call" and op.on not in own else None
        if on is not None and op.name and on.name == MODULE:
            on = knowledge.attribute(on, op.name)
        elif op.name:
            continue
        if on is not None and on.name == kinds.FUNCTION and on.label != label:
            yield on.label


def _used(
    function: Function,
    engine: str,
    since: tuple[int, int] | None = None,
    until: tuple[int, int] | None = None,
) -> Iterator[Op]:
    """Where a function has a connection made, itself or in what it calls."""
    typed = function.typed
    catalog = function.project.catalog
    for number, i, op in function.positions:
        outside = (since is not None and (number, i) <= since) or (
            until is not None and (number, i) >= until
        )
        if op.do != "call" or outside:
            continue
        on, args = typed.on[number][i], typed.args[number][i]
        if on.name in _ENGINES and on.label == engine:
            member = catalog.member(on.name, on.is_async, op.name or "")
            uses = member is not None and _USES & set(member.effects)
            if (uses or op.name == "query") and on.name != kinds.SESSION_FACTORY:
                yield op
        creates = on.name == kinds.METADATA and op.name in ("create_all", "drop_all", "reflect")
        if creates and any(kind.label == engine for kind in args):
            yield op
        callee = called(function.project.knowledge, op, on)
        other = callee.name in FUNCTIONS
        if other and engine in _engines(function, callee.label, DEPTH - 1):
            yield op
