"""What libraries read of a mapped object that they turn into something else."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.marshalling import dumped
from sqla_lint.flow.schemas import classes_named, schema_fields
from sqla_lint.ir import Const, Function, Module, Op, Operand
from sqla_lint.project.index import absolute
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.project.knowledge import Knowledge

_VALIDATING = frozenset({"from_orm", "model_validate", "validate"})
_MAP = "builtins.map"
_ADAPTER = "pydantic.TypeAdapter()"
_DATACLASS = frozenset({"dataclasses.asdict", "dataclasses.astuple"})
_DUMPS = frozenset({"dump", "dumps", "jsonify"})
_PARTIAL = frozenset({"only", "exclude"})
# Dataclasses in dataclasses are followed so far.
DEPTH = 3


def read_by_validating(knowledge: Knowledge, op: Op, on: Kind) -> frozenset[str]:
    """`UserOut.model_validate(user)`: a pydantic model reads the attributes that its fields are
    named after."""
    if op.name not in _VALIDATING or on.name != kinds.CLASS:
        return frozenset()
    return schema_fields(knowledge, on.label)


def read_by_asdict(effects: Effects, op: Op, on: Kind, model: str) -> frozenset[str]:
    """`asdict(user)`: the fields of a class that is mapped as a dataclass, and those of all objects
    behind them."""
    called = dotted_label(on, op.name)
    if on.name not in (NAME, FOREIGN) or called not in _DATACLASS or not model:
        return frozenset()
    return frozenset(_fields(effects, model, DEPTH))


def _fields(effects: Effects, model: str, depth: int) -> Iterator[str]:
    names: tuple[str, ...] = effects.project.knowledge.ask("fields", model)
    for name in names:
        found = mapped(effects.project, model, name)
        if found is None:
            continue
        yield name
        if found.role == "relationship" and found.target and depth > 1:
            for inner in _fields(effects, found.target, depth - 1):
                yield f"{name}.{inner}"


def read_by_schema(knowledge: Knowledge, typed: Typed, op: Op, on: Kind) -> frozenset[str]:
    """`UserSchema(many=True).dump(users)`, `TypeAdapter(list[Out]).validate_python(users)`: what a
    schema of marshmallow, or a pydantic model, has fields for. One that is told what to leave out,
    or comes from elsewhere, is not asked."""
    if op.name == "validate_python" and on.name == FOREIGN and on.label == _ADAPTER:
        made = _maker(knowledge, typed, op.on)
        if made is None or not made.args:
            return frozenset()
        named = list(classes_named(knowledge, typed.module, _listed(typed, made.args[0].value)))
        return schema_fields(knowledge, named[0]) if len(named) == 1 else frozenset()
    if on.label == _MAP and op.name is None and op.args:
        return _read_by_map(knowledge, typed, op.args[0].value)
    if op.name not in _DUMPS or on.name != kinds.INSTANCE or not on.label:
        return frozenset()
    fields = dumped(knowledge, on.label)
    made = _maker(knowledge, typed, op.on) if fields else None
    if made is None or any(arg.star or arg.keyword in _PARTIAL for arg in (*made.args, *op.args)):
        return frozenset()
    return fields


def _read_by_map(knowledge: Knowledge, typed: Typed, place: Operand) -> frozenset[str]:
    """`map(UserOut.model_validate, users)`"""
    found = [
        schema_fields(knowledge, typed.on[number][i].label)
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "getattr" and op.dst == place and op.name in _VALIDATING
        if typed.on[number][i].name == kinds.CLASS
    ]
    return found[0] if len(set(found)) == 1 else frozenset()


def _maker(knowledge: Knowledge, typed: Typed, place: Operand | None) -> Op | None:
    """The call that made a value: here, or at the top of this module or another."""
    module, first, *rest = typed.module, *str(place).split(".")
    there = _imported(knowledge, typed, first, rest) if isinstance(place, str) else None
    if there is not None:
        module, place = there
    bodies = (module.body, module.body)
    for function in bodies if there is not None else (typed.function, typed.function, *bodies):
        made = [op for op in _ops(function) if op.dst == place and op.do in ("call", "move")]
        if len(made) > 1:
            return None
        if made and made[0].do == "call":
            return made[0]
        place = made[0].on if made else place
    return None


def _imported(
    knowledge: Knowledge, typed: Typed, name: str, rest: list[str]
) -> tuple[Module, str] | None:
    """The module and variable that an imported name, or an attribute of that, stands for."""
    for function in (typed.function, typed.module.body):
        for op in _ops(function):
            if op.do == "import" and op.dst == name and op.name is not None:
                taken = [str(a.value.value) for a in op.args[:1] if isinstance(a.value, Const)]
                dotted = ".".join((absolute(typed.module, op.name), *taken, *rest))
                found = knowledge.index.resolve(dotted, typed.module)
                return (found[0], found[1][0]) if found and len(found[1]) == 1 else None
    return None


def _listed(typed: Typed, place: Operand) -> str:
    """The name that stands for a class, or in the brackets of ``list[Name]``."""
    if isinstance(place, Const) or place[0] != "%":
        return "" if isinstance(place, Const) else place
    for function in (typed.function, typed.module.body):
        for op in _ops(function):
            if op.dst == place and op.do == "getitem" and op.args:
                inner = op.args[0].value
                return inner if isinstance(inner, str) and inner[0] != "%" else ""
    return ""


def _ops(function: Function) -> Iterator[Op]:
    for block in function.blocks:
        yield from block.ops
