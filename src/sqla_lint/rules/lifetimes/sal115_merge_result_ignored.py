"""SAL115: the result of merge() thrown away."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    IN_TRANSACTIONS,
    Applicability,
    Function,
    Note,
    Replace,
    Report,
    Rewrite,
    functions_with,
    kinds,
    merged,
    merged_and_kept,
    merged_there,
    needless,
    rule,
)


def merged_by_helpers(function: Function) -> Iterator[Report]:
    """A function that is called merges what it is handed, and its caller goes on with that."""
    for found in merged_there(function):
        yield Report(
            found.statement.at,
            f"`{found.callee}()` merges `{found.entity}`, which stays outside of the session: what"
            " happens to it afterwards is lost",
            help="let it return what `merge()` returns, and go on with that",
            steps=(
                found.there,
                Note(f"`{found.entity}` is used here", found.later.at),
            ),
        )


@rule(
    "SAL115",
    "merge-result-ignored",
    fix="unsafe",
    on=IN_TRANSACTIONS,
    also=(merged_by_helpers, functions_with(kinds.ENTITY)),
)
def merge_result_ignored(function: Function) -> Iterator[Report]:
    """`session.merge(x)` is called for its effect on `x`, which it does not have.

    ## What it does
    Reports a `merge()` whose result is thrown away, when its argument is changed, refreshed or
    deleted afterwards, or added itself, or kept in a container of the function or its object, and
    changed when it is taken out of there; also where a function of the project does so with an
    object that its caller has newly made and changes afterwards. With `--pedantic` also one whose
    argument was loaded by this very session, which has it already.

    ## Why is this bad?
    `merge()` copies its argument into an object of the session, and returns that one. The argument
    itself stays outside: what is changed on it is not written, and `refresh()` or `delete()` of it
    raises `InvalidRequestError`; when it is added, the row is written a second time. The merge of
    an object that the session has loaded gives the same object back, and does nothing.

    ## Example
    ```python
    session.merge(user)
    user.name = "ann"
    session.commit()
    ```

    ## Use instead
    ```python
    user = session.merge(user)
    user.name = "ann"
    session.commit()
    ```

    ## Fix safety
    Unsafe: what was not written before now is.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Of functions that are called afterwards only those are seen that set attributes and do nothing
    else with the object. What a call has just given may be of this very session, and is told with
    `--pedantic`.

    ## References
    SQLAlchemy docs, "State Management": Merging.
    """
    for found in merged(function):
        at = found.statement.at
        yield Report(
            at,
            f"`merge()` returns another object: `{found.entity}` itself stays outside of the"
            " session, and what happens to it afterwards is lost",
            help=f"go on with what it returns: `{found.entity} = session.merge({found.entity})`",
            steps=(Note(f"`{found.entity}` is used here", found.later.at),),
            rewrite=Rewrite(
                "keep the result",
                Applicability.UNSAFE,
                (Replace(at, f"{found.entity} = {{0}}", (at,)),),
            ),
            group=None if found.is_entity else "pedantic",
        )
    for kept in merged_and_kept(function):
        at = kept.statement.at
        yield Report(
            at,
            f"`merge()` returns another object: `{kept.entity}` itself stays outside of the"
            f" session, is kept in `{kept.place}`, and what changes it there is lost",
            help=f"keep what it returns: `{kept.entity} = session.merge({kept.entity})`",
            steps=(kept.change,),
            rewrite=Rewrite(
                "keep the result",
                Applicability.UNSAFE,
                (Replace(at, f"{kept.entity} = {{0}}", (at,)),),
            ),
            group="preview",
        )
    for found in needless(function):
        yield Report(
            found.statement.at,
            f"`{found.entity}` was loaded by this session and belongs to it: this `merge()` does"
            " nothing",
            help="leave it out: what was changed is written by the commit",
            steps=(Note(f"`{found.entity}` is loaded here", found.later.at),),
            group="pedantic",
        )
