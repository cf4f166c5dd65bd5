"""Functions that put what they are given into an attribute or a global, and the calls that hand it
to them: `cache.set(key, user)`, `self._remember(user)`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.flow.reads import LOOKERS
from sqla_lint.flow.root import Position
from sqla_lint.flow.stored import has_session
from sqla_lint.flow.stores import CONTAINERS, PUTTING, Store, entity_in, handling, what_is_put
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# The functions that put what they are given for a parameter into stores.
Through: TypeAlias = Mapping[str, Collection[tuple[str, Store]]]
# A function that puts something away is given it by another one, and so on, so many times.
HANDED_ON = 3
_HANDING_ON = frozenset({"move", "pack", "ifelse", "boolop"})
_LOOKING = frozenset({"boolop", "compare", "format", "ifelse", "move", "pack", "test"})


class Handed(NamedTuple):
    """An argument of a call, by the function that calls."""

    typed: Typed
    at: Position
    place: Place


def parameter_put(typed: Typed, at: Position) -> str:
    """The parameter that an operation puts away, itself or in a tuple; "" for what the function
    has got itself, or may have done something with."""
    value, _ = what_is_put(typed, at)
    return parameter_of(typed, value) if value is not None else ""


def parameter_of(typed: Typed, value: Operand) -> str:
    """The parameter that a value is; see `parameter_put`. What a constructor is given goes with
    the object that is made: `flow.keeping`."""
    makes = typed.function.qualname.endswith(".__init__")
    return _names(typed).get(value, "") if not (makes or has_session(typed)) else ""


def label_of(typed: Typed) -> str:
    """How the function is called over the whole project."""
    return f"{typed.module.name}:{typed.function.qualname}"


def _names(typed: Typed) -> dict[Operand, str]:
    """The names of parameters that are never bound again, and of what holds one of them."""
    ops = [op for block in typed.function.blocks for op in block.ops]
    bound = {op.dst for op in ops if op.do != "getattr"}
    found: dict[Operand, str] = {p.name: p.name for p in typed.function.params}
    found = {place: name for place, name in found.items() if place not in bound}
    for op in ops:
        if op.dst is not None and op.do in _HANDING_ON:
            for one in (op.on, *(arg.value for arg in op.args)):
                if one is not None and one in found and _is_entity(typed, found[one]):
                    found[op.dst] = found[one]
    return found


def _is_entity(typed: Typed, name: str) -> bool:
    kind = typed.cells.get(name)
    return kind is not None and entity_in(kind) is not None


def handed(
    function: Function, label: str, parameter: str, name: str, putting: Through
) -> tuple[Handed, ...] | None:
    """The arguments that the program hands to a function for a parameter that this puts away, as
    they are, with regard to one attribute; None when not all of them are seen."""
    typed = function.project.typed[label]
    if (label, parameter) in _vague(function):
        return None
    if not _only_puts(function, typed, parameter, name, putting):
        return None
    if function.effects._wrapped(label) or _may_be_called_unseen(function, typed, label):
        return None
    found = given_for(function, label, parameter)
    return None if any(not one.place for one in found) else found


def given_for(function: Function, label: str, parameter: str) -> tuple[Handed, ...]:
    """The arguments that the program hands to a function for a parameter, but for tests; those
    without a ``place`` are not known."""
    found: list[Handed] = []
    knowledge = function.project.knowledge
    for caller, at in calls(function).get(label, ()):
        one = function.project.typed[caller]
        if knowledge.told.is_test(one.module.path):
            continue
        op, given = function.of(one).op(at), one.args[at[0]][at[1]]
        starred = len(given) != len(op.args) or any(arg.star for arg in op.args)
        if starred:
            found.append(Handed(one, at, ""))
            continue
        callee = called(knowledge, op, one.on[at[0]][at[1]])
        for (arg, param), kind in zip(parameters(knowledge, op, callee), given, strict=False):
            if param == parameter and kind.name != kinds.NONE:
                found.append(Handed(one, at, arg.value if isinstance(arg.value, str) else ""))
    return tuple(found)


def _only_puts(
    function: Function,
    typed: Typed,
    parameter: str,
    name: str,
    putting: Through,
    depth: int = HANDED_ON,
) -> bool:
    """All that a function does with what it is given for a parameter is to put it away, to look at
    it, and to read other attributes; and it gives nothing back that may be it."""
    if typed.returns.name != kinds.NONE and (
        not typed.returns.known or entity_in(typed.returns) is not None
    ):
        return False
    own = {place for place, of in _names(typed).items() if of == parameter}
    knowledge = function.project.knowledge
    classes = knowledge.classes
    here = {at for _, at in handling(function.project, typed).puts}

    def hands_on(op: Op, on: Kind) -> bool:
        callee = called(knowledge, op, on)
        for arg, param in parameters(knowledge, op, callee):
            if arg.value not in own:
                continue
            if param is None or not any(param == one for one, _ in putting.get(callee.label, ())):
                return False
            below = function.project.typed[callee.label]
            if not _only_puts(function, below, param, name, putting, depth - 1):
                return False
        return callee.label in putting

    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "getattr" and op.name == name:
                return False
            given = any(arg.value in own for arg in op.args)
            if op.on in own and not given:
                model = typed.on[number][i].label
                reads = op.do == "getattr" and not classes.method(model, op.name or "")
                if not reads and op.do not in _LOOKING:
                    return False
            elif given and op.do == "call":
                on = typed.on[number][i]
                puts = (number, i) in here or (op.name in PUTTING and on.name in CONTAINERS)
                looks = on.name in (NAME, FOREIGN) and on.label in LOOKERS
                if not (puts or looks or (depth and hands_on(op, on))):
                    return False
            elif given and op.do not in (*_LOOKING, "setitem", "setattr"):
                return False
    return True


@per_project
def _vague(function: Function) -> frozenset[tuple[str, str]]:
    """What functions are handed by others that touch no database: anything."""
    project = function.project
    return frozenset(
        key
        for label, one in project.inferred.items()
        if label not in project.typed and not project.knowledge.told.is_test(one.typed.module.path)
        for key in one.passed
    )


class _Loose(NamedTuple):
    names: frozenset[str]  # methods of something unknown that are given a mapped object
    values: frozenset[str]  # functions that are handed on


@per_project
def _loose(function: Function) -> _Loose:
    names, values = set[str](), set[str]()
    for typed in function.project.typed.values():
        for op, on, given in _calls(typed):
            if not on.known and op.name and any(entity_in(kind) is not None for kind in given):
                names.add(op.name)
            values |= {kind.label for kind in given if kind.name in FUNCTIONS}
    return _Loose(frozenset(names), frozenset(values))


def _calls(typed: Typed) -> Iterator[tuple[Op, Kind, Iterable[Kind]]]:
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "call":
                yield op, typed.on[number][i], typed.args[number][i]


def _may_be_called_unseen(function: Function, typed: Typed, label: str) -> bool:
    loose = _loose(function)
    is_method = typed.function.parent in typed.module.classes
    name = typed.function.qualname.rpartition(".")[2]
    return label in loose.values or (is_method and name in loose.names)
