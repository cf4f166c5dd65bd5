"""SAL701: a relationship is loaded object by object in a loop."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Report,
    Severity,
    eager_option,
    functions_with,
    kinds,
    lazy_loads_in_loops,
    option_text,
    rule,
    template_of,
    way_of,
)


@rule(
    "SAL701",
    "lazy-load-in-loop",
    severity=Severity.WARNING,
    fix="unsafe",
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION),
)
def lazy_load_in_loop(function: Function) -> Iterator[Report]:
    """An attribute that was not loaded with its objects is read for each of them.

    ## What it does
    Follows the objects of a statement, and those that their relationships lead to, into loops,
    comprehensions, `sorted(key=...)`, helpers, methods, properties, fields of plain objects,
    marshmallow schemas, pydantic models, `dataclasses.asdict()`, Jinja templates and the response
    models of FastAPI routes, and reports relationships and deferred columns that neither the
    statement nor the mapping loads with them; also objects that a commit has expired and a loop
    reads again.

    ## Why is this bad?
    Each read runs a statement of its own: a hundred objects are a hundred and one round trips.

    ## Example
    ```python
    for customer in session.scalars(select(Customer)):
        print(customer.name, len(customer.orders))
    ```

    ## Use instead
    ```python
    for customer in session.scalars(select(Customer).options(selectinload(Customer.orders))):
        print(customer.name, len(customer.orders))
    ```

    ## Fix safety
    Unsafe: the rows are the same, but all of them are loaded, also those the loop skips.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Not in tests. A many-to-one whose targets the function has loaded itself, or which a criterion
    ties to one object, is found in the session without a statement. Templates are looked for by
    name in folders `templates`. Under asyncio such a read
    raises: SAL803.

    ## References
    SQLAlchemy docs, "Relationship Loading Techniques"; "What Kind of Loading to Use?".
    """
    if function.entry == "test":
        return
    for read in lazy_loads_in_loops(function):
        name = f"{read.model}.{read.attribute.name}"
        if read.expired:
            yield Report(
                read.op.at,
                f"each `{read.model}` of this loop has expired with the commit, and is loaded again"
                f" with a statement of its own when `{name}` is read",
                help="read it before the commit, or make the session with `expire_on_commit=False`",
                steps=way_of(function, read),
            )
            continue
        template = template_of(function, read.op)
        where = "that the response model reads" if read.served else "of this loop"
        where = f"that the template `{template}` shows" if template else where
        yield Report(
            read.op.at,
            f"`{name}` is loaded with a statement of its own for each `{read.model}` {where}",
            help=f"load it with the objects: `.options({option_text(read.origin, read.reach)})`",
            steps=way_of(function, read),
            rewrite=eager_option(function, read.origin, read.reach),
        )
