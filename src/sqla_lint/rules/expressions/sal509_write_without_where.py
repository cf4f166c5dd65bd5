"""SAL509: an UPDATE or DELETE of every row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import SENDING, Call, Report, Severity, kinds, rule

_WRITES = frozenset({kinds.UPDATE, kinds.DELETE})
# Functions that say that everything goes.
_MEANT = re.compile(
    r"all|clear|clean|reset|truncate|purge|wipe|empty|flush|drop|seed|tear|upgrade|downgrade|migrat"
    r"|fixture|init|every|cleanup|remove_data|delete_data|replace|rebuild|reload|recreate|refresh|sync",
    re.IGNORECASE,
)


@rule("SAL509", "write-without-where", group="pedantic", severity=Severity.WARNING, on=SENDING)
def write_without_where(call: Call) -> Iterator[Report]:
    """An UPDATE or DELETE runs without a criterion.

    ## What it does
    Reports an `update()` or `delete()` that is executed without `where()`, and `delete()` and
    `update()` of a Query without `filter()`.

    ## Why is this bad?
    Every row of the table is changed or deleted. Where that is meant, the code should say so.

    ## Example
    ```python
    session.execute(delete(Token))
    ```

    ## Use instead
    ```python
    session.execute(delete(Token).where(Token.user_id == user_id))
    ```

    ## Fix safety
    No fix: which rows are meant, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent where it is executed with values, in tests, in migrations, in functions whose name says
    that everything goes (`clear`, `reset`, `delete_all`), and where the function also makes new
    rows. SQL texts are not looked at.

    ## References
    SQLAlchemy docs, "Using UPDATE and DELETE Statements".
    """
    sent = call.runs()
    if sent is None or "all-rows" not in sent[1].traits:
        return
    query = sent[1].name == kinds.QUERY and call.name in ("update", "delete")
    if sent[1].name not in _WRITES and not query:
        return
    if not query and call.parameters().given != "none":
        return  # a row for each set of values, picked by its primary key
    function = call.function
    if function.entry == "test" or _MEANT.search(function.qualname) or function.is_module:
        return
    if _fills_again(call):
        return
    verb = call.name if query else sent[1].name.lower()
    yield Report(
        call.at,
        f"this `{verb}()` has no criterion: it reaches every row of the table",
        help="add a `where()`, or say in the function's name that everything is meant",
    )


def _fills_again(call: Call) -> bool:
    """The function makes new rows, too: it replaces what was there."""
    return any(
        other.result.name == kinds.INSERT or other.on.name == kinds.MAPPED_CLASS
        for other in call.function.calls()
        if other.name is None or other.result.name == kinds.INSERT
    )
