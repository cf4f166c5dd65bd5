"""The columns that attributes, properties and methods of mapped classes rest on alone."""

from __future__ import annotations

from sqla_lint.flow.attributes import is_mapped_column, mapped
from sqla_lint.flow.reads import Reads
from sqla_lint.ir import Function as Code
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function

# What a property does that gives the same as long as the columns are the same.
_CONSTANT = frozenset(
    {"boolop", "compare", "getattr", "getitem", "ifelse", "move", "pack", "return", "test"}
    | {"unary"}
)


def rests_on(function: Function, model: str, name: str) -> str:
    """The column that an attribute is, or that decides what a property or method gives; "" for
    the key, and where something else may decide."""
    project = function.project
    found = mapped(project, model, name)
    if found is not None:
        key = found.column is not None and found.column.primary_key
        return name if is_mapped_column(project, model, name) and not key else ""
    if not _asks(function, model, name):
        return ""
    reads = reader(function).summaries.expanded(Reads(maybe=frozenset({name})), model).maybe
    columns = [one for one in sorted(reads - {name}) if mapped(project, model, one) is not None]
    others = reads - {name, *columns}
    decided = [one for one in columns if rests_on(function, model, one)]
    return decided[0] if decided and all(_asks(function, model, one) for one in others) else ""


def _asks(function: Function, model: str, name: str) -> bool:
    """A property or method of a class asks nothing but its object."""
    knowledge = function.project.knowledge
    entry = knowledge.functions.get(knowledge.classes.method(model, name) or "")
    return entry is not None and is_constant(entry[1])


def is_constant(code: Code) -> bool:
    """A property or method asks nothing but the object: not the time, and no other row."""
    return not code.is_async and all(
        op.do in _CONSTANT for block in code.blocks for op in block.ops
    )
