"""SAL612: a mapped class without a primary key."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Model, Report, Severity, rule


@rule("SAL612", "missing-primary-key", severity=Severity.ERROR)
def missing_primary_key(model: Model) -> Iterator[Report]:
    """A mapped class has no primary key column.

    ## What it does
    Reports a mapped class whose columns, those of its mixins and bases included, have none with
    `primary_key=True`, and whose table has no `PrimaryKeyConstraint`.

    ## Why is this bad?
    The ORM needs a key for each row. The class statement itself fails:
    `ArgumentError: Mapper ... could not assemble any primary key columns for mapped table 'logs'`.

    ## Example
    ```python
    class Log(Base):
        __tablename__ = "logs"
        message = Column(String)
    ```

    ## Use instead
    ```python
    class Log(Base):
        __tablename__ = "logs"
        id = Column(Integer, primary_key=True)
        message = Column(String)
    ```

    ## Fix safety
    No fix: the author must say which columns identify a row.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent when a base is not known, when a column is made by somebody else's function, when the
    table is reflected, and for heirs of mapped classes.

    ## References
    sqlalche.me: FAQ, "How do I map a table that has no primary key?".
    """
    facts, table = model.facts, model.table
    if table is None or facts.parent or facts.inheritance or not model.exhaustive or table.open:
        return
    if not table.columns and not any(a.value is not None for a in facts.attributes):
        return
    if any(c.primary_key is not False or c.opaque for c in table.columns):
        return
    if any(not c.library or c.library == "PrimaryKeyConstraint" for c in table.constraints):
        return
    if facts.mapper_args is not None:  # may say `primary_key`
        value = facts.mapper_args.value
        if value is None or value.do != "dict" or value.starred:
            return
        if any(key.text in (None, "primary_key") for key in value.args[::2]):
            return
    yield Report(
        facts.at,
        f"`{model.name}` has no primary key: the class statement raises ArgumentError",
        help="mark the columns that identify a row with `primary_key=True`",
    )
