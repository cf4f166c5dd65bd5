"""SAL519: a number is read, changed in Python, and written back."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    functions_with,
    kinds,
    lost_updates,
    never_written,
    put_back,
    rule,
)


@rule(
    "SAL519",
    "lost-update",
    group="preview",
    severity=Severity.WARNING,
    on=functions_with(kinds.ENTITY, kinds.UPDATE, kinds.QUERY, kinds.TEXT),
)
def lost_update(function: Function) -> Iterator[Report]:
    """A number of a loaded object is changed by a step, and nothing keeps others from doing so.

    ## What it does
    Reports `obj.n += 1` and `obj.n = obj.n + 1` on a column of numbers of a loaded object, in
    routes, tasks, what they call, and functions that commit. Also UPDATE statements that set a
    column to a step from the value that was selected before, and those of a function that is given
    what another function had read in a transaction of its own, changed.

    ## Why is this bad?
    Two requests read the same number, both add to it, and the second commit overwrites the first:
    one of the steps is lost.

    ## Example
    ```python
    account = session.get(Account, key)
    account.balance -= amount
    session.commit()
    ```

    ## Use instead
    ```python
    account = session.get(Account, key)
    account.balance = Account.balance - amount  # the database does it
    session.commit()
    ```

    ## Fix safety
    No fix: whether the database adds, the row is locked or a version is kept, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent where the function locks anything, the model has a `version_id_col`, or the project sets
    a stricter isolation level anywhere; in tests and commands.

    ## References
    SQLAlchemy docs, "Additional Persistence Techniques": Embedding SQL Insert/Update Expressions
    into a Flush; "Configuring a Version Counter".
    """
    for one in put_back(function):
        name = f"{one.table}.{one.column}" if one.table else one.column
        yield Report(
            one.op.at,
            f"`{name}` is read in one transaction, changed and written back in another: of two"
            " that do it at once, one is lost"
            if one.apart
            else f"`{name}` is read, changed and written back without a lock: of two that do it at"
            " once, one is lost",
            help=f"let the database do it in the UPDATE (`{name} + …`), or read and write in one"
            " transaction, with `with_for_update()`",
            steps=(*one.steps, Note("written back here", one.op.at)),
        )
    unwritten = never_written(function)
    for lost in lost_updates(function):
        if lost.op.at in unwritten:
            continue
        model = lost.model.rpartition(":")[2].rpartition(".")[2]
        yield Report(
            lost.op.at,
            f"`{model}.{lost.attribute}` is read, changed and written back without a lock: of two"
            " that do it at once, one is lost",
            help=f"let the database do it (`{model}.{lost.attribute} + …`), or load the object with"
            " `with_for_update()`",
            steps=(
                Note("read here", lost.read.at),
                Note("written back here", lost.op.at),
            ),
        )
