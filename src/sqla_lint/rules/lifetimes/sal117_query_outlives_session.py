"""SAL117: a query or unread result that is returned from a session that is closed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    HANDED_OUT,
    End,
    Function,
    Kind,
    Op,
    Report,
    Severity,
    ends_by_object,
    functions_with,
    kinds,
    returned_generators,
    rule,
)


@rule(
    "SAL117",
    "query-outlives-session",
    severity=Severity.ERROR,
    on=functions_with(kinds.SESSION),
)
def query_outlives_session(function: Function) -> Iterator[Report]:
    """A query, or a result whose entities were not read, is returned from a closed session.

    ## What it does
    Reports functions that make a Session, return a `Query` or a result of entities from it, or a
    generator expression over one, and close it on the way out.

    ## Why is this bad?
    A Query runs when the caller reads it: the closed Session takes a connection again, which nobody
    gives back. A result's entities cannot be loaded any more: `InvalidRequestError`.

    ## Example
    ```python
    def adults():
        with Session(engine) as session:
            return session.query(User).filter(User.age >= 18)
    ```

    ## Use instead
    ```python
    def adults():
        with Session(engine) as session:
            return session.query(User).filter(User.age >= 18).all()
    ```

    ## Fix safety
    No fix: whether callers want a list, or to filter further in a session of theirs, is not known.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Results of columns are not reported: most drivers have fetched their rows already; nor are those
    of an AsyncSession, which has read all rows, unless it was asked for a stream. Sessions that
    are injected or kept by a registry outlive the function.

    ## References
    SQLAlchemy docs, "Session Basics": Closing.
    """
    roots = (*function.made(kinds.SESSION), *function.entered(kinds.SESSION))
    for end in ends_by_object(function.solve(HANDED_OUT, roots).ends, "fault"):
        op = _returned(end)
        kind = _kind(function, op) if op is not None else None
        if op is None or kind is None:
            continue
        name = function.name_of(end.root)
        if kind.name == kinds.QUERY:
            yield Report(
                op.at,
                f"this query runs after {name} was closed: the session takes a connection again,"
                " which nothing gives back",
                help="return its rows: `.all()`",
                steps=function.path(end.trail),
            )
        elif end.root.kind.is_async and not kind.is_async:
            continue  # an AsyncSession reads all rows at once, unless it was asked for a stream
        elif any(of.name == kinds.MAPPED_CLASS for of in kind.of):
            yield Report(
                op.at,
                f"this result is read after {name} was closed: its entities raise"
                " InvalidRequestError",
                help="return its rows: `.all()`",
                steps=function.path(end.trail),
            )

    for made in returned_generators(function):
        name = function.name_of(made.root)
        runs = made.source.name == kinds.QUERY
        if made.root.kind.is_async and not made.source.is_async:
            continue
        yield Report(
            made.at.at,
            f"this generator is read after {name} was closed: "
            + (
                "its query takes a connection again, which nothing gives back"
                if runs
                else "its entities raise InvalidRequestError"
            ),
            help="return a list: `[… for … in …]`",
        )


def _returned(end: End) -> Op | None:
    trail = end.trail
    while trail is not None:
        if trail.op.do == "return":
            return trail.op
        trail = trail.before
    return None


def _kind(function: Function, returned: Op) -> Kind | None:
    for operation in function.operations():
        if operation.op is returned:
            return operation.on
    return None
