"""SAL109: one session for all requests."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Root,
    Severity,
    default_of,
    functions_with,
    held_name,
    kept_for_all,
    kinds,
    made_inside,
    makes_engine,
    rule,
    shares_sqlite,
)

# What a script does with the session it has made; a library only makes it.
_WORK = frozenset({"read", "write", "execute", "add", "flush", "commit", "rollback", "close"})


@rule(
    "SAL109",
    "session-at-module-level",
    severity=Severity.ERROR,
    on=functions_with(kinds.SESSION),
)
def session_at_module_level(function: Function) -> Iterator[Report]:
    """A session made at import is used by functions that run for many requests.

    ## What it does
    Reports a `Session` or `AsyncSession` that is made when a module is imported, by the module, a
    class body, or the `__init__` of an object of the module, and that functions use; also one that
    is the default of a parameter, which is made once, when the function is defined. In projects
    that serve requests, run tasks, or open SQLite with `check_same_thread=False`. In preview also
    one that the application (`app.state`, `app["db"]`), or the context of arq's workers, keeps.

    ## Why is this bad?
    A Session is one conversation with the database. Shared by threads or tasks it loses writes and
    raises `InvalidRequestError` or `IllegalStateChangeError`; one failed flush stops all requests
    after it with `PendingRollbackError`; and what it once loaded it never sees change.

    ## Example
    ```python
    session = Session(engine)


    @app.get("/users/<int:user_id>")
    def show(user_id: int):
        return session.get(User, user_id).name
    ```

    ## Use instead
    ```python
    @app.get("/users/<int:user_id>")
    def show(user_id: int):
        with Session(engine) as session:
            return session.get(User, user_id).name
    ```

    ## Fix safety
    No fix: where each session begins and ends, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async, SQLModel.

    ## Limits
    A `scoped_session` is one session per thread, and not reported. Scripts, tests and projects
    without a known route, handler or task are not reported.

    ## References
    SQLAlchemy docs, "Session Basics": Is the Session thread-safe?
    """
    for one in kept_for_all(function) if function.entry not in ("test", "fixture") else ():
        yield Report(
            function.op(one.root.position).at,
            f"`{one.place}` is one session for all requests and jobs: they see each other's"
            " changes, and one that fails stops all others",
            help="keep the factory there, and make a session per request or job",
            steps=(Note("kept here", one.stored.at), one.used),
            group="preview",
        )
    if not (function.is_module or function.is_class) or function.entry == "test":
        return
    for root in (*function.made(kinds.SESSION), *made_inside(function, kinds.SESSION)):
        if any(_WORK & set(use.happening.events) for use in function.uses(root)):
            continue
        parameter = default_of(function, root)
        if parameter is None and not _is_shared(function, root):
            continue
        if function.serves_requests or _means_threads(function):
            name = held_name(root, function.name_of(root))
            once = ""
            if parameter is not None:
                name, once = f"the default of `{parameter}`", ", made when the function is defined"
            yield Report(
                function.op(root.position).at,
                f"{name} is one session for all threads and requests{once}: they see"
                " each other's changes, and one that fails stops all others",
                help="make a session per request, or a `scoped_session` that is removed after it",
            )


def _is_shared(function: Function, root: Root) -> bool:
    """Functions use it by the name that it has here, or through the object that keeps it."""
    name = function.bound_name(root)
    if function.is_class:
        return name is not None and function.attribute_read(name)
    names = {name} if name else function.kept_by(root)
    return any(function.read_elsewhere(n) or function.imported_elsewhere(n) for n in names)


def _means_threads(function: Function) -> bool:
    """An engine of the module is made for several threads."""
    return any(makes_engine(call) and shares_sqlite(call) for call in function.operations())
