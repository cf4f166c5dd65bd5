"""SAL213: a network call, a process or a sleep while a transaction is open."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    OPEN_WHILE_WAITING,
    SOCKETS,
    Confidence,
    Function,
    Report,
    Root,
    Severity,
    first_by_mark,
    kinds,
    rule,
    waiting_calls,
)

_KINDS = (kinds.SESSION, kinds.CONNECTION)


@rule(
    "SAL213",
    "io-inside-transaction",
    group="preview",
    severity=Severity.WARNING,
    on=IN_TRANSACTIONS,
)
def io_inside_transaction(function: Function) -> Iterator[Report]:
    """The function waits for a network or a process while its transaction is open.

    ## What it does
    Knows the calls of common libraries that wait (`requests`, `httpx`, `aiohttp`, `urllib`,
    `smtplib`, `subprocess`, `sleep`), and reports one that runs between the first write of a
    Session or Connection and its commit; and waiting for the next message of a WebSocket in any
    transaction. With `--pedantic` also other calls where the transaction has only read.

    ## Why is this bad?
    The connection is not in the pool meanwhile, and on the server the session is idle in
    transaction: it keeps its locks, and old row versions cannot be cleaned up. A slow partner then
    stops everybody who needs a connection or one of those rows.

    ## Example
    ```python
    with Session(engine) as session:
        order = session.get_one(Order, number)
        order.state = "paying"
        session.flush()
        receipt = requests.post(url, json={"amount": order.amount}, timeout=60)
        order.receipt = receipt.text
        session.commit()
    ```

    ## Use instead
    ```python
    with Session(engine) as session:
        order = session.get_one(Order, number)
        order.state = "paying"
        amount = order.amount
        session.commit()
        receipt = requests.post(url, json={"amount": amount}, timeout=60)
        order.receipt = receipt.text
        session.commit()
    ```

    ## Fix safety
    No fix: it changes what is one unit of work.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only calls of known libraries, and of functions of the project that make one on every way
    through them, or on every way that no earlier `return` ends.

    ## References
    SQLAlchemy docs, "Session Basics": When do I construct a Session, when do I commit it.
    """
    if function.entry in ("test", "fixture"):
        return
    slow = waiting_calls(function)
    if not slow:
        return
    own = (
        *function.made(*_KINDS),
        *function.borrowed_in_block(*_KINDS),
        *function.lent(*_KINDS),
    )
    there = function.handles(*_KINDS, kinds.SCOPED_SESSION)
    roots = tuple(
        {
            root: None
            for root in (*own, *there)
            if not function.is_legacy(root.kind) and "autocommit" not in root.kind.traits
        }
    )
    solution = function.solve(OPEN_WHILE_WAITING, roots, watched=dict.fromkeys(slow, "slow"))
    said: set[int] = set()
    for end in first_by_mark(solution.ends, "fault"):
        if end.trail is None or end.trail.op.at in said or end.tier is not Confidence.PLAIN:
            continue
        if end.state == "held" and end.root not in own and not _commits(function, end.root):
            continue  # who has begun, and why, is not known here
        said.add(end.trail.op.at)
        name = function.name_of(end.root)
        called = next(
            label for position, label in slow.items() if function.op(position) is end.trail.op
        )
        op = end.trail.op
        inside = "" if called.endswith(f"{op.name or op.on}") else f" in `{op.name or op.on}()`"
        yield Report(
            end.trail.op.at,
            f"`{called}`{inside} waits while the transaction of {name} is open: its connection"
            + (" and locks are" if end.state == "locked" else " is")
            + " held all the while",
            help="end the transaction before the call, and begin another after it",
            steps=function.path(end.trail),
            group="pedantic" if end.state == "held" and called not in SOCKETS else None,
        )


def _commits(function: Function, root: Root) -> bool:
    """The unit of work of a caller's session is the function's own: it commits it."""
    return root.kind.owner == "caller" and any(
        "commit" in use.happening.events for use in function.uses(root)
    )
