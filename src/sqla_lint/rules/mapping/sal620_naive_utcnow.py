"""SAL620: a naive clock for a column that stores time zones."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Column, Project, Report, Severity, Value, knows_zone, refuses_zones, rule

_NAIVE = frozenset({"datetime.datetime.utcnow", "datetime.datetime.now"})
_ZONED = frozenset({"DateTime", "TIMESTAMP"})


@rule("SAL620", "naive-utcnow", group="pedantic", severity=Severity.WARNING)
def naive_utcnow(project: Project) -> Iterator[Report]:
    """`default=datetime.utcnow` on a `DateTime(timezone=True)` column, or the other way round.

    ## What it does
    Reports naive clocks (`datetime.utcnow`, `datetime.now` without a time zone) as the default of a
    column with a time zone; and in programs of asyncpg clocks with a zone as the default of a
    column without one.

    ## Why is this bad?
    The value has no time zone, so the database takes it for the time of the *session's* zone:
    wherever that is not UTC, every row is hours off. Values that are read back have a zone, and
    comparing them with `datetime.utcnow()` raises `TypeError`. (`utcnow` is deprecated since Python
    3.12.) The other way round asyncpg refuses the value: `DataError: can't subtract offset-naive
    and offset-aware datetimes`, where other drivers leave the zone away.

    ## Example
    ```python
    created = Column(DateTime(timezone=True), default=datetime.utcnow)
    ```

    ## Use instead
    ```python
    created = Column(DateTime(timezone=True), default=lambda: datetime.now(timezone.utc))
    ```

    ## Fix safety
    No fix: rows that are there may hold either.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    SQLite stores no time zone at all; there, nothing is off.

    ## References
    SQLAlchemy docs, "DateTime": timezone.
    """
    for column in project.columns():
        kind = column.type
        if kind is None or kind.name not in _ZONED:
            continue
        zoned = kind.word("timezone") or (kind.args[0] if kind.args else None)
        if zoned is None or zoned.truth is False:
            yield from _refused(project, column)
        if zoned is None or zoned.truth is not True:
            continue
        for value in (column.default, column.onupdate):
            clock = _clock(project, value)
            if value is not None and clock:
                yield Report(
                    value.at,
                    f"`{clock}` gives a time without a zone, and `{column.name}` stores one: the"
                    " database takes it for the session's local time",
                    help="use `datetime.now(timezone.utc)`",
                    path=column.path,
                )


def _refused(project: Project, column: Column) -> Iterator[Report]:
    for value in (column.default, column.onupdate):
        if value is None or value.do not in ("function", "name"):
            continue
        if not knows_zone(project.gives(value.name)):
            continue
        if refuses_zones(project.linked):
            yield Report(
                value.at,
                f"this gives a time with a zone, and `{column.name}` stores none: asyncpg refuses"
                " the value with DataError",
                help="make the column `DateTime(timezone=True)`",
                path=column.path,
            )
            return


def _clock(project: Project, value: Value | None) -> str:
    if value is None:
        return ""
    if value.do == "function" or ":" in value.name:
        value = project.models.scopes.returned(value.name) or value
        naive = value.do == "call" and value.name in _NAIVE
        if not naive or value.args or value.words:
            return ""
    elif value.do != "name" or value.name not in _NAIVE:
        return ""
    return value.name.removeprefix("datetime.")
