"""Who uses one session at the same time, or longer than it lives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Place
from sqla_lint.project import workers
from sqla_lint.project.kind import FOREIGN, NAME, dotted_label
from sqla_lint.views.beside import (
    ENDING,
    Handle,
    Position,
    Work,
    coroutines,
    handles,
    original,
    started,
)
from sqla_lint.views.escaping import escapes
from sqla_lint.views.function import Function
from sqla_lint.views.nevergiven import is_never_given
from sqla_lint.views.once import per_function
from sqla_lint.views.provisioned import only_wait, surely_harmed
from sqla_lint.views.spreading import spread
from sqla_lint.views.waiting import NEVER, end
from sqla_lint.ways import leads


class Shared(NamedTuple):
    """A session that several pieces of work use at the same time. ``at`` is where that begins."""

    handle: Handle
    works: tuple[Work, ...]
    at: Op
    sure: bool = True  # whatever was done with the session before


# --- tasks -------------------------------------------------------------------------------------


def by_tasks(function: Function) -> Iterator[Shared]:
    """Async sessions and connections of several tasks."""
    for shared in _by_tasks(function):
        if not is_never_given(function, shared.handle.name):
            yield shared


def _by_tasks(function: Function) -> Iterator[Shared]:
    started_here = list(_tasks(function))
    known = {id(work.made) for shared in started_here for work in shared.works}
    for shared in _together(function):
        of_tasks = shared.works[0].where == "task" and shared.handle.kind.is_async
        if of_tasks and not all(id(work.op) in known for work in shared.works):
            yield shared
    yield from started_here
    yield from _by_helpers(function)


@per_function
def _together(function: Function) -> tuple[Shared, ...]:
    """`gather` and its kin: all that they are given runs at once."""
    return tuple(_gathered(function)) if function.typed.done_on else ()


def _gathered(function: Function) -> Iterator[Shared]:
    typed = function.typed
    for number, i, op in function.call_positions:
        on = typed.on[number][i]
        if on.name not in (NAME, FOREIGN):
            continue
        if workers.plain(dotted_label(on, op.name)) not in workers.TOGETHER:
            continue
        users: dict[str, list[tuple[Work, Handle]]] = {}
        for work in coroutines(function, [a.value for a in op.args if a.keyword is None]):
            for handle in handles(function, work):
                if handle.name[0] != "%":
                    users.setdefault(handle.name, []).append((work, handle))
        for pairs in users.values():
            work, handle = pairs[0]
            loops = typed.function.blocks[number].loops
            together = tuple(w for w, _ in pairs)
            harmless = handle.kind.is_async and only_wait(function, handle, together)
            if not harmless and (len(pairs) > 1 or _repeated(function, work, handle, loops)):
                sure = not handle.kind.is_async or surely_harmed(function, handle, together)
                yield Shared(handle, together, op, sure)


def _repeated(function: Function, work: Work, handle: Handle, around: tuple[int, ...] = ()) -> bool:
    """The work is started in a loop, and the session is made outside of it, or the object that
    holds it."""
    loops = set(work.loops) - set(around)
    holder = handle.name.partition(".")[0]
    bound = [
        set(block.loops)
        for block in function.typed.function.blocks
        for op in block.ops
        # `self.session` is read, not made
        if op.dst in (handle.name, holder) and op.do != "getattr"
    ]
    return work.many or (bool(loops) and not any(loops & one for one in bound))


def _by_helpers(function: Function) -> Iterator[Shared]:
    """What a helper runs in several tasks uses one session."""
    for work in spread(function):
        for handle in handles(function, work):
            if not handle.kind.is_async or handle.name[0] == "%":
                continue
            if not only_wait(function, handle, (work,)):
                sure = surely_harmed(function, handle, (work,))
                yield Shared(handle, (work,), work.op, sure)


class _Task(NamedTuple):
    work: Work
    handle: Handle
    end: Position  # where it is awaited


def _tasks(function: Function) -> Iterator[Shared]:
    """Tasks that are started before others of the same session are awaited."""
    tasks = [
        _Task(work, handle, end(function, work))
        for work in started(function)
        if work.where == "task"
        for handle in handles(function, work)
        if handle.kind.is_async and handle.name[0] != "%"
    ]
    code = function.typed.function
    said: set[str] = set()
    for n, task in enumerate(tasks):
        name = task.handle.name
        if name in said:
            continue
        others = [
            other
            for other in tasks[n + 1 :]
            if other.handle.name == name
            and other.work.position < task.end
            and leads(code, task.work.position, other.work.position, swallowed=True)
        ]
        again = _repeated(function, task.work, task.handle) and not _awaited_in_loop(function, task)
        works = (task.work, *(o.work for o in others))
        if others or again or _goes_on(function, task):
            said.add(name)
            if not only_wait(function, task.handle, works):
                sure = surely_harmed(function, task.handle, works)
                yield Shared(task.handle, works, task.work.op, sure)


def _awaited_in_loop(function: Function, task: _Task) -> bool:
    if task.end == NEVER:
        return False
    return function.typed.function.blocks[task.end[0]].loops[: len(task.work.loops)] == (
        task.work.loops
    )


def _goes_on(function: Function, task: _Task) -> bool:
    """The function itself runs a statement before the task is awaited."""
    typed = function.typed
    begin = task.work.position
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "await" or not begin < (number, i) < task.end:
                continue
            come = leads(typed.function, begin, (number, i), swallowed=True)
            if come and _sends(function, op, task.handle):
                return True
    return False


def _sends(function: Function, awaited: Op, handle: Handle) -> bool:
    """What is awaited runs a statement in a session."""
    values = [awaited.on] if awaited.on is not None else []
    if any(
        work.op.do == "getattr" and original(function, str(work.handed[0].value)) == handle.name
        for work in coroutines(function, values)
    ):
        return True  # `user.awaitable_attrs.posts`
    made = function.maker(awaited.on)
    return (
        made is not None
        and isinstance(made.op.on, str)
        and made.on.name in (kinds.SESSION, kinds.CONNECTION)
        and original(function, made.op.on) == handle.name
        and made.op.name not in ENDING
    )


# --- threads -----------------------------------------------------------------------------------


def by_threads(function: Function) -> Iterator[Shared]:
    """Sessions and connections of several threads or processes."""
    for shared in _together(function):
        if shared.works[0].where == "awaited thread":
            yield shared
    users: dict[str, list[tuple[Work, Handle]]] = {}
    for work in started(function):
        if work.where in ("thread", "process", "awaited thread") and not _at_once(function, work):
            for handle in handles(function, work):
                if not escapes(function, work, handle):
                    users.setdefault(handle.name, []).append((work, handle))
    for name, pairs in users.items():
        work, handle = pairs[0]
        if name[0] == "%":
            continue
        if (
            len(pairs) > 1
            or _repeated(function, work, handle)
            or _used_elsewhere(function, work, handle)
        ):
            yield Shared(handle, tuple(w for w, _ in pairs), work.op)


def _at_once(function: Function, work: Work) -> bool:
    """Whoever starts the work waits for it at once: nothing runs beside it."""
    blocks = function.typed.function.blocks
    number, i = work.position
    for op in blocks[number].ops[i + 1 :]:
        if op.on == work.op.dst and work.op.dst is not None:
            return op.do == "await" or (op.do == "call" and op.name == "result")
    if work.where == "awaited thread":  # gathered ones are looked at as a whole
        return True
    return any(op.do == "await" and op.on == work.op.dst for block in blocks for op in block.ops)


def _used_elsewhere(function: Function, work: Work, handle: Handle) -> bool:
    """Somebody other than the work uses its session, too."""
    module, colon, name = handle.name.partition(":")
    if colon:
        return _module_uses(function, work, module, name)
    if handle.kind.owner not in ("local", "managed") and "." not in handle.name:
        return True  # a parameter: whoever gave it has it, too
    owner, dot, attribute = handle.name.rpartition(".")
    if dot and owner == "self":
        return _methods_use(function, work, attribute)
    return any(
        op.do == "call" and op.on == handle.name and op.name not in ENDING
        for block in function.typed.function.blocks
        for op in block.ops
    )


def _module_uses(function: Function, work: Work, module: str, name: Place) -> bool:
    for label, typed in function.project.typed.items():
        if typed.module.name != module or label == work.function.label:
            continue
        if name in typed.function.locals and typed.function.kind != "module":
            continue
        if any(
            op.do == "call" and op.on == name and op.name not in ENDING
            for block in typed.function.blocks
            for op in block.ops
        ):
            return True
    return False


def _methods_use(function: Function, work: Work, attribute: str) -> bool:
    parent = function.typed.function.parent
    info = function.project.knowledge.classes.get(f"{function.typed.module.name}:{parent}")
    for label in info.methods.values() if info is not None else ():
        typed = function.project.typed.get(label)
        if typed is None or label == work.function.label or label.endswith("__init__"):
            continue
        if any(
            op.do == "call" and op.on == f"self.{attribute}" and op.name not in ENDING
            for block in typed.function.blocks
            for op in block.ops
        ):
            return True
    return False
