"""SAL604: a server default that is no SQL, or SQL that is taken for a string."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Column,
    Const,
    Import,
    Operation,
    Project,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    rule,
    sqlalchemy_name,
)

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*\(.*\)", re.DOTALL)
_WORDS = frozenset({"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP"})
_TEXTS = frozenset(
    {"String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT", "CHAR", "NVARCHAR"}
)
# What else stands where a column's type does: it says nothing of it.
_NO_TYPES = frozenset({"Computed", "ForeignKey", "Identity", "Sequence"})


def in_a_function(operation: Operation) -> Iterator[Report]:
    """A column that a function makes: in a migration, or for a table of its own."""
    if operation.result.name not in (kinds.COLUMN_EXPR, kinds.SCHEMA_ITEM):
        return
    if sqlalchemy_name(operation).rpartition(".")[2] not in ("Column", "mapped_column"):
        return
    for arg in operation.op.args:
        if arg.keyword in ("server_default", "server_onupdate") and isinstance(arg.value, Const):
            value = arg.value.value
            if isinstance(value, str):
                if _is_sql(value) and _stores_no_text(operation) and not _is_declared(operation):
                    yield Report(
                        arg.at,
                        f"`{value}` is quoted as a string: this default is a constant",
                        help="wrap it in `text()`",
                        rewrite=_wrapped(arg.at),
                    )
            elif isinstance(value, (bool, int, float)) and not _is_declared(operation):
                yield Report(
                    arg.at,
                    f"`{arg.keyword}` is SQL, and `{value!r}` is none: it raises ArgumentError",
                    help="pass a string or a SQL expression",
                    rewrite=_literal(arg.at, value),
                )


def _stores_no_text(operation: Operation) -> bool:
    """A column's type is the first or second of its arguments, as a class or called."""
    plain = zip(operation.op.args[:2], operation.arg_kinds[:2], strict=True)
    for arg, kind in plain:
        made = operation.function.maker(arg.value) if not arg.keyword and not arg.star else None
        name = sqlalchemy_name(made) if made is not None and made.op.do == "call" else kind.label
        if not arg.keyword and name.startswith("sqlalchemy."):
            return name.rpartition(".")[2] not in _TEXTS | _NO_TYPES
    return False


def _is_declared(operation: Operation) -> bool:
    """A column of a class or table of the project, which is told below."""
    path, models = operation.function.typed.module.path, operation.function.project.models
    bodies = [m.attributes for m in models.models.values()]
    bodies += [m.attributes for m in models.mixins.values()]
    columns = [a.column for body in bodies for a in body]
    columns += [c for table in models.tables for c in table.columns]
    place = (path, operation.op.at)
    return any(c and c.call is not None and (c.path, c.call.at) == place for c in columns)


@rule(
    "SAL604",
    "server-default-literal",
    severity=Severity.ERROR,
    fix="unsafe",
    also=(in_a_function, calls(None, "Column", "mapped_column")),
)
def server_default_literal(project: Project) -> Iterator[Report]:
    """`server_default=` is given a Python value, or a SQL function as a plain string.

    ## What it does
    Reports `server_default=False`, numbers and None, and strings that hold a SQL function
    (`"now()"`, `"CURRENT_TIMESTAMP"`) on columns that are not text.

    ## Why is this bad?
    A server default is SQL. A bool or number raises `ArgumentError: Argument 'arg' is expected to
    be one of type '<class 'str'>' ...` when the class is made. A string is quoted: `DEFAULT
    'now()'` is a constant. SQLite stores those very letters, and PostgreSQL the time the table was
    created.

    ## Example
    ```python
    active = Column(Boolean, server_default=True)
    created = Column(DateTime, server_default="now()")
    ```

    ## Use instead
    ```python
    active = Column(Boolean, server_default=true())
    created = Column(DateTime, server_default=text("now()"))
    ```

    ## Fix safety
    Unsafe: the table's default changes, and a migration may be needed.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Strings on text columns, and on columns whose type is not known, are taken at their word.

    ## References
    SQLAlchemy docs, "Server-invoked DDL-Explicit Default Expressions".
    """
    for column in project.columns():
        for word, value in (
            ("server_default", column.server_default),
            ("server_onupdate", column.server_onupdate),
        ):
            if value is None or value.do != "const":
                continue
            if isinstance(value.const, (bool, int, float)):
                yield Report(
                    value.at,
                    f"`{word}` of `{column.name}` is SQL, and `{value.const!r}` is none: it raises"
                    " ArgumentError",
                    help="pass a string or a SQL expression",
                    rewrite=_literal(value.at, value.const),
                    path=column.path,
                )
            elif value.text is not None and _is_sql(value.text) and _is_no_text(column):
                yield Report(
                    value.at,
                    f"`{value.text}` is quoted as a string: the default of `{column.name}` is a"
                    " constant",
                    help="wrap it in `text()`",
                    rewrite=_wrapped(value.at),
                    path=column.path,
                )


def _wrapped(at: int) -> Rewrite:
    edits = (Import("sqlalchemy", "text"), Replace(at, "{text}({0})", (at,)))
    return Rewrite("wrap the string in text()", Applicability.UNSAFE, edits)


def _literal(at: int, value: float) -> Rewrite:
    if isinstance(value, bool):
        name = "true" if value else "false"
        edits = (Import("sqlalchemy", name), Replace(at, f"{{{name}}}()"))
        return Rewrite(f"write {name}()", Applicability.UNSAFE, edits)
    text = f'"{value}"'
    return Rewrite(f"write {text}", Applicability.UNSAFE, (Replace(at, text),))


def _is_sql(text: str) -> bool:
    return text.strip().upper() in _WORDS or _FUNCTION.fullmatch(text.strip()) is not None


def _is_no_text(column: Column) -> bool:
    kind = column.type
    if kind is None or kind.name in _TEXTS:
        return False
    return kind.dotted.startswith(("sqlalchemy.", "sqlmodel."))
