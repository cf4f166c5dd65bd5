"""SAL513: rows are fetched to be counted."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Call,
    Group,
    Kind,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    finds_one,
    in_migration,
    kinds,
    receiver,
    rule,
    statements_behind,
)

# What a statement has that counts otherwise in the database: it is a page, or its rows are fetched
# so as to be locked, which `FOR UPDATE` refuses together with an aggregate.
_ALSO_FOR = frozenset({"limited", "locked"})
_RESULTS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS})


@rule(
    "SAL513",
    "count-in-python",
    severity=Severity.ADVICE,
    fix="unsafe",
    on=calls(None),
)
def count_in_python(call: Call) -> Iterator[Report]:
    """All rows are fetched only to be counted, or what has no length is.

    ## What it does
    Reports `len(query.all())` and `len(session.scalars(select(...)).all())`, also of a variable
    that nothing else reads; and `len(query)`, `len(session.scalars(...))`.

    ## Why is this bad?
    Every row is sent, and for entities an object is made of it, for one number that the database
    has at hand. A Query or a result itself has no length: `TypeError: object of type 'Query' has no
    len()`.

    ## Example
    ```python
    len(session.query(User).filter(User.age > 30).all())
    ```

    ## Use instead
    ```python
    session.query(User).filter(User.age > 30).count()
    ```

    ## Fix safety
    Unsafe: a Query of entities drops duplicates of joins, `count()` does not. For a `select()`
    the author must write `select(func.count()).select_from(...)`.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Not for a limited Query, nor one for a whole key, nor one whose rows are locked by
    `with_for_update()`, nor where the rows are used otherwise. Tests are silent: they count few
    rows. Told with `--pedantic` in what runs once: migrations, and the steps of an upgrade that
    stand in a table of functions and change the schema.

    ## References
    SQLAlchemy docs, "Legacy Query API": Query.count(); "Using SELECT Statements": func.count().
    """
    if call.name is not None or call.on.label != "builtins.len" or len(call.op.args) != 1:
        return
    if call.function.is_test_code:
        return
    given, kind = call.op.args[0].value, call.arg_kinds[0]
    if kind.name == kinds.QUERY or kind.name in _RESULTS:
        if isinstance(given, str) and (given[0] == "%" or call.function.always(given, kind.name)):
            yield _without_length(call, kind)
        return
    fetched = call.function.maker(given) or call.function.only_counted(given)
    if fetched is None or fetched.op.do != "call" or fetched.op.name not in ("all", "fetchall"):
        return
    if finds_one(fetched):
        return
    group: Group | None = "pedantic" if in_migration(call.function) else None
    if fetched.on.name == kinds.QUERY and _ALSO_FOR.isdisjoint(fetched.on.traits):
        rewrite = (
            Rewrite(
                "use `count()`",
                Applicability.UNSAFE,
                (Replace(call.at, "{0:primary}.count()", (receiver(fetched.op),)),),
            )
            if call.function.maker(given) is not None
            else None
        )
        yield Report(call.at, _MESSAGE, help="use `count()`", rewrite=rewrite, group=group)
    elif fetched.on.name in _RESULTS and _counts_selects(fetched):
        yield Report(
            call.at, _MESSAGE, help="use `select(func.count()).select_from(...)`", group=group
        )


def _without_length(call: Call, kind: Kind) -> Report:
    is_query = kind.name == kinds.QUERY
    ref = call.op.args[0].at
    edit = Replace(call.at, "{0:primary}.count()", (ref,))
    return Report(
        call.at,
        f"a {'Query' if is_query else 'result'} has no length: `len()` raises TypeError",
        help="use `count()`" if is_query else "use `len(result.all())`, or count in the database",
        rewrite=Rewrite("use `count()`", Applicability.UNSAFE, (edit,)) if is_query else None,
    )


_MESSAGE = "every row is fetched, only to be counted"


def _counts_selects(fetched: Operation) -> bool:
    ran = [statement for statement, _ in statements_behind(fetched)]
    return bool(ran) and all(
        kind.name == kinds.SELECT and _ALSO_FOR.isdisjoint(kind.traits) for kind in ran
    )
