"""Objects that are given to a session to be read there: `add()` and `merge()` of what another
session has loaded write nothing by themselves."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.solve import End
from sqla_lint.ir import Op, Place
from sqla_lint.views.beside import makers
from sqla_lint.views.function import Function
from sqla_lint.views.paths import written_since_commit

_GIVEN = frozenset({"add", "merge"})
_LOADING = frozenset({"first", "get", "get_one", "one", "one_or_none", "scalar", "scalar_one"})
_LOADING |= {"scalar_one_or_none"}


def only_reattached(function: Function, end: End) -> bool:
    """All that is written since the last commit on the way to an end is an object that is put into
    the session and not changed: it was loaded before, or its relationships are read then."""
    writing = list(written_since_commit(end))
    return bool(writing) and all(_is_reattached(function, op) for op in writing)


def _is_reattached(function: Function, op: Op) -> bool:
    if op.do == "await":
        made = function.maker(op.on)
        return made is not None and _is_reattached(function, made.op)
    given = op.args[0].value if op.do == "call" and op.name in _GIVEN and op.args else None
    if not isinstance(given, str) or not given.isidentifier():
        return False
    names = {given, *_names_of(function, op)}
    if any(_may_change(one, names) for _, _, one in function.positions):
        return False
    return _is_loaded(function, given) or (
        _is_parameter(function, given) and _is_followed(function, names)
    )


def _may_change(op: Op, names: set[Place]) -> bool:
    """An attribute is set, or a method or another function may do so."""
    if op.do == "setattr":
        return op.on in names
    if op.do != "call":
        return False
    handed = op.name not in _GIVEN and any(arg.value in names for arg in op.args)
    return handed or (op.on in names and op.name is not None)


def _names_of(function: Function, op: Op) -> set[Place]:
    """What the result of `merge()` is called."""
    found: set[Place] = {op.dst} if op.dst is not None and op.name == "merge" else set()
    for _, _, one in function.positions:
        if one.do in ("move", "await") and one.on in found and one.dst is not None:
            found.add(one.dst)
    return found


def _is_loaded(function: Function, name: Place) -> bool:
    """Every way it is bound, a session has found it."""
    bound = list(makers(function, name))
    return bool(bound) and all(
        function.typed.dst[number][i].name == kinds.ENTITY and _finds(function, op)
        for number, i, op, _ in bound
    )


def _finds(function: Function, op: Op) -> bool:
    if op.do == "await":
        made = function.maker(op.on)
        return made is not None and _finds(function, made.op)
    return op.do == "call" and op.name in _LOADING


def _is_parameter(function: Function, name: Place) -> bool:
    code = function.typed.function
    return any(param.name == name for param in code.params)


def _is_followed(function: Function, names: set[Place]) -> bool:
    """A relationship of it is read, which only a session can load."""
    models = function.project.models
    for number, i, op in function.positions:
        if op.do != "getattr" or op.on not in names:
            continue
        model = models.of(function.typed.on[number][i].label)
        attribute = models.attributes(model).get(op.name or "") if model is not None else None
        if attribute is not None and attribute.relationship is not None:
            return True
    return False
