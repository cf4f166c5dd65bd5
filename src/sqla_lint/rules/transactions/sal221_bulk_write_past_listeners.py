"""SAL221: a bulk write of rows whose changes the project listens to."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    functions_with,
    kinds,
    past_listeners,
    rule,
)


@rule(
    "SAL221",
    "bulk-write-past-listeners",
    group="preview",
    severity=Severity.WARNING,
    on=functions_with(kinds.QUERY, kinds.UPDATE, kinds.DELETE, kinds.SESSION, kinds.SCOPED_SESSION),
)
def bulk_write_past_listeners(function: Function) -> Iterator[Report]:
    """A bulk UPDATE or DELETE of a class whose mapper events the project listens to.

    ## What it does
    Reports `query.update()`, `query.delete()`, `session.execute(update(Model))`,
    `session.execute(delete(Model))` and `bulk_insert_mappings()` of a class for which a function of
    the project listens to `before_update`, `after_delete` and the like.

    ## Why is this bad?
    These events are about objects that are flushed. A bulk statement has none: the listener is not
    called, and what it does (a history, a check, a cache) is silently left out.

    ## Example
    ```python
    @event.listens_for(Invoice, "after_update")
    def remember(mapper, connection, target): ...


    session.query(Invoice).filter(Invoice.customer == name).update({"state": "closed"})
    ```

    ## Use instead
    ```python
    for invoice in session.query(Invoice).filter(Invoice.customer == name):
        invoice.state = "closed"
    ```

    ## Fix safety
    No fix: object by object may be too slow, and the event may not matter there.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent in tests and migrations, where the project listens to `after_bulk_update`,
    `after_bulk_delete` or `do_orm_execute`, and where the statement itself sets all that the
    listener would.

    ## References
    SQLAlchemy docs, "ORM Events": `MapperEvents`; "ORM-Enabled INSERT, UPDATE, and DELETE
    statements".
    """
    if function.is_test_code or function.project.models.is_migration(function.typed.module.name):
        return
    for past in past_listeners(function):
        yield Report(
            past.op.at,
            f"this {past.verb.upper()} flushes no object: `{past.listener}`, which listens to"
            f" `{past.event}` of `{past.model}`, is not called",
            help="change the objects one by one, or do here what the listener does",
            steps=(
                Note(f"listens to `{past.event}`", past.at, past.path),
                Note("not called here", past.op.at),
            ),
        )
