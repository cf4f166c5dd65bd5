"""SAL206: work after a commit inside a `begin()` block."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    BEGIN_BLOCK,
    BEGUN_BLOCK,
    IN_TRANSACTIONS,
    Function,
    Report,
    Severity,
    ends_by_object,
    is_lent_begun,
    kinds,
    rule,
)

_KINDS = (kinds.SESSION, kinds.CONNECTION)


@rule("SAL206", "commit-inside-begin", severity=Severity.ERROR, on=IN_TRANSACTIONS)
def commit_inside_begin(function: Function) -> Iterator[Report]:
    """`commit()` or `rollback()` inside a `begin()` block is followed by more work in it.

    ## What it does
    Follows Connections and Sessions through `with x.begin():`, also that of an engine or a session
    factory, or of a context manager or dependency of the project, and reports a statement that
    comes after the transaction of the block was committed or rolled back by hand.

    ## Why is this bad?
    `InvalidRequestError: Can't operate on closed transaction inside context manager`. As the last
    statement of the block a commit is only redundant.

    ## Example
    ```python
    with session.begin():
        session.add(first)
        session.commit()
        session.add(second)
    ```

    ## Use instead
    ```python
    with session.begin():
        session.add(first)
        session.add(second)
    ```

    ## Fix safety
    No fix: one transaction or two, the author must say.

    ## Versions
    1.4 (Sessions), 2.0 and 2.1.

    ## Limits
    Blocks that the function enters itself, and those around the `yield` of what lends it a session.

    ## References
    SQLAlchemy docs, "Transactions and Connection Management": Framing out a begin / commit /
    rollback block.
    """
    roots = (
        *function.made(*_KINDS),
        *function.handles(*_KINDS),
    )
    lent = (root for root in function.handles(*_KINDS) if root.kind.owner == "managed")
    given = (*function.borrowed_in_block(*_KINDS), *lent)
    begun = [r for r in given if "begin" in r.kind.traits or is_lent_begun(function, r.kind)]
    ends = (
        *function.solve(BEGIN_BLOCK, roots).ends,
        *function.solve(BEGUN_BLOCK, tuple(begun)).ends,
    )
    for end in ends_by_object(ends, "fault"):
        if end.trail is None:
            continue
        name = function.name_of(end.root)
        yield Report(
            end.trail.op.at,
            f"the transaction of the block has ended: {name} raises InvalidRequestError here",
            help="leave the commit to the block, or do the rest in a block of its own",
            steps=function.path(end.trail),
        )
