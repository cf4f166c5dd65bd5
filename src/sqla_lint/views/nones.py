"""Values that may be None when a criterion is built with them."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Const, Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.texts import Reader
from sqla_lint.views.conditions import guards

DEPTH = 8  # names of names, and helpers that return what helpers return
_LOOKUPS = frozenset({"get", "getenv", "first", "scalar", "one_or_none", "scalar_one_or_none"})


def perhaps_none(known: Reader, there: Spot, depth: int = 0) -> bool:
    """Something says so: a default, an annotation, a lookup without one, a caller; and no test on
    the way says it is not."""
    if isinstance(there.operand, Const):
        return there.operand.value is None
    if depth > DEPTH or there.kind.name == kinds.NONE:
        return True
    if there.kind.name == kinds.COLUMN_EXPR:
        return False  # SQL, not a value
    frame, place = there.frame, there.operand
    if any(
        test == (place, is_) and holds is told
        for test, holds in guards(frame, there.at)
        for is_, told in (("none", False), ("true", True))
    ):
        return False
    found = frame.graph.definitions(place, there.at, known.origins.admits(frame))
    if found.entry and _enters_as_none(known, there, depth):
        return True
    return any(_gives_none(known, there, frame.op(at), at, depth) for at in found.positions)


def _enters_as_none(known: Reader, there: Spot, depth: int) -> bool:
    frame, place = there.frame, str(there.operand)
    if place in frame.given:
        return perhaps_none(known, frame.given[place], depth + 1)
    for param in frame.typed.function.params:
        if param.name == place:
            if param.default == Const(None) or (param.ann is not None and _is_optional(param.ann)):
                return True
            passed = known.frames.callers(frame.label, place)
            return any(one.operand == Const(None) for one in passed)
    return False


def _is_optional(ann: Ann) -> bool:
    if ann.kind == "union":
        return any(_is_optional(part) or part.name == "None" for part in ann.args)
    if ann.kind == "item" and ann.args:
        last = ann.args[0].name.rpartition(".")[2]
        if last == "Union":
            return any(part.name == "None" or _is_optional(part) for part in ann.args[1:])
        return last == "Optional" or (last == "Annotated" and any(map(_is_optional, ann.args[1:])))
    return ann.kind == "name" and ann.name in ("None", "Any", "typing.Any")


def _gives_none(known: Reader, there: Spot, op: Op, at: tuple[int, int], depth: int) -> bool:
    frame = there.frame
    if op.ann is not None and _is_optional(op.ann):
        return True
    if op.do in ("move", "await"):
        return perhaps_none(known, frame.on(at), depth + 1)
    if op.do in ("ifelse", "boolop"):
        return any(perhaps_none(known, one, depth + 1) for one in frame.args(at)[-1:])
    if op.do == "getattr":
        return _attribute_may(known, frame.on(at), op.name or "")
    if op.do != "call":
        return False
    if op.name in _LOOKUPS and len(op.args) < 2 and not any(a.keyword for a in op.args):
        return True
    callee = known.frames.callee(frame, at)
    if callee is None:
        return False
    function = callee.typed.function
    if function.returns is not None:
        return _is_optional(function.returns)
    return any(one.operand == Const(None) for one in callee.returned())


def _attribute_may(known: Reader, on: Spot, name: str) -> bool:
    """An attribute whose class says that it may be None."""
    knowledge, models = known.project.knowledge, known.project.models
    model = models.of(on.kind.label) if on.kind.name == kinds.ENTITY else None
    mapped = models.attribute(model, name) if model is not None else None
    if mapped is not None and mapped.column is not None and mapped.column.primary_key:
        return False  # of an object that was loaded
    for info in knowledge.classes.ancestry(on.kind.label):
        body = known.frames.of(info.label)
        for at in body.graph.makers.get(name, ()) if body is not None else ():
            op = body.op(at) if body is not None else None
            if op is not None and op.ann is not None:
                return _is_optional(op.ann)
            if op is not None and op.on == Const(None):
                return True
    return False
