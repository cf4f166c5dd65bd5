"""SAL516: a joined eager collection is read without `unique()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    joins_collection,
    kinds,
    operations,
    receiver,
    rule,
)

_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})
# `first()` and `scalar()` read one row and are fine.
_READS = frozenset(
    {"all", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "partitions"}
    | {"fetchall", "fetchmany", "fetchone"}
)
_READERS = frozenset({"builtins.list", "builtins.set", "builtins.tuple", "builtins.sorted"})


@rule(
    "SAL516",
    "joined-eager-without-unique",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("call", "next"),
)
def joined_eager_without_unique(operation: Operation) -> Iterator[Report]:
    """The result of a joined eager collection is read without `unique()`.

    ## What it does
    Reports reads of a Result whose `select()` loads a collection with `joinedload()` or
    `contains_eager()`, or because the mapping says `lazy="joined"`.

    ## Why is this bad?
    `InvalidRequestError: The unique() method must be invoked on this Result, as it contains
    results that include joined eager loads against collections`.

    ## Example
    ```python
    session.scalars(select(User).options(joinedload(User.addresses))).all()
    ```

    ## Use instead
    ```python
    session.scalars(select(User).options(joinedload(User.addresses))).unique().all()
    ```

    ## Fix safety
    Safe: every read raised before.

    ## Versions
    1.4 (`session.execute(select(...))`), 2.0 and 2.1. A Query does it by itself.

    ## Limits
    Only relationships that are surely collections. `first()` and `session.scalar()` are fine.

    ## References
    SQLAlchemy docs, "Relationship Loading Techniques": Joined Eager Loading.
    """
    op = operation.op
    if op.do == "call" and op.name in _READS and operation.on.name in _RESULTS:
        kind, at = operation.on, receiver(op)
    elif op.do == "next" and operation.on.name in _RESULTS:
        kind, at = operation.on, op.at
    elif op.do == "call" and op.name is None and operation.on.label in _READERS and op.args:
        kind, at = operation.arg_kinds[0], op.args[0].at
        if kind.name not in _RESULTS or op.args[0].star:
            return
    else:
        return
    if not joins_collection(operation.function.project, kind):
        return
    yield Report(
        op.at,
        "this result holds collections loaded by a join: reading it without `unique()` raises"
        " InvalidRequestError",
        help="call `.unique()` first, or load the collection with `selectinload()`",
        rewrite=Rewrite(
            "call `.unique()` first",
            Applicability.SAFE,
            (Replace(at, "{0:primary}.unique()", (at,)),),
        ),
    )
