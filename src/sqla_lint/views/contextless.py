"""Functions that threads and schedulers run, and what these call: no application context of Flask
is handed on to them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Ref
from sqla_lint.project import workers
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, UNKNOWN, Kind, dotted_label
from sqla_lint.views.beside import started
from sqla_lint.views.flask import called, calls_outside, has_own_context, instances, is_pushing
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.paths import Note
from sqla_lint.views.threads import is_thread, works

_JOB = "scheduled_job"
_PLAIN = frozenset({"classmethod", "override", "staticmethod", _JOB})
# Calls are followed from the function that a thread runs no further than this.
DEPTH = 4


def without_context(function: Function) -> Note | None:
    """Where work is started that runs the function without an application context."""
    return _run_elsewhere(function).get(function.label)


@per_project
def _run_elsewhere(function: Function) -> dict[str, Note]:
    found: dict[str, Note] = {}
    if not instances(function):
        return found
    waiting = [(label, note, 0) for label, note in _seeds(function)]
    while waiting:
        label, note, depth = waiting.pop(0)
        if label in found or not _is_followed(function, label):
            continue
        found[label] = note
        if depth < DEPTH:
            waiting += [(callee, note, depth + 1) for callee in _calls(function, label)]
    return found


def _is_followed(function: Function, label: str) -> bool:
    """A function that runs as it stands, without a context of its own."""
    knowledge = function.project.knowledge
    entry = knowledge.functions.get(label)
    if entry is None or entry[1].is_async or entry[1].is_generator:
        return False
    if knowledge.told.is_test(entry[0].path):
        return False
    decorators = knowledge.decorators.get(label, ())
    if any(one.label.rpartition(".")[2] not in _PLAIN for one in decorators):
        return False
    return len(decorators) == len(entry[1].decorators) and not has_own_context(function, label)


def _calls(function: Function, label: str) -> Iterator[str]:
    """The functions of the project that a function calls where it has entered nothing."""
    inferred = function.project.inferred.get(label)
    if inferred is None:
        return
    knowledge = function.project.knowledge
    callees = [question[1] for question in inferred.asked if question[0] == "summary"]
    if any(callee in knowledge.functions and is_pushing(function, callee) for callee in callees):
        return
    names = {called(op) for op in calls_outside(inferred.typed.function)}
    yield from (callee for callee in callees if _last(callee) in names)


def _last(name: object) -> str:
    return str(name).rpartition(":")[2].rpartition(".")[2]


# --- what is started ---------------------------------------------------------------------------


def _seeds(function: Function) -> Iterator[tuple[str, Note]]:
    project = function.project
    knowledge = project.knowledge
    for label, (module, body) in knowledge.functions.items():
        if any(_JOB in one.label for one in knowledge.decorators.get(label, ())):
            yield label, Note("run by a scheduler", body.at, module.path)
        owner, _, name = label.rpartition(".")
        if name == "run" and ":" in owner and is_thread(function, owner):
            for method in works(function, owner):
                of = knowledge.classes.method(owner, method)
                if of is not None:
                    yield of, Note("a thread runs this", body.at, module.path)
    for label, (module, _) in knowledge.functions.items():
        for run, at in _handed(function, label):
            if run.name in FUNCTIONS:
                yield run.label, Note("started here", at, module.path)


def _handed(function: Function, label: str) -> Iterator[tuple[Kind, Ref]]:
    """Functions that a function hands to threads and schedulers."""
    known = False
    for op, on, args in _calls_with(function, label):
        if on.name in (NAME, FOREIGN):
            start = workers.start(dotted_label(on, op.name))
            known = known or (start is not None and _is_bare(start.where, op))
        elif on.name == kinds.CLASS and op.name is None and is_thread(function, on.label):
            yield from ((kind, op.at) for kind in args)
    typed = function.project.typed.get(label)
    if known and typed is not None:
        for work in started(function.of(typed)):
            if _is_bare(work.where, work.op) and work.made is None:
                yield work.function, work.op.at


def _is_bare(where: workers.Where, op: Op) -> bool:
    """No context variables are handed on, as `asyncio.to_thread()` does."""
    return where == "thread" or (where == "awaited thread" and op.name == "run_in_executor")


def _calls_with(function: Function, label: str) -> Iterator[tuple[Op, Kind, tuple[Kind, ...]]]:
    """The calls of a function that are given something, with the kinds of their operands."""
    project = function.project
    module, body = project.knowledge.functions[label]
    typed = project.typed.get(label)
    known = project.knowledge.globals.get(module.name, {})

    def kind_of(place: Operand | None) -> Kind:
        is_global = isinstance(place, str) and place not in body.locals
        return known.get(str(place), UNKNOWN) if is_global else UNKNOWN

    for number, block in enumerate(body.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call" or not op.args:
                continue
            if typed is not None:
                yield op, typed.on[number][i], typed.args[number][i]
            else:  # nothing of a database is in it
                yield op, kind_of(op.on), tuple(kind_of(arg.value) for arg in op.args)
