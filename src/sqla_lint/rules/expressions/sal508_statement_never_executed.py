"""SAL508: a statement is built and never executed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Edit,
    Insert,
    Op,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    acts,
    kinds,
    of_database,
    operations,
    rule,
    sqltext,
)

_WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_STATEMENTS = _WRITES | {kinds.SELECT, kinds.QUERY, kinds.TEXT}
# Who expects building it to fail does not want it run.
_EXPECTING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns"})


@rule(
    "SAL508",
    "statement-never-executed",
    severity=Severity.ERROR,
    fix="unsafe",
    on=of_database(operations("call", "move")),
)
def statement_never_executed(operation: Operation) -> Iterator[Report]:
    """A statement is built, and nothing runs it.

    ## What it does
    Reports `delete(User).where(...)` and the like as a statement of its own, and an INSERT, UPDATE
    or DELETE in a variable that nothing reads but what builds it further.

    ## Why is this bad?
    Building a statement sends nothing: the rows are neither written nor read.

    ## Example
    ```python
    delete(User).where(User.name == name)
    session.commit()
    ```

    ## Use instead
    ```python
    session.execute(delete(User).where(User.name == name))
    session.commit()
    ```

    ## Fix safety
    Unsafe: the database is written. Offered for an INSERT, UPDATE or DELETE that a `commit()` of a
    Session or Connection follows: that runs it. Else the author must say what is to run it.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A statement that is returned, passed on or used in another one is somebody else's to run. A
    helper that does something besides building what it returns may be called for that.

    ## References
    SQLAlchemy docs, "Working with Data": Using INSERT Statements.
    """
    op, function = operation.op, operation.function
    if op.do == "call" and op.discarded and operation.result.name in _STATEMENTS:
        start = function.chain_start(op.dst)
        fresh = op.name is None or (isinstance(start, str) and start[0] == "%")
        if fresh and not _expects_failure(operation) and not acts(operation):
            yield Report(
                op.at,
                f"this {_named(operation)} is built and never run",
                help=_HELP,
                rewrite=_run(operation, ""),
            )
    elif op.do in ("move", "call") and operation.result.name in _WRITES:
        name = op.dst or "%"
        rebuilt = function.chain_start(op.on if op.do == "move" else op.dst) == name
        if name.isidentifier() and not rebuilt and not function.is_read(name, by_itself=False):
            yield Report(
                op.at,
                f"`{name}` is built here and never run",
                help=_HELP,
                rewrite=_run(operation, name),
            )


_HELP = "run it: `session.execute(...)`"


def _run(operation: Operation, name: str) -> Rewrite | None:
    """Give it to the Session or Connection whose `commit()` follows."""
    found = _committing(operation)
    if found is None or not _writes(operation):
        return None
    commit, handle, is_async = found
    wait = "await " if is_async else ""
    if name:
        edit: Edit = Insert(commit.at, "before", f"{wait}{handle}.execute({name})")
    else:
        edit = Replace(operation.at, f"{wait}{handle}.execute({{0}})", (operation.at,))
    return Rewrite("run it", Applicability.UNSAFE, (edit,))


def _committing(operation: Operation) -> tuple[Op, str, bool] | None:
    """The next `commit()` that surely follows, what is committed, and whether it is async."""
    typed = operation.function.typed
    for number, block in enumerate(typed.function.blocks):
        after = False
        for i, op in enumerate(block.ops):
            after = after or op is operation.op
            on = typed.on[number][i]
            if after and op.do == "call" and op.name == "commit" and on.name in _HANDLES:
                named = isinstance(op.on, str) and op.on.replace(".", "").isidentifier()
                return (op, str(op.on), on.is_async) if named else None
    return None


def _writes(operation: Operation) -> bool:
    kind = operation.result
    if kind.name != kinds.TEXT:
        return kind.name in _WRITES
    sql = kind.label
    known = bool(sql) and sqltext.HOLE not in sql and not sqltext.bind_names(sql)
    return known and sqltext.writes(sql) is True


_HANDLES = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION})


def _named(operation: Operation) -> str:
    kind = operation.result.name
    return "Query" if kind == kinds.QUERY else "statement" if kind == kinds.TEXT else kind


def _expects_failure(operation: Operation) -> bool:
    return any(
        other.op.do == "call"
        and (other.op.name in _EXPECTING or other.on.label.rpartition(".")[2] in _EXPECTING)
        for other in operation.function.operations()
    )
