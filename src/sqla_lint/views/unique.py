"""Statements that find one row at most: a criterion asks for a whole key of the only model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, dotted_label
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Model
from sqla_lint.project.values import Value
from sqla_lint.views.function import Operation
from sqla_lint.views.sql import reader

_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
_RUNS = frozenset({"execute", "scalars", "exec", "stream", "stream_scalars"})
_CRITERIA = frozenset({"where", "filter"})
# What leaves the number of rows as it is, or makes it smaller.
_FEWER = frozenset(
    {"options", "order_by", "limit", "offset", "distinct", "execution_options", "having"}
    | {"with_for_update", "populate_existing", "enable_eagerloads", "params", "yield_per"}
)
STEPS = 40  # calls between a result and the first of its statement


def finds_one(operation: Operation, *, perhaps: bool = False) -> bool:
    """The rows that a method of a Query or Result reads are one at most; or are so ``perhaps``:
    what they are asked for is no column that is known."""
    project = operation.function.project
    frame = reader(project).frames.of(operation.function.label)
    here = operation.function.position(operation.op)
    if frame is None or here is None or operation.op.on is None:
        return False
    statement = _statement(project, frame.on(here))
    return statement is not None and _asks_for_key(project, statement, perhaps=perhaps)


def _statement(project: Project, there: Spot) -> Spot | None:
    """The one statement behind a result; a Query is its own."""
    for _ in range(STEPS):
        if there.kind.name in _STATEMENTS:
            return there
        makers = list(reader(project).origins.makers(there))
        if len(makers) != 1:
            return None
        made = makers[0]
        op = made.frame.op(made.at)
        if op.do != "call" or op.on is None:
            return None
        there = made.frame.on(made.at)
        if there.kind.name in _RESULTS:
            continue
        args = made.frame.args(made.at)
        runs = op.name in _RUNS and args and args[0].kind.name in _STATEMENTS
        return args[0] if runs else None
    return None


def _asks_for_key(project: Project, statement: Spot, *, perhaps: bool) -> bool:
    models = {_model(project, one.label) for one in statement.kind.of}
    model = models.pop() if len(models) == 1 else None
    if model is None and not perhaps:
        return False
    return _each_way(project, statement, _Asked(model, frozenset(), perhaps=perhaps), STEPS)


class _Asked(NamedTuple):
    """What a statement asks for, read from its end: the attributes that equal something."""

    model: Model | None
    names: frozenset[str]
    perhaps: bool  # what may be a key counts as one

    def also(self, names: set[str]) -> _Asked:
        return self._replace(names=self.names | names)


def _each_way(project: Project, there: Spot, asked: _Asked, steps: int) -> bool:
    """On every way on which the statement is built up, a key is asked for."""
    makers = list(reader(project).origins.makers(there))
    if not makers and _is_query_of_class(there):
        return _is_key(project, asked)
    if not makers or steps == 0:
        return asked.perhaps and asked.model is None and bool(asked.names)
    return all(_is_for_key(project, made, asked, steps - 1) for made in makers)


def _is_query_of_class(there: Spot) -> bool:
    """``Model.query``."""
    graph = there.frame.graph
    ops = [graph.op(at) for at in graph.makers.get(str(there.operand), ())]
    return bool(ops) and all(op.do == "getattr" and op.name == "query" for op in ops)


def _is_for_key(project: Project, made: Spot, asked: _Asked, steps: int) -> bool:
    op = made.frame.op(made.at)
    if op.do != "call":
        return False
    if op.on is None or made.frame.on(made.at).kind.name not in _STATEMENTS or op.name is None:
        return _is_key(project, asked)
    if op.name == "filter_by":
        asked = asked.also({arg.keyword for arg in op.args if arg.keyword is not None})
    elif op.name in _CRITERIA:
        for one in made.frame.args(made.at):
            asked = asked.also(_compared(project, one, asked))
    elif op.name not in _FEWER:
        return False
    return _each_way(project, made.frame.on(made.at), asked, steps)


def _model(project: Project, label: str) -> Model | None:
    """The model of a class, or of an attribute ``Model.name``."""
    found = project.models.of(label)
    if found is None:
        named = project.models.named(label.rpartition(":")[2].partition(".")[0])
        found = named[0] if len(named) == 1 else None
    return found


def _compared(project: Project, criterion: Spot, asked: _Asked) -> set[str]:
    """The attributes of the model that a criterion says to be equal to something."""
    makers = list(reader(project).origins.makers(criterion))
    if len(makers) != 1:
        return set()
    made = makers[0]
    op, args = made.frame.op(made.at), made.frame.args(made.at)
    if op.do == "compare" and op.name == "==" and args:
        sides = (made.frame.on(made.at), args[0])
        columns = [one for one in sides if "mapped" in one.kind.traits]
        if not columns and asked.perhaps:
            return set(_read_off(sides[0]))
        return {name for one in columns for name in _attribute(one, asked)}
    if (op.do == "binop" and op.name == "&") or _joins_all(made, op):
        return {name for one in args for name in _compared(project, one, asked)}
    return set()


def _attribute(column: Spot, asked: _Asked) -> Iterator[str]:
    owner, _, name = column.kind.label.rpartition(".")
    if asked.model is not None and owner.rpartition(":")[2] == asked.model.name:
        yield name


def _read_off(side: Spot) -> Iterator[str]:
    """The attribute of something that is no column of a known class: ``model.Role.name``."""
    makers = side.frame.graph.makers.get(str(side.operand), ())
    ops = [side.frame.op(at) for at in makers]
    yield from (op.name for op in ops if op.do == "getattr" and op.name is not None)


def _joins_all(made: Spot, op: Op) -> bool:
    if op.do != "call" or op.on is None:
        return False
    on = made.frame.on(made.at).kind
    called = dotted_label(on, op.name)
    return on.name == NAME and called.rpartition(".")[2] == "and_"


def _is_key(project: Project, asked: _Asked) -> bool:
    model, names = asked.model, asked.names
    if model is None:
        return bool(names)
    if asked.perhaps and not names <= project.models.columns_of(model).keys():
        return True  # a hybrid, a synonym, or an attribute of a class that is not here
    return is_key(project, model, names)


def is_key(project: Project, model: Model, names: frozenset[str]) -> bool:
    """Among the attributes are all of the primary key, or of a unique constraint."""
    columns = project.models.columns_of(model)
    primary = {name for name, column in columns.items() if column.primary_key}
    if primary and primary <= names:
        return True
    if any(columns[name].unique for name in names & columns.keys()):
        return True
    table = project.models.table_of(model)
    for constraint in table.constraints if table is not None else ():
        keys = [arg.text for arg in constraint.args]
        if constraint.library == "Index" and _is_unique(constraint):
            keys = keys[1:]  # after its name
        elif constraint.library != "UniqueConstraint":
            continue
        if None in keys or not keys:
            continue
        wanted = {attribute for attribute, column in columns.items() if column.db_name in keys}
        if len(wanted) == len(keys) and wanted <= names:
            return True
    return False


def _is_unique(index: Value) -> bool:
    """A unique index of all rows."""
    unique = index.word("unique")
    partial = any(word.endswith("_where") for word, _ in index.words)
    return unique is not None and unique.truth is True and not partial
