"""SAL508: a statement is built and never executed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Operation, Report, Severity, acts, kinds, of_database, operations, rule

_WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_STATEMENTS = _WRITES | {kinds.SELECT, kinds.QUERY, kinds.TEXT}
# Who expects building it to fail does not want it run.
_EXPECTING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns"})


@rule(
    "SAL508",
    "statement-never-executed",
    severity=Severity.ERROR,
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
    No fix: the author must say what is to run it.

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
            yield Report(op.at, f"this {_named(operation)} is built and never run", help=_HELP)
    elif op.do in ("move", "call") and operation.result.name in _WRITES:
        name = op.dst or "%"
        rebuilt = function.chain_start(op.on if op.do == "move" else op.dst) == name
        if name.isidentifier() and not rebuilt and not function.is_read(name, by_itself=False):
            yield Report(op.at, f"`{name}` is built here and never run", help=_HELP)


_HELP = "run it: `session.execute(...)`"


def _named(operation: Operation) -> str:
    kind = operation.result.name
    return "Query" if kind == kinds.QUERY else "statement" if kind == kinds.TEXT else kind


def _expects_failure(operation: Operation) -> bool:
    return any(
        other.op.do == "call"
        and (other.op.name in _EXPECTING or other.on.label.rpartition(".")[2] in _EXPECTING)
        for other in operation.function.operations()
    )
