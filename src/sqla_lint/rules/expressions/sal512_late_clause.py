"""SAL512: a clause comes too late on a Query."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Call,
    Report,
    Severity,
    calls,
    is_never_reached,
    kinds,
    limited_before,
    rule,
)

_BEFORE_LIMIT = frozenset(
    {"filter", "filter_by", "where", "order_by", "group_by", "having", "join", "outerjoin"}
)
_NO_WRITE = {
    "limited": "limit() or offset()",
    "ordered": "order_by()",
    "joined": "join()",
    "grouped": "group_by()",
    "distinct": "distinct()",
}


@rule(
    "SAL512",
    "late-clause",
    severity=Severity.ERROR,
    on=calls(receivers=[kinds.QUERY]),
)
def late_clause(call: Call) -> Iterator[Report]:
    """A Query gets a clause that cannot follow what it already has.

    ## What it does
    Reports `filter()`, `order_by()`, `join()` and the like after `limit()` or `offset()`, and
    `delete()` or `update()` of a Query that is limited, ordered, joined, grouped or distinct.

    ## Why is this bad?
    `InvalidRequestError: Query.filter() being called on a Query which already has LIMIT or OFFSET
    applied`, or `Can't call Query.update() or Query.delete() when order_by() has been called`.

    ## Example
    ```python
    session.query(User).limit(10).filter(User.age > 30).all()
    ```

    ## Use instead
    ```python
    session.query(User).filter(User.age > 30).limit(10).all()
    ```

    ## Fix safety
    No fix: the author must say whether the limit or the clause comes first.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only a Query: `select().limit().where()` is fine, the order of the calls does not matter there.
    A limit that only some ways set is followed through helpers, unless a test beside it says the
    opposite of one beside the clause.

    ## References
    SQLAlchemy docs, "Legacy Query API": Query.limit(), Query.delete().
    """
    if call.on.name != kinds.QUERY:
        return
    has = call.on.traits
    if call.name in _BEFORE_LIMIT:
        if call.op.args and all(kind.name == kinds.NONE for kind in call.arg_kinds):
            return  # order_by(None) takes a clause away
        step = limited_before(call)
        if (step is None and "limited" not in has) or is_never_reached(call):
            return
        yield Report(
            call.at,
            f"`{call.name}()` after `limit()` or `offset()` raises InvalidRequestError",
            help=f"call `{call.name}()` before `limit()`",
            steps=() if step is None or "limited" in has else (step,),
        )
    elif call.name in ("update", "delete"):
        for trait, clause in _NO_WRITE.items():
            if trait in has:
                yield Report(
                    call.at,
                    f"`{call.name}()` of a Query with {clause} raises InvalidRequestError",
                    help=f"filter by the primary keys of a subquery, or leave {clause} out",
                )
                return
