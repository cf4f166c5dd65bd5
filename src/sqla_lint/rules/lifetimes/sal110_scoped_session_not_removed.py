"""SAL110: a registry of sessions that nobody empties."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    NAME,
    Call,
    Report,
    Severity,
    calls,
    empties_registries,
    joins_transactions,
    kinds,
    rule,
)


@rule(
    "SAL110",
    "scoped-session-not-removed",
    group="pedantic",
    severity=Severity.WARNING,
    on=calls(receivers=[NAME], present=[kinds.SCOPED_SESSION]),
)
def scoped_session_not_removed(call: Call) -> Iterator[Report]:
    """A `scoped_session` serves requests, and nothing ever removes its session.

    ## What it does
    Reports a `scoped_session` of a project with routes or tasks in which nothing calls `remove()`
    or hands it to a hook, but for what runs as the program ends.

    ## Why is this bad?
    Threads serve one request after the other: the next one gets the same session, with the objects,
    the uncommitted changes and the failed transaction of the last, and its connection stays checked
    out in between.

    ## Example
    ```python
    session = scoped_session(sessionmaker(bind=engine))


    @app.get("/users")
    def users():
        return [user.name for user in session.query(User)]
    ```

    ## Use instead
    ```python
    @app.teardown_appcontext
    def remove(error):
        session.remove()
    ```

    ## Fix safety
    No fix: which hook ends a request, the framework says.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Flask-SQLAlchemy's `db.session` removes itself. A registry that is handed to something else
    when the module is imported (zope.sqlalchemy) is not reported; nor is one whose session is
    closed somewhere.

    ## References
    SQLAlchemy docs, "Contextual/Thread-local Sessions": Using Thread-Local Scope with Web
    Applications.
    """
    function = call.function
    if call.result.name != kinds.SCOPED_SESSION or not call.library_name.endswith("scoped_session"):
        return
    if not function.is_module or function.entry == "test" or not function.serves_requests:
        return
    if any(kinds.SCOPED_SESSION in {k.name for k in c.arg_kinds} for c in function.calls()):
        return  # it was handed to somebody who may end it
    if joins_transactions(function):
        return
    if empties_registries(function) or function.uses_registry("close"):
        return
    if function.uses_registry():
        yield Report(
            call.at,
            "nothing calls `remove()` on this `scoped_session`: the next request of a thread goes"
            " on in the session of the last",
            help="call `remove()` when a request or task has ended",
        )
