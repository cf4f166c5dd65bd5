"""SAL223: what a flush gives to a new object is read before it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Report,
    Severity,
    functions_with,
    kinds,
    read_too_early,
    rule,
)


@rule(
    "SAL223",
    "key-read-before-flush",
    group="preview",
    severity=Severity.ERROR,
    on=functions_with(kinds.MAPPED_CLASS),
)
def key_read_before_flush(function: Function) -> Iterator[Report]:
    """The key of a new object is read, and written elsewhere, before a flush has given it.

    ## What it does
    Reports reads of a primary key, or of a column with a default, of an object that is made in the
    function without a value for it, where nothing on the way from there may have flushed, and what
    is read is given to another mapped object, or to a criterion.

    ## Why is this bad?
    `add()` sends nothing. Primary keys of the database and defaults, those in Python, too, are
    there from the flush on; before it the attribute is None. None is written to the other row, and
    the link between both is lost without an error, or is refused as an IntegrityError; a criterion
    becomes `IS NULL`.

    ## Example
    ```python
    session.add(order)
    session.add(Line(order_id=order.id))
    ```

    ## Use instead
    ```python
    session.add(order)
    session.flush()
    session.add(Line(order_id=order.id))
    ```
    or, with a relationship, `Line(order=order)`.

    ## Fix safety
    No fix: a flush, or a relationship.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent where the class, or one above it, has an `__init__`, where listeners of `init` are in the
    project, and where anything is called of which it is not known that it sends nothing.

    ## References
    SQLAlchemy docs, "Session Basics": Flushing; "Column INSERT/UPDATE Defaults".
    """
    for found in read_too_early(function):
        into = f"None is written to `{found.use}`" if found.use else "the criterion asks for NULL"
        yield Report(
            found.at,
            f"`{found.name}` is None until a flush, and nothing has flushed the new"
            f" `{found.model}`: {into}",
            help="call `flush()` before, or set the relationship instead of the key",
            steps=found.steps,
            path=found.path,
        )
