"""SAL905: `Query.get()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    flask_db_name,
    kinds,
    of_every_version,
    operations,
    receiver,
    rule,
)


@rule(
    "SAL905",
    "query-get",
    severity=Severity.WARNING,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("call", names=("get",)),
)
@of_every_version
def query_get(operation: Operation) -> Iterator[Report]:
    """`Query.get()` instead of `Session.get()`.

    ## What it does
    Reports `session.query(Model).get(key)` and `Model.query.get(key)`.

    ## Why is this bad?
    Deprecated in 1.4, it warns since 2.0 (`LegacyAPIWarning`). `Session.get()` says the same
    without a query.

    ## Example
    ```python
    user = session.query(User).get(1)
    ```

    ## Use instead
    ```python
    user = session.get(User, 1)
    ```

    ## Fix safety
    Safe: the Query's `get()` calls the Session's. For `Model.query` it needs the name of the
    `SQLAlchemy()` object in the file.

    ## Versions
    2.0 and 2.1; `Session.get()` came with 1.4.

    ## Limits
    A query that has filters or options is reported without a fix.

    ## References
    SQLAlchemy docs, "2.0 Migration": ORM Query - get() method moves to Session. Warning `b8d9`.
    """
    if operation.on.name != kinds.QUERY or operation.function.target < (2, 0):
        return
    if "subclass" in operation.on.traits or operation.result.name == kinds.UNKNOWN:
        return
    yield Report(
        operation.at,
        "`Query.get()` is a legacy method since SQLAlchemy 2.0: LegacyAPIWarning",
        help="write `session.get(Model, key)`",
        rewrite=_through_session(operation),
    )


_WHAT = "ask the session"


def _through_session(operation: Operation) -> Rewrite | None:
    op = operation.op
    if len(op.args) != 1 or op.args[0].star or op.args[0].keyword not in (None, "ident"):
        return None
    key = op.args[0].at
    made = operation.function.maker(op.on)
    if made is not None and made.op.do == "call" and made.op.name == "query":
        if made.on.name not in (kinds.SESSION, kinds.SCOPED_SESSION) or len(made.op.args) != 1:
            return None
        if made.op.args[0].star or made.arg_kinds[0].name != kinds.MAPPED_CLASS:
            return None
        refs = (receiver(made.op), made.op.args[0].at, key)
        edit = Replace(op.at, "{0:primary}.get({1}, {2})", refs)
        return Rewrite(_WHAT, Applicability.SAFE, (edit,))
    db = flask_db_name(operation.function)
    if made is None and isinstance(op.on, str) and op.on.endswith(".query") and db:
        # `Model.query.get`: the call, its callee, `Model.query`, `Model`
        model = receiver(op) + 1
        edit = Replace(op.at, f"{db}.session.get({{0}}, {{1}})", (model, key))
        return Rewrite(_WHAT, Applicability.SAFE, (edit,))
    return None
