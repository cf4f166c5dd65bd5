"""SAL528: an upsert that fails, or leaves columns behind."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import UPSERTS, Call, Report, Severity, calls, kinds, rule, upsert_troubles

_NEW = "use `statement.excluded.<column>`, with MySQL `statement.inserted.<column>`"
# What happens, and what to write instead; {0} are the names, {1} is the method.
_SAID = {
    "generic": (
        "the generic `insert()` has no `{1}()`: AttributeError",
        "import `insert` from the dialect: `from sqlalchemy.dialects.postgresql import insert`",
    ),
    "dialect": (
        "the `insert()` of {0} has no `{1}()`: AttributeError",
        "use `on_duplicate_key_update()` for MySQL, `on_conflict_do_...()` for the others",
    ),
    "nameless": (
        "`{1}()` names neither columns nor a constraint: ValueError",
        "say which conflict is meant: `index_elements=[...]` or `constraint=...`",
    ),
    "both": (
        "`constraint` and `index_elements` exclude each other: ValueError",
        "leave one of them out",
    ),
    "keyword": (
        "SQLite's `{1}()` takes no `constraint`: TypeError",
        "name the columns: `index_elements=[...]`",
    ),
    "text": (
        "`index_elements` takes a list: of the string {0} each letter is a column",
        "put it into a list",
    ),
    "not unique": (
        "nothing makes {0} unique: the database refuses the conflict target",
        "add a unique constraint or index over these columns, or name those of one",
    ),
    "no constraint": (
        "the table has no constraint {0}: the database refuses the statement",
        "name one that it has",
    ),
    "nothing": (
        "`{1}()` has nothing to write: ValueError",
        "say what is written: `set_={{...}}`, or use `on_conflict_do_nothing()`",
    ),
    "no column": (
        "the table has no column {0}: SQLAlchemy warns, and nothing is written there",
        "name a column of the table",
    ),
    "word": (
        "{0} is a plain value: this text is written, not the new value",
        "use `statement.excluded.<column>`",
    ),
    "itself": (
        "{0} is set to the value that it has: the new one is not written",
        _NEW,
    ),
    "themselves": (
        "{0} are set to the values that they have: the new ones are not written",
        _NEW,
    ),
    "each": (
        "each column is set to the value that it has: the new ones are not written",
        _NEW,
    ),
    "old": (
        "{0}: MySQL's `insert()` has no `excluded`: AttributeError",
        "use `statement.inserted.<column>`",
    ),
    "forgotten": (
        "{0} has an `onupdate`, which an upsert does not call: it keeps its old value",
        "set it in `set_`, too",
    ),
}


@rule("SAL528", "upsert-mistake", severity=Severity.ERROR, on=calls(*UPSERTS))
def upsert_mistake(call: Call) -> Iterator[Report]:
    """An upsert is built so that it fails, or that it does not write what it should.

    ## What it does
    Reports, of `on_conflict_do_update()`, `on_conflict_do_nothing()` and
    `on_duplicate_key_update()`: those of the generic `insert()` or of another dialect's; those that
    name no conflict, two of them, or one that no key, constraint or index of the table stands for;
    those that write nothing, a column that the table does not have, the text `"excluded.name"`, or
    the value that is there already; and columns with a Python `onupdate` that the update leaves
    out.

    ## Why is this bad?
    The generic `insert()` has no such method: AttributeError. Without columns PostgreSQL's raises
    ValueError; without a unique constraint over just these columns the database refuses the
    statement. A string is a value: the word `excluded.name` is written. `Model.name` is the old
    row's. An upsert does not call `onupdate`: the "last changed" column keeps its old value.

    ## Example
    ```python
    from sqlalchemy import insert

    insert(User).values(id=1, name="ann").on_conflict_do_nothing()
    ```

    ## Use instead
    ```python
    from sqlalchemy.dialects.postgresql import insert

    insert(User).values(id=1, name="ann").on_conflict_do_nothing()
    ```

    ## Fix safety
    No fix: which database it is, and what it should write, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    The `insert()` must be made in the same function, and what is given be written in place. Where
    a migration, or an `Index()` outside of a model, may make columns unique, nothing is said of
    the conflict.

    ## References
    SQLAlchemy docs, "PostgreSQL": INSERT…ON CONFLICT (Upsert); "SQLite": the same; "MySQL and
    MariaDB": INSERT…ON DUPLICATE KEY UPDATE (Upsert).
    """
    if call.name not in UPSERTS or call.on.name != kinds.INSERT:
        return
    for trouble in upsert_troubles(call):
        names = ", ".join(f"`{name}`" for name in trouble.names)
        message, advice = (part.format(names, call.name) for part in _SAID[trouble.what])
        yield Report(trouble.at, message, help=advice)
