"""SAL911: wrapped and chained queries."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    of_every_version,
    operations,
    receiver,
    rule,
)

_GONE = {
    "from_self": "select from `aliased(Model, query.subquery())`",
    "select_entity_from": "select from `aliased(Model, subquery)`",
    "with_polymorphic": "use the function `with_polymorphic()`",
}
_JOINS = frozenset({"join", "outerjoin"})
_JOIN_WORDS = ("aliased", "from_joinpoint")


@rule(
    "SAL911",
    "query-rewrapping",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("call", names=(*_GONE, *_JOINS)),
)
@of_every_version
def query_rewrapping(operation: Operation) -> Iterator[Report]:
    """A Query is wrapped or joined in a way that 2.0 no longer knows.

    ## What it does
    Reports `Query.from_self()`, `select_entity_from()`, `join(..., aliased=True)`, `join(...,
    from_joinpoint=True)`, and several relationships in one `join()`.

    ## Why is this bad?
    Removed in 2.0: `AttributeError`, `TypeError` or `InvalidRequestError`.

    ## Example
    ```python
    query = session.query(User).join(User.posts, Post.tags)
    ```

    ## Use instead
    ```python
    query = session.query(User).join(User.posts).join(Post.tags)
    ```

    ## Fix safety
    Safe for several relationships in one join; otherwise the alias must be named by the author.

    ## Versions
    2.0 and 2.1; the new spelling also works in 1.4.

    ## Limits
    Only receivers that are surely a Query.

    ## References
    SQLAlchemy docs, "2.0 Migration": ORM Query - Chaining using multiple attributes; join(...,
    aliased=True); from_self().
    """
    op, on = operation.op, operation.on
    if on.name != kinds.QUERY or operation.function.target < (2, 0) or "subclass" in on.traits:
        return
    if op.name in _GONE:
        yield Report(
            op.at,
            f"`Query.{op.name}()` was removed in SQLAlchemy 2.0: AttributeError",
            help=_GONE[op.name],
        )
    if op.name not in _JOINS:
        return
    for arg in op.args:
        if arg.keyword in _JOIN_WORDS:
            yield Report(
                op.at,
                f"`{op.name}()` has no `{arg.keyword}` since SQLAlchemy 2.0: TypeError",
                help="join an `aliased()` class",
            )
            return
    paths = [
        arg
        for arg, kind in zip(op.args, operation.arg_kinds, strict=True)
        if not arg.keyword and not arg.star and "relationship" in kind.traits
    ]
    if len(paths) > 1 and len(paths) == len(op.args):
        joins = "".join(f".{op.name}({{{i}}})" for i in range(1, len(paths) + 1))
        refs = (receiver(op), *(arg.at for arg in paths))
        edit = Replace(op.at, "{0:primary}" + joins, refs)
        yield Report(
            op.at,
            f"`{op.name}()` takes one relationship since SQLAlchemy 2.0: InvalidRequestError",
            help=f"write one `{op.name}()` for each",
            rewrite=Rewrite("one join for each", Applicability.SAFE, (edit,)),
        )
