"""SAL622: a column's type that the project's database cannot make, or makes otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Column,
    Project,
    Report,
    Severity,
    Table,
    inexact,
    is_always_given,
    is_left_out,
    objects_made,
    rows_written,
    rule,
)

_SIZED = frozenset({"String", "Unicode", "VARCHAR", "NVARCHAR", "AutoString"})
_INTEGERS = frozenset({"Integer", "INTEGER", "BigInteger", "SmallInteger"})
_TRUTHS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "0", "1"})
_DIGITS = re.compile(r"[+-]?[0-9]+")
_BIG = frozenset({"BigInteger", "SmallInteger", "BIGINT", "SMALLINT"})


@rule("SAL622", "column-type-and-database", severity=Severity.ERROR)
def column_type_and_database(project: Project) -> Iterator[Report]:
    """A column's type does not fit the database that the project's URLs name, or its values.

    ## What it does
    Reports `String` without a length where every URL of the project is MySQL's, a `BigInteger` or
    `SmallInteger` primary key without a default where every URL is SQLite's and some object is made
    without its key, an `Enum` of strings without a name where every URL is PostgreSQL's, and text
    for an integer or boolean column's default. The setting `dialect` takes the place of the URLs.
    Also `Float` columns that the program writes a `Decimal` to, makes one of, or annotates as one.

    ## Why is this bad?
    MySQL has no VARCHAR without a length: `CompileError: VARCHAR requires a length on dialect
    mysql`. SQLite counts only an `INTEGER PRIMARY KEY` up by itself: for a BIGINT, the insert fails
    with `NOT NULL constraint failed`. A `Float` keeps the nearest binary fraction of a Decimal:
    three times 0.10 is not 0.30, and sums of money are off.

    ## Example
    ```python
    id = Column(BigInteger, primary_key=True)  # engine: sqlite:///app.db
    ```

    ## Use instead
    ```python
    id = Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    ```

    ## Fix safety
    No fix: a length or another type is the author's to choose.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Says nothing of the database where the project names no URL, or URLs of several databases, or
    where SQLite is only that of tests or a stand-in in memory. What tests write is not looked at.

    ## References
    SQLAlchemy docs, "SQLite Auto Incrementing Behavior"; "String".
    """
    for column in project.columns():
        yield from _textual(project, column)
    yield from _floats(project)
    dialects = project.dialects()
    if len(dialects) != 1:
        return
    (dialect,) = dialects
    for table in project.models.tables:
        if project.models.is_migration(table.module):
            continue
        if "<locals>" in table.label and table.label not in project.models.models:
            continue
        for column in table.columns:
            if dialect in ("mysql", "mariadb"):
                yield from _unsized(column)
            elif dialect == "sqlite":
                yield from _big_key(project, table, column)
            elif dialect == "postgres":
                yield from _nameless(column)


_MEETS = {
    "written": "a Decimal is written to it",
    "read": "a Decimal is made of its value",
    "annotated": "its annotation promises a Decimal",
}


def _floats(project: Project) -> Iterator[Report]:
    """A Decimal in a column of floats is no longer exact."""
    for one in inexact(project):
        kind = one.column.type
        yield Report(
            kind.at if kind is not None and kind.at >= 0 else one.column.at,
            f"`{one.name}` is kept as a float, and {_MEETS[one.what]}: what comes back is the"
            " nearest binary fraction, and sums are not exact",
            help="use `Numeric(precision, scale)`, which takes and gives Decimals",
            steps=() if one.step is None else (one.step,),
            path=one.column.path,
            group="preview",
        )


def _textual(project: Project, column: Column) -> Iterator[Report]:
    """``Column(Boolean, default="false")``: no processor takes text for a boolean. What says
    neither yes nor no may be for a form, where each row is given a value."""
    kind = column.type
    if kind is None or kind.varies or not kind.dotted.startswith("sqlalchemy."):
        return
    for value in (column.default, column.onupdate):
        text = value.text if value is not None else None
        if value is None or text is None:
            continue
        if kind.name in ("Boolean", "BOOLEAN"):
            if text.strip().lower() not in _TRUTHS and not _is_used(project, column):
                continue
            what = "is refused when a row is inserted: `TypeError: Not a boolean value`"
        elif kind.name in _INTEGERS and not _DIGITS.fullmatch(text.strip()):
            what = "is no number: SQLite stores the text, other databases refuse it"
        else:
            continue
        yield Report(
            value.at,
            f"the default `{text!r}` of the `{kind.name}` column `{column.name}` {what}",
            help="give a value of the column's type",
            path=column.path,
        )


def _is_used(project: Project, column: Column) -> bool:
    """Nobody is seen to give each row a value: neither the objects nor the statements."""
    for model in project.models.models.values():
        own = project.models.attribute(model, column.name)
        if own is None or own.column is not column:
            continue
        table = project.models.table_of(model)
        if is_always_given(objects_made(project, model), column.name):
            return False
        rows = list(rows_written(project, table)) if table is not None else []
        made = list(objects_made(project, model))
        if not made and rows and all(one.open or column.db_name in one.words for one in rows):
            return False
    return True


def _unsized(column: Column) -> Iterator[Report]:
    kind = column.type
    if kind is None or kind.name not in _SIZED or kind.varies:
        return
    if not kind.dotted.startswith(("sqlalchemy.", "sqlmodel.")):
        return
    if kind.args or kind.words:
        return
    yield Report(
        kind.at if kind.at >= 0 else column.at,
        f"`{kind.name}` without a length is refused by MySQL: the table of `{column.name}` cannot"
        " be made",
        help="give it a length, or use `Text`",
        path=column.path,
    )


def _nameless(column: Column) -> Iterator[Report]:
    """``Enum("a", "b")``: PostgreSQL makes a type, which has a name."""
    kind = column.type
    if kind is None or kind.varies or kind.name not in ("Enum", "ENUM") or not kind.args:
        return
    if not kind.dotted.startswith("sqlalchemy.") or any(a.text is None for a in kind.args):
        return
    if {"name", "native_enum", ""} & {word for word, _ in kind.words}:
        return
    yield Report(
        kind.at,
        f"the `{kind.name}` of `{column.name}` has no name, and PostgreSQL makes a type of it: the"
        " table cannot be made",
        help="give it a `name=`, or a Python enum, whose name it takes",
        path=column.path,
    )


def _big_key(project: Project, table: Table, column: Column) -> Iterator[Report]:
    kind = column.type
    if kind is None or kind.name not in _BIG or kind.varies or not column.primary_key:
        return
    if sum(1 for c in table.columns if c.primary_key) > 1 or table.open or column.opaque:
        return
    if column.foreign_keys or column.default is not None or column.server_default is not None:
        return
    counts = column.call.word("autoincrement") if column.call is not None else None
    if (counts is not None and counts.truth is not True) or column.computed:
        return
    model = project.models.of(table.label)
    counted = model is not None and not project.models.is_set_on(model, column.name)
    if model is None or not counted or not is_left_out(objects_made(project, model), column.name):
        return  # each row may be given its key
    if not project.keeps_in_sqlite(column.path or model.path):
        return
    yield Report(
        kind.at,
        f"SQLite counts no `{kind.name}` key up by itself: an insert without `{column.name}` fails"
        " with NOT NULL constraint failed",
        help='use `Integer`, or `.with_variant(Integer, "sqlite")`',
        path=column.path,
    )
