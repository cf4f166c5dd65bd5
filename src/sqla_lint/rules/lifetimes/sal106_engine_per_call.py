"""SAL106: an engine, and with it a connection pool, for every request."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, kinds, rule

_MAKERS = ("create_engine", "create_async_engine", "engine_from_config", "async_engine_from_config")


@rule("SAL106", "engine-per-call", group="preview", severity=Severity.ERROR)
def engine_per_call(call: Call) -> Iterator[Report]:
    """An engine is made anew for every request or task.

    ## What it does
    Reports `create_engine` and `create_async_engine` in a route, a task, a FastAPI dependency, or a
    function that each of their runs calls, when nothing keeps or disposes of the engine.

    ## Why is this bad?
    Each engine has a connection pool of its own: every request opens a new connection to the
    server, and the pool keeps it open until the garbage collector finds the engine. Under load the
    server refuses connections ("too many clients already").

    ## Example
    ```python
    @app.get("/users")
    def users():
        engine = create_engine(URL)
        with engine.connect() as conn:
            return conn.execute(text("SELECT name FROM users")).scalars().all()
    ```

    ## Use instead
    ```python
    engine = create_engine(URL)


    @app.get("/users")
    def users():
        with engine.connect() as conn:
            return conn.execute(text("SELECT name FROM users")).scalars().all()
    ```

    ## Fix safety
    No fix: where the engine belongs, and which settings it needs there, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async, SQLModel.

    ## Limits
    An engine that is stored, cached, disposed of or made with a pool class of its own is not
    reported, nor is one whose function is only known to be called by other code than routes, tasks
    and dependencies: commands, scripts, application factories and tests run once.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Basic Usage; "Connection Pooling".
    """
    name = call.library_name.rpartition(".")[2]
    if call.result.name != kinds.ENGINE or name not in _MAKERS:
        return
    function = call.function
    chain = function.reached_from
    if not chain or function.is_kept(call.op.dst, chain):
        return
    if any(arg.keyword == "poolclass" or arg.star for arg in call.op.args) or _in_memory(call):
        return
    if function.calls_anywhere("dispose", chain):
        return
    entry = chain[0].rpartition(":")[2]
    yield Report(
        call.at,
        f"every run of `{entry}` makes an engine with a pool of its own: its connections stay open"
        " until the garbage collector finds it",
        help="make the engine once, when the module is imported or the application starts",
    )


def _in_memory(call: Call) -> bool:
    url = call.argument(0, "url")
    return url is not None and (":memory:" in url[1].label or url[1].label.endswith("sqlite://"))
