"""SAL627: a foreign key that no index begins with."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Project, Report, Severity, Table, rule

_INDEXES = frozenset({"Index", "UniqueConstraint", "PrimaryKeyConstraint"})


@rule("SAL627", "foreign-key-without-index", group="pedantic", severity=Severity.ADVICE)
def foreign_key_without_index(project: Project) -> Iterator[Report]:
    """A foreign key column of a table on PostgreSQL is first in no index or key.

    ## What it does
    Reports columns with a foreign key that have neither `index=True` nor `unique=True`, and are not
    the first column of an index, unique constraint or primary key, in projects whose URLs all name
    PostgreSQL, or whose setting `dialect` does.

    ## Why is this bad?
    PostgreSQL makes no index for a foreign key. Loading the children of a parent, and deleting a
    parent, read the whole table.

    ## Example
    ```python
    user_id = Column(ForeignKey("users.id"))
    ```

    ## Use instead
    ```python
    user_id = Column(ForeignKey("users.id"), index=True)
    ```

    ## Fix safety
    No fix: the index needs a migration.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Advice: a small table needs none. Silent where the database is not known, and where the
    constraints of a table are not all known.

    ## References
    PostgreSQL docs, "Constraints": foreign keys.
    """
    if project.dialects() != {"postgres"}:
        return
    models = project.models.models
    for table in project.models.tables:
        if project.models.is_migration(table.module):
            continue
        if "<locals>" in table.label and table.label not in models:
            continue
        if table.open or any(not c.library for c in table.constraints):
            continue
        first = _first_columns(table)
        for column in table.columns:
            if not column.foreign_keys or column.opaque or column.index is not False:
                continue
            if column.unique is not False or first & {column.db_name, column.name}:
                continue
            yield Report(
                column.at,
                f"no index begins with the foreign key `{column.name}`: finding the rows of a"
                " parent reads the whole table",
                help="add `index=True`",
                path=column.path,
            )


def _first_columns(table: Table) -> set[str]:
    found = set()
    keys = [c for c in table.columns if c.primary_key is not False]
    if keys:
        found |= {keys[0].db_name, keys[0].name}
    for constraint in table.constraints:
        if constraint.library not in _INDEXES:
            continue
        names = constraint.args[1:] if constraint.library == "Index" else constraint.args
        if names:
            found.add(names[0].text or names[0].name.rpartition(".")[2])
    return found
