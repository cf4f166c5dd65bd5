"""SAL204: several writes, each committed by itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import IN_TRANSACTIONS, Function, Report, Severity, rule, writes_alone


@rule(
    "SAL204",
    "partial-write",
    group="preview",
    severity=Severity.ERROR,
    versions="1.4",
    on=IN_TRANSACTIONS,
)
def partial_write(function: Function) -> Iterator[Report]:
    """Several writes of one function are each committed by themselves.

    ## What it does
    For programs written for 1.4: reports the second of several INSERT, UPDATE or DELETE that a
    function executes on an Engine, or on a Connection of a 1.4 engine outside of any transaction.

    ## Why is this bad?
    Without `future=True` the library commits each of them at once. When the second fails, or the
    process ends between them, the first stays: money that was taken and never given.

    ## Example
    ```python
    def move(a: int, b: int) -> None:
        engine.execute(accounts.update().where(accounts.c.id == a).values(n=accounts.c.n - 1))
        engine.execute(accounts.update().where(accounts.c.id == b).values(n=accounts.c.n + 1))
    ```

    ## Use instead
    ```python
    def move(a: int, b: int) -> None:
        with engine.begin() as conn:
            conn.execute(accounts.update().where(accounts.c.id == a).values(n=accounts.c.n - 1))
            conn.execute(accounts.update().where(accounts.c.id == b).values(n=accounts.c.n + 1))
    ```

    ## Fix safety
    No fix: which statements belong together, the author must say.

    ## Versions
    1.4 without `future=True`; later versions begin a transaction by themselves.

    ## Limits
    Statements on ways that exclude each other are not told apart when they stand in loops.

    ## References
    SQLAlchemy docs, "Migrating to SQLAlchemy 2.0": Library-level autocommit removed.
    """
    if function.target >= (2, 0) or function.entry in ("test", "fixture") or function.is_module:
        return
    found = writes_alone(function)
    if len(found) > 1:
        first, second = found[0], found[1]
        yield Report(
            second.at,
            f"this write and the one before it on `{first.on}` are committed one by one: when this"
            " fails, the first stays",
            help="do both in `with engine.begin() as conn:`",
        )
