"""Values of which only an annotation says what they are."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand, Param, Place
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.sql import reader

# `x = await f()` is a call, an await and a move; a longer way is not followed.
STEPS = 4
# Functions hand a parameter on to each other so often at the most.
DEPTH = 4

_HANDLES = frozenset({kinds.CONNECTION, kinds.ENGINE, kinds.SESSION})


def is_hearsay(function: Function, operand: Operand | None) -> bool:
    """A function of the project gives it, and its annotation alone says what: a plain `dict` there
    is often none."""
    for _ in range(STEPS):
        made = [o for o in function.operations() if o.op.dst == operand and o.op.do != "getattr"]
        if operand is None or len(made) != 1:
            return False
        op, on = made[0].op, made[0].on
        if op.do == "call":
            callee = called(function.project.knowledge, op, on)
            code = function.project.knowledge.functions.get(callee.label)
            if callee.name not in FUNCTIONS or code is None:
                return False
            return code[1].returns is not None
        if op.do not in ("move", "await"):
            return False
        operand = op.on
    return False


def is_only_annotated(function: Function, operand: Operand | None) -> bool:
    """A chain of calls begins at a parameter, or at an attribute that holds one, of which nothing
    but the annotation tells that it is no async one: no call in the project gives another."""
    while (made := function.maker(operand)) is not None and made.op.do in ("await", "call"):
        if _callee(function, made) is not None:
            break
        operand = made.op.on
    return isinstance(operand, str) and _rests_on_annotation(function, operand, 0)


def _rests_on_annotation(function: Function, place: Place, depth: int) -> bool:
    if depth > DEPTH:
        return False
    root, _, attribute = place.partition(".")
    if attribute:
        owners = list(_setters(function, root, attribute))
        return bool(owners) and all(
            _rests_on_annotation(one, name, depth + 1) for one, name in owners
        )
    bound = [o for o in function.operations() if o.op.dst == place and o.op.do != "getattr"]
    if len(bound) == 1:
        return _is_lent_so(function, bound[0], depth)
    param = _parameter(function, place)
    if param is None or param.ann is None or param.ann.kind not in ("name", "union"):
        return False
    if param.default is not None and not isinstance(param.default, Const):
        return False  # a framework gives what the default says
    return all(
        _tells_nothing(function.of(spot.frame.typed), spot.operand, spot.kind, depth)
        for spot in reader(function.project).frames.callers(function.label, place)
    )


def _is_lent_so(function: Function, made: Operation, depth: int) -> bool:
    """A variable holds what a function of the project returns, of which the same is to be said."""
    if made.op.do in ("move", "await"):
        return isinstance(made.op.on, str) and _rests_on_annotation(function, made.op.on, depth + 1)
    lender = _callee(function, made)
    returned = [
        op.on
        for block in (lender.typed.function.blocks if lender is not None else ())
        for op in block.ops
        if op.do == "return"
    ]
    return bool(returned) and all(
        lender is not None and isinstance(one, str) and _rests_on_annotation(lender, one, depth + 1)
        for one in returned
    )


def _callee(function: Function, made: Operation) -> Function | None:
    """The function of the project that is called, as far as it touches a database."""
    if made.op.do != "call":
        return None
    label = called(function.project.knowledge, made.op, made.on).label
    typed = function.project.typed.get(label)
    return function.of(typed) if typed is not None and ":" in label else None


def _tells_nothing(caller: Function, operand: Operand, kind: Kind, depth: int) -> bool:
    """What is given says nothing else than the annotation, or less."""
    if kind.name not in _HANDLES:
        return True
    return isinstance(operand, str) and _rests_on_annotation(caller, operand, depth + 1)


def _parameter(function: Function, place: Place) -> Param | None:
    code = function.typed.function
    if any(op.dst == place for block in code.blocks for op in block.ops):
        return None
    return next((param for param in code.params if param.name == place), None)


def _setters(function: Function, root: str, attribute: str) -> Iterator[tuple[Function, Place]]:
    """The methods of the class that set an attribute of `self` to a variable."""
    code, module = function.typed.function, function.typed.module
    if not code.params or code.params[0].name != root or code.parent not in module.classes:
        return
    for other in module.functions.values():
        if other.parent != code.parent or not other.params:
            continue
        for block in other.blocks:
            for op in block.ops:
                mine = op.do == "setattr" and op.on == other.params[0].name
                if mine and op.name == attribute and isinstance(op.args[0].value, str):
                    typed = function.project.typed.get(f"{module.name}:{other.qualname}")
                    if typed is not None:
                        yield function.of(typed), op.args[0].value
