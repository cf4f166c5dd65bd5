"""SAL219: a row is locked, and its object keeps what it had before."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Function,
    Note,
    Relock,
    Replace,
    Report,
    Rewrite,
    Severity,
    functions_with,
    kinds,
    relocks,
    rule,
)


@rule(
    "SAL219",
    "lock-without-refresh",
    group="preview",
    severity=Severity.WARNING,
    fix="unsafe",
    on=functions_with(kinds.ENTITY),
)
def lock_without_refresh(function: Function) -> Iterator[Report]:
    """A row is locked whose object the session has loaded before.

    ## What it does
    Reports `with_for_update()` for a row that was loaded in the same transaction before, where
    nothing says `populate_existing`.

    ## Why is this bad?
    The statement waits for the lock and reads the row as it is then, but the session finds the
    object it has already and leaves its values as they were: what another transaction committed in
    between is lost, although the row is locked.

    ## Example
    ```python
    account = session.get(Account, key)
    check(account)
    account = session.scalars(select(Account).where(Account.id == key).with_for_update()).one()
    account.balance -= amount
    ```

    ## Use instead
    ```python
    account = session.get(Account, key)
    check(account)
    session.refresh(account, with_for_update=True)
    account.balance -= amount
    ```

    ## Fix safety
    Unsafe: changes of the object that were not flushed are overwritten.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only where both statements name the row by the same value, or the second by the first's object.

    ## References
    SQLAlchemy docs, "ORM API Features for Querying": Populate Existing.
    """
    for lock in relocks(function):
        model = lock.model.rpartition(":")[2].rpartition(".")[2]
        yield Report(
            lock.op.at,
            f"this locks a row whose `{model}` is loaded already: the object keeps the values it"
            " had before the lock",
            help="add `populate_existing`, or `session.refresh(..., with_for_update=True)`",
            steps=(
                Note("loaded here", lock.loaded),
                Note("locked here, and not loaded again", lock.op.at),
            ),
            rewrite=_rewrite(lock),
        )


def _rewrite(lock: Relock) -> Rewrite | None:
    if lock.how in ("called", "get"):
        return None
    called = "populate_existing()"
    if lock.how == kinds.SELECT:
        called = "execution_options(populate_existing=True)"
    return Rewrite(
        "load the object anew",
        Applicability.UNSAFE,
        (Replace(lock.at, f"{{0}}.{called}", (lock.at,)),),
    )
