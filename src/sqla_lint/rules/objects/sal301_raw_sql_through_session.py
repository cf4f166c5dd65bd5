"""SAL301: a Session that is used as nothing but a connection."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Delete,
    Edit,
    Function,
    Kind,
    Replace,
    Report,
    Rewrite,
    Root,
    Severity,
    Use,
    commits_last,
    functions_with,
    kinds,
    rule,
)

_RUNS = frozenset({"execute", "scalar", "scalars"})
_ENDS = frozenset({"commit", "rollback", "close", "begin", "invalidate"})


@rule(
    "SAL301",
    "raw-sql-through-session",
    severity=Severity.ADVICE,
    fix="unsafe",
    on=functions_with(kinds.SESSION),
    convention=True,
)
def raw_sql_through_session(function: Function) -> Iterator[Report]:
    """A Session made here runs only textual SQL or Core statements: a Connection fits.

    ## What it does
    Looks at every use of a `Session` or `AsyncSession` that a function makes. When all of them run
    `text()` or statements on `Table` objects, and no mapped class appears, it is reported at the
    place where the session is made.

    ## Why is this bad?
    It works. The identity map, autoflush and unit of work that a Session adds to every statement
    buy nothing here, and the reader looks for objects that are not there. `engine.connect()` or
    `engine.begin()` says what happens, and costs less for each statement.

    ## Example
    ```python
    with Session(engine) as session:
        session.execute(text("DELETE FROM log WHERE day < :day"), {"day": day})
        session.commit()
    ```

    ## Use instead
    ```python
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM log WHERE day < :day"), {"day": day})
    ```

    ## Fix safety
    Unsafe: `engine.connect()` takes the place of the Session under the same name, or
    `engine.begin()` where the block ends with its only commit; a Session may have had options of
    its own.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    A session that is borrowed, handed on or kept says nothing: others may use it for objects. A
    Session bound to several engines chooses one by the tables; a Connection does not. More than
    eight in one file, or some in more than eight files, are told as one a file, with `--pedantic`
    each.

    ## References
    SQLAlchemy docs, "Session Basics": What does the Session do?; "Working with Engines and
    Connections".
    """
    for root in (*function.made(kinds.SESSION), *function.begun(kinds.SESSION)):
        if root.kind.traits & {"subclass", "several-engines"}:  # chooses its engine itself
            continue
        uses = function.uses(root)
        if not _only_core(uses):
            continue
        name = function.name_of(root)
        begin = any("commit" in use.happening.events for use in uses)
        word = "begin" if begin else "connect"
        yield Report(
            function.op(root.position).at,
            f"{name} runs only SQL text or Core statements: a Connection does that without the"
            " Session's identity map and unit of work",
            help=f"use `with engine.{word}() as conn:` and `conn.execute(...)`",
            rewrite=_on_a_connection(function, root),
            subject=function.op(root.position).at,
        )


def _on_a_connection(function: Function, root: Root) -> Rewrite | None:
    """The engine's `connect()` for the session: everything used on it, a Connection has, too."""
    engine = function.engine_of(root)
    if engine is None or (function.target < (2, 0) and not root.kind.is_async):
        return None
    needs, template, refs = engine
    commit = commits_last(function, root)
    word = "begin" if "begin" in root.kind.traits or commit is not None else "connect"
    at = function.opening(root).at
    edits: tuple[Edit, ...] = (Replace(at, f"{template}.{word}()", refs),)
    if commit is not None:
        edits = (*edits, Delete(commit.at))
    if needs is not None:
        edits = (*edits, needs)
    return Rewrite(f"use a Connection: `.{word}()`", Applicability.UNSAFE, edits)


def _only_core(uses: tuple[Use, ...]) -> bool:
    """At least one statement, all of them textual or on tables, and nothing else is done."""
    statements = 0
    for use in uses:
        events = use.happening.events
        if "escape" in events or "add" in events or "flush" in events:
            return False
        if "self" in use.given and use.op.do == "call" and not use.happening.role:
            return False  # handed to something
        if use.role != "self":
            continue
        if use.op.do != "call":
            continue
        if use.op.name in _RUNS:
            if not use.args or not _is_core(use.args[0]):
                return False
            if any(arg.keyword == "bind_arguments" for arg in use.op.args):
                return False  # the Session chooses the engine by it
            statements += 1
        elif use.op.name not in _ENDS:
            return False
    return statements > 0


def _is_core(statement: Kind) -> bool:
    if statement.name in (kinds.TEXT, kinds.STR, kinds.DDL):
        return True
    if statement.name in (kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.SELECT):
        return "table" in statement.traits and "mapped" not in statement.traits
    return False
