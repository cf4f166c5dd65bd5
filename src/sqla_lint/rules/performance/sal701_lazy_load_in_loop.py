"""SAL701: a relationship is loaded object by object in a loop."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Group,
    LoopRead,
    Ref,
    Report,
    Severity,
    eager_option,
    functions_with,
    is_cold,
    kinds,
    lazy_loads_in_loops,
    loads_of_singles,
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
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION, kinds.SCALARS, kinds.QUERY),
)
def lazy_load_in_loop(function: Function) -> Iterator[Report]:
    """An attribute that was not loaded with its objects is read for each of them.

    ## What it does
    Follows the objects of a statement, and those that their relationships lead to, into loops,
    comprehensions, `sorted(key=...)`, helpers, methods, properties, those that call themselves for
    what is behind a relationship, association proxies, fields of plain objects, marshmallow
    schemas, pydantic models, `dataclasses.asdict()`, Jinja templates, the response models of
    FastAPI routes and the field resolvers of Strawberry types, and reports relationships and
    deferred columns that neither the statement nor the mapping loads with them, columns that
    `load_only()` or `defer()` leaves out, and columns of heirs, which a statement of their base
    leaves out; also objects that a commit has expired and a
    loop reads again. With `--pedantic` also those of objects that the loop asks for one by one; of
    a few objects, by `.limit(5)` or `[:5]`; a many-to-one that is only compared with an object
    which the function has, and which the session then has, too; and in what runs once: migrations,
    steps of an upgrade that change the schema, commands, what sets an application up, and functions
    that only these call.

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
    name in folders `templates`. Under asyncio such a read raises (SAL803); one of
    `awaitable_attrs` is reported here.

    ## References
    SQLAlchemy docs, "Relationship Loading Techniques"; "What Kind of Loading to Use?".
    """
    if function.entry == "test":
        return
    found: dict[tuple[Ref, bool], list[LoopRead]] = {}
    for read in lazy_loads_in_loops(function):
        template = template_of(function, read.op)
        at = template.call.at if template else read.op.at
        found.setdefault((at, read.expired), []).append(read)
    _join_chains(found)
    for (at, expired), reads in found.items():
        first = reads[0]
        minor = all(read.few for read in reads) or is_cold(function)
        group: Group | None = "pedantic" if minor else None
        if expired:
            yield _expired(function, first)._replace(group=group)
            continue
        named: dict[str, LoopRead] = {}
        for read in reads:
            named.setdefault(f"`{read.model}.{read.attribute.name}`", read)
        names = list(named)
        options = {option_text(read.origin, read.reach): read for read in named.values()}
        for one in list(options):
            if any(other.startswith(f"{one}.") for other in options):
                del options[one]  # the longer one loads both
        last = next(iter(options.values()))
        loads, whose = "is loaded with a statement of its own", f"`{first.model}`"
        if len(names) > 1:
            loads, whose = "are loaded with statements of their own", "object"
        yield Report(
            at,
            f"{_listed(names)} {loads} for each {whose} {_where(function, first)}",
            help=f"load {'them' if len(options) > 1 else 'it'} with the objects:"
            f" `.options({', '.join(options)})`",
            steps=way_of(function, first),
            rewrite=eager_option(function, last.origin, last.reach),
            group=group,
        )

    for single in loads_of_singles(function):
        yield Report(
            single.op.at,
            f"`{single.name}` is loaded with a statement of its own in each turn of this loop, as"
            " its object is",
            help="ask for all objects at once, and load it with them:"
            f" `.options({option_text(single.origin, single.reach)})`",
            steps=single.steps,
            group="pedantic",
        )


def _join_chains(found: dict[tuple[Ref, bool], list[LoopRead]]) -> None:
    """`post.author.team` reads two, and is told once: what is asked first is the node behind."""
    for at, expired in sorted(found, reverse=True):
        inner = found.get((at + 1, expired), ())
        if inner and all(read.op.do == "getattr" for read in (*inner, *found[at, expired])):
            found[at, expired] = [*found.pop((at + 1, expired)), *found[at, expired]]


def _expired(function: Function, read: LoopRead) -> Report:
    return Report(
        read.op.at,
        f"each `{read.model}` of this loop has expired with the commit, and is loaded again with a"
        f" statement of its own when `{read.model}.{read.attribute.name}` is read",
        help="read it before the commit, or make the session with `expire_on_commit=False`",
        steps=way_of(function, read),
    )


def _where(function: Function, read: LoopRead) -> str:
    template = template_of(function, read.op)
    if template is not None:
        return f"that the template `{template.template}` shows"
    return f"that {read.served} reads" if read.served else "of this loop"


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
