"""SAL305: a row is read as if it were the entity in it, or a result as if it were a row."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Const,
    Function,
    Kind,
    Note,
    Op,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    among_rows,
    functions_with,
    has_attribute,
    keys_of_row,
    kinds,
    mixed_reads,
    operations,
    returned_rows,
    rule,
)

_MANY = (kinds.COLLECTION, kinds.LIST, kinds.QUERY, kinds.SET)
_TAKES_ENTITIES = frozenset({"add", "delete", "refresh", "merge", "expunge", "expire"})


def row_for_entity(function: Function) -> Iterator[Report]:
    """A row that is returned as an entity, or is one on some way, or is compared with a value."""
    for one in returned_rows(function):
        what = "rows, not" if one.many else "a Row, not a"
        yield Report(
            one.made.at,
            f"this gives {what} `{one.model}`, which is what `{function.qualname}` says that it"
            " returns: reading an attribute of it raises AttributeError",
            help="use `session.scalars(...)`, which gives the entities",
            steps=(Note("it is returned here", one.at),),
            group="preview" if one.many else None,  # whoever unpacks each row is fine
        )
    for read in mixed_reads(function):
        yield from _as_entity(
            Operation(function, read.op, read.row, (), Kind(kinds.UNKNOWN)), read.made
        )
    for met in among_rows(function):
        value = f"`{met.value}`" if met.value else "this"
        rows = f"`{met.rows}`" if met.rows else "these"
        yield Report(
            met.at,
            {
                "one": f"{rows} is a row, a tuple: {value} is never equal to it",
                "many": f"{rows} are rows, which are tuples: {value} is never among them",
                "sets": f"{rows} are rows, which are tuples: none of the values is among them",
            }[met.what],
            help="take the values: `session.scalars(...)`, or `{value for (value,) in rows}`",
        )


@rule(
    "SAL305",
    "row-is-not-entity",
    severity=Severity.ERROR,
    fix="unsafe",
    on=operations(
        "getattr",
        "setattr",
        "getitem",
        "setitem",
        "call",
        receivers=[
            kinds.ROW,
            kinds.ROW_MAPPING,
            kinds.RESULT,
            kinds.SESSION,
            kinds.SCOPED_SESSION,
        ],
    ),
    also=(row_for_entity, functions_with(kinds.ROW, kinds.RESULT, *_MANY)),
)
def row_is_not_entity(operation: Operation) -> Iterator[Report]:
    """A Row is taken for what is in it, or is changed, or a Result is asked with a string.

    ## What it does
    Reports attributes and methods of a mapped class on the rows of `session.execute(select(Model))`
    and of a Query of several things, rows that are handed to `session.add()`, `delete()` or
    `refresh()`, functions that are annotated with a mapped class and return a row of it, and
    `result["name"]`. (`row["name"]` is SAL907.) Rows, and what `mappings()` gives, that are
    changed: `row.name = "ann"`, `row["name"] = "ann"`. Also a text, a number or an attribute of an
    entity that is looked for among rows (`user.email in rows`, `names - rows`), or compared with
    one.

    ## Why is this bad?
    A Row is a tuple: the entity is its first element. `AttributeError: Could not locate column in
    row for column 'name'`. Setting one, whatever it is, raises `AttributeError: can't set
    attribute`; setting an element, `TypeError`. A Result is no row at all: `TypeError`. And
    `("ann",)` is not `"ann"`: what is looked for among rows is never found.

    ## Example
    ```python
    user = session.execute(select(User).where(User.id == 1)).first()
    print(user.name)
    ```

    ## Use instead
    ```python
    user = session.scalars(select(User).where(User.id == 1)).first()
    print(user.name)
    ```

    ## Fix safety
    Unsafe: `row.User.name` reads the entity in the row; `session.scalars()` is often what was
    meant.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    What is read of a row is only told where all its columns are known. Rows of a Connection have
    columns, not entities.

    ## References
    SQLAlchemy docs, "Migrating to SQLAlchemy 2.0": Row is a named tuple; ORM Query Unified with
    Core Select.
    """
    op, on = operation.op, operation.on
    if op.do in ("setattr", "setitem") and on.name in (kinds.ROW, kinds.ROW_MAPPING):
        yield from list(_as_entity(operation)) or _set(operation)
    elif op.do in ("getattr", "call") and on.name == kinds.ROW:
        yield from _as_entity(operation)
    elif op.do == "getitem" and on.name == kinds.RESULT:
        yield from _by_string(operation)
    if op.do == "call" and op.name in _TAKES_ENTITIES and on.name in _SESSIONS:
        given = operation.arg_kinds[:1]
        # what a query of which nothing is known gives may be entities
        row = given[0] if given and given[0].of else None
        if row is not None and row.name == kinds.ROW and "by session" in row.traits:
            yield Report(
                op.args[0].at,
                f"a Row is handed to `{op.name}()`, not the entity in it: this raises"
                " UnmappedInstanceError",
                help="take the entity: `session.scalars(...)`, or `row[0]`",
            )


_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


def _set(operation: Operation) -> Iterator[Report]:
    """Whatever it is that is set."""
    op, mapping = operation.op, operation.on.name == kinds.ROW_MAPPING
    if op.do == "setattr" and mapping:
        return  # a class of the project's may be in between
    what = "an element of it raises TypeError"
    if op.do == "setattr":
        what = f"`.{op.name}` raises AttributeError"
    yield Report(
        op.at,
        f"this is a {'RowMapping' if mapping else 'Row'}, which cannot be changed: setting {what}",
        help="change a copy: `dict(row)`"
        if mapping
        else "change a copy, `row._asdict()`, or select the entity and change that",
    )


def _as_entity(operation: Operation, made: Op | None = None) -> Iterator[Report]:
    op, row = operation.op, operation.on
    keys = keys_of_row(row)
    if op.name is None or keys is None or op.name in keys or "by session" not in row.traits:
        return
    having = [
        of
        for of in row.of
        if of.name == kinds.MAPPED_CLASS and has_attribute(operation.function, of, op.name)
    ]
    if not having:
        return
    model = having[0].label.rpartition(":")[2].rpartition(".")[2]
    only = len(row.of) == 1
    rewrite = None
    if len(having) == 1 and op.do == "getattr" and made is None:
        rewrite = Rewrite(
            f"read it of the `{model}` in the row",
            Applicability.UNSAFE,
            (Replace(op.at, "{0:primary}." + f"{model}.{op.name}", (op.at + 1,)),),
        )
    yield Report(
        op.at,
        f"this is a Row, not a `{model}`: `.{op.name}` raises AttributeError",
        help="use `session.scalars(...)`, which gives the entities"
        if only
        else f"read it of the entity: `row.{model}.{op.name}`",
        steps=() if made is None else (Note("the row comes from here", made.at),),
        rewrite=rewrite,
    )


def _by_string(operation: Operation) -> Iterator[Report]:
    op = operation.op
    index = op.args[0].value if len(op.args) == 1 else None
    if isinstance(index, Const) and isinstance(index.value, str):
        yield Report(
            op.at,
            f'this is a Result, not a row: `["{index.value}"]` raises TypeError',
            help="take a row first: `.mappings().one()`",
        )
