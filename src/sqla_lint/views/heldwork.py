"""Work that is started together with what it works on: `partial(render, user)`, `lambda:
render(user)`, and a function that uses a name of the one that makes it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import entity_of
from sqla_lint.flow.reads import Summaries
from sqla_lint.flow.working import When, Work, when
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project import workers
from sqla_lint.project.callers import called, parameters, parameters_of
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, dotted_label
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function

_PARTIAL = "functools.partial"

NAMES = 3  # names of names of what is run

_Held = tuple[Op, Place, str, str, str]
# What is given copies is told where that is sent.
_WHEN: frozenset[When] = frozenset({"now", "later", "after"})
# These are sent when the request is over, and read their body then.
_RESPONSES = frozenset(
    {
        "flask.Response",
        "flask.wrappers.Response",
        "flask.current_app.response_class",
        "werkzeug.Response",
        "werkzeug.wrappers.Response",
        "werkzeug.wrappers.response.Response",
    }
)
_BODY = frozenset({None, "response"})


def held_work(function: Function, summaries: Summaries) -> dict[tuple[int, Place], Work]:
    """What such work reads of an object, and when: by the id of the operation that makes the work,
    and the name of the object."""
    found: dict[tuple[int, Place], Work] = {}
    for (op, place, label, name, model), begins in _held(function):
        reads = summaries.of(label, name, model)
        if begins == "streamed" and _goes_every_way(function, label, name):
            reads = reads._replace(surely=reads.maybe)  # on some way, when the answer is sent
        found[id(op), place] = Work(reads, begins)
    return found


def _goes_every_way(function: Function, label: str, name: Place) -> bool:
    """What the generator of an answer reads on some way is read: it has no flags that its caller
    may leave out, and does not come to call something else by the name of the object."""
    entry = function.project.knowledge.functions.get(label)
    return entry is not None and not (
        any(param.default is not None for param in entry[1].params)
        or any(op.dst == name for block in entry[1].blocks for op in block.ops)
    )


@per_function
def _held(function: Function) -> tuple[tuple[_Held, When], ...]:
    """The objects of work: what makes it, their names, the function that runs, their names in it,
    and their classes; and when it begins."""
    return tuple(_found(function))


def _found(function: Function) -> Iterator[tuple[_Held, When]]:
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "call" or on.name not in (NAME, FOREIGN):
            continue
        if dotted_label(on, op.name) in _RESPONSES:
            for held in _streamed(function, op):
                yield held, "streamed"
            continue
        start = workers.start(dotted_label(on, op.name))
        if start is None or start.where == "queue" or start.given == "mapped":
            continue
        begins = when(op, operation.arg_kinds, start)
        made = _made(function, op, start)
        if made is None or begins not in _WHEN:
            continue
        runs_coroutine = begins == "after"
        if start.given == "coroutine":
            called = made.op.do == "call" and made.op.name is None and not made.op.args
            made = _made_as(function, made.op.on) if called else None
            runs_coroutine = True
        if made is None:
            continue
        if made.op.do == "closure":
            for held in _captured(function, made, runs_coroutine, begins):
                yield held, begins
        elif made.op.do == "call" and dotted_label(made.on, made.op.name) == _PARTIAL:
            for held in _of_partial(function, made):
                yield held, begins


def _streamed(function: Function, op: Op) -> Iterator[_Held]:
    """What the generator of an answer is given, or what it uses of the function that makes it."""
    body = next((arg for arg in op.args if arg.keyword in _BODY and not arg.star), None)
    call = _made_as(function, body.value) if body is not None else None
    if call is None or call.op.do != "call":
        return
    knowledge = function.project.knowledge
    callee = called(knowledge, call.op, call.on)
    entry = knowledge.functions.get(callee.label)
    if entry is None or not entry[1].is_generator or entry[1].is_async:
        return
    if knowledge.decorators.get(callee.label):  # `stream_with_context`
        return
    for (arg, param), kind in zip(
        parameters(knowledge, call.op, callee), call.arg_kinds, strict=False
    ):
        held = entity_of(kind)
        if param is not None and held is not None and isinstance(arg.value, str):
            yield call.op, arg.value, callee.label, param, held[0].label
    made = _made_as(function, call.op.on) if call.op.name is None else None
    if made is not None and made.op.do == "closure":
        yield from _names_used(function, made, callee.label, "streamed")


def _made(function: Function, op: Op, start: workers.Start) -> Operation | None:
    """What makes the function that a call runs, if nobody else gets it."""
    plain = [arg.value for arg in op.args if arg.keyword is None and not arg.star]
    named = [arg.value for arg in op.args if arg.keyword == start.keyword]
    given: list[Operand] = named or plain[start.callable : start.callable + 1]
    return _made_as(function, given[0]) if given else None


def _made_as(function: Function, place: Operand | None) -> Operation | None:
    """What makes a value that has one name after the other, each for one use."""
    for _ in range(NAMES):
        if place is None or len(function.readers.get(place, ())) != 1:
            return None
        made = [one for one in function.operations() if one.op.dst == place]
        if len(made) != 1 or made[0].op.do != "move":
            return made[0] if len(made) == 1 else None
        place = made[0].op.on
    return None


def _of_partial(function: Function, made: Operation) -> Iterator[_Held]:
    pairs = list(zip(made.op.args, made.arg_kinds, strict=False))
    if not pairs or any(arg.star for arg, _ in pairs) or pairs[0][1].name not in FUNCTIONS:
        return
    run = pairs[0][1]
    if "partial" in run.traits:
        return
    named = {number: p.name for number, p in parameters_of(function.project.knowledge, run)}
    for number, (arg, kind) in enumerate(pairs[1:]):
        name = arg.keyword or named.get(number)
        if name in named.values() and kind.name == kinds.ENTITY and isinstance(arg.value, str):
            yield made.op, arg.value, run.label, str(name), kind.label


def _captured(
    function: Function, made: Operation, runs_coroutine: bool, begins: When
) -> Iterator[_Held]:
    label = f"{function.typed.module.name}:{made.op.name}"
    entry = function.project.knowledge.functions.get(label)
    if entry is None or entry[1].params or entry[1].is_generator:
        return
    if entry[1].is_async and not runs_coroutine:
        return  # a coroutine, which nobody awaits
    yield from _names_used(function, made, label, begins)


def _names_used(function: Function, made: Operation, label: str, begins: When) -> Iterator[_Held]:
    """The objects of the function that makes another one which uses their names."""
    for arg in made.op.args:
        kind = function.typed.cells.get(str(arg.value))
        if begins != "now" and not _is_bound_once(function, str(arg.value)):
            continue  # what the name holds by then
        if arg.keyword is not None or kind is None:
            continue
        held = entity_of(kind)
        if held is not None and (begins == "streamed" or kind.name == kinds.ENTITY):
            yield made.op, str(arg.value), label, str(arg.value), held[0].label


def _is_bound_once(function: Function, place: Place) -> bool:
    return sum(op.dst == place and op.do != "getattr" for _, _, op in function.positions) == 1
