"""SAL529: a table is joined to itself under one name."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, joined_to_itself, kinds, rule


@rule(
    "SAL529",
    "joined-to-itself",
    severity=Severity.ERROR,
    on=calls("join", "outerjoin", receivers=(kinds.SELECT, kinds.QUERY)),
)
def joined_to_itself_under_one_name(call: Call) -> Iterator[Report]:
    """A table is joined to itself, and both sides have the same name.

    ## What it does
    Reports `select(Node).join(Node, ...)`, a second `join(Node, ...)` of a statement, and a join
    along a relationship of a class to itself: `select(Node).join(Node.parent)`.

    ## Why is this bad?
    SQLAlchemy raises InvalidRequestError ("they are the same entity", "Don't know how to join"), or
    the database finds each column twice ("ambiguous column name").

    ## Example
    ```python
    select(Node).join(Node.parent).where(Node.name == "root")
    ```

    ## Use instead
    ```python
    parent = aliased(Node)
    select(Node).join(parent, Node.parent).where(parent.name == "root")
    ```

    ## Fix safety
    No fix: which of the two a criterion means, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Followed through the variables of one function, where there is one way to build the statement.
    A statement that selects another class too has something else to join from.

    ## References
    SQLAlchemy docs, "Adjacency List Relationships": Self-Referential Query Strategies; "Using
    SELECT Statements": ORM Entity Aliases.
    """
    name = joined_to_itself(call)
    if name:
        yield Report(
            call.at,
            f"`{name}` is joined to itself under the same name: InvalidRequestError, or ambiguous"
            " columns",
            help=f"join an alias: `other = aliased({name})`",
        )
