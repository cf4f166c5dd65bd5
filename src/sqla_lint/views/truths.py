"""Values whose truth is asked, and which are SQL on some way: made by another function, kept in a
variable, given by a caller, or an element of a list of criteria."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.statement import CRITERIA
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note
from sqla_lint.views.sql import reader

# What gives SQL that Python cannot decide.
_LOGIC = frozenset({"and_", "or_", "not_", "between", "exists"})
_METHODS = CRITERIA | {"desc", "asc"}
_CRITERIA = frozenset({"where", "filter", "having"})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY, kinds.UPDATE, kinds.DELETE})
_DISPLAYS = frozenset({"list", "tuple", "set"})
_OPERATORS = frozenset({"&", "|", "+", "-", "*", "/", "%"})
# Functions, branches and displays that a value is followed through.
DEPTH = 6
# Callers that are asked what they give for a parameter.
CALLERS = 12


class Undefined(NamedTuple):
    """Where SQL is made whose truth is asked, and what Python makes of it: "raises" or "false",
    "true" of a comparison for equality."""

    at: Ref
    path: str
    answer: str


class Asked(NamedTuple):
    """A parameter whose truth a function asks at ``at``, and to which a caller gives SQL."""

    name: str
    at: Ref
    sql: Undefined
    caller: str


def sql_behind(function: Function, op: Op, operand: Operand) -> Undefined | None:
    """The SQL that an operand may hold where ``op`` reads it; None when something else that is
    not a constant is known to come that way."""
    frame = reader(function.project).frames.of(function.label)
    here = function.position(op)
    if frame is None or here is None:
        return None
    return _decided(_leaves(function.project, Spot(frame, operand, here, _ANY, op.at), 0))


_ANY = Kind(kinds.COLUMN_EXPR)


def sql_among(project: Project, spot: Spot) -> Undefined | None:
    """The SQL that a value is on a way that is known; None when it is something else, too."""
    return _decided(_leaves(project, spot, 0))


def _decided(leaves: Iterator[Undefined | None]) -> Undefined | None:
    found: Undefined | None = None
    for one in leaves:
        if one is None:
            return None
        found = found or one
    return found


def asked_parameters(function: Function) -> Iterator[Asked]:
    """Parameters that are used as criteria and asked for their truth, and get SQL from a caller."""
    names = {
        param.name
        for param in function.typed.function.params
        if param.kind in ("normal", "keyword", "positional")
    }
    if not names or function.is_module:
        return
    used = {
        arg.value
        for operation in function.operations()
        if operation.op.do == "call"
        and operation.op.name in _CRITERIA
        and operation.on.name in _STATEMENTS
        for arg in operation.op.args
        if not arg.star and arg.value in names
    }
    rebound = {op.dst for _, _, op in function.positions if op.do != "declare"}
    frames = reader(function.project).frames
    for name in sorted(map(str, used - rebound)):
        tests = [op for _, _, op in function.positions if op.do == "test" and op.on == name]
        if not tests:
            continue
        for given in frames.callers(function.label, name)[:CALLERS]:
            caller = given.frame.typed
            if function.project.knowledge.told.is_test(caller.module.path):
                continue
            found = _decided(_leaves(function.project, given, 0))
            if found is not None:
                yield Asked(name, tests[0].at, found, caller.function.qualname.rpartition(".")[2])
                break


def _leaves(project: Project, spot: Spot, depth: int) -> Iterator[Undefined | None]:
    """What a value is on each way that is known: SQL, or None for something else."""
    if isinstance(spot.operand, Const):
        return
    if depth > DEPTH:
        yield None
        return
    read = reader(project)
    for made in read.origins.makers(spot):
        frame, at = made.frame, made.at
        op = frame.op(at)
        if op.do in ("ifelse", "boolop"):
            for one in frame.args(at):
                yield from _leaves(project, one, depth + 1)
            continue
        if op.do == "next":
            yield from _elements(project, frame.on(at), depth)
            continue
        callee = read.frames.callee(frame, at) if op.do == "call" else None
        if callee is None:
            yield _sql(made, op)
            continue
        if callee.typed.function.is_generator or read.origins.is_wrapped(callee.label):
            yield None
            return
        for returned in callee.returned():
            yield from _leaves(project, returned, depth + 1)


def _elements(project: Project, spot: Spot, depth: int) -> Iterator[Undefined | None]:
    """The elements of lists and tuples that are written in place."""
    for made in reader(project).origins.makers(spot):
        op = made.frame.op(made.at)
        if op.do != "pack" or op.name not in _DISPLAYS or any(arg.star for arg in op.args):
            yield None
            return
        for one in made.frame.args(made.at):
            yield from _leaves(project, one, depth + 1)


def _sql(made: Spot, op: Op) -> Undefined | None:
    answer = ""
    if op.do == "call" and op.on is not None:
        answer = _of_call(made, op)
    elif op.do == "compare" and op.on is not None and op.args:
        answer = _of_compare(made, op)
    elif op.do == "binop" and op.name in _OPERATORS:
        sides = [one.kind for one in made.frame.args(made.at)]
        if any(kind.name == kinds.COLUMN_EXPR and _rests(kind) for kind in sides):
            answer = "raises"
    return Undefined(op.at, made.frame.typed.module.path, answer) if answer else None


def _of_call(made: Spot, op: Op) -> str:
    on = made.frame.on(made.at).kind
    name = (op.name or on.label).rpartition(".")[2]
    joins = on.name == NAME and on.label.startswith("sqlalchemy") and name in _LOGIC
    asks = on.name == kinds.COLUMN_EXPR and _rests(on) and name in _METHODS
    return "raises" if joins or asks else ""


def _of_compare(made: Spot, op: Op) -> str:
    left, right = made.frame.on(made.at).kind, made.frame.args(made.at)[0].kind
    column = left if left.name == kinds.COLUMN_EXPR else right
    both = left.name == right.name  # two columns: whether they are the same
    if column.name != kinds.COLUMN_EXPR or not _rests(column) or both or op.name in _NOT_SQL:
        return ""
    return {"==": "false", "!=": "true"}.get(op.name or "", "raises")


_NOT_SQL = frozenset({"is", "is not", "in", "not in"})
_RESTS = frozenset({"mapped", "table", "hybrid", "criterion"})


def _rests(kind: Kind) -> bool:
    """It surely is an expression over mapped attributes or columns of tables."""
    return bool(kind.traits & _RESTS) or ".c." in kind.label


def made_note(function: Function, sql: Undefined) -> Note:
    """The step that shows where the SQL is made."""
    own = sql.path == function.typed.module.path
    return Note("the expression is made here", sql.at, "" if own else sql.path)
