"""SAL621: a dynamic relationship is taken for a list."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Note,
    Operation,
    Relationship,
    Report,
    Severity,
    dynamic_attribute,
    dynamic_value,
    operations,
    rule,
    sqlalchemy_name,
)

_LIST_ONLY = frozenset({"insert", "pop", "clear", "sort", "reverse", "index", "copy", "discard"})
_EAGER = frozenset({"selectinload", "joinedload", "subqueryload", "contains_eager"})
_NAMES = (None, *sorted(_LIST_ONLY), *sorted(_EAGER), "not")


@rule(
    "SAL621",
    "dynamic-as-list",
    severity=Severity.ERROR,
    on=operations("call", "test", "unary", names=_NAMES),
)
def dynamic_as_list(operation: Operation) -> Iterator[Report]:
    """A relationship with `lazy="dynamic"` is used like a list, or eagerly loaded.

    ## What it does
    Reports `len()` and methods of lists on the value of a dynamic relationship, its truth, and
    loader options that name one.

    ## Why is this bad?
    The value is a query: it has no length (`TypeError: object of type 'AppenderQuery' has no
    len()`) and is always true, whether it has rows or not. It cannot be loaded beforehand either:
    `InvalidRequestError: ... does not support object population`.

    ## Example
    ```python
    posts = relationship("Post", lazy="dynamic")
    ...
    if user.posts:
        print(len(user.posts))
    ```

    ## Use instead
    ```python
    print(user.posts.count())
    ```

    ## Fix safety
    No fix: the author may want a query or a list.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only where the value is used right where it is read.

    ## References
    SQLAlchemy docs, "Working with Large Collections": Dynamic Relationship Loaders.
    """
    op = operation.op
    place, why, advice = op.at, "", "ask the database: `.count()`, `.first()`, or take `.all()`"
    relation: Relationship | None = None
    if op.do in ("test", "unary"):
        relation = dynamic_value(operation, op.on)
        why = "is always true, whether it has rows or not"
    elif op.name in _LIST_ONLY:
        relation = dynamic_value(operation, op.on)
        why = f"has no `{op.name}()`: AttributeError"
    elif len(op.args) > 0 and (op.name or op.on) in ("len", "reversed"):
        place, relation = op.args[0].at, dynamic_value(operation, op.args[0].value)
        why = "has no length: TypeError"
    elif op.args and (op.name in _EAGER or sqlalchemy_name(operation).rpartition(".")[2] in _EAGER):
        place, relation = op.args[0].at, dynamic_attribute(operation, operation.arg_kinds[0])
        why = "cannot be loaded eagerly: InvalidRequestError"
        advice = 'drop the option, or the relationship\'s `lazy="dynamic"`'
    if relation is not None:
        yield Report(
            place,
            f"`{relation.name}` is a dynamic relationship: its value is a query, which {why}",
            help=advice,
            steps=(Note("it is defined here", relation.at, relation.path),),
        )
