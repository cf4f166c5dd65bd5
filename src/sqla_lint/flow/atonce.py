"""Which attributes a new object is given by the call that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqla_lint.catalog import frameworks, packs
from sqla_lint.flow.root import Position
from sqla_lint.flow.schemas import schema_fields
from sqla_lint.ir import Arg, Const, Op, Operand
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge

# Without arguments they give all fields of a schema (pydantic docs, "Serialization").
_DUMPS = frozenset(label.rpartition(".")[2] for label in frameworks.DUMPS)
_MAPPING = 2  # the star of `**values`


class Given(NamedTuple):
    """The attributes that are set at once; ``open``: perhaps others, too."""

    names: frozenset[str]
    open: bool


def given_at_once(knowledge: Knowledge, typed: Typed, at: Position) -> Given:
    """What a call sets that makes an object: ``User(name=name)``, ``User(**user.model_dump())``,
    ``User.model_validate(user, update={"key": key})``."""
    number, i = at
    op, reader = typed.function.blocks[number].ops[i], _Arguments(knowledge, typed)
    validates = op.name in packs.VALIDATING
    told = [
        reader.told(arg, kind, validates=validates)
        for arg, kind in zip(op.args, typed.args[number][i], strict=True)
    ]
    known = [names for names in told if names is not None]
    return Given(frozenset().union(*known), len(known) < len(told))


@dataclass
class _Arguments:
    knowledge: Knowledge
    typed: Typed

    def told(self, arg: Arg, kind: Kind, *, validates: bool) -> frozenset[str] | None:
        """The names that an argument sets; None when that is not known."""
        if arg.star == _MAPPING:
            return self._dumped(arg.value)
        if arg.star or (arg.keyword is None and not validates):
            return None
        if validates:
            return self._keys(arg.value) if arg.keyword == "update" else self._fields(kind)
        return frozenset({str(arg.keyword)})

    def _dumped(self, place: Operand) -> frozenset[str] | None:
        """All fields of the schema whose dictionary it is."""
        made = self._maker(place)
        if made is None:
            return None
        op, on = made
        whole = op.do == "call" and op.name in _DUMPS and not op.args
        return self._fields(on) if whole else None

    def _fields(self, kind: Kind) -> frozenset[str] | None:
        found = schema_fields(self.knowledge, kind.label, 1) if kind.label else None
        return found or None

    def _keys(self, place: Operand) -> frozenset[str] | None:
        """The keys of a dictionary that is written down."""
        made = self._maker(place)
        if made is None or made[0].do != "pack" or made[0].name != "dict":
            return None
        keys = [arg.value for arg in made[0].args[::2]]
        starred = any(arg.star for arg in made[0].args)
        plain = [str(key.value) for key in keys if isinstance(key, Const)]
        return frozenset(plain) if len(plain) == len(keys) and not starred else None

    def _maker(self, place: Operand) -> tuple[Op, Kind] | None:
        """The one operation that binds a place, with the kind of what it is asked of."""
        found = [
            (op, self.typed.on[number][i])
            for number, block in enumerate(self.typed.function.blocks)
            for i, op in enumerate(block.ops)
            if op.dst == place
        ]
        return found[0] if len(found) == 1 else None
