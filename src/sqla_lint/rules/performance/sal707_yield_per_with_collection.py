"""SAL707: rows are read in portions, and collections need all of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Report, Severity, functions_with, kinds, portions, rule


@rule(
    "SAL707",
    "yield-per-with-collection",
    severity=Severity.ERROR,
    on=functions_with(kinds.QUERY, kinds.SELECT, kinds.SCALARS, kinds.RESULT),
)
def yield_per_with_collection(function: Function) -> Iterator[Report]:
    """A statement is read with `yield_per` and loads collections by a join or subquery.

    ## What it does
    Reports statements and queries with `yield_per` whose options or mapping load collections with
    `joinedload()`, `contains_eager()` or `subqueryload()`.

    ## Why is this bad?
    A collection is complete when all rows are there: `InvalidRequestError: Can't use yield_per with
    eager loaders that require uniquing or row buffering`. `yield_per()` of a result with `unique()`
    raises in 2.1; before, collections lose what the next portion holds.

    ## Example
    ```python
    session.query(User).options(joinedload(User.addresses)).yield_per(100)
    ```

    ## Use instead
    ```python
    session.query(User).options(selectinload(User.addresses)).yield_per(100)
    ```

    ## Fix safety
    No fix: the collections may be needed, or not.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only relationships that are surely collections; `subqueryload()` of any relationship.

    ## References
    SQLAlchemy docs, "ORM API Features for Querying": Fetching Large Result Sets with Yield Per.
    """
    for found in portions(function):
        harm = (
            "`yield_per()` gives collections that lack rows of the next portion, and raises"
            " InvalidRequestError from 2.1 on"
            if found.split
            else "with `yield_per` it raises InvalidRequestError"
        )
        yield Report(
            found.op.at,
            f"this loads collections by {found.how}, which needs all rows at once: {harm}",
            help="load them with `selectinload()`, or do without `yield_per`",
        )
