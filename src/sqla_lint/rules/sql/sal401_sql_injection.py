"""SAL401: a value is pasted into SQL text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Call,
    Note,
    Pasted,
    Report,
    Severity,
    SqlText,
    bound,
    raw_string,
    rule,
    sql_text,
    sqltext,
)

_VALUES = frozenset({"value", "quoted", "list"})
_TEXTS = frozenset({"str()", "repr()", "tuple()", "list()"})
_SERVERS = re.compile(
    r"\s*(?:(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?"
    r"(?:DATABASE|EXTENSION|FUNCTION|PROCEDURE|ROLE|SCHEMA|SERVER|TABLESPACE|TRIGGER|USER)\b"
    r"|(?:ATTACH|COPY|PUT)\s)",
    re.IGNORECASE,
)
_SET = re.compile(rf"\bSET\s+{sqltext.HOLE}\s*=\s*$", re.IGNORECASE)


@rule("SAL401", "sql-injection", severity=Severity.ERROR, fix="unsafe")
def sql_injection(call: Call) -> Iterator[Report]:
    """A value is pasted into SQL text.

    ## What it does
    Follows the text that `text()`, `execute()`, `exec_driver_sql()`, `literal_column()`, `DDL()`,
    Alembic's `op.execute()` or pandas' `read_sql()` is given back to its parts: f-strings, `%`,
    `.format()`, `+`, `join()`, constants of other modules, what functions return, what methods and
    helpers add to a list or a text, and what is handed to a function that runs it. It reports those
    that stand where a value belongs: after `=` or `LIKE`, inside quotes, in `IN (...)`, in
    VALUES, after LIMIT; and anything from a request, wherever it stands.

    ## Why is this bad?
    The value is read as SQL. A quote in it is a syntax error at best; `' OR '1'='1` returns every
    row, and `'; DROP TABLE users; --` does what it says on drivers that run several statements.

    ## Example
    ```python
    conn.execute(text(f"SELECT id FROM users WHERE name = '{name}'"))
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT id FROM users WHERE name = :name"), {"name": name})
    ```

    ## Fix safety
    Unsafe: the value arrives as what it is, not as text; on some drivers a number that was pasted
    into quotes is then compared with a text. Quotes around the value go, and wildcards beside it
    move into it. Offered where the text is put together in one expression; in other places the
    parts are the author's.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent are constants, enumerations, numbers, dates and UUIDs (by conversion or annotation),
    values that were compared with those allowed, lookups in constant dictionaries, keys read from a
    row, names quoted by a dialect, texts whose quotes were doubled, numbers read from a row, and
    parameters for which every known call gives one of these, and options of an object that a
    function without a class is put into, and what unknown objects call their own tables, columns
    and schemas where a catalog is asked for them or a table is made, settings of the program, and
    options of a dialect; and names of tables, sequences and settings that are options of an object
    which the program leaves at a constant default. What belongs to Alembic's own work, or compiles
    an element, and what is in a folder `migrations` or `alembic`, and where Alembic's own table is
    written, only what a row or a request brings is reported, in tests nothing. A whole condition
    that comes from an unknown place is not reported. Told with `--pedantic`, where nothing comes
    from outside: values on which no foreign text is likely to get there (every call of the function
    that can be seen, if only by its name, passes constants; a private function that nothing calls;
    an imported name; the key of an object; what a method to be overridden gives), migrations, what
    makes databases, roles and functions or moves files, settings of a session, and items,
    attributes and results of calls outside of quotes, where only a number makes sense, and a text
    that a column is set to without quotes: an expression. Names of tables and columns are SAL402.

    ## References
    SQLAlchemy docs, "Working with Transactions and the DBAPI": Sending Parameters; OWASP, "SQL
    Injection Prevention Cheat Sheet".
    """
    sql = sql_text(call)
    if sql is None or call.function.entry == "test":
        return
    values = [p for p in sql.pasted() if p.position in _VALUES or p.hole.outside]
    if not values:
        return
    names = ", ".join(dict.fromkeys(f"`{p.hole.name}`" for p in values))
    unlikely, raises = _is_unlikely(sql, values), raw_string(call) is not None
    if unlikely and raises:
        return
    what = "as a value" if any(p.position in _VALUES for p in values) else "from outside"
    yield Report(
        sql.argument.at,
        f"{names} is pasted into the SQL text {what}: SQL in it is executed"
        + (" once `text()` is put around it" if raises else ""),
        help=_help(values[0]),
        rewrite=bound(call, sql) if all(p.position in _VALUES for p in values) else None,
        group="pedantic" if unlikely else None,
        steps=tuple(
            Note(f"`{p.hole.name}` is pasted in here", p.hole.at, _path(call, p)) for p in values
        ),
    )


def _path(call: Call, pasted: Pasted) -> str:
    """The file in which a value is pasted in; "" for that of the call."""
    own = call.function.typed.module.path
    entry = call.function.project.knowledge.functions.get(pasted.hole.function)
    return "" if entry is None or entry[0].path == own else entry[0].path


def _is_unlikely(sql: SqlText, values: list[Pasted]) -> bool:
    """Nothing comes from outside, and what is pasted is the operator's own (databases, roles,
    settings, migrations), or may be a number that something else has looked at."""
    if any(one.hole.outside for one in values):
        return False
    if sql.in_migration or not any(one.hole.likely for one in values):
        return True
    if all(_sets_up(text.sql) for text in sql.texts):
        return True
    return all(one.position == "value" and (_is_item(one) or _is_copied(one)) for one in values)


def _sets_up(sql: str) -> bool:
    """Makes a database, a role, a schema or a function, moves files, or changes a setting."""
    return _SERVERS.match(sql) is not None or sqltext.kind(sql) == "session-setting"


def _is_copied(pasted: Pasted) -> bool:
    """A text without quotes that a column is set to, itself put in: the name of another column."""
    before = pasted.text.sql.split(sqltext.HOLE)[: pasted.text.holes.index(pasted.hole) + 1]
    return pasted.hole.words and _SET.search(sqltext.HOLE.join(before)) is not None


def _is_item(pasted: Pasted) -> bool:
    """What a call, an item or an attribute gives, not a name by itself."""
    name = pasted.hole.name
    return any(sign in name for sign in ".[(") and name not in _TEXTS


def _help(pasted: Pasted) -> str:
    if sqltext.verb(pasted.text.sql) == "NOTIFY":
        return "it takes no parameter: use `SELECT pg_notify(:channel, :payload)`"
    if sqltext.kind(pasted.text.sql) in ("session-setting", "ddl"):
        return "most databases take no parameter here: compare it with what is allowed"
    name = pasted.hole.name.rpartition(".")[2]
    name = name if name.isidentifier() else "value"
    if pasted.position == "list":
        return f'use `IN :{name}` and `bindparam("{name}", expanding=True)`'
    if pasted.position not in _VALUES:
        return "choose it from a list of those that are allowed"
    return f'write `:{name}` in the text, without quotes, and pass `{{"{name}": ...}}`'
