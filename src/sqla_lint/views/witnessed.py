"""The way of a mapped object to a read of it, through the functions it comes from and goes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from typing import Protocol as Protocol_

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import read_as_attribute
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.reads import Key
from sqla_lint.flow.solve import Trail
from sqla_lint.ir import Op, Ref
from sqla_lint.project.infer import Typed
from sqla_lint.views.entities import CALLEE_DEPTH, reader, witness
from sqla_lint.views.function import Function, Note


class Followed(Protocol_):
    """A read of an object, with where that comes from."""

    @property
    def op(self) -> Op: ...
    @property
    def reach(self) -> Reach: ...
    @property
    def origin(self) -> Origin: ...
    @property
    def trail(self) -> Trail | None: ...


def way_of(function: Function, read: Followed) -> tuple[Note, ...]:
    """All steps, first first: where the object is loaded, what happens to it, where it is read."""
    behind = _behind(function, read.op, read.reach)
    words = [*["handed on here"] * (len(behind) - 1), f"`{read.reach.last.name}` is read here"]
    return (
        *_before(function, read.origin, read.reach),
        *witness(read.trail),
        *(_note(function, t, word, op.at) for (t, op), word in zip(behind, words, strict=False)),
    )


def _before(function: Function, origin: Origin, reach: Reach) -> list[Note]:
    """What happens to the object in the functions that give it."""
    given = reader(function).given
    steps: list[Note] = []
    for _ in range(CALLEE_DEPTH):
        key = (origin.callee, origin.model, reach.path)
        one = given.get((*key, "computed")) or given.get((*key, "given"))
        if one is None:
            break
        way = [_note(function, one.typed, n.message, n.at) for n in witness(one.trail)]
        steps = way + steps
        origin = one.origin
    return steps


class Source(NamedTuple):
    """Where another function gets the object that it gives."""

    function: Function
    origin: Origin


def source_of(function: Function, origin: Origin) -> Source | None:
    """The statement of another function that a called one gives the object of; None when that is
    not the only one there for the class."""
    for _ in range(CALLEE_DEPTH):
        typed = function.project.typed.get(origin.callee) if origin.callee else None
        if typed is None:
            return None
        there = function.of(typed)
        same = [o for o in reader(function).origins(there) if o.model == origin.model]
        if len(same) != 1:
            return None
        origin = same[0]
        if origin.how == "loaded":
            return Source(there, origin)
    return None


def _note(function: Function, there: Typed, word: str, at: Ref) -> Note:
    path = there.module.path
    return Note(word, at, path if path != function.typed.module.path else "")


def _behind(function: Function, op: Op, reach: Reach) -> list[tuple[Typed, Op]]:
    """The operations in functions that an operation calls, up to the one that reads."""
    summaries = reader(function).summaries
    for depth in range(len(reach.models)):
        model = reach.model_of(depth)
        wanted = ".".join(reach.names[depth:])
        for key in _asked(function, op, model):
            steps = [
                (typed, inner)
                for label, inner in summaries.sites(key, wanted)
                if (typed := function.project.typed.get(label)) is not None
            ]
            if steps:
                return steps
    return []


def _asked(function: Function, op: Op, model: str) -> Iterator[Key]:
    """What an operation on an object of a class, or with one, calls that may read of it."""
    project, summaries = function.project, reader(function).summaries
    operation = next((o for o in function.operations() if o.op is op), None)
    if operation is None:
        return
    if op.do in ("getattr", "call") and op.name is not None:
        method = project.knowledge.classes.method(model, op.name)
        if method is not None and op.do == "getattr":
            method = read_as_attribute(project.knowledge, method)
        if method:
            summaries.asked = None
            summaries.of_self(method, model)
            if summaries.asked is not None:
                yield summaries.asked
    for arg, kind in zip(op.args, operation.arg_kinds, strict=False):
        summaries.asked = None
        if kind.name == kinds.FUNCTION:
            entry = project.knowledge.functions.get(kind.label)
            if entry is not None and entry[1].params:
                summaries.of(kind.label, entry[1].params[0].name, model)
        elif isinstance(arg.value, str):
            summaries.by_call(op, operation.on, arg.value, model)
        if summaries.asked is not None:
            yield summaries.asked
