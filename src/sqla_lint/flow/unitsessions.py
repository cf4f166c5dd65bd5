"""Which sessions the methods of a class make for its objects, and with which factory.

    def __init__(self, factory: sessionmaker[Session] = make_session):
        self.factory = factory

    def __enter__(self):
        self.session = self.factory()

What the class body or a parameter is annotated with says nothing of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Module, Op, Operand, Param
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import EXPIRY, MADE_BY, NONE, UNKNOWN, Kind, join
from sqla_lint.project.linked import Project

_INIT = "__init__"
# Methods that make sessions.
_MAKING = (_INIT, "__enter__", "__aenter__")
_SETTING = "expire_on_commit"
# `factory or make_session`, `make_session if factory is None else factory`
_CHOICES = frozenset({"boolop", "ifelse"})
# Constructors call those of their bases so often.
DEPTH = 4

_Given = Mapping[str, Kind]  # what the parameters of a function are given


class Making(NamedTuple):
    """A call by which something is made, with the kinds of its arguments."""

    op: Op
    on: Kind
    args: tuple[Kind, ...]


class _Stored(NamedTuple):
    """A method stores something in an attribute of its object."""

    method: str
    typed: Typed
    value: Operand
    kind: Kind


def made_by_class(project: Project, label: str, attribute: str) -> Kind | None:
    """The session in an attribute, when methods of the class make each that is ever there."""
    stored = [one.kind for one in _stored(project, label, attribute)]
    sessions = [kind for kind in stored if kind.name != kinds.NONE]
    if not sessions or any(k.name != kinds.SESSION or k.owner != "local" for k in sessions):
        return None
    return reduce(join, sessions)


def made_with(
    project: Project, label: str, attribute: str, session: Kind, making: Making | None
) -> Kind:
    """The session that an object has which is made by this call: the factory may be one that the
    constructor is given."""
    factories = _all_factories(project, label, attribute, making)
    given = reduce(join, factories) if factories else UNKNOWN
    if given.name != kinds.SESSION_FACTORY or given.is_async != session.is_async:
        passed = factories and making is not None  # somebody's, not the one it has by default
        return _without_expiry(session) if passed else session
    known = {trait for trait in given.traits if trait in EXPIRY or trait.startswith(MADE_BY)}
    own = _without_expiry(session).traits - ({"unknown-class"} if given.of else set())
    return session._replace(traits=own | known, label=given.label)


def of_some(project: Project, label: str, attribute: str, session: Kind) -> Kind:
    """The session that some object of a class has, or of one below it, whoever makes that."""
    factories = _all_factories(project, label, attribute, None)
    told = all(kind.name == kinds.SESSION_FACTORY for kind in factories)
    other = any(project.knowledge.classes.is_overridden(label, name) for name in _MAKING)
    return session if told and not other else _without_expiry(session)


def _without_expiry(session: Kind) -> Kind:
    traits = {t for t in session.traits if t not in EXPIRY and not t.startswith(MADE_BY)}
    return session._replace(traits=frozenset(traits))


def _all_factories(
    project: Project, label: str, attribute: str, making: Making | None
) -> list[Kind]:
    return [
        found
        for one in _stored(project, label, attribute)
        if one.kind.name == kinds.SESSION
        for found in _factories(project, label, one, making)
    ]


def _stored(project: Project, label: str, attribute: str) -> Iterator[_Stored]:
    for info in project.knowledge.classes.ancestry(label):
        for method in info.methods.values():
            typed = project.typed.get(method)
            if typed is None or not typed.function.params:
                continue
            own = typed.function.params[0].name
            for number, block in enumerate(typed.function.blocks):
                for i, op in enumerate(block.ops):
                    if op.do == "setattr" and op.on == own and op.name == attribute and op.args:
                        kind = typed.args[number][i][-1]
                        yield _Stored(method, typed, op.args[-1].value, kind)


def _factories(
    project: Project, label: str, stored: _Stored, making: Making | None
) -> Iterator[Kind]:
    """What the factory may be that makes a stored session; UNKNOWN when that is not known."""
    function = stored.typed.function
    call = _maker(stored.typed, stored.value, frozenset({"call"}))
    if call is None or any(arg.keyword == _SETTING for arg in call.args):
        return
    own = function.params[0].name
    name = str(call.on) if call.name is None else f"{call.on}.{call.name}"
    if not name.startswith(f"{own}."):
        yield from _chosen(project, label, stored.typed, stored.method, name, making)
        return
    for kept in _stored(project, label, name[len(own) + 1 :]):
        if kept.kind.name == kinds.NONE:
            continue
        chosen = list(_chosen(project, label, kept.typed, kept.method, kept.value, making))
        yield from chosen or [kept.kind]


def _chosen(
    project: Project,
    label: str,
    typed: Typed,
    method: str,
    value: Operand,
    making: Making | None,
) -> Iterator[Kind]:
    """What a value of a constructor is, which is a parameter, or the default of one:
    ``factory or make_session``. Nothing, for other values."""
    names = {param.name for param in typed.function.params}
    if not method.endswith(f".{_INIT}"):
        return
    if value in names:
        yield _passed(project, label, method, str(value), making)
        return
    choice = _maker(typed, value, _CHOICES)
    named = [arg.value for arg in choice.args if arg.value in names] if choice else []
    if choice is None or len(named) != 1:
        return
    given = _passed(project, label, method, str(named[0]), making)
    if given.name != kinds.NONE:
        yield given
        return
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op is choice:
                args = zip(op.args, typed.args[number][i], strict=False)
                yield from (kind for arg, kind in args if arg.value != named[0])


def _maker(typed: Typed, value: Operand, do: frozenset[str]) -> Op | None:
    """The one operation that gives a value, when it is one of these."""
    for _ in range(DEPTH):
        made = [op for block in typed.function.blocks for op in block.ops if op.dst == value]
        if len(made) != 1:
            return None
        if made[0].do in do:
            return made[0]
        if made[0].do not in ("move", "await") or made[0].on is None:
            return None
        value = made[0].on
    return None


def _passed(project: Project, label: str, method: str, name: str, making: Making | None) -> Kind:
    """What a parameter of a constructor is given when an object of the class is made."""
    first = project.knowledge.classes.method(label, _INIT)
    if first is None:
        return UNKNOWN
    given: _Given = {}
    if making is not None:
        callee = called(project.knowledge, making.op, making.on)
        given = _arguments(project, callee, making, {}) if callee.label == first else {}
    return _reached(project, first, given, method, name, DEPTH) or UNKNOWN


def _reached(
    project: Project, here: str, given: _Given, method: str, name: str, depth: int
) -> Kind | None:
    """The same, followed through `super().__init__(...)`."""
    if here == method:
        return given.get(name)
    typed = project.typed.get(here)
    if typed is None or not depth:
        return None
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call" or op.name != _INIT:
                continue
            making = Making(op, typed.on[number][i], typed.args[number][i])
            callee = called(project.knowledge, op, making.on)
            if callee.name == "METHOD" and callee.label != here:
                more = _arguments(project, callee, making, given)
                found = _reached(project, callee.label, more, method, name, depth - 1)
                if found is not None:
                    return found
    return None


def _default(project: Project, module: Module, param: Param) -> Kind:
    name = param.default
    if isinstance(name, Const):
        return NONE if name.value is None else UNKNOWN
    known = name is not None and name.isidentifier()
    return project.knowledge.global_name(module, str(name)) if known else UNKNOWN


def _arguments(project: Project, callee: Kind, making: Making, outer: _Given) -> _Given:
    """What the parameters of a function are given: arguments, else their defaults."""
    entry = project.knowledge.functions.get(callee.label)
    if entry is None or any(arg.star for arg in making.op.args):
        return {}
    module, function = entry
    found = {param.name: _default(project, module, param) for param in function.params}
    given = parameters(project.knowledge, making.op, callee)
    for (arg, name), kind in zip(given, making.args, strict=False):
        if name is not None:
            found[name] = outer.get(str(arg.value), kind)
    return found
