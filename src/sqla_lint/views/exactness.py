"""Decimals that meet a column of floats: written to it, made of its values, or promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Op, Operand, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.mapping import Attribute, Column
from sqla_lint.views.paths import Note
from sqla_lint.views.project import Project

_FLOATS = frozenset({"Float", "FLOAT", "REAL", "Double", "DOUBLE", "DOUBLE_PRECISION"})
_DECIMAL = "decimal.Decimal"
_KEEP = frozenset({"quantize", "normalize", "copy_abs", "copy_negate", "copy_sign", "fma", "max"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**"})
_WRITES = frozenset({kinds.INSERT, kinds.UPDATE})
# Operations that a value is followed through.
DEPTH = 6


class Inexact(NamedTuple):
    """A column of floats, and where a Decimal meets it: "written", "read" or "annotated"."""

    column: Column
    name: str  # ``Model.attribute``
    what: str
    step: Note | None


def inexact(project: Project) -> Iterator[Inexact]:
    """Columns that take Decimals and keep floats, each once."""
    columns = dict(_columns(project))
    found: dict[tuple[str, str], Inexact] = {}
    for key, attribute in columns.items():
        if attribute.column is not None and _promises(attribute.ann):
            named = f"{key[0].rpartition(':')[2]}.{key[1]}"
            found[key] = Inexact(attribute.column, named, "annotated", None)
    if columns:
        for typed in project.linked.typed.values():
            path = typed.module.path
            if kinds.MAPPED_CLASS not in typed.present and kinds.ENTITY not in typed.present:
                continue
            if project.is_test(path):
                continue
            for key, op, what in _meetings(typed, columns):
                column = columns[key].column
                if key not in found and column is not None:
                    said = "a Decimal is written here" if what == "written" else "it is read here"
                    other = "" if path == column.path else path
                    named = f"{key[0].rpartition(':')[2]}.{key[1]}"
                    found[key] = Inexact(column, named, what, Note(said, op.at, other))
    yield from {(one.column.path, one.column.at): one for one in found.values()}.values()


_Key = tuple[str, str]


def _columns(project: Project) -> Iterator[tuple[_Key, Attribute]]:
    """The columns of models that surely hold floats, by class and attribute."""
    for model in project.models.models.values():
        for name, attribute in project.models.attributes(model).items():
            column = attribute.column
            if column is None or column.opaque:
                continue
            kind = column.type
            if kind is not None:
                of_library = kind.dotted.startswith("sqlalchemy.") and kind.name in _FLOATS
                if of_library and not kind.varies and kind.word("asdecimal") is None:
                    yield (model.label, name), attribute
            elif _names(attribute.ann) == {"float"}:
                yield (model.label, name), attribute


def _names(ann: Ann | None) -> set[str]:
    """The types in an annotation, without what wraps them."""
    if ann is None:
        return set()
    if ann.kind == "name":
        last = ann.name.rpartition(".")[2]
        return set() if last == "None" else {last}
    parts = ann.args[1:] if ann.kind == "item" else ann.args if ann.kind == "union" else ()
    return set().union(*(_names(one) for one in parts))


def _promises(ann: Ann | None) -> bool:
    return _names(ann) == {"Decimal"}


def _meetings(typed: Typed, columns: dict[_Key, Attribute]) -> Iterator[tuple[_Key, Op, str]]:
    values = _Values(typed)
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "setattr" and on.name == kinds.ENTITY and op.name is not None:
                key = (on.label, op.name)
                if key in columns and values.is_decimal(op.args[0].value):
                    yield key, op, "written"
            if op.do != "call":
                continue
            label = on.label if on.name == kinds.MAPPED_CLASS and op.name is None else ""
            if on.name in _WRITES and op.name == "values" and on.of:
                label = on.of[0].label if on.of[0].name == kinds.MAPPED_CLASS else ""
            for arg in op.args if label else ():
                key = (label, arg.keyword or "")
                if key in columns and values.is_decimal(arg.value):
                    yield key, op, "written"
            if on.name == NAME and op.name is None and on.label == _DECIMAL and len(op.args) == 1:
                read = values.reads.get(op.args[0].value)
                if read is not None and read in columns:
                    yield read, op, "read"


class _Values:
    """What the operands of a function hold, as far as it is a Decimal or a column's value."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.bound: dict[Place, list[tuple[Op, Kind]]] = {}
        self.reads: dict[Operand, _Key] = {}
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                if op.dst is None:
                    continue
                on = typed.on[number][i]
                if op.do == "getattr":
                    if on.name == kinds.ENTITY and op.name is not None:
                        self.reads[op.dst] = (on.label, op.name)
                elif op.do != "declare":
                    self.bound.setdefault(op.dst, []).append((op, typed.dst[number][i]))
        self.params = {p.name: p for p in typed.function.params}

    def is_decimal(self, operand: Operand, depth: int = 0) -> bool:
        """Everything that the operand may hold is a Decimal, or None."""
        if not isinstance(operand, str) or depth > DEPTH:
            return False
        bound = self.bound.get(operand)
        if bound is None:
            param = self.params.get(operand)
            return param is not None and _promises(param.ann)
        if operand in self.params:
            return False
        return all(self._makes(op, kind, depth + 1) for op, kind in bound)

    def _makes(self, op: Op, kind: Kind, depth: int) -> bool:
        if kind.name == FOREIGN and kind.label == f"{_DECIMAL}()":
            return True
        if op.do == "move":
            return op.on is not None and self.is_decimal(op.on, depth)
        if op.do == "binop" and op.name in _ARITHMETIC:
            return any(self.is_decimal(arg.value, depth) for arg in op.args)
        if op.do == "augassign":
            return bool(op.args) and self.is_decimal(op.args[0].value, depth)
        if op.do == "call" and op.name in _KEEP:
            return op.on is not None and self.is_decimal(op.on, depth)
        return False
