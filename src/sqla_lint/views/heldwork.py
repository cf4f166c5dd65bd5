"""Work that a thread is given together with what it works on: `partial(render, user)`, and
`lambda: render(user)`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.reads import Reads, Summaries
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project import workers
from sqla_lint.project.callers import parameters_of
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, dotted_label
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function

_PARTIAL = "functools.partial"

_Held = tuple[Op, Place, str, str, str]


def held_work(function: Function, summaries: Summaries) -> dict[tuple[int, Place], Reads]:
    """What such work, for whose end the function waits, reads of an object: by the id of the
    operation that makes the work, and the name of the object."""
    return {
        (id(op), place): summaries.of(label, name, model)
        for op, place, label, name, model in _held(function)
    }


@per_function
def _held(function: Function) -> tuple[_Held, ...]:
    """The objects of work: what makes it, their names, the function that runs, their names in it,
    and their classes."""
    return tuple(_found(function))


def _found(function: Function) -> Iterator[_Held]:
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "call" or on.name not in (NAME, FOREIGN):
            continue
        start = workers.start(dotted_label(on, op.name))
        if start is None or start.where != "awaited thread":
            continue
        if any(workers.is_of_processes(kind.label) for kind in operation.arg_kinds):
            continue  # it gets copies
        made = _made(function, op, start)
        if made is None:
            continue
        if made.op.do == "closure":
            yield from _captured(function, made)
        elif made.op.do == "call" and dotted_label(made.on, made.op.name) == _PARTIAL:
            yield from _of_partial(function, made)


def _made(function: Function, op: Op, start: workers.Start) -> Operation | None:
    """What makes the function that a call runs, if nobody else gets it."""
    plain = [arg.value for arg in op.args if arg.keyword is None and not arg.star]
    named = [arg.value for arg in op.args if arg.keyword == start.keyword]
    given: list[Operand] = named or plain[start.callable : start.callable + 1]
    return (
        function.maker(given[0]) if given and len(function.readers.get(given[0], ())) == 1 else None
    )


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


def _captured(function: Function, made: Operation) -> Iterator[_Held]:
    label = f"{function.typed.module.name}:{made.op.name}"
    entry = function.project.knowledge.functions.get(label)
    if entry is None or entry[1].params or entry[1].is_async or entry[1].is_generator:
        return
    for arg in made.op.args:
        kind = function.typed.cells.get(str(arg.value))
        if arg.keyword is None and kind is not None and kind.name == kinds.ENTITY:
            yield made.op, str(arg.value), label, str(arg.value), kind.label
