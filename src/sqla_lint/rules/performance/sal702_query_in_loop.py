"""SAL702: a loop asks for its rows one by one."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Report,
    Severity,
    functions_with,
    kinds,
    rule,
    statements_in_loops,
)

_AT_ONCE = "ask for all of them at once, with `in_()` or a join"
_AGAIN = (
    "load all of them again with one `select()` that has"
    " `.execution_options(populate_existing=True)`, and what they lack with `selectinload()`"
)
_HELP = dict.fromkeys(("select", "query", "get", "get_one"), _AT_ONCE) | {"refresh": _AGAIN}


@rule(
    "SAL702",
    "query-in-loop",
    group="pedantic",
    severity=Severity.ADVICE,
    on=functions_with(
        kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION, kinds.QUERY, kinds.ENTITY
    ),
)
def query_in_loop(function: Function) -> Iterator[Report]:
    """A loop runs a SELECT for each of its elements.

    ## What it does
    Reports, with `--pedantic`, statements in `for` loops and comprehensions whose criteria name the
    element of the loop, and `refresh()` of the element; also calls of a function of the project,
    and reads of a property, that do nothing else than to run such a statement, themselves or
    through another.

    ## Why is this bad?
    A hundred elements are a hundred round trips to the database, where one statement would do.

    ## Example
    ```python
    for key in keys:
        users.append(session.scalars(select(User).where(User.id == key)).one())
    ```

    ## Use instead
    ```python
    users = session.scalars(select(User).where(User.id.in_(keys))).all()
    ```

    ## Fix safety
    No fix: in which order the rows are wanted, and what is to happen when one is missing, the
    author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Loops over a few values that are written in place or sliced off (`[:3]`), over pages, batches
    and generators, searches that end with a hit, loops that wait, handle failures or commit are not
    reported, nor what runs once: migrations, and the steps of an upgrade that stand in a table of
    functions and change the schema.

    ## References
    SQLAlchemy docs, FAQ, "Performance".
    """
    if function.entry in ("test", "fixture"):
        return
    for one in statements_in_loops(function):
        if one.verb in _HELP:
            whose = "property" if one.op.do == "getattr" else "function"
            inside = one.inside is not None
            what = f"the `{one.verb}()` of this {whose}" if inside else f"this `{one.verb}()`"
            yield Report(
                one.op.at,
                f"{what} runs once for each element of the loop: a round trip to the database in"
                " every turn",
                help=_HELP[one.verb],
                steps=() if one.inside is None else (one.inside,),
                group="pedantic",
            )
