"""SAL528: an upsert that fails, or leaves columns behind."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, rule, upsert

_UPSERTS = frozenset({"on_conflict_do_update", "on_conflict_do_nothing", "on_duplicate_key_update"})
_POSTGRESQL = "sqlalchemy.dialects.postgresql"


@rule("SAL528", "upsert-mistake", group="preview", severity=Severity.ERROR, on=calls(*_UPSERTS))
def upsert_mistake(call: Call) -> Iterator[Report]:
    """An upsert is built so that it fails, or that it does not write what it should.

    ## What it does
    Reports `on_conflict_do_update()`, `on_conflict_do_nothing()` and `on_duplicate_key_update()` of
    the generic `insert()`; `on_conflict_do_update()` of PostgreSQL that names neither columns nor a
    constraint; `"excluded.name"` as a value; and columns with a Python `onupdate` that the update
    leaves out.

    ## Why is this bad?
    The generic `insert()` has no such method: AttributeError. Without columns PostgreSQL's raises
    ValueError. A string is a value: the word `excluded.name` is written. An upsert does not call
    `onupdate`: the "last changed" column keeps its old value.

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
    The `insert()` must be made in the same function, and `set_` be written in place.

    ## References
    SQLAlchemy docs, "PostgreSQL": INSERT…ON CONFLICT (Upsert); "SQLite": the same.
    """
    if call.name not in _UPSERTS or call.on.name != kinds.INSERT:
        return
    made = upsert(call)
    if made is None:
        return
    if made.maker in ("sqlalchemy.insert", "sqlmodel.insert", "table"):
        yield Report(
            call.at,
            f"the generic `insert()` has no `{call.name}()`: AttributeError",
            help="import `insert` from the dialect: `from sqlalchemy.dialects.postgresql import"
            " insert`",
        )
        return
    if call.name != "on_conflict_do_update":
        return
    named = call.argument(1, "index_elements") or call.argument(0, "constraint")
    starred = any(arg.star for arg in call.op.args)
    if named is None and not starred and made.maker.startswith(_POSTGRESQL):
        yield Report(
            call.at,
            "`on_conflict_do_update()` names neither columns nor a constraint: ValueError",
            help="say which conflict is meant: `index_elements=[...]` or `constraint=...`",
        )
    for at, word in made.words:
        yield Report(
            at,
            f"`{word}` is a plain value: this text is written, not the new value",
            help=f"use `statement.{word}`",
        )
    if made.forgotten:
        names = ", ".join(f"`{name}`" for name in made.forgotten)
        yield Report(
            call.at,
            f"{names} has an `onupdate`, which an upsert does not call: it keeps its old value",
            help="set it in `set_`, too",
        )
