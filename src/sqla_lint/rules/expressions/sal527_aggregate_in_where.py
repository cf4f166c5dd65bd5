"""SAL527: an aggregate in WHERE."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Rename,
    Report,
    Rewrite,
    Severity,
    aggregate_among,
    aggregate_in,
    calls,
    kinds,
    rule,
)

_FILTERED = frozenset({kinds.QUERY, kinds.SELECT, kinds.UPDATE, kinds.DELETE})
_SELECTED = frozenset({kinds.QUERY, kinds.SELECT})


@rule(
    "SAL527",
    "aggregate-in-where",
    severity=Severity.ERROR,
    fix="unsafe",
    on=calls("where", "filter"),
)
def aggregate_in_where(call: Call) -> Iterator[Report]:
    """An aggregate stands in `where()` or `filter()`.

    ## What it does
    Reports `where(func.count(...) > 1)` and the like, also of a labelled aggregate in a variable.

    ## Why is this bad?
    WHERE is decided row by row, before there are groups: the database refuses the statement
    ("misuse of aggregate", "aggregate functions are not allowed in WHERE").

    ## Example
    ```python
    select(User.id).join(User.posts).group_by(User.id).where(func.count(Post.id) > 1)
    ```

    ## Use instead
    ```python
    select(User.id).join(User.posts).group_by(User.id).having(func.count(Post.id) > 1)
    ```

    ## Fix safety
    Unsafe: `having()` needs the groups that are meant. Offered where the aggregate is all there is
    in the call.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Aggregates with `over()` are window functions, those in a subquery have rows of their own;
    neither is reported.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": Aggregate functions with GROUP BY / HAVING.
    """
    if call.name not in ("where", "filter") or call.on.name not in _FILTERED:
        return
    for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
        if arg.keyword:
            continue
        name = aggregate_among(call, arg, kind) if arg.star else aggregate_in(call, arg, kind)
        if name:
            alone = len(call.op.args) == 1 and call.on.name in _SELECTED and not arg.star
            yield Report(
                arg.at,
                f"`func.{name}()` in `{call.name}()` is an aggregate in WHERE, which the database"
                " refuses",
                help="use `having()`, with the `group_by()` that is meant",
                rewrite=Rewrite(
                    "use `having()`", Applicability.UNSAFE, (Rename(call.at, "having"),)
                )
                if alone
                else None,
            )
            return
