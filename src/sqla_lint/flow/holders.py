"""Objects of the project that hold on to a tracked one: what is done to it through them.

`repo = UserRepository(session)` keeps the session as `repo.session`: `repo` gets the role
"holder .session", and its methods do to the session what they do to `self.session`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF
from sqla_lint.ir import Arg, Function, Op, Place
from sqla_lint.project.kind import Kind

if TYPE_CHECKING:
    from sqla_lint.flow.effects import Effects

_HOLDER = "holder "

# A service that holds a repository that holds a session; deeper ones are left alone.
NESTED = 3


def is_holder(role: str | None) -> bool:
    """The role of an object that holds a tracked one."""
    return role is not None and role.startswith(_HOLDER)


def holder(paths: Iterable[str]) -> str:
    """The role of an object that holds a tracked one under these paths (``.session``)."""
    return _HOLDER + " ".join(sorted(set(paths)))


def paths(role: str) -> tuple[str, ...]:
    """Where a holder holds the object; for the object itself, the empty path."""
    return tuple(role[len(_HOLDER) :].split()) if is_holder(role) else ("",)


def attribute(role: str, name: str) -> str:
    """The role of an attribute of a holder; "" when it has nothing to do with the object."""
    rests = [
        path[len(name) + 1 :]
        for path in paths(role)
        if path == f".{name}" or path.startswith(f".{name}.")
    ]
    if "" in rests:
        return SELF
    return holder(rests) if rests else ""


def kept_by_new(effects: Effects, of: Kind, op: Op, position: int, role: str) -> str:
    """The role of a new object of the project's class ``of`` whose `__init__` is given the tracked
    object (or a holder of it) and does nothing with it but keep it; "" when that is not known."""
    knowledge = effects.project.knowledge
    label = knowledge.classes.method(of.label, "__init__")
    arg = op.args[position]
    if arg.star or not knowledge.classes.complete(of.label):
        return ""
    if label is None:
        field = _field(effects, of.label, op, position)
        return holder(f".{field}{path}" for path in paths(role)) if field else ""
    name = _parameter(knowledge.functions[label][1], op, arg, position)
    return _kept(effects, label, name, role, NESTED) if name is not None else ""


def _field(effects: Effects, label: str, op: Op, position: int) -> str | None:
    """The field of a dataclass without bases that an argument is for."""
    knowledge = effects.project.knowledge
    info = knowledge.classes.get(label)
    own = {d.label.removesuffix("()") for d in knowledge.decorators.get(label, ())}
    if info is None or info.bases or "dataclasses.dataclass" not in own:
        return None
    body = info.module.functions[info.node.qualname]
    fields = [
        op.dst
        for block in body.blocks
        for op in block.ops
        if op.ann is not None and op.dst is not None and op.do in ("declare", "move")
    ]
    if "__post_init__" in info.methods:
        return None
    keyword = op.args[position].keyword
    if keyword is not None:
        return keyword if keyword in fields else None
    before = op.args[:position]
    plain = all(arg.keyword is None and not arg.star for arg in before)
    return fields[position] if plain and position < len(fields) else None


def kept_as(effects: Effects, init: str, name: str, role: str = SELF) -> str:
    """The role that `self` gets in an `__init__` that keeps its parameter; "" when it does more."""
    return _kept(effects, init, name, role, NESTED)


def _parameter(function: Function, op: Op, arg: Arg, position: int) -> str | None:
    params = [param for param in function.params if param.kind not in ("star", "starstar")]
    if arg.keyword is not None:
        return arg.keyword if any(param.name == arg.keyword for param in params) else None
    before = op.args[:position]
    if any(other.star for other in before):
        return None
    index = 1 + sum(1 for other in before if other.keyword is None)
    return params[index].name if index < len(params) else None


def _kept(effects: Effects, label: str, name: str, role: str, depth: int) -> str:
    """The role that `self` of an `__init__` gets by what its parameter ``name`` is."""
    entry = effects.project.knowledge.functions.get(label)
    if entry is None or depth == 0 or not entry[1].params:
        return ""
    function, typed = entry[1], effects.project.typed.get(label)
    me = function.params[0].name
    roles: dict[Place, str] = {name: role}
    found: set[str] = set()
    for number, block in enumerate(function.blocks):
        for i, op in enumerate(block.ops):
            known = roles.get(op.on) if isinstance(op.on, str) else None
            given = [n for n, arg in enumerate(op.args) if arg.value in roles]
            if op.do == "move" and known is not None and op.dst is not None:
                roles[op.dst] = known
            elif op.do == "test" or (op.do == "compare" and not op.discarded):
                continue
            elif op.do == "setattr" and op.on == me and op.name is not None and given:
                value = roles[str(op.args[-1].value)]
                found |= {f".{op.name}{path}" for path in paths(value)}
                if op.dst is not None:
                    roles[op.dst] = value
            elif op.do == "call" and len(given) == 1 and known is None and typed is not None:
                on = typed.on[number][i]
                value = roles[str(op.args[given[0]].value)]
                more = _called(effects, op, on, given[0], value, depth)
                if not more:
                    return ""
                if op.name == "__init__":
                    found |= set(paths(more))
                elif op.dst is not None:
                    roles[op.dst] = more
            elif known is not None or given:
                return ""  # whatever else it does with it
    return holder(found) if found else ""


def _called(effects: Effects, op: Op, on: Kind, position: int, role: str, depth: int) -> str:
    """`super().__init__(session)`, or another holder that is made."""
    knowledge = effects.project.knowledge
    callee = knowledge.attribute(on, op.name) if op.name is not None else on
    label = knowledge.classes.method(callee.label, "__init__") if op.name is None else callee.label
    constructs = callee.name == kinds.CLASS or (op.name == "__init__" and callee.name == "METHOD")
    entry = knowledge.functions.get(label) if constructs and label is not None else None
    if entry is None or label is None or op.args[position].star:
        return ""
    name = _parameter(entry[1], op, op.args[position], position)
    return _kept(effects, label, name, role, depth - 1) if name is not None else ""


def roles_inside(name: Place, role: str) -> dict[Place, str]:
    """What a parameter is known as in a function that is given a holder."""
    if not is_holder(role):
        return {name: role}
    return {name: role} | {name + path: SELF for path in paths(role)}
