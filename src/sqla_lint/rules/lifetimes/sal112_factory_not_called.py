"""SAL112: the factory, generator or manager of a session used as if it were the session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, kinds, rule

_LENDS = {
    kinds.SESSION_FACTORY: "is a session factory, not a session: call it to get one",
    kinds.GENERATOR: "is a generator that yields the session: it must be entered or iterated",
    kinds.CONTEXT_MANAGER: "is a context manager: enter it with `with` to get the session",
}
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})


@rule("SAL112", "factory-not-called", group="preview", severity=Severity.ERROR)
def factory_not_called(call: Call) -> Iterator[Report]:
    """A method of a session is called on what only makes or lends sessions.

    ## What it does
    Reports `SessionLocal.query(...)` on a `sessionmaker`, and `get_db().execute(...)` on a
    generator or context manager that yields a session.

    ## Why is this bad?
    `AttributeError` at run time: neither a factory nor a generator has these methods.

    ## Example
    ```python
    db = get_db()
    db.execute(select(User))
    ```

    ## Use instead
    ```python
    with contextmanager(get_db)() as db:
        db.execute(select(User))
    ```

    ## Fix safety
    No fix: where the session begins and ends, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A `scoped_session` is both, and is not reported.

    ## References
    SQLAlchemy docs, "Session Basics": Using a sessionmaker.
    """
    if call.name is None or call.on.name not in _LENDS:
        return
    catalog = call.function.project.catalog
    if catalog.member(call.on.name, call.on.is_async, call.name) is not None:
        return
    lent = call.on.of[0] if call.on.of else None
    if lent is None or lent.name not in _LENT:
        return
    if catalog.member(lent.name, lent.is_async, call.name) is None:
        return
    shown = call.op.on if isinstance(call.op.on, str) and call.op.on[0] != "%" else None
    yield Report(
        call.at,
        (f"`{shown}` " if shown else "this ")
        + f"{_LENDS[call.on.name]}; `{call.name}()` raises AttributeError",
        help="use the session it gives",
    )
