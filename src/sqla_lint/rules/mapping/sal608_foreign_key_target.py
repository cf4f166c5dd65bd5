"""SAL608: a foreign key names a table or column that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Column,
    Model,
    Note,
    Replace,
    Report,
    Rewrite,
    Severity,
    near,
    rule,
)


@rule("SAL608", "foreign-key-target", severity=Severity.ERROR, fix="unsafe")
def foreign_key_target(model: Model) -> Iterator[Report]:
    """A foreign key names a table or a column that no model or table defines.

    ## What it does
    Reports `ForeignKey("table.column")` where the project has no such table, or where the table has
    no such column; and, for SQLAlchemy 1.4, a foreign key on a plain column of a mixin.

    ## Why is this bad?
    The string is a *table's* name, not a class's. It is looked up when tables are made or joined:
    `NoReferencedTableError: Foreign key associated with column 'posts.user_id' could not find table
    'User'`. A mixin's column is copied to each heir, which 1.4 refuses for foreign keys.

    ## Example
    ```python
    user_id = Column(ForeignKey("User.id"))
    ```

    ## Use instead
    ```python
    user_id = Column(ForeignKey("users.id"))
    ```

    ## Fix safety
    Where the string names a class, the fix puts the name of its table instead; it is unsafe because
    another table may be meant.

    ## Versions
    1.4, 2.0 and 2.1; the mixin's foreign key is refused by 1.4 only.

    ## Limits
    Silent when the base is not known, when tables are reflected, when a table's name is computed,
    and when a file of the package that was not linted mentions the name.

    ## References
    SQLAlchemy docs, "Defining Foreign Keys"; "Mapping Class Inheritance Hierarchies", mixins.
    """
    models = model.models
    if not models.base_known(model.facts.base) or models.reflects():
        return
    if models.is_migration(model.facts.module):
        return
    labels = (model.facts.label, *model.facts.mixins)
    for attribute in model.attributes().values():
        column = attribute.column
        if column is None or attribute.owner not in labels:
            continue
        inherited = attribute.owner != model.facts.label and not attribute.declared
        if inherited and column.foreign_keys and model.target < (2, 0):
            yield Report(
                column.at,
                f"`{column.name}` has a foreign key and is a plain attribute of a mixin: SQLAlchemy"
                f" 1.4 refuses to copy it to `{model.name}`",
                help="return it from a `@declared_attr` function",
                path=column.path,
            )
        yield from _keys(model, column)


def _keys(model: Model, column: Column) -> Iterator[Report]:
    models = model.models
    for key in column.foreign_keys:
        whole = key.target if "." in key.target else f"{key.target}.{column.db_name}"
        *where, name = whole.split(".")
        if ":" in key.target or not key.target or not name:
            continue  # a table alone stands for its column of the same name
        table, _ = models.referred(key._replace(target=whole))
        if table is None:
            if models.tables_named(where[-1]) or _computed(model):
                continue  # in another schema, as it seems
            if models.hidden(where[-1], column.path) and not models.anywhere(where[-1]):
                continue
            yield _no_table(model, column, where[-1], name, key.named_at)
            continue
        found = {t.label for t in models.tables_named(where[-1])}
        if len(found) > 1 or table.open or any(c.opaque for c in table.columns):
            continue
        columns = [c.db_name for c in table.columns]
        if name in columns or any(_key(c) == name for c in table.columns):
            continue
        close = near(name, columns)
        yield Report(
            key.named_at,
            f"the table `{table.name}` has no column `{name}`: the foreign key of"
            f" `{model.name}.{column.name}` leads nowhere",
            help=f"did you mean `{close}`?" if close else "name one of its columns",
            steps=(Note(f"the table `{table.name}` is defined here", table.at, table.path),),
            path=column.path,
        )


def _key(column: Column) -> str:
    given = column.call.word("key") if column.call is not None else None
    return (given.text if given is not None else None) or column.db_name


def _computed(model: Model) -> bool:
    """A table of this base has a name that is not written down."""
    tables = [(m.base, m.table) for m in model.models.models.values() if m.table is not None]
    if any(t.name == "" and base == model.facts.base for base, t in tables):
        return True
    labels = {t.label for _, t in tables}
    return any(
        t.name == "" and t.metadata in ("", model.facts.base)
        for t in model.models.tables
        if t.label not in labels and "<locals>" not in t.label
    )


def _no_table(model: Model, column: Column, table: str, name: str, at: int) -> Report:
    models = model.models
    named = models.named(table, model.facts.base)
    meant = models.table_of(named[0]) if len(named) == 1 else None
    rewrite = None
    if meant is not None and meant.name:
        instead = f"`{table}` is a class: its table is `{meant.name}`"
        where = f"{meant.schema}.{meant.name}" if meant.schema else meant.name
        rewrite = Rewrite(
            f"name the table `{meant.name}`",
            Applicability.UNSAFE,
            (Replace(at, f'"{where}.{name}"'),),
        )
    else:
        close = near(table, sorted({t.name for t in models.tables if t.name}))
        instead = f"did you mean `{close}`?" if close else "name a table of the same MetaData"
    return Report(
        at,
        f"there is no table `{table}`: the foreign key of `{model.name}.{column.name}` leads"
        " nowhere",
        help=instead,
        rewrite=rewrite,
        path=column.path,
    )
