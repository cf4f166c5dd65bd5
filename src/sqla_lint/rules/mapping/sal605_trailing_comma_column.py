"""SAL605: a comma behind a column makes it a tuple, and the column does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Function,
    Project,
    Replace,
    Report,
    Rewrite,
    Severity,
    functions_with,
    kinds,
    rule,
    stray_commas,
)

_MAPPED = frozenset(
    {"Column", "mapped_column", "relationship", "column_property", "synonym", "composite"}
    | {"association_proxy", "Field", "Relationship", "deferred"}
)


_PRESENT = (
    kinds.TABLE,
    kinds.ENGINE,
    kinds.METADATA,
    kinds.SESSION_FACTORY,
    kinds.SCOPED_SESSION,
    kinds.SESSION,
    kinds.CONNECTION,
    kinds.SELECT,
    kinds.INSERT,
    kinds.UPDATE,
    kinds.DELETE,
    kinds.QUERY,
    kinds.TEXT,
    kinds.COLUMN_EXPR,
    kinds.FLASK_DB,
)


def trailing_comma(function: Function) -> Iterator[Report]:
    """An object in a tuple that is used as the object."""
    for one in stray_commas(function):
        yield Report(
            one.at,
            f"the comma behind it makes a tuple: `{one.name}` is one, and using it as what is in it"
            " fails",
            help="drop the comma",
            steps=(one.use,),
            rewrite=_without(one.at, one.inner),
        )


def _without(at: int, inner: int) -> Rewrite:
    return Rewrite("drop the comma", Applicability.SAFE, (Replace(at, "{0}", (inner,)),))


@rule(
    "SAL605",
    "trailing-comma-column",
    severity=Severity.ERROR,
    fix="safe",
    also=(trailing_comma, functions_with(*_PRESENT)),
)
def trailing_comma_column(project: Project) -> Iterator[Report]:
    """A column or relationship is followed by a comma: it is a tuple, and not mapped.

    ## What it does
    Reports `x = Column(...),` and its like in the body of a mapped class, mixin or base,
    `__tablename__ = "users",`, and tables, engines, sessions and statements that are bound to a
    name or attribute like that and used as if they were not in a tuple.

    ## Why is this bad?
    The comma makes a tuple of it. SQLAlchemy warns ("Ignoring declarative-like tuple value of
    attribute") and goes on without the attribute: the column is missing in the table, and setting
    it on an object saves nothing. Elsewhere the first use fails: `AttributeError: 'tuple' object
    has no attribute 'insert'`.

    ## Example
    ```text
    name = Column(String(50)),
    ```

    ## Use instead
    ```python
    name = Column(String(50))
    ```

    ## Fix safety
    Safe: the comma goes.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Outside of mapped classes only what is used in a way that a tuple cannot be is reported.

    ## References
    SQLAlchemy docs, "Table Configuration with Declarative".
    """
    for attribute in project.attributes():
        value = attribute.value
        if value is None or value.do != "tuple" or len(value.args) != 1 or attribute.declared:
            continue
        inner = value.args[0]
        if attribute.name == "__tablename__":
            if inner.text is None:
                continue
            what = "the table's name is a tuple, which no string of a foreign key matches"
        elif inner.do == "call" and inner.library in _MAPPED:
            what = f"`{attribute.name}` is a tuple and is not mapped"
        else:
            continue
        yield Report(
            value.at,
            f"the comma behind it makes a tuple: {what}",
            help="drop the comma",
            rewrite=_without(value.at, inner.at),
            path=attribute.path,
        )
