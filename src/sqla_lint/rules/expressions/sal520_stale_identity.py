"""SAL520: objects of the session that a bulk write leaves behind, or cannot be held against."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    functions_with,
    kinds,
    polled,
    rule,
    stale_reads,
    unevaluable,
)


@rule(
    "SAL520",
    "stale-identity",
    group="preview",
    severity=Severity.ERROR,
    on=functions_with(kinds.QUERY, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.ENTITY),
)
def stale_identity(function: Function) -> Iterator[Report]:
    """An object of the session keeps its values while the row in the database changes.

    ## What it does
    Reports reads of loaded objects after an UPDATE of the same rows in the same session with
    `synchronize_session=False`, of the table or as text. Also bulk writes whose criteria the
    session must evaluate in Python and cannot: `synchronize_session="evaluate"`, in 1.4 the
    default, with columns of other classes, subqueries, functions, `like()`. And loops that wait
    for a column of an object to change, and ask the same session for it in each turn.

    ## Why is this bad?
    The object keeps the values it was loaded with, and the next flush may write them back. Criteria
    that cannot be evaluated raise `InvalidRequestError: Could not evaluate current criteria in
    Python`. A session that has an object gives it again as it is, and a loop that waits for another
    value waits for ever.

    ## Example
    ```python
    user = session.get(User, 1)
    session.query(User).filter(User.id == 1).update({"age": 99}, synchronize_session=False)
    return user.age
    ```

    ## Use instead
    ```python
    user = session.get(User, 1)
    session.query(User).filter(User.id == 1).update({"age": 99}, synchronize_session="fetch")
    return user.age
    ```

    ## Fix safety
    No fix: whether the objects are to be kept, refreshed or expired, the author must say.

    ## Versions
    1.4, 2.0 and 2.1. Without `synchronize_session`, 1.4 evaluates; later versions fetch what they
    cannot evaluate.

    ## Limits
    Only statements that name the rows as the object's own statement did, or by the object itself;
    functions that the function calls may load the object and run the statement. Deleted objects,
    and rows that `bulk_update_mappings()` writes, are not followed.

    ## References
    SQLAlchemy docs, "ORM-Enabled INSERT, UPDATE, and DELETE statements": Selecting a
    Synchronization Strategy.
    """
    seen: set[int] = set()
    for read in stale_reads(function):
        if read.op.at in seen:
            continue
        seen.add(read.op.at)
        model = _name(read.origin.model)
        written = read.write.operation.op
        yield Report(
            read.op.at,
            f"`{model}.{read.attribute.name}` was changed by a statement that this session's"
            " objects do not know of: the value read here is the old one",
            help="`session.refresh()` or `session.expire()` the object first, or let the session"
            ' follow: `synchronize_session="fetch"`',
            steps=(
                Note("loaded here", function.op(read.origin.root.position).at),
                Note("changed in the database only here", written.at),
                *(() if read.write.there is None else (read.write.there,)),
                Note("read here", read.op.at),
            ),
        )
    for found in unevaluable(function):
        yield Report(
            found.at,
            f"{found.what} cannot be evaluated in Python: this `{found.write.verb}()` raises"
            " InvalidRequestError",
            help='give `synchronize_session="fetch"`, or False when no objects are loaded',
        )
    yield from _waiting(function)


def _waiting(function: Function) -> Iterator[Report]:
    for one in polled(function):
        model = _name(one.model)
        yield Report(
            one.op.at,
            f"in each turn this session gives the `{model}` that it has: its `{one.attribute}`"
            " stays what it was, whatever others have written",
            help="`session.refresh()` it in the loop, or end the transaction before the next turn:"
            " `session.rollback()`",
        )


def _name(label: str) -> str:
    return label.rpartition(":")[2].rpartition(".")[2]
