"""SAL628: a new object that only a backref connects with the session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Report,
    Severity,
    functions_with,
    kinds,
    orphans,
    rule,
)


@rule(
    "SAL628",
    "backref-cascade-gone",
    severity=Severity.ERROR,
    versions="2.0, 2.1",
    on=functions_with(kinds.ENTITY),
)
def backref_cascade_gone(function: Function) -> Iterator[Report]:
    """A new object is connected with a loaded one, but nothing adds it to the session.

    ## What it does
    Reports new objects whose many-to-one is set to an object of the session, in functions that
    flush or commit, also by the end of a `with`, and never hand the new object to `add()` or to a
    collection; also objects that functions and methods of the project make for what they are given,
    and give back to nobody or to a caller who lets go of them.

    ## Why is this bad?
    In 1.4 the new object followed its backref into the session. In 2.0 it does not: it is not
    saved, with a warning at most.

    ## Example
    ```python
    post = session.get(Post, 1)
    comment = Comment(post=post, text="first")
    session.commit()
    ```

    ## Use instead
    ```python
    post = session.get(Post, 1)
    comment = Comment(post=post, text="first")
    session.add(comment)
    session.commit()
    ```

    ## Fix safety
    No fix: which session it belongs to, the author must say.

    ## Versions
    2.0 and 2.1, and Sessions with `future=True` in 1.4.

    ## Limits
    An object that is returned, stored or handed to anything may be added elsewhere.

    ## References
    SQLAlchemy docs, "Error Messages": Object is being merged into a Session along the backref
    cascade; "Cascades": cascade_backrefs behavior removed.
    """
    if function.target < (2, 0):
        return
    for orphan in orphans(function):
        model = orphan.model.rpartition(":")[2].rpartition(".")[2]
        what = f"`{orphan.name}`" if orphan.name else f"this `{model}`"
        yield Report(
            orphan.made.at,
            f"{what} is never added to the session: its `{orphan.attribute}` alone does not save it"
            " in 2.0",
            help=f"`session.add(...)` it, or append it to `{orphan.attribute}.{orphan.reverse}`",
            steps=() if orphan.there is None else (orphan.there,),
        )
