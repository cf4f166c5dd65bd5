"""Objects that are surely new, and in no session: made here, or in a function that gave them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.iteration import hands_on
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind
from sqla_lint.views.beside import makers
from sqla_lint.views.calling import askers, calls
from sqla_lint.views.filled import only_fills
from sqla_lint.views.forsaken import is_all_known
from sqla_lint.views.function import Function

# Values are followed through so many operations and functions.
STEPS = 12
_EACH = "*"
_LISTS = frozenset({"gen", "list", "listcomp", "set", "setcomp", "tuple"})
_FILLED = frozenset({kinds.COLLECTION, kinds.LIST, kinds.MAPPED_CLASS})

# How an object lies in a value: ``("*", "0")`` is the first of each pair in a list.
_Path = tuple[str, ...]


def is_newly_made(function: Function, place: Operand, but: Op) -> bool:
    """Whatever makes the value is a constructor, and no function of the project but that of one
    call has been handed it."""
    return _is_made(function, place, (), STEPS, but)


def _is_made(
    function: Function, place: Operand, path: _Path, left: int, but: Op | None = None
) -> bool:
    """The same of what lies in a value."""
    if not isinstance(place, str) or not left or _is_handed(function, place, but):
        return False
    made = list(makers(function, place))
    if not made:
        return _is_given(function, place, path, left - 1)
    return all(
        _is_new(function, op, function.typed.on[number][i], path, left - 1)
        for number, i, op, _ in made
    )


def _is_handed(function: Function, place: Operand, but: Op | None) -> bool:
    return any(
        op is not but
        and any(arg.value == place for arg in op.args)
        and function.typed.on[number][i].name not in (NAME, FOREIGN, *_FILLED)
        and not only_fills(function, (number, i), str(place))
        for number, i, op in function.call_positions
    )


def _is_given(function: Function, place: Place, path: _Path, left: int) -> bool:
    """The same of a parameter: by whoever calls the function, all of whom are known."""
    code, label, knowledge = function.typed.function, function.label, function.project.knowledge
    if all(param.name != place for param in code.params) or code.decorators:
        return False
    there = calls(function).get(label, ())
    strangers = set(askers(function).get(label, ())) - {caller for caller, _ in there}
    if not there or strangers or not is_all_known(knowledge, label):
        return False
    for caller, (number, i) in there:
        calling = function.of(function.project.typed[caller])
        op = calling.op((number, i))
        callee = called(knowledge, op, calling.typed.on[number][i])
        given = [arg for arg, name in parameters(knowledge, op, callee) if name == place]
        if len(given) != 1 or not _is_made(calling, given[0].value, path, left, op):
            return False
    return True


def _is_new(function: Function, op: Op, on: Kind, path: _Path, left: int) -> bool:
    if op.do == "await":
        return _is_made(function, op.on or "", path, left)
    if op.do == "next":
        return _is_made(function, op.on or "", (_EACH, *path), left)
    if op.do == "unpack" and (op.name or "").isdigit():
        return _is_made(function, op.on or "", (str(op.name), *path), left)
    if op.do == "getitem":
        at = op.args[0].value if len(op.args) == 1 else None
        step = str(at.value) if isinstance(at, Const) and isinstance(at.value, int) else _EACH
        return _is_made(function, op.on or "", (step, *path), left)
    if op.do == "pack" and op.name in _LISTS and path:
        return _is_packed(function, op, path, left)
    if op.do != "call":
        return False
    if op.name is None and on.name == kinds.MAPPED_CLASS:
        return not path
    callee = called(function.project.knowledge, op, on)
    if hands_on(callee.label) and op.args and path[:1] == (_EACH,):
        return _is_made(function, op.args[0].value, path, left)
    typed = function.project.typed.get(callee.label) if callee.name in FUNCTIONS else None
    if typed is None:
        return False
    given = list(_given(function.of(typed), path))
    return bool(given) and all(
        _is_made(function.of(typed), one, further, left) for one, further in given
    )


def _is_packed(function: Function, op: Op, path: _Path, left: int) -> bool:
    """In a display, or in a list that is filled afterwards."""
    first, *rest = path
    if any(arg.star for arg in op.args):
        return False
    values = [arg.value for arg in op.args]
    if first.isdigit():
        values = values[int(first) : int(first) + 1]
    elif op.name == "list":
        values += _appended(function, op)
    return bool(values) and all(_is_made(function, one, tuple(rest), left) for one in values)


def _appended(function: Function, op: Op) -> list[Operand]:
    names = {op.dst} | {o.op.dst for o in function.operations() if o.op.on == op.dst}
    return [
        o.op.args[0].value
        for o in function.operations()
        if o.op.do == "call" and o.op.name == "append" and o.op.on in names and o.op.args
    ]


def _given(there: Function, path: _Path) -> Iterator[tuple[Operand, _Path]]:
    """What a function gives its caller, with what is left of the way to the object."""
    if there.is_generator:
        if path[:1] != (_EACH,):
            return
        for o in there.operations():
            if o.op.do == "yield" and o.op.on is not None:
                yield o.op.on, ((*path,) if o.op.name == "from" else path[1:])
        return
    for o in there.operations():
        if o.op.do == "return" and o.op.on is not None and o.op.on != Const(None):
            yield o.op.on, path
