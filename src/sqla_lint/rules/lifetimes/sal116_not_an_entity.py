"""SAL116: something that is no mapped object, or one of another session, given to a session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Carried,
    Function,
    Kind,
    Rename,
    Report,
    Rewrite,
    Severity,
    carried,
    is_hearsay,
    kinds,
    mapped_nowhere,
    put_together,
    rule,
    taken,
    taken_along,
)

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ONE = frozenset({"add", "delete", "merge", "refresh", "expunge", "expire"})
_MANY = frozenset({kinds.LIST, kinds.TUPLE, kinds.SET, kinds.COLLECTION})
_NAMES = {
    kinds.DICT: "a dictionary",
    kinds.LIST: "a list",
    kinds.TUPLE: "a tuple",
    kinds.SET: "a set",
    kinds.COLLECTION: "a list",
    kinds.STR: "a string",
    kinds.INT: "a number",
    kinds.SELECT: "a statement",
    kinds.INSERT: "a statement",
    kinds.UPDATE: "a statement",
    kinds.DELETE: "a statement",
    kinds.QUERY: "a query",
    kinds.RESULT: "a result",
    kinds.SCALARS: "a result",
    kinds.MAPPINGS: "a result",
    kinds.MAPPED_CLASS: "the class itself",
}


@rule("SAL116", "not-an-entity", severity=Severity.ERROR, fix="safe")
def not_an_entity(function: Function) -> Iterator[Report]:
    """A session is given something that is no mapped object, or one that another session has.

    ## What it does
    Reports `session.add({...})`, `session.add([...])`, `session.delete(query)`, `session.add(User)`
    and a pydantic model or a request's JSON given to `add()`; `add_all()` with one object; and an
    object of one open session that is added to, or deleted from, another, here or in a function of
    the project that makes its own, or that comes along over a relationship of what is added, also
    by such a function, or that is put into a relationship of an object which another session has.

    ## Why is this bad?
    `UnmappedInstanceError: Class 'builtins.dict' is not mapped`; for an object of another session
    `InvalidRequestError: Object is already attached to session '1' (this is '2')`.

    ## Example
    ```python
    session.add([User(name="ann"), User(name="ben")])
    ```

    ## Use instead
    ```python
    session.add_all([User(name="ann"), User(name="ben")])
    ```

    ## Fix safety
    Safe for lists given to `add()`: the call raised before. No fix for anything else.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Objects whose kind is not known are not reported; nor are two sessions that may be one.

    ## References
    SQLAlchemy docs, "Session Basics": Adding New or Existing Items; "State Management".
    """
    for call in function.calls() if not _SESSIONS.isdisjoint(function.typed.present) else ():
        yield from _given(call)
    for found in taken(function):
        other = found.other
        whose = f"`{other.rpartition(':')[2]}` makes" if other.endswith("()") else f"`{other}` is"
        yield Report(
            found.call.at,
            f"`{found.entity}` belongs to `{found.mine}`, which is still open, and {whose} another"
            " session: InvalidRequestError, already attached to session",
            help="use one session for both, or `merge()` into the other one",
        )
    for one in carried(function):
        yield Report(
            one.at,
            f"{_what(one)} comes along into `{one.other}`, but {_whose(one.mine)} still has it:"
            " InvalidRequestError, already attached to session",
            help="load it with the session that is written to, or set the foreign key instead",
            steps=() if one.there is None else (one.there,),
        )
    for along in taken_along(function):
        yield Report(
            along.call.at,
            f"`{along.entity}` belongs to {_whose(along.mine)}, which is still open, and"
            f" `{along.callee}()` adds to another session what has it in `{along.attribute}`:"
            " InvalidRequestError, already attached to session",
            help="hand over the session, or set the foreign key there instead",
            steps=(along.there,),
        )
    for one in put_together(function):
        yield Report(
            one.at,
            f"{_what(one)} belongs to {_whose(one.mine)}, and `{one.along}` to"
            f" {_whose(one.other)}: InvalidRequestError, already attached to session",
            help="load both with one session, or set the foreign key instead",
        )


def _what(one: Carried) -> str:
    into = f"`{one.attribute}`" if one.along[0] == "%" else f"`{one.along}.{one.attribute}`"
    return f"what {into} is" if one.entity[0] == "%" else f"`{one.entity}` in {into}"


def _whose(session: str) -> str:
    return f"the session of `{session}`" if session.endswith("()") else f"`{session}`"


def _given(call: Call) -> Iterator[Report]:
    if call.on.name not in _SESSIONS or not call.op.args:
        return
    given = call.argument(0, "instance", "instances")
    if given is None:
        return
    arg, kind = given
    if call.name == "add_all" and kind.name == kinds.ENTITY:
        yield Report(
            arg.at,
            "`add_all()` takes a list of objects, and is given one: TypeError",
            help="use `add()`",
            rewrite=Rewrite("use add()", Applicability.SAFE, (Rename(call.at, "add"),)),
        )
    if call.name not in _ONE:
        return
    what = _NAMES.get(kind.name) or mapped_nowhere(call.function, arg.value, kind)
    if not what or (kind.name == kinds.DICT and is_hearsay(call.function, arg.value)):
        return
    many = call.name == "add" and kind.name in _MANY and _may_be_entities(kind)
    yield Report(
        arg.at,
        f"`{call.name}()` takes one mapped object, and is given {what}: UnmappedInstanceError",
        help="use `add_all()`" if many else "make an object of the mapped class, and give that",
        rewrite=Rewrite("use add_all()", Applicability.SAFE, (Rename(call.at, "add_all"),))
        if many
        else None,
    )


def _may_be_entities(kind: Kind) -> bool:
    return bool(kind.of) and all(of.name == kinds.ENTITY for of in kind.of)
