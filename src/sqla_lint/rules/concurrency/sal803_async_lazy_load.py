"""SAL803: an attribute that is not loaded is read under an AsyncSession."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Access,
    Function,
    Report,
    Severity,
    accesses,
    eager_option,
    functions_with,
    kinds,
    option_text,
    rule,
    template_of,
    way_of,
)


@rule(
    "SAL803",
    "async-lazy-load",
    severity=Severity.ERROR,
    fix="unsafe",
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION),
)
def async_lazy_load(function: Function) -> Iterator[Report]:
    """A relationship or deferred column that is not loaded is read under an AsyncSession.

    ## What it does
    Follows mapped objects from the AsyncSession that loaded them, with the loader options of their
    statement and the `lazy=` of their mapping, to reads of relationships and deferred columns, of
    their own or of what their relationships lead to: by the function itself, a helper, a pydantic
    model, a Jinja template, the response model of a FastAPI route, or work that is started and runs
    on: a background task, a thread, a task of asyncio. A new object has what it was given.

    ## Why is this bad?
    The read has to load, and has nothing to await: `MissingGreenlet: greenlet_spawn has not been
    called; can't call await_only() here` (https://sqlalche.me/e/20/xd2s).

    ## Example
    ```python
    user = (await session.scalars(select(User).where(User.id == 1))).one()
    return [address.email for address in user.addresses]
    ```

    ## Use instead
    ```python
    statement = select(User).where(User.id == 1).options(selectinload(User.addresses))
    user = (await session.scalars(statement)).one()
    return [address.email for address in user.addresses]
    ```

    ## Fix safety
    Unsafe: the rows are the same, and the attribute is loaded also where it is not read. A
    statement of another function is left to the author.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only objects whose statement is known. A many-to-one whose target may be in the session already
    is not reported; nor is what `awaitable_attrs` were asked for, nor what runs in `run_sync`.

    ## References
    SQLAlchemy docs, "Asynchronous I/O": Preventing Implicit IO when Using AsyncSession.
    """
    seen: set[tuple[int, str]] = set()
    for access in accesses(function):
        key = (access.op.at, access.reach.path)
        if access.how != "unloaded" or not access.io or key in seen:
            continue
        seen.add(key)
        template = template_of(function, access.op)
        where = f"read by the template `{template}`" if template else "read"
        where = f"read by {access.served}" if access.served else where
        yield Report(
            access.op.at,
            f"{_name(access)} was not loaded with its object, and is {where}: loading it here"
            " raises MissingGreenlet"
            if not access.by_work
            else f"{_name(access)} was not loaded with its object, and is read by the work that is"
            " started here: that raises MissingGreenlet, or DetachedInstanceError once the session"
            " is closed",
            help=_help(access),
            steps=way_of(function, access),
            rewrite=eager_option(function, access.origin, access.reach),
            confidence=access.tier,
        )


def _help(access: Access) -> str:
    if access.origin.how == "made":
        name = access.attribute.name
        return f'`await session.refresh(..., ["{name}"])` first, or set it when it is made'
    return f"load it with the object: `.options({option_text(access.origin, access.reach)})`"


def _name(access: Access) -> str:
    return f"`{access.model}.{access.attribute.name}`"
