"""SAL804: an expired attribute read under an AsyncSession."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Access,
    Applicability,
    Function,
    Note,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    accesses,
    accesses_of_factory,
    expired_by,
    functions_with,
    is_reported_at_factory,
    kinds,
    refreshed_after,
    rule,
    way_of,
)

# A factory's finding shows so many of the reads that it breaks.
SHOWN = 5
_BY = {"expire": "`expire()`"}
_OTHERWISE = {"commit": ", or make the session with `expire_on_commit=False`"}


@rule(
    "SAL804",
    "async-expired-access",
    severity=Severity.ERROR,
    fix="unsafe",
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION, kinds.SESSION_FACTORY),
)
def async_expired_access(function: Function) -> Iterator[Report]:
    """An attribute is read that a commit or rollback of an AsyncSession has expired.

    ## What it does
    Follows mapped objects past `await session.commit()`, and reports reads of their attributes, by
    the function itself, a helper, a pydantic model or the response model of a FastAPI route. Where
    the factory of the session is known, it is reported once, with the reads as steps. After
    `rollback()` objects are expired whatever the factory says, but for those that the transaction
    itself has added, which are new again and keep what they have; so are those that were changed
    since the savepoint that is rolled back to. That is reported at the read, as is `expire()`, and
    a column that the database computes with an UPDATE (`onupdate=` of SQL, `Computed`), which is
    not fetched with it.

    ## Why is this bad?
    An expired attribute is loaded by the next read, which has nothing to await: `MissingGreenlet:
    greenlet_spawn has not been called` (https://sqlalche.me/e/20/xd2s).

    ## Example
    ```python
    SessionLocal = async_sessionmaker(engine)


    async def create(session: AsyncSession, name: str) -> str:
        event = Event(name=name)
        session.add(event)
        await session.commit()
        return event.name
    ```

    ## Use instead
    ```python
    SessionLocal = async_sessionmaker(engine, expire_on_commit=False)
    ```

    ## Fix safety
    Unsafe: with `expire_on_commit=False` objects keep what they had before the commit, also where
    the database changed it; `refresh()` is one more statement, and raises where the row is gone.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only sessions whose factory is known, or one of those that the program makes, if all of these
    expire. Objects that were refreshed or selected again are loaded; `refresh()` of some attributes
    loads these.

    ## References
    SQLAlchemy docs, "Asynchronous I/O": Preventing Implicit IO when Using AsyncSession.
    """
    for operation in function.operations():
        op, result = operation.op, operation.result
        if op.do != "move" or result.name != kinds.SESSION_FACTORY or op.dst is None:
            continue
        if "expires" not in result.traits or not result.is_async:
            continue
        found = accesses_of_factory(function, op.dst)
        made = function.maker(op.on)
        if found and made is not None:
            yield _at_factory(op.dst, made.op, found)
    seen: set[str] = set()
    for access in accesses(function):
        if access.how == "computed" and access.io:
            yield _computed(function, access)
            continue
        if access.how != "expired" or not access.io:
            continue
        by = expired_by(access)
        how = _BY.get(by, f"the {by}")
        if by == "commit" and is_reported_at_factory(function, access):
            continue
        model = access.origin.model
        if model in seen:
            continue
        seen.add(model)
        yield Report(
            access.op.at,
            f"{_name(access)} expired with {how}, and is read{_served(access)}: loading it here"
            " raises MissingGreenlet",
            help="`await session.refresh(...)` first" + _OTHERWISE.get(by, ""),
            steps=way_of(function, access),
            rewrite=refreshed_after(function, access),
            confidence=access.tier,
        )


def _computed(function: Function, access: Access) -> Report:
    name = access.attribute.name
    return Report(
        access.op.at,
        f"the database computes {_name(access)} when the row is updated, and it is"
        f" read{_served(access)} after the flush: loading it here raises MissingGreenlet",
        help=f'`await session.refresh(..., ["{name}"])` first, or map the class with'
        " `eager_defaults=True`",
        steps=way_of(function, access),
        rewrite=refreshed_after(function, access),
        confidence=access.tier,
    )


def _at_factory(name: str, made: Op, found: list[tuple[Access, str]]) -> Report:
    first = found[0][0]
    steps = tuple(
        Note(f"{_name(access)} is read{_served(access)} after a commit", access.op.at, where)
        for access, where in found[:SHOWN]
    )
    rewrite = None
    if made.args and not any(arg.star or arg.keyword == "expire_on_commit" for arg in made.args):
        last = made.args[-1].at
        rewrite = Rewrite(
            "keep what is loaded: `expire_on_commit=False`",
            Applicability.UNSAFE,
            (Replace(last, "{0}, expire_on_commit=False", (last,)),),
        )
    return Report(
        made.at,
        f"sessions of `{name}` expire their objects with every commit; reading"
        f" {_name(first)} afterwards raises MissingGreenlet",
        help="give it `expire_on_commit=False`",
        steps=steps,
        rewrite=rewrite,
    )


def _name(access: Access) -> str:
    return f"`{access.model}.{access.attribute.name}`"


def _served(access: Access) -> str:
    if access.by_work:
        return " by the work that is started here"
    return f" by {access.served}" if access.served else ""
