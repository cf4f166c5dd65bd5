"""SAL106: an engine, and with it a connection pool, for every request."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    NAME,
    Call,
    Report,
    Severity,
    asked_in_vain,
    callers_dispose,
    calls,
    calls_between,
    kinds,
    of_database,
    rule,
)

_MAKERS = ("create_engine", "create_async_engine", "engine_from_config", "async_engine_from_config")


@rule(
    "SAL106",
    "engine-per-call",
    severity=Severity.ERROR,
    on=of_database(calls(receivers=[NAME])),
)
def engine_per_call(call: Call) -> Iterator[Report]:
    """An engine is made anew for every request, task or turn of a loop.

    ## What it does
    Reports `create_engine` and `create_async_engine` in a route, a task, a FastAPI dependency, or a
    function that each of their runs calls, when nothing keeps or disposes of the engine. The same
    in a loop, or in a function that a loop calls, when the URL is the same each time; and one that
    is made where a cache (an attribute, a dictionary of an object or of the module) does not have
    it, when nothing ever puts anything there.

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
    An engine that is stored (other than in an object that the request itself makes and drops),
    cached, disposed of, made with a pool class of its own or never used is not reported, nor one
    that is returned to callers that each dispose of one, nor is one whose function is only known to
    be called by other code than routes, tasks and dependencies: commands, scripts, application
    factories and tests run once. Scripts of Streamlit run anew for each interaction; what they
    import, and functions with `@st.cache_resource`, do not.

    ## References
    SQLAlchemy docs, "Working with Engines and Connections": Basic Usage; "Connection Pooling".
    """
    name = call.library_name.rpartition(".")[2]
    if call.result.name != kinds.ENGINE or name not in _MAKERS:
        return
    if any(arg.keyword == "poolclass" or arg.star for arg in call.op.args) or _in_memory(call):
        return
    function = call.function
    if _never_used(call):
        return
    chain = function.reached_from
    if chain and not function.is_kept(call.op.dst, chain):
        script = chain[0].endswith(":<module>")
        what = "run of the script" if script else f"run of `{_named(chain)}`"
    elif _in_loop(call):
        chain = function.looped_from or (function.label,)
        what = f"turn of the loop in `{_named(chain)}`"
    elif (cache := _cache(call)) is not None:
        chain = (function.label,)
        what = f"call of `{function.qualname}` finds nothing in `{cache}`, which nobody fills, and"
    else:
        return
    if function.calls_anywhere("dispose", (*chain, *function.siblings())):
        return
    if callers_dispose(function, call.op.dst):
        return
    yield Report(
        call.at,
        f"every {what} makes an engine with a pool of its own: its connections stay open until the"
        " garbage collector finds it",
        help="make the engine once, when the module is imported or the application starts",
        steps=tuple(calls_between(function, chain)),
    )


def _never_used(call: Call) -> bool:
    """It is given a name that nothing reads: such an engine connects to nothing."""
    readers = call.function.readers.get(call.op.dst, []) if call.op.dst is not None else []
    return bool(readers) and all(
        op.do == "move" and op.dst is not None and not call.function.is_read(op.dst)
        for op in readers
    )


def _named(chain: tuple[str, ...]) -> str:
    return chain[0].rpartition(":")[2]


def _cache(call: Call) -> str | None:
    """It is made because it was not made before, and not kept."""
    function, made = call.function, call.op.dst
    if function.entry in ("test", "fixture") or function.is_kept(made, ()):
        return None
    return asked_in_vain(function, call.op)


def _in_loop(call: Call) -> bool:
    """Made anew for the same database; what is made for several, or tried until it works, is not
    meant."""
    function, made = call.function, call.op.dst
    url = call.argument(0, "url")
    if url is None or not function.is_global(url[0].value) or function.entry == "test":
        return False
    if function.returns_any_of(made) or function.is_kept(made, ()):
        return False
    return bool(function.looped_from) or function.is_used_up_in_loop(call.op)


def _in_memory(call: Call) -> bool:
    url = call.argument(0, "url")
    return url is not None and (":memory:" in url[1].label or url[1].label.endswith("sqlite://"))
