"""Hybrid attributes that are asked of a class, and what their Python code does with columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand, Ref
from sqla_lint.ir import Function as Code
from sqla_lint.project.definitions import Graph
from sqla_lint.project.frames import described
from sqla_lint.project.mapping import Column
from sqla_lint.views.anyclass import classes_read
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_project

_EXPRESSIONS = frozenset({"expression", "comparator"})
_HYBRID = "hybrid_property"
_IDENTITY = frozenset({"is", "is not"})


class AskedColumn(NamedTuple):
    """A column whose truth a hybrid asks for, and where."""

    name: str
    at: Ref
    path: str


def python_hybrid(operation: Operation) -> AskedColumn | None:
    """`Model.name` reads a hybrid property that decides in Python over columns and has no SQL
    expression: the column it asks; None otherwise. `Model` may be one of several classes."""
    op = operation.op
    if op.do != "getattr" or op.name is None:
        return None
    if operation.on.name == kinds.MAPPED_CLASS and operation.on.label:
        return _decides(operation, operation.on.label)
    for of in classes_read(operation):
        found = _decides(operation, of.label)
        if found is not None:
            return found
    return None


def hybrids_of_any(function: Function) -> Iterator[Operation]:
    """Where a function reads an attribute that is a hybrid property of some class, off something
    of which it does not say what class it is."""
    names = _hybrids(function)
    for operation in function.operations() if names else ():
        read = operation.op.do == "getattr" and operation.op.name in names
        if read and not (operation.on.name == kinds.MAPPED_CLASS and operation.on.label):
            yield operation


@per_project
def _hybrids(function: Function) -> frozenset[str]:
    """The names of all hybrid properties."""
    return frozenset(
        label.rpartition(".")[2].partition("#")[0]
        for label, decorators in function.project.knowledge.decorators.items()
        if any(one.label.rpartition(".")[2] == _HYBRID for one in decorators)
    )


def _decides(operation: Operation, owner: str) -> AskedColumn | None:
    name, knowledge = operation.op.name or "", operation.function.project.knowledge
    label = knowledge.classes.method(owner, name)
    entry = knowledge.functions.get(label) if label is not None else None
    if label is None or entry is None:
        return None
    module, code = entry
    decorators = [d.label.rpartition(".")[2] for d in knowledge.decorators.get(label, ())]
    if decorators != [_HYBRID] or len(code.params) != 1:
        return None
    for other in module.functions.values():
        for decorator in other.decorators if other.parent == code.parent else ():
            first, _, rest = str(decorator).partition(".")
            if first == name and rest.rpartition(".")[2] in _EXPRESSIONS:
                return None
            if first[:1] == "%":  # name.inplace.expression, or a call: cannot be told
                return None
    return _asked(code, owner, operation, module.path)


def _asked(code: Code, owner: str, operation: Operation, path: str) -> AskedColumn | None:
    """A column of ``self`` whose truth, or whether it is None, decides where the code goes or what
    it gives."""
    graph = Graph(code)
    own = code.params[0].name
    for block in code.blocks:
        for op in block.ops:
            for one in _decided_by(op, graph):
                first, _, attribute = str(one).partition(".")
                if first != own or not _is_column(operation, owner, attribute):
                    continue
                if op.do == "compare" and _is_never_null(operation, owner, attribute):
                    continue
                return AskedColumn(described(graph, one), op.at, path)
    return None


def _decided_by(op: Op, graph: Graph) -> list[Operand]:
    """What Python decides an operation by."""
    if op.do == "unary" and op.name == "not":
        return [op.on or ""]
    if op.do == "compare" and op.name in _IDENTITY:
        return [op.on or ""] if op.args[0].value == Const(None) else []
    if op.do != "test" or not isinstance(op.on, str):
        return []
    asked: list[Operand] = [op.on]
    for position in graph.makers.get(op.on, ()) if op.on[:1] == "%" else ():
        made = graph.op(position)
        if made.do in ("compare", "unary"):
            asked += [made.on or "", *(arg.value for arg in made.args)]
    return asked


def _is_column(operation: Operation, owner: str, name: str) -> bool:
    """A mapped column, whatever else methods assign to the attribute."""
    column = _column(operation, owner, name)
    if column is not None:
        return True
    kind = operation.function.project.knowledge.classes.attribute(owner, name)
    return kind is not None and kind.name == kinds.COLUMN_EXPR


def _is_never_null(operation: Operation, owner: str, name: str) -> bool:
    column = _column(operation, owner, name)
    return column is not None and (column.nullable is False or bool(column.primary_key))


def _column(operation: Operation, owner: str, name: str) -> Column | None:
    models = operation.function.project.models
    model = models.of(owner)
    found = models.attribute(model, name) if model is not None and name else None
    return found.column if found is not None else None
