"""SAL112: the factory, generator or manager of a session used as if it were the session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Kind, Operand, Report, Severity, kinds, rule

_LENDS = {
    kinds.SESSION_FACTORY: "is a session factory, not a session: call it to get one",
    kinds.FUNCTION: "is a function that gives the session: it must be called",
    kinds.GENERATOR: "is a generator that yields the session: it must be entered or iterated",
    kinds.CONTEXT_MANAGER: "is a context manager: enter it with `with` to get the session",
}
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})


@rule("SAL112", "factory-not-called", severity=Severity.ERROR)
def factory_not_called(call: Call) -> Iterator[Report]:
    """A method of a session is called on what only makes or lends sessions.

    ## What it does
    Reports `SessionLocal.query(...)` on a `sessionmaker`, `get_db().execute(...)` on a generator or
    context manager that yields a session, the same where one is handed to a function that calls
    such methods on it, and the call of a session as if it were a factory.

    ## Why is this bad?
    `AttributeError` at run time: neither a factory nor a generator has these methods. A session
    cannot be called: `TypeError`.

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
    yield from _receiver(call)
    yield from _arguments(call)
    if call.name is None and call.on.name == kinds.SESSION and _is_made(call.on):
        yield Report(
            call.at,
            f"{_shown(call.op.on)} is a session, not a factory: calling it raises TypeError",
            help="make a `sessionmaker` or `async_sessionmaker`, and call that",
        )


def _receiver(call: Call) -> Iterator[Report]:
    if call.name is None or not _lacks(call, call.on, call.name):
        return
    if any(param.name == call.op.on for param in call.function.typed.function.params):
        return  # its caller is told
    yield Report(
        call.at,
        f"{_shown(call.op.on)} {_LENDS[call.on.name]}; `{call.name}()` raises AttributeError",
        help="use the session it gives",
    )


def _arguments(call: Call) -> Iterator[Report]:
    if not any(kind.name in _LENDS for kind in call.arg_kinds):
        return
    for arg, kind, methods in call.methods_of_arguments():
        wrong = sorted(name for name in methods if _lacks(call, kind, name))
        if wrong:
            yield Report(
                arg.at,
                f"{_shown(arg.value)} {_LENDS[kind.name]}; the `{wrong[0]}()` of the called"
                " function raises AttributeError",
                help="hand over the session it gives",
            )


def _lacks(call: Call, lender: Kind, method: str) -> bool:
    """A session has this method, and what makes or lends it has not."""
    catalog = call.function.project.catalog
    if lender.name not in _LENDS or catalog.member(lender.name, lender.is_async, method):
        return False
    if method in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
        return False  # entered by hand, which is what `with` does
    if lender.name == kinds.GENERATOR and method in ("close", "aclose"):
        return False  # generators have them, too
    lent = call.lent_by(lender)
    if lent is None or lent.name not in _LENT:
        return False
    return catalog.member(lent.name, lent.is_async, method) is not None


def _is_made(session: Kind) -> bool:
    """It was certainly made by `Session()`: annotations say Session of factories, too."""
    return session.owner in ("local", "module") and "subclass" not in session.traits


def _shown(operand: Operand | None) -> str:
    return f"`{operand}`" if isinstance(operand, str) and operand[0] != "%" else "this"
