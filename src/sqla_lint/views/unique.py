"""Statements that find one row at most: a criterion asks for a whole key of the only model."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Model
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


def finds_one(operation: Operation) -> bool:
    """The rows that a method of a Query or Result reads are one at most."""
    project = operation.function.project
    frame = reader(project).frames.of(operation.function.label)
    here = operation.function.position(operation.op)
    if frame is None or here is None or operation.op.on is None:
        return False
    statement = _statement(project, frame.on(here))
    return statement is not None and _asks_for_key(project, statement)


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


def _asks_for_key(project: Project, statement: Spot) -> bool:
    models = {_model(project, one.label) for one in statement.kind.of}
    model = models.pop() if len(models) == 1 else None
    if model is None:
        return False
    asked: set[str] = set()
    there = statement
    for _ in range(STEPS):
        makers = list(reader(project).origins.makers(there))
        if len(makers) != 1:
            return False
        made = makers[0]
        op = made.frame.op(made.at)
        if op.do == "getattr" and op.name == "query":  # Model.query
            return _is_key(project, model, asked)
        if op.do != "call":
            return False
        if op.on is None or made.frame.on(made.at).kind.name not in _STATEMENTS or op.name is None:
            return _is_key(project, model, asked)
        there = made.frame.on(made.at)
        if op.name == "filter_by":
            asked |= {arg.keyword for arg in op.args if arg.keyword is not None}
        elif op.name in _CRITERIA:
            for one in made.frame.args(made.at):
                asked |= _compared(project, one, model)
        elif op.name not in _FEWER:
            return False
    return False


def _model(project: Project, label: str) -> Model | None:
    """The model of a class, or of an attribute ``Model.name``."""
    found = project.models.of(label)
    if found is None:
        named = project.models.named(label.rpartition(":")[2].partition(".")[0])
        found = named[0] if len(named) == 1 else None
    return found


def _compared(project: Project, criterion: Spot, model: Model) -> set[str]:
    """The attributes of the model that a criterion says to be equal to something."""
    makers = list(reader(project).origins.makers(criterion))
    if len(makers) != 1:
        return set()
    made = makers[0]
    op, args = made.frame.op(made.at), made.frame.args(made.at)
    if op.do == "compare" and op.name == "==" and args:
        sides = (made.frame.on(made.at), args[0])
        return {
            one.kind.label.rpartition(".")[2]
            for one in sides
            if "mapped" in one.kind.traits
            and one.kind.label.rpartition(".")[0].rpartition(":")[2] == model.name
        }
    if (op.do == "binop" and op.name == "&") or _joins_all(made, op):
        return {name for one in args for name in _compared(project, one, model)}
    return set()


def _joins_all(made: Spot, op: Op) -> bool:
    if op.do != "call" or op.on is None:
        return False
    on = made.frame.on(made.at).kind
    called = f"{on.label}.{op.name}" if op.name else on.label
    return on.name == NAME and called.rpartition(".")[2] == "and_"


def _is_key(project: Project, model: Model, asked: set[str]) -> bool:
    """Among the attributes are all of the primary key, or of a unique constraint."""
    columns = project.models.columns_of(model)
    primary = {name for name, column in columns.items() if column.primary_key}
    if primary and primary <= asked:
        return True
    if any(columns[name].unique for name in asked & columns.keys()):
        return True
    table = project.models.table_of(model)
    for constraint in table.constraints if table is not None else ():
        names = [arg.text for arg in constraint.args]
        if constraint.library != "UniqueConstraint" or None in names or not names:
            continue
        wanted = {attribute for attribute, column in columns.items() if column.db_name in names}
        if len(wanted) == len(names) and wanted <= asked:
            return True
    return False
