"""SAL108: an attribute read of an object whose session is gone."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Access,
    Function,
    Note,
    Op,
    Report,
    Rewrite,
    Severity,
    accesses,
    eager_option,
    expired_by,
    functions_with,
    kinds,
    option_text,
    read_later,
    rule,
    template_of,
    way_of,
)


@rule(
    "SAL108",
    "detached-access",
    severity=Severity.ERROR,
    fix="unsafe",
    on=functions_with(kinds.ENTITY, kinds.LIST, kinds.COLLECTION),
)
def detached_access(function: Function) -> Iterator[Report]:
    """An attribute that is not loaded is read of an object whose session was closed.

    ## What it does
    Follows mapped objects from the statement, constructor or function they come from past the end
    of their Session, also where that is the one of a decorator, and reports a relationship or
    deferred column that was not loaded before, and any attribute that a commit or rollback had
    expired, also where a Jinja template reads it, the generator of a streamed answer of Flask, work
    that is started in a thread or pool, or a background task, which begins when the function is
    over; and of objects that a cache or a container of a module keeps from one request to the next,
    or an attribute or a global for whoever comes when their session is closed, or that go through a
    queue, by themselves or in a plain object of the project. Also a relationship that is read of an
    object after `make_transient()`, and that was not loaded before.

    ## Why is this bad?
    Loading needs a Session: `DetachedInstanceError: Parent instance is not bound to a Session; lazy
    load operation of attribute cannot proceed` (https://sqlalche.me/e/20/bhk3).

    ## Example
    ```python
    with Session(engine) as session:
        customer = session.scalars(select(Customer).where(Customer.id == 1)).one()
    print(customer.account.iban)
    ```

    ## Use instead
    ```python
    with Session(engine) as session:
        customer = session.scalars(
            select(Customer).where(Customer.id == 1).options(joinedload(Customer.account))
        ).one()
    print(customer.account.iban)
    ```

    ## Fix safety
    Unsafe: what was not loaded is loaded with the object, also where it is not read. Whether to
    read expired attributes earlier or to close later, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only objects whose statement and session are known. What unknown functions are given, they may
    load. A relationship that was read before the close is loaded. Of an attribute or global it must
    be known what is put there, and that nobody hands that to another session.

    ## References
    SQLAlchemy docs, "Error Messages": Parent instance is not bound to a Session; "Session Basics":
    Closing.
    """
    seen: set[tuple[int, str]] = set()
    for access in accesses(function):
        key = (access.op.at, access.how)
        if access.io or key in seen or (access.how == "emptied" and _fills(function, access.op)):
            continue
        seen.add(key)
        shown = template_of(function, access.op)
        yield Report(
            access.op.at,
            _message(access, shown.template if shown is not None else ""),
            help=_help(access),
            steps=way_of(function, access),
            rewrite=_rewrite(function, access),
            confidence=access.tier,
        )
    for later in read_later(function):
        yield Report(
            later.at,
            f"this `{later.model}` has expired, and its session is closed: `{later.work}` reads its"
            f" `{later.attribute}`, which raises DetachedInstanceError",
            help="hand over its primary key, and load it there in a session of its own",
            steps=(Note("read here", later.read.at, later.path),),
        )


def _fills(function: Function, op: Op) -> bool:
    """``user.posts.append(post)``: what is filled may be empty before."""
    at = function.position(op)
    after = function.typed.function.blocks[at[0]].ops[at[1] + 1 :] if at is not None else []
    use = next((one for one in after if one.on == op.dst), None)
    return use is not None and use.do in ("call", "augassign") and use.name in _FILLING


_FILLING = frozenset({"append", "add", "extend", "insert", "update", "clear", "+", "+=", "|="})


def _rewrite(function: Function, access: Access) -> Rewrite | None:
    if access.how not in ("unloaded", "emptied"):
        return None
    return eager_option(function, access.origin, access.reach)


def _message(access: Access, template: str) -> str:
    name = f"`{access.attribute.name}`"
    if access.how == "emptied":
        return (
            f"{name} of this `{access.model}` was not loaded before `make_transient()`, and is read"
            " after it: a transient object loads nothing, so there is nothing in it"
        )
    if access.kept and access.how == "expired":
        return (
            f"{name} of this `{access.model}` had expired when its session was closed, and"
            f" `{_keeper(access)}()` keeps it: this raises DetachedInstanceError in a later request"
        )
    if access.kept:
        return (
            f"{name} of this `{access.model}` was not loaded with it, and `{_keeper(access)}()`"
            " keeps it when its session is closed: this raises DetachedInstanceError in a later"
            " request"
        )
    if access.by_copy:
        lacking = "is not loaded" if access.how == "unloaded" else "has expired"
        return (
            f"{name} of this `{access.model}` {lacking}, and is read by another process, which gets"
            " a copy without a session: this raises DetachedInstanceError"
        )
    where = f"is read by the template `{template}`" if template else "is read"
    where = f"is read by {access.served}" if access.served else where
    where = "is read by the work that is started here" if access.by_work else where
    if access.by_stream:
        lacking = "is not loaded" if access.how == "unloaded" else "has expired"
        return (
            f"{name} of this `{access.model}` {lacking}, and is read by an answer that is streamed"
            " when the request is over and its session removed: this raises DetachedInstanceError"
        )
    if access.how == "unloaded":
        return (
            f"{name} of this `{access.model}` was not loaded before its session was closed, and"
            f" {where}: this raises DetachedInstanceError"
        )
    return (
        f"{name} of this `{access.model}` had expired when its session was closed, and {where}:"
        " this raises DetachedInstanceError"
    )


def _help(access: Access) -> str:
    if access.how == "computed":
        return (
            "refresh it before the session is closed, or map the class with `eager_defaults=True`"
        )
    if access.how == "expired" and access.by_stream:
        return "hand over the plain values that it needs"
    if access.how == "expired" and access.by_copy:
        return "hand over its primary key, and load it there in a session of its own"
    if access.how == "expired" and access.kept:
        return (
            "keep its primary key or plain values, or `merge()` it into the session that reads it"
        )
    if access.how == "expired" and expired_by(access) == "rollback":
        return "read it before the rollback, or load the object again in a new session"
    if access.how == "expired":
        return (
            "read it before the session is closed, or make the session with"
            " `expire_on_commit=False`"
        )
    option = option_text(access.origin, access.reach)
    if access.how == "emptied":
        return f"load it with the object: `.options({option})`, or read it before"
    if access.by_stream:
        return (
            f"load it with the object: `.options({option})`, or hand over the plain values that the"
            " answer needs"
        )
    if access.by_copy:
        return (
            f"load it with the object: `.options({option})`, or hand over its primary key, and load"
            " it there in a session of its own"
        )
    if access.kept:
        return (
            "keep its primary key or plain values instead of the object, or load all that is read:"
            f" `.options({option})`"
        )
    return f"load it with the object: `.options({option})`, or read it inside the block"


def _keeper(access: Access) -> str:
    return access.kept.rpartition(":")[2].rpartition(".")[2]
