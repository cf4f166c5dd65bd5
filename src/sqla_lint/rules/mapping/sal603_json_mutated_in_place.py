"""SAL603: the value of a JSON column is changed in place, and nobody tells the session."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Function,
    Import,
    Insert,
    Mutation,
    Report,
    Rewrite,
    Severity,
    inner_changes,
    kinds,
    lost_mutations,
    rule,
)


@rule(
    "SAL603",
    "json-mutated-in-place",
    severity=Severity.ERROR,
    fix="unsafe",
)
def json_mutated_in_place(function: Function) -> Iterator[Report]:
    """The value of a JSON, ARRAY or pickled column of a loaded object is changed in place.

    ## What it does
    Follows the value of such a column to `value["key"] = ...`, `append()`, `update()` and their
    like, also in nested values and when the same object, or a copy of it, is assigned afterwards.
    In methods of the class and in functions that are handed an object, where a caller loads one,
    writes, and nobody between tells the session; also in methods of a helper that was made with
    the object or the value. In classes on `MutableDict` and `MutableList`,
    methods that change a value inside.

    ## Why is this bad?
    The Session notices assignments to attributes, not what happens inside of a value: nothing is
    written, without any error. `MutableDict` and its like notice changes of their own level, not
    of the dictionaries and lists inside. Assigning the same object again changes nothing either,
    since the old value is that object, and a copy that is made after the change equals it.

    ## Example
    ```python
    user = session.get(User, 1)
    user.settings["theme"] = "dark"
    session.commit()
    ```

    ## Use instead
    ```python
    user = session.get(User, 1)
    user.settings["theme"] = "dark"
    flag_modified(user, "settings")
    session.commit()
    ```

    ## Fix safety
    Unsafe: what was never written is written then. `MutableDict.as_mutable(JSON)` in the model
    mends all places at once, for changes of the top level.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only objects that a statement of known kind has loaded, in functions that write or whose callers
    do. Types of the
    project count when they load JSON or pickles themselves.

    ## References
    SQLAlchemy docs, "Mutation Tracking"; `sqlalchemy.orm.attributes.flag_modified`.
    """
    for change in inner_changes(function):
        yield Report(
            change.op.at,
            f"`{change.type}` is a `{change.base}`, which notices changes of its own level only:"
            " this one of a nested value is never written",
            help="call `self.changed()` afterwards, or assign the changed value: `self[...] = ...`",
        )
    for mutation in lost_mutations(function) if kinds.ENTITY in function.typed.present else ():
        if mutation.attribute == "metadata" and function.target < (2, 1):
            continue  # SAL614: there is no such class
        name = f"{mutation.entity}.{mutation.attribute}"
        if mutation.entity[0] == "%":
            name = mutation.attribute
        again = ""
        if mutation.again or mutation.copied:
            what = "the same object again" if mutation.again else "a copy of it afterwards"
            again = f", and assigning {what} changes nothing"
        yield Report(
            mutation.op.at,
            f"`{name}` notices changes of its own level only: this one of a nested value is never"
            " written"
            if mutation.nested
            else f"`{name}` is a plain {mutation.type.name} column: a change in place is not"
            f" noticed and never written{again}",
            help=_help(mutation),
            rewrite=_flagged(mutation),
            steps=() if mutation.inside is None else (mutation.inside,),
        )


def _help(mutation: Mutation) -> str:
    if mutation.nested:
        return f'`flag_modified(..., "{mutation.attribute}")`, or assign a changed copy'
    if mutation.again or mutation.copied:
        return "change a copy and assign that: `dict(...)`, `list(...)`, `copy.deepcopy(...)`"
    return (
        f'`flag_modified(..., "{mutation.attribute}")`, or assign a changed copy, or declare the'
        " column with `MutableDict.as_mutable(...)`"
    )


def _flagged(mutation: Mutation) -> Rewrite | None:
    named = mutation.entity.replace(".", "").isidentifier()
    if mutation.again or not mutation.alone or not named:
        return None
    return Rewrite(
        "tell the session: `flag_modified()`",
        Applicability.UNSAFE,
        (
            Import("sqlalchemy.orm.attributes", "flag_modified"),
            Insert(
                mutation.op.at,
                "after",
                f'{{flag_modified}}({mutation.entity}, "{mutation.attribute}")',
            ),
        ),
    )
