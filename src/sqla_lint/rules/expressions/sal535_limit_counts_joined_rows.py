"""SAL535: a LIMIT counts the rows of a collection that is joined."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, pages_of_rows, rule


@rule(
    "SAL535",
    "limit-counts-joined-rows",
    severity=Severity.WARNING,
    on=calls("options", "join", "outerjoin", receivers=(kinds.SELECT, kinds.QUERY)),
)
def limit_counts_joined_rows(call: Call) -> Iterator[Report]:
    """A LIMIT counts the rows of a collection that is joined, not the entities.

    ## What it does
    Reports statements that select one entity, join a collection of it (one-to-many or
    many-to-many), and are limited: `limit()`, `offset()`, `slice()`, `query[0:20]`, Flask's
    `paginate()`. With `contains_eager()` of the collection also `first()` of a Query.

    ## Why is this bad?
    The join gives one row for each author and book, and LIMIT counts these: a page of 20 holds
    fewer than 20 authors, the last of them comes with a part of its books only, and the next page
    begins with the rest of it. `joinedload()` is not hurt: SQLAlchemy puts the LIMIT into a
    subquery.

    ## Example
    ```python
    select(Author).join(Author.books).options(contains_eager(Author.books)).limit(20)
    ```

    ## Use instead
    ```python
    select(Author).options(selectinload(Author.books)).limit(20)
    ```

    ## Fix safety
    No fix: with criteria on the collection, the LIMIT belongs into a subquery of the entities.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent where a criterion asks for one entity by its key, or compares a column of another table
    with a value: one translation of each article is one row. A limit in a function that is not of
    the project is not seen.

    ## References
    SQLAlchemy docs, "Relationship Loading Techniques": Explicit Joins/Statements into Eagerly
    Loaded Collections; The Importance of Ordering; The Zen of Joined Eager Loading.
    """
    for found in pages_of_rows(call):
        name, what = found.entity, found.collection
        if found.first:
            harm = f"`first()` gives a `{name}` with one row of `{what}` only"
        elif found.how == "contained":
            harm = f"a page holds fewer `{name}`, and the last with a part of its `{what}` only"
        else:
            harm = f"each `{name}` takes a place on the page for every row of its `{what}`"
        yield Report(
            found.at,
            f"the LIMIT counts the rows of this join: {harm}",
            help="load the collection with `selectinload()`, and put what is asked of it into"
            f" `{what}.any(...)`, or limit a subquery of `{name}`",
            steps=(found.limit,),
        )
