"""SAL701: a relationship is loaded object by object in a loop."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    LoopRead,
    Report,
    Severity,
    eager_option,
    functions_with,
    kinds,
    lazy_loads_in_loops,
    rule,
)


@rule(
    "SAL701",
    "lazy-load-in-loop",
    severity=Severity.WARNING,
    fix="unsafe",
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION),
)
def lazy_load_in_loop(function: Function) -> Iterator[Report]:
    """A relationship that was not loaded with its objects is read for each of them.

    ## What it does
    Follows the objects of a statement into loops, comprehensions, `sorted(key=...)`, helpers,
    methods and properties, and reports relationships that neither the statement nor the mapping
    loads with them.

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
    Not in tests. A many-to-one whose targets the function has loaded itself is found in the
    session without a statement. Under asyncio such a read raises: SAL803.

    ## References
    SQLAlchemy docs, "Relationship Loading Techniques"; "What Kind of Loading to Use?".
    """
    if function.entry == "test":
        return
    for read in lazy_loads_in_loops(function):
        model = read.origin.model.rpartition(":")[2].rpartition(".")[2]
        yield Report(
            read.op.at,
            f"`{model}.{read.attribute.name}` is loaded with a statement of its own for each"
            f" `{model}` of this loop",
            help=f"load it with the objects: `.options({_loader(read)}({model}."
            f"{read.attribute.name}))`",
            rewrite=eager_option(function, read.origin, read.attribute),
        )


def _loader(read: LoopRead) -> str:
    return "joinedload" if read.attribute.many is False else "selectinload"
