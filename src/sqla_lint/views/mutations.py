"""Values of columns that are changed in place, and whether the session can know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.kind import Kind
from sqla_lint.project.mapping import Column, Type
from sqla_lint.views.assigned import follows, is_decided_about, unassigned
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.handedobjects import Value, handed_loaded, handed_objects
from sqla_lint.views.handedvalues import FLAGS as _FLAGS
from sqla_lint.views.handedvalues import STATING, HandedChange, changes_of, given_back, given_part
from sqla_lint.views.handedvalues import changed as _changed
from sqla_lint.views.heldvalues import helper_changes
from sqla_lint.views.paths import Note
from sqla_lint.views.writing import writes

# Types whose values are Python objects that can be changed in place.
_HOLDING = frozenset({"JSON", "JSONB", "ARRAY", "HSTORE", "PickleType", "PGArray", "JSONType"})
_LIBRARY = "sqlalchemy."
# What sends a value that it is given to the database, whatever became of the object.
_STATEMENTS = frozenset(
    {kinds.CONNECTION, kinds.INSERT, kinds.QUERY, kinds.SCOPED_SESSION, kinds.SESSION, kinds.UPDATE}
)
_COPYING = frozenset({"copy", "copy.copy", "copy.deepcopy", "deepcopy", "dict", "list", "set"})
_DISPLAYS = frozenset({"dict", "list", "set"})
_LOADERS = frozenset({"loads", "safe_load", "decode"})

# They notice changes of their own level and no other.
SHALLOW = frozenset(
    f"sqlalchemy.ext.mutable.{name}" for name in ("MutableDict", "MutableList", "MutableSet")
)
_INNER = frozenset({"get", "setdefault", "values", "items"})


class Mutation(NamedTuple):
    """A change in place of the value of ``entity.attribute``. ``again``: the same object is
    assigned afterwards, which changes nothing; ``alone``: no other change of it is made here;
    ``copied``: a copy is assigned afterwards, which equals the value that was changed."""

    op: Op
    entity: Place
    attribute: str
    type: Type
    again: bool
    alone: bool
    nested: bool = False  # in a value of a value that is tracked
    copied: bool = False
    inside: Note | None = None  # where what is called changes it, or a caller hands the object in


def lost_mutations(function: Function) -> Iterator[Mutation]:
    """Changes in place that no flush writes: one for each attribute of an entity."""
    handed = {
        id(operation.op): (
            *changes_of(function, operation),
            *helper_changes(function, operation),
        )
        for operation in function.operations()
        if operation.op.do == "call"
    }
    if not any(
        handed.get(id(op)) or isinstance(_changed(op), str) for _, _, op in function.positions
    ):
        return
    if _associates(function):
        return
    values = _Values(function, handed_objects(function))
    values.follow()
    found: dict[tuple[Place, str], list[Op]] = {}
    inside: dict[int, Note] = {}
    noticed: dict[tuple[Place, str], list[Op]] = {}  # all of it is written, what is nested too
    for operation in function.operations():
        target = _changed(operation.op)
        value = values.known.get(target) if isinstance(target, str) else None
        for one in () if value is not None else handed.get(id(operation.op), ()):
            own = values.of_object(operation.op, operation.on, one.place) or values.of_held(one)
            value = own or values.known.get(one.place)
            if value is not None:
                target = one.place
                value = value._replace(nested=value.nested or one.nested)
                inside[id(operation.op)] = one.note
                break
        if value is None or not values.may_be_loaded(str(target), operation.op):
            continue
        key = (value.entity, value.attribute)
        top = values.types[key].mutable and not value.nested
        (noticed if top else found).setdefault(key, []).append(operation.op)
    if not found or _is_flagged(function):
        return
    written = writes(function)
    for (entity, attribute), ops in found.items():
        above = noticed.get((entity, attribute), [])
        if not written and not above and entity not in values.lent:
            continue
        ops = [op for op in ops if unassigned(function, op, entity, attribute, above, ())]
        assigned = values.replaced.get((entity, attribute), [])
        if assigned is None:
            continue
        if assigned:
            copies = values.copies
            ops = [
                op for op in ops if unassigned(function, op, entity, attribute, assigned, copies)
            ]
        if not ops or values.is_written(entity, attribute):
            continue
        copied = any(
            id(op) in values.copies and follows(function, ops[0], op, entity) for op in assigned
        )
        again = (entity, attribute) in values.assigned_again
        kind = values.types[entity, attribute]
        alone, there = len(ops) == 1, inside.get(id(ops[0]))
        if entity in values.lent:
            there = handed_loaded(function, entity, Value(attribute, kind.mutable), written)
            if there is None:
                continue
        yield Mutation(ops[0], entity, attribute, kind, again, alone, kind.mutable, copied, there)


class _Value(NamedTuple):
    """The value of a column of a loaded entity, or something in it."""

    entity: Place
    attribute: str
    nested: bool = False


@dataclass
class _Values:
    """The places of a function that hold such values."""

    function: Function
    lent: frozenset[Place]  # the parameters, objects of which a caller may have loaded
    known: dict[Place, _Value] = field(default_factory=dict)
    types: dict[tuple[Place, str], Type] = field(default_factory=dict)
    # where another object is assigned; None when something else tells the session
    replaced: dict[tuple[Place, str], list[Op] | None] = field(default_factory=dict)
    assigned_again: set[tuple[Place, str]] = field(default_factory=set)
    copies: set[int] = field(default_factory=set)  # by id, assignments of a copy of the value
    # names that may be bound to something else, where there was nothing, with where they get it
    filled: dict[Place, Op] = field(default_factory=dict)

    def follow(self) -> None:
        """Twice: names of a loop are bound after their first use."""
        operations = list(self.function.operations())
        bound: dict[Place, list[Op]] = {}
        for operation in operations:
            dst = operation.op.dst
            if dst is not None and operation.op.do not in ("getattr", "setattr"):
                bound.setdefault(dst, []).append(operation.op)
        for _ in range(2):
            for operation in operations:
                op = operation.op
                if op.dst is None:
                    continue
                value = self._value(op)
                if op.do == "call" and value is None and self.known:
                    back = given_back(self.function, operation)
                    value = self.known.get(back) if back is not None else None
                if op.do == "getattr" and operation.on.name == kinds.ENTITY:
                    loaded = self._is_loaded(str(op.on), operation.on)
                    value = self._column(op, operation.on.label) if loaded else None
                value = value or self._given(operation)
                others = [other for other in bound.get(op.dst, ()) if other is not op]
                if value is not None and (not others or self._is_filled(others)):
                    self.known[op.dst] = value
                    if others:
                        self.filled[op.dst] = op
        for operation in operations:
            op = operation.op
            if op.do == "setattr" and isinstance(op.on, str) and op.name is not None:
                given = op.args[0].value
                key = (op.on, op.name)
                if isinstance(given, str) and self.known.get(given) == _Value(*key):
                    self.assigned_again.add(key)
                    continue
                known = self.replaced.setdefault(key, [])
                if known is not None:
                    known.append(op)
                if self._is_copy(op, _Value(*key)):
                    self.copies.add(id(op))

    def _is_copy(self, assigned: Op, value: _Value) -> bool:
        """`dict(user.settings)`, `{**user.settings}`: made and assigned in one go."""
        given, at = assigned.args[0].value, self.function.position(assigned)
        if at is None or not isinstance(given, str) or given[0] != "%":
            return False
        before = self.function.typed.function.blocks[at[0]].ops[: at[1]]
        made = next((op for op in reversed(before) if op.dst == given), None)
        if made is None:
            return False
        if made.do == "call" and made.name == "copy" and not made.args:
            return self.known.get(str(made.on)) == value
        named = str(made.on) if made.name is None else f"{made.on}.{made.name}"
        called = made.do == "call" and named in _COPYING
        unpacked = made.do == "pack" and made.name in _DISPLAYS and made.args and made.args[0].star
        if not (called or unpacked) or len(made.args) != 1:
            return False
        return self.known.get(str(made.args[0].value)) == value

    def _is_filled(self, others: list[Op]) -> bool:
        """`if tags is None: tags = []`: on the other way the name is what it was."""
        return all(
            other.dst is not None
            and (at := self.function.position(other)) is not None
            and is_decided_about(self.function, at[0], other.dst)
            for other in others
        )

    def is_written(self, entity: Place, attribute: str) -> bool:
        """A statement gets the value: `query.update({"tags": tags})`, `update(...).values(...)`."""
        given: set[Operand] = {p for p, v in self.known.items() if v == _Value(entity, attribute)}
        for operation in self.function.operations():
            op = operation.op
            if not any(arg.value in given for arg in op.args) and op.on not in given:
                continue
            if op.do in ("move", "pack") and op.dst is not None:
                given.add(op.dst)
            written = op.do == "call" and op.on not in given and operation.on.name in _STATEMENTS
            if written and op.name in STATING:
                return True
        return False

    def _is_loaded(self, place: Place, kind: Kind) -> bool:
        return "queried" in kind.traits or place in self.lent

    def may_be_loaded(self, place: Place, change: Op) -> bool:
        """What is changed may be what the object was loaded with."""
        bound = self.filled.get(place)
        return bound is None or follows(self.function, bound, change, place)

    def _value(self, op: Op) -> _Value | None:
        on = self.known.get(op.on) if isinstance(op.on, str) else None
        if op.do == "move" or (on is None and op.do != "boolop"):
            return on
        if op.do in ("getitem", "next", "unpack") or (op.do == "call" and op.name in _INNER):
            return on and on._replace(nested=True)
        if op.do == "boolop" and op.name == "or":
            return self.known.get(str(op.args[0].value))
        return None

    def of_object(self, call: Op, on: Kind, place: Place) -> _Value | None:
        """The value of a column that a method of a loaded object changes, which is not looked at
        itself: a mixin does not know the columns."""
        if on.name != kinds.ENTITY or "queried" not in on.traits or not isinstance(call.on, str):
            return None
        if place.rpartition(".")[0] != call.on:
            return None
        method = self.function.project.knowledge.attribute(on, call.name or "").label
        if self.function.project.models.of(method.rpartition(".")[0]) is not None:
            return None
        read = call._replace(do="getattr", name=place.rpartition(".")[2])
        return self._column(read, on.label)

    def of_held(self, change: HandedChange) -> _Value | None:
        """The value of a column of a loaded object that a helper object holds."""
        owner, _, name = change.place.rpartition(".")
        if change.of.name != kinds.ENTITY or not self._is_loaded(owner, change.of):
            return None
        return self._column(Op("getattr", -1, on=owner, name=name), change.of.label)

    def _given(self, operation: Operation) -> _Value | None:
        """What a function gives of a loaded object."""
        if operation.op.do not in ("call", "getattr"):
            return None
        part = given_part(self.function, operation)
        if part is None or not self._is_loaded(part.owner, part.of):
            return None
        read = operation.op._replace(do="getattr", on=part.owner, name=part.attribute)
        value = self._column(read, part.of.label)
        return value and value._replace(nested=part.nested)

    def _column(self, op: Op, label: str) -> _Value | None:
        if not isinstance(op.on, str) or op.name is None:
            return None
        attribute = mapped(self.function.project, label, op.name)
        column = attribute.column if attribute is not None else None
        if column is None:
            return None
        kind = column.type or _mapped_by_annotation(self.function, label, column)
        if kind is None or not _is_untracked(self.function, kind):
            return None
        self.types[op.on, op.name] = kind
        return _Value(op.on, op.name)


def _mapped_by_annotation(function: Function, label: str, column: Column) -> Type | None:
    """``Mapped[dict[str, Any]]``: a `type_annotation_map` gives such a column the JSON type, or one
    like it."""
    model = function.project.models.of(label)
    found = function.project.models.attribute(model, column.name) if model is not None else None
    ann = found.ann if found is not None else None
    if ann is None or ann.kind != "item" or ann.args[0].name.rpartition(".")[2] != "Mapped":
        return None
    inner = ann.args[1].args[0] if ann.args[1].kind == "item" else ann.args[1]
    plain = inner.name.rpartition(".")[2] in ("dict", "list", "Dict", "List")
    if not plain or _tracks(function):
        return None
    return Type("JSON", "sqlalchemy.JSON", column.at)


def _is_untracked(function: Function, kind: Type) -> bool:
    if kind.varies if not kind.mutable else kind.tracker not in SHALLOW:
        return False
    if kind.dotted.startswith(_LIBRARY) and kind.name in _HOLDING:
        return True
    return ":" in kind.dotted and _loads_objects(function, kind.dotted)


def _loads_objects(function: Function, label: str) -> bool:
    """A type of the project that gives what `json.loads` or `pickle.loads` made."""
    classes = function.project.knowledge.classes
    ancestry = classes.ancestry(label)
    decorates = any(
        base.label.rpartition(".")[2] in ("TypeDecorator", "UserDefinedType")
        for info in ancestry
        for base in info.bases
    )
    method = classes.method(label, "process_result_value")
    entry = function.project.knowledge.functions.get(method or "")
    if not decorates or entry is None or classes.method(label, "coerce_compared_value"):
        return False
    return any(
        op.do == "call" and (op.name in _LOADERS or str(op.on).rpartition(".")[2] in _LOADERS)
        for block in entry[1].blocks
        for op in block.ops
    )


def _is_flagged(function: Function) -> bool:
    """The function, or one it calls, tells the session of the change."""
    names = {
        op.name or str(op.on).rpartition(".")[2]
        for operation in function.operations()
        for op in (operation.op,)
        if op.do == "call"
    }
    if names & _FLAGS:
        return True
    knowledge = function.project.knowledge
    for operation in function.operations():
        if operation.op.do != "call" or not any(
            kind.name == kinds.ENTITY for kind in (operation.on, *operation.arg_kinds)
        ):
            continue
        label = knowledge.attribute(operation.on, operation.op.name or "").label
        entry = knowledge.functions.get(label if operation.op.name else operation.on.label)
        if entry is not None and any(
            op.do == "call" and (op.name in _FLAGS or str(op.on).rpartition(".")[2] in _FLAGS)
            for block in entry[1].blocks
            for op in block.ops
        ):
            return True
    return False


def _tracks(function: Function) -> bool:
    """Somewhere a type is told to be tracked: which annotations get it is not asked."""
    kept = function.effects.kept
    found = kept.get("tracks")
    if found is None:
        found = kept["tracks"] = any(
            op.do == "call" and "as_mutable" in (op.name, str(op.on).rpartition(".")[2])
            for op in function.project.knowledge.saying("as_mutable")
        )
    return bool(found)


def _associates(function: Function) -> bool:
    """Somewhere all columns of a type are told to be tracked."""
    kept = function.effects.kept
    found = kept.get("associates")
    if found is None:
        found = kept["associates"] = any(
            op.do == "call" and op.name == "associate_with"
            for op in function.project.knowledge.saying("associate_with")
        )
    return bool(found)
