"""SAL402: the name of a table or column is pasted into SQL text."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Note, Report, Severity, raw_string, rule, sql_text


@rule("SAL402", "dynamic-identifier", group="pedantic", severity=Severity.WARNING)
def dynamic_identifier(call: Call) -> Iterator[Report]:
    """The name of a table or column that is no constant is pasted into SQL text.

    ## What it does
    Reports values that stand where a table, column or other name belongs: after FROM, INTO, UPDATE
    or ORDER BY, before an operator, as part of a word.

    ## Why is this bad?
    No parameter can be a name, so it is read as SQL: who chooses the name chooses the statement. A
    name that needs quotes (`order`, `Group`) is a syntax error.

    ## Example
    ```python
    conn.execute(text(f"SELECT count(*) FROM {table}"))
    ```

    ## Use instead
    ```python
    if table not in TABLES:
        raise ValueError(table)
    conn.execute(text(f"SELECT count(*) FROM {table}"))
    ```

    ## Fix safety
    No fix: which names are allowed, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent are constants, names of mapped classes and tables, names that were compared with those
    allowed or looked up in a constant dictionary, names a dialect quotes, those that an Inspector,
    the server or a row of the database tells, `x.name` of an unknown object, which may be a table,
    and parameters for which every known call gives one of these, if only by its name, or which
    nothing calls though it is private, and options of an object that nobody in the program sets to
    anything but constants, as the default is one; also what only settings give, migrations and
    tests, and a plain string that raises before it is read as SQL (SAL403). Values are SAL401.

    ## References
    SQLAlchemy docs, "Column Elements and Expressions": column(), quoted_name; "Reflecting Database
    Objects".
    """
    sql = sql_text(call)
    if sql is None or call.function.entry == "test" or raw_string(call) is not None:
        return
    names = [p for p in sql.pasted() if p.position == "identifier" and not p.hole.outside]
    if names:
        listed = ", ".join(dict.fromkeys(f"`{p.hole.name}`" for p in names))
        yield Report(
            sql.argument.at,
            f"{listed} is pasted into the SQL text as a name, which no parameter can be: whoever"
            " chooses it chooses the statement",
            help="compare it with the names that are allowed, or build the statement with"
            " `table()` and `column()`, which quote",
            steps=tuple(
                Note(f"`{p.hole.name}` is pasted in here", p.hole.at)
                for p in names
                if p.hole.function.partition(":")[0] == call.function.typed.module.name
            ),
        )
