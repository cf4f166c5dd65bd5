"""Hybrid attributes that are asked of a class, and what their Python code does with columns."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Ref
from sqla_lint.project.definitions import Graph
from sqla_lint.project.frames import described
from sqla_lint.views.function import Operation

_EXPRESSIONS = frozenset({"expression", "comparator"})


class AskedColumn(NamedTuple):
    """A column whose truth a hybrid asks for, and where."""

    name: str
    at: Ref
    path: str


def python_hybrid(operation: Operation) -> AskedColumn | None:
    """`Model.name` reads a hybrid property that decides in Python over columns and has no SQL
    expression: the column it asks; None otherwise."""
    op = operation.op
    if op.do != "getattr" or op.name is None or operation.on.name != kinds.MAPPED_CLASS:
        return None
    knowledge = operation.function.project.knowledge
    label = knowledge.classes.method(operation.on.label, op.name)
    entry = knowledge.functions.get(label) if label is not None else None
    if label is None or entry is None:
        return None
    module, code = entry
    decorators = [d.label.rpartition(".")[2] for d in knowledge.decorators.get(label, ())]
    if decorators != ["hybrid_property"] or len(code.params) != 1:
        return None
    for other in module.functions.values():
        for decorator in other.decorators if other.parent == code.parent else ():
            first, _, rest = str(decorator).partition(".")
            if first == op.name and rest.rpartition(".")[2] in _EXPRESSIONS:
                return None
            if first[:1] == "%":  # name.inplace.expression, or a call: cannot be told
                return None
    return _asked(code, operation.on.label, operation, module.path)


def _asked(code: Code, model: str, operation: Operation, path: str) -> AskedColumn | None:
    """A column of ``self`` whose truth decides where the code goes."""
    graph = Graph(code)
    attributes = operation.function.project.knowledge.classes
    name = code.params[0].name
    for block in code.blocks:
        for op in block.ops:
            if op.do != "test" or op.on is None:
                continue
            place = op.on if isinstance(op.on, str) else ""
            asked = [place]
            for position in graph.makers.get(place, ()) if place[:1] == "%" else ():
                made = graph.op(position)
                if made.do in ("compare", "unary"):
                    asked += [str(made.on), *(str(arg.value) for arg in made.args)]
            for one in asked:
                first, _, attribute = one.partition(".")
                kind = attributes.attribute(model, attribute) if first == name else None
                if kind is not None and kind.name == kinds.COLUMN_EXPR:
                    return AskedColumn(described(graph, one), op.at, path)
    return None
