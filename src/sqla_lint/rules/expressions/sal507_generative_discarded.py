"""SAL507: the new statement of a generative method is thrown away."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_never_reached,
    kinds,
    operations,
    rule,
)

_STATEMENTS = frozenset(
    {kinds.SELECT, kinds.QUERY, kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT}
)


@rule(
    "SAL507",
    "generative-discarded",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("call", receivers=_STATEMENTS | {kinds.URL}),
)
def generative_discarded(operation: Operation) -> Iterator[Report]:
    """A method that returns a changed copy is called as a statement, and the copy is thrown away.

    ## What it does
    Reports `stmt.where(...)`, `query.filter(...)`, `stmt.values(...)` and the like as a statement
    of their own; also `url.set(...)` and the like of a URL.

    ## Why is this bad?
    These methods return a new statement and leave the old one as it is: the condition, order or
    values are silently missing when the old one runs.

    ## Example
    ```python
    stmt = select(User)
    stmt.where(User.id == 1)
    ```

    ## Use instead
    ```python
    stmt = select(User)
    stmt = stmt.where(User.id == 1)
    ```

    ## Fix safety
    Safe where the statement is a plain variable: there is one possible intent.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only methods that the catalog knows to be generative. Silent behind an option of the function
    that no call gives.

    ## References
    SQLAlchemy docs, "SELECT and Related Constructs": generative methods.
    """
    op = operation.op
    member = operation.member()
    if member is None or not op.discarded:
        return
    url = operation.on.name == kinds.URL and member.returns == kinds.URL
    if not url and not (member.generative and operation.on.name in _STATEMENTS):
        return
    start = operation.function.chain_start(op.on)
    if isinstance(start, str) and start[0] == "%":
        return  # SAL508
    if is_never_reached(operation):
        return
    name = op.on if isinstance(op.on, str) and op.on.isidentifier() else None
    what, usual = ("URL", "url") if url else ("statement", "stmt")
    yield Report(
        op.at,
        f"`{op.name}()` returns a new {what}, which is thrown away: the old one is unchanged",
        help=f"assign it: `{name or usual} = {name or usual}.{op.name}(...)`",
        rewrite=Rewrite(
            "assign it", Applicability.SAFE, (Replace(op.at, f"{name} = {{0}}", (op.at,)),)
        )
        if name
        else None,
    )
