"""SAL605: a comma behind a column makes it a tuple, and the column does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Applicability, Project, Replace, Report, Rewrite, Severity, rule

_MAPPED = frozenset(
    {"Column", "mapped_column", "relationship", "column_property", "synonym", "composite"}
    | {"association_proxy", "Field", "Relationship", "deferred"}
)


@rule("SAL605", "trailing-comma-column", severity=Severity.ERROR, fix="safe")
def trailing_comma_column(project: Project) -> Iterator[Report]:
    """A column or relationship is followed by a comma: it is a tuple, and not mapped.

    ## What it does
    Reports `x = Column(...),` and its like in the body of a mapped class, mixin or base, and
    `__tablename__ = "users",`.

    ## Why is this bad?
    The comma makes a tuple of it. SQLAlchemy warns ("Ignoring declarative-like tuple value of
    attribute") and goes on without the attribute: the column is missing in the table, and setting
    it on an object saves nothing.

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
    None known.

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
            rewrite=Rewrite(
                "drop the comma", Applicability.SAFE, (Replace(value.at, "{0}", (inner.at,)),)
            ),
            path=attribute.path,
        )
