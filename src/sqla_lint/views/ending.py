"""Functions that run once, as the process ends: what they hold goes with it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.flow.root import Root
from sqla_lint.ir import ENTRY, MODULE_BODY, Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.project.entry import entry
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.raising import raises_always
from sqla_lint.regex import pattern
from sqla_lint.views.function import Function
from sqla_lint.views.scripts import is_command, is_command_code, is_of_commands, own_mentions
from sqla_lint.views.spelled import mentions
from sqla_lint.ways import behind

# How frameworks name what runs when they have served: a decorator, a list, a parameter, an event.
_END = pattern(
    r"(?:^|[._])(?:shutdown|on_cleanup|after_serving|after_server_stop|main_process_stop|post_stop"
    r"|post_shutdown|atexit|register_shutdown_hook)(?:$|[.(])"
)
_WHOLE = "lifespan"
# What a lifespan is handed: the application.
_APPLICATIONS = frozenset(
    {"aiohttp.web.Application", "fastapi.FastAPI", "fastapi.applications.FastAPI"}
    | {"litestar.Litestar", "litestar.app.Litestar", "starlette.applications.Starlette"}
)
# Callers of callers are followed no further than this.
CALLERS = 3


def ends_with_process(function: Function, root: Root) -> bool:
    """What the function leaves open goes soon with its process, and there is only one of it: it is
    a test, a command of a command line, or runs as an application stops. What a function leaves
    open that a command calls, the command has for as long as it goes on."""
    if function.is_test_code:
        return True
    if root.position[0] < 0:
        return is_command(function)
    op = function.op(root.position)
    if not _is_done_once(function, op):
        return False
    return is_command(function) or _is_last_of_commands(function) or ends_serving(function, op)


def ends_after(function: Function, op: Op) -> bool:
    """The process ends soon after an operation of a function, which it does once: that of a
    command, or of what an application does when it has served."""
    return _is_done_once(function, op) and (is_of_commands(function) or ends_serving(function, op))


def ends_serving(function: Function, op: Op) -> bool:
    """An operation of a function is done as an application stops, when it has served."""
    return _is_at_end(function, function.typed.module, function.typed.function, op, CALLERS)


def _is_last_of_commands(function: Function) -> bool:
    """Commands alone call the function, and do nothing after it but end."""
    if not is_of_commands(function):
        return False
    knowledge = function.project.knowledge
    for module, code, block, op in own_mentions(function):
        if op.do != "call" or not is_command_code(function, module, code.qualname):
            return False
        after = [code.blocks[number] for number in behind(code.blocks, [e.to for e in block.edges])]
        further = [*block.ops[block.ops.index(op) + 1 :], *(o for one in after for o in one.ops)]
        calls = [one for one in further if one.do == "call"]
        if not all(raises_always(o, _named(knowledge, module, o), knowledge) for o in calls):
            return False
    return True


def _named(knowledge: Knowledge, module: Module, op: Op) -> Kind:
    return knowledge.global_name(module, str(op.on))


def _is_done_once(function: Function, op: Op) -> bool:
    """No loop of the function does it again."""
    at = function.position(op)
    return at is not None and not function.typed.function.blocks[at[0]].loops


def _is_at_end(function: Function, module: Module, code: Code, op: Op, callers: int) -> bool:
    label = f"{module.name}:{code.qualname}"
    if _is_lifespan(function, module, code):
        return not _comes_before_yield(code, op)
    if any(_END.search(one) for one in _registered(function, label, code)):
        return True
    if not callers or code.decorators or entry(module, code, function.project.knowledge):
        return False
    found, name = False, code.qualname.rpartition(".")[2]
    for there, other, block, said in mentions(function, name):
        if _hands_to_end(other, said, name):
            found = True
            continue
        called = said.do == "call" and not any(arg.value == name for arg in said.args)
        if not called or other.kind == "module" or block.loops:
            return False
        if not _is_at_end(function, there, other, said, callers - 1):
            return False
        found = True
    return found


def _registered(function: Function, label: str, code: Code) -> Iterator[str]:
    """What stands before a function, and the events that this is told."""
    knowledge = function.project.knowledge
    for one in knowledge.decorators.get(label, ()):
        yield one.label
    around = knowledge.functions[label][0].functions[code.parent or MODULE_BODY]
    for block in around.blocks if code.decorators else ():
        for op in block.ops:
            if op.do == "call" and op.dst in code.decorators:
                yield from _told(op)


def _told(op: Op) -> Iterator[str]:
    yield f"{op.on}.{op.name}" if op.name else str(op.on)
    yield from (str(arg.value.value) for arg in op.args if isinstance(arg.value, Const))


def _hands_to_end(code: Code, op: Op, place: str) -> bool:
    """``FastAPI(on_shutdown=[stop])``, ``app.add_event_handler("shutdown", stop)``,
    ``atexit.register(stop)``, ``app.on_event("shutdown")(stop)``."""
    if op.do == "pack" and op.dst is not None:
        users = [one for block in code.blocks for one in block.ops if _is_given(one, op.dst)]
        return bool(users) and all(_hands_to_end(code, one, op.dst) for one in users)
    if op.do != "call":
        return False
    keywords = [arg.keyword or "" for arg in op.args if arg.value == place]
    told = [*keywords, *_told(op)]
    for block in code.blocks if op.name is None else ():
        told += (word for one in block.ops if one.dst == op.on for word in _told(one))
    return bool(keywords) and any(_END.search(one) for one in told)


def _is_given(op: Op, place: str) -> bool:
    return op.on == place or any(arg.value == place for arg in op.args)


def _is_lifespan(function: Function, module: Module, code: Code) -> bool:
    """A generator that an application is given, or that is given the application: it runs up to its
    `yield` before anything is served, and goes on when nothing is served any more."""
    label = f"{module.name}:{code.qualname}"
    knowledge = function.project.knowledge
    decorators = [one.label for one in knowledge.decorators.get(label, ())]
    if not code.is_generator or not any(one.endswith("contextmanager") for one in decorators):
        return False
    for param in code.params[:1]:
        name = param.ann.name if param.ann is not None else ""
        if name and knowledge.global_name(module, name).label in _APPLICATIONS:
            return True
    name = code.qualname.rpartition(".")[2]
    return any(
        op.do == "call" and any(a.keyword == _WHOLE and a.value == name for a in op.args)
        for _, _, _, op in mentions(function, name)
    )


def _comes_before_yield(code: Code, op: Op) -> bool:
    """Some way leads to an operation, and past no `yield`."""
    seen: set[int] = set()
    waiting = [ENTRY]
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        block = code.blocks[number]
        before = True
        for i, one in enumerate(block.ops):
            if one is op:
                return True
            if one.do == "yield":
                before = False
                if any(other.raises for other in block.ops[:i]):
                    waiting.append(block.exc)
                break
        if before:
            waiting += [edge.to for edge in block.edges if edge.when != "swallow"]
            waiting += [handler.to for handler in block.handlers]
            if any(other.raises for other in block.ops):
                waiting.append(block.exc)
    return False
