"""SAL302: a statement executed on an engine, or on nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Edit,
    Enclose,
    Import,
    Replace,
    Report,
    Rewrite,
    Severity,
    asks_for,
    calls,
    is_for_another,
    is_read_at_once,
    kinds,
    receiver,
    rule,
    statement_event,
)

_STATEMENTS = frozenset(
    {kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.TEXT, kinds.DDL}
)
_RUNS = frozenset({"execute", "scalar"})
_HELD = "which the result holds until it is read"


@rule("SAL302", "engine-execute", severity=Severity.ERROR, fix="unsafe", on=calls(*_RUNS))
def engine_execute(call: Call) -> Iterator[Report]:
    """A statement is executed on an Engine, or by itself through bound metadata.

    ## What it does
    Reports `engine.execute(...)`, `engine.scalar(...)`, and `statement.execute()`.

    ## Why is this bad?
    Removed in 2.0: `AttributeError`. In 1.4 each call takes a connection of its own, which its
    result holds until the last row is read, and commits by itself, so that several writes are
    several transactions.

    ## Example
    ```python
    engine.execute(text("DELETE FROM log"))
    ```

    ## Use instead
    ```python
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM log"))
    ```

    ## Fix safety
    Unsafe: the statements that use the result move into the block with it, and what was several
    transactions stays several.

    ## Versions
    1.4 (deprecated), 2.0 and 2.1 (removed).

    ## Limits
    Nothing is said when the receiver is not known to be an Engine. In a project for 1.4, a read
    whose result is read completely where it is made, or dropped there, which holds nothing, is
    told with `--pedantic`.

    ## References
    SQLAlchemy docs, "2.0 Migration": "Implicit" and "Connectionless" execution, "bound metadata"
    removed.
    """
    if call.name not in _RUNS:
        return
    removed = call.target >= (2, 0)
    if call.on.name == kinds.ENGINE:
        what = "an Engine has no"
        gone = f"`Engine.{call.name}()` was removed in SQLAlchemy 2.0: AttributeError"
    elif call.on.name in _STATEMENTS:
        if not removed and (call.op.args and call.on.name == kinds.DDL):
            return  # DDL that is given a connection runs on it
        what = "a statement has no"
        gone = f"a statement's own `{call.name}()` was removed in SQLAlchemy 2.0: AttributeError"
    else:
        return
    if removed and not call.on.is_async and is_for_another(call.function, call.op):
        return  # it may be written for 1.4
    if asks_for(call):
        return  # a Connection, where it has one
    after = _after_it(call)
    if call.on.is_async:
        message = f"{what} `{call.name}()` under asyncio: AttributeError"
    elif removed:
        message = gone
    else:
        message = (
            f"`{call.name}()` takes a connection of its own, {after}; it was removed in"
            " SQLAlchemy 2.0"
        )
    harmless = not removed and not call.on.is_async and after == _HELD and is_read_at_once(call)
    yield Report(
        call.at,
        message,
        help="run it on a connection: `with engine.begin() as conn:` (writes) or"
        " `engine.connect()` (reads)",
        rewrite=_on_a_connection(call) if call.on.name == kinds.ENGINE else None,
        group="pedantic" if harmless else None,
    )


def _after_it(call: Call) -> str:
    """1.4 commits a write by itself, whose result has no rows and gives the connection back."""
    given = call.argument(0, "statement", "object_")
    writes = given is not None and statement_event(given[1]) == "write"
    told = given is not None and given[1].name in (kinds.INSERT, kinds.UPDATE, kinds.DELETE)
    returns = given is not None and told and "no-rows" not in given[1].traits
    if not writes or returns:
        return _HELD
    return "and commits by itself"


def _on_a_connection(call: Call) -> Rewrite | None:
    given = call.argument(0, "statement", "object_")
    if given is None or call.on.is_async:
        return None
    arg, statement = given
    event = statement_event(statement)
    if event == "execute" or len(call.op.args) > 2 or call.leaves():
        return None
    if any(arg.keyword not in (None, "statement", "parameters") for arg in call.op.args):
        return None  # parameters by keyword: a Connection of 2.0 takes a dictionary
    word = "begin" if event == "write" else "connect"
    name = call.function.free_name("conn", "connection", "db_conn")
    edits: list[Edit] = [
        Enclose(
            first=call.at,
            uses=(call.at, *call.result_uses()),
            template=f"with {{0}}.{word}() as {name}:",
            refs=(receiver(call.op),),
            keep_first=True,
        ),
        Replace(receiver(call.op), name),
    ]
    if statement.name == kinds.STR:
        edits += [Replace(arg.at, "{text}({0})", (arg.at,)), Import("sqlalchemy", "text")]
    return Rewrite(f"run it in `with engine.{word}()`", Applicability.UNSAFE, tuple(edits))
