"""SAL623: migrations that fail, or see no models."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Const,
    Function,
    Note,
    Operand,
    Operation,
    Report,
    Severity,
    added_column,
    becomes_key,
    is_copied,
    is_empty,
    is_mysql,
    is_put_by,
    migrates,
    migration,
    models_used,
    needs_value,
    rule,
    unseen_models,
    without_metadata,
)


@rule(
    "SAL623",
    "migration-breaks-rows",
    severity=Severity.WARNING,
)
def migration_breaks_rows(function: Function) -> Iterator[Report]:
    """A migration cannot run on a table that has rows, or does not see the models.

    ## What it does
    Reports `add_column()` of a column with `nullable=False` and without `server_default`,
    `drop_constraint(None, ...)`, models of the application that a migration queries, and an alembic
    environment that imports the base of the models but none of the modules that define them, or
    that has no metadata at all although there are models.

    ## Why is this bad?
    PostgreSQL refuses a column without a value for the rows that are there (`NotNullViolation`),
    SQLite always (`Cannot add a NOT NULL column with default value NULL`); `default=` is not used
    in DDL. A constraint without a name cannot be dropped. A metadata without tables makes
    `--autogenerate` drop every table. A class of the application has the columns of today:
    selecting it names columns that do not exist yet when the migration runs on an older database.

    ## Example
    ```python
    op.add_column("items", sa.Column("size", sa.Integer(), nullable=False, default=0))
    ```

    ## Use instead
    ```python
    op.add_column("items", sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
    ```

    ## Fix safety
    No fix: which value old rows should get, and what a constraint is called, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Models in migrations are told with `--pedantic`: the harm waits for a later migration; so is an
    environment without metadata beside migrations that were written without it. Constraints without
    a name are one finding for each function. A folder inside of `versions` is only read where
    `version_locations` names it: elsewhere what lies in it is left alone, and its `downgrade()`
    everywhere. A column that the same function makes the primary key is left alone: SQLite numbers
    the rows; so is a column with `default=` in a batch that copies the rows into a new table, on
    SQLite or with `recreate="always"`. Tables that are made or emptied in the same function are
    left alone, and so are `downgrade()` and, for added columns, projects that name MySQL alone and
    migrations with types of MySQL alone: it fills in a value of its own.

    ## References
    Alembic docs, "Operation Reference": add_column, drop_constraint; "Auto Generating Migrations".
    """
    nameless: list[Operation] = []
    if is_put_by(function):
        return
    for operation in function.operations() if migrates(function) else ():
        step = migration(operation)
        if step is None:
            continue
        if step.name == "add_column" and function.qualname != "downgrade":
            column = added_column(operation, step.first)
            if (
                column is None
                or not needs_value(column)
                or becomes_key(column)
                or is_copied(operation, column)
                or is_mysql(function)
                or is_empty(function, step.table, operation)
            ):
                continue
            yield Report(
                operation.at,
                "a column that is not nullable is added without `server_default`: an error when the"
                " table has rows (only MySQL fills in zeros or empty texts)",
                help="give it a `server_default`, or add it nullable, fill it, and alter it",
            )
        elif step.name == "drop_constraint" and _first(operation) == Const(None):
            nameless.append(operation)
    if nameless:
        yield Report(
            nameless[0].at,
            "a constraint without a name cannot be dropped: CompileError or ValueError",
            help="write its name, and give constraints names (`naming_convention`)",
            steps=tuple(Note("nor can this one", one.at) for one in nameless[1:]),
        )
    for used in models_used(function):
        yield Report(
            used.op.at,
            f"the migration uses today's `{used.model}`: once the class has a column that a later"
            " migration adds, this one fails on a database without it",
            help="describe the table as it is here: `sa.table()` with the columns that are needed",
            group="pedantic",
        )
    empty = without_metadata(function)
    if empty is not None:
        yield Report(
            empty.at,
            "alembic is shown no metadata: `--autogenerate` and `alembic check` fail",
            help="import the modules of the models, and give `Base.metadata`",
            group="pedantic" if function.project.models.has_migrations() else None,
        )
    for environment in unseen_models(function):
        yield Report(
            environment.op.at,
            f"no module that defines models such as `{environment.model}` is imported here:"
            " `--autogenerate` sees no tables",
            help="import the modules of the models",
        )


def _first(operation: Operation) -> Operand | None:
    args = operation.op.args
    return args[0].value if args and not args[0].keyword else None
