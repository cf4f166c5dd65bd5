"""SAL602: a list or dict as a column's default is one object that all rows share."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Column,
    Group,
    Model,
    Project,
    Replace,
    Report,
    Rewrite,
    Severity,
    Value,
    is_never_left_out,
    rule,
)

_EMPTY = {"list": "list", "dict": "dict", "set": "set"}
_MAKERS = frozenset({"builtins.list", "builtins.dict", "builtins.set"})


@rule("SAL602", "mutable-default", severity=Severity.WARNING, fix="safe")
def mutable_default(model: Model) -> Iterator[Report]:
    """A column's default is one list, dict or set, shared by all objects.

    ## What it does
    Reports `default=[]`, `default={}`, `default=dict()` and the like on a column of a mapped class,
    and a module's list or dict given by its name.

    ## Why is this bad?
    The object is made once, when the class is defined, and after the flush every instance that was
    saved without a value *holds that very object*. Who appends to one of them changes the default:
    the next row is inserted with what others put in. On a dataclass of 2.0 it does not even
    get that far: `ValueError: mutable default ... use default_factory`.

    ## Example
    ```python
    tags = Column(JSON, default=[])
    ```

    ## Use instead
    ```python
    tags = Column(JSON, default=list)
    ```

    ## Fix safety
    Safe: a callable gives every row its own object, equal to the shared one. On a dataclass, where
    the keyword must change too, there is no fix.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only with `--pedantic` where no code of the project changes an attribute of that name in place,
    or where every object is made with a value for it, or gets one from its constructor.
    Columns with a `Mutable` type are silent, since those copy the value; so are SQLModel fields,
    whose defaults pydantic copies.

    ## References
    SQLAlchemy docs, "Column INSERT/UPDATE Defaults": Python-executed functions.
    """
    labels = (model.facts.label, *model.facts.mixins)
    factory = model.facts.dataclass
    for attribute in model.attributes().values():
        column = attribute.column
        if column is None or attribute.owner not in labels:
            continue
        value = column.default
        if value is None or _is_field(column, value) or (column.type and column.type.mutable):
            continue
        if value.do == "name" and ":" in value.name:
            bound = model.models.scopes.value(value.name)
            if bound is not None and _is_mutable(bound):
                yield _named(model, column, value)._replace(group=_group(model, column))
            continue
        if not _is_mutable(value):
            continue
        yield Report(
            value.at,
            f"all rows of `{model.name}.{column.name}` share one default object: a change to it in"
            " one of them is the default of the next",
            help=f"pass a callable: `{'default_factory' if factory else 'default'}={_made(value)}`",
            rewrite=None if factory else _rewrite(value),
            path=column.path,
            group=None if factory else _group(model, column),
        )


def _group(model: Model, column: Column) -> Group | None:
    """Nothing is shared that nobody changes in place, or that every new object is given: then it
    is a trap, not a defect yet."""
    project = Project(model.project, model.target)
    shared = model.changes_in_place(column.name)
    if shared and not is_never_left_out(project, model.facts, column.name):
        return None
    return "pedantic"


def _named(model: Model, column: Column, value: Value) -> Report:
    name = value.name.replace(":", ".").rpartition(".")[2]
    return Report(
        value.at,
        f"all rows of `{model.name}.{column.name}` share the object `{name}`: a change to it in one"
        " of them is the default of the next",
        help=f"pass a callable: `default=lambda: copy.deepcopy({name})`",
        path=column.path,
    )


def _is_field(column: Column, value: Value) -> bool:
    """The default is SQLModel's or an annotation's, not one that a `Column()` is given: that of
    `Field(default=[], sa_column=Column(JSON))` is the field's."""
    call = column.call
    return call is None or call.library == "Field" or all(value is not one for _, one in call.words)


def _is_mutable(value: Value) -> bool:
    return value.do in _EMPTY or (value.do == "call" and value.name in _MAKERS)


def _made(value: Value) -> str:
    if value.do == "call":
        return value.name.removeprefix("builtins.") if not value.args else "lambda: ..."
    return _EMPTY[value.do] if not value.args else "lambda: ..."


def _rewrite(value: Value) -> Rewrite:
    empty = not value.args and not value.words
    template = _made(value) if empty else "lambda: {0}"
    return Rewrite(
        "make one for each row",
        Applicability.SAFE,
        (Replace(value.at, template, () if empty else (value.at,)),),
    )
