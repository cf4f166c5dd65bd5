"""Foreign keys as migrations make them: what the database does when a row they lead to goes."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.project.bodies import may_say
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Table
from sqla_lint.project.values import Value


def minded_by_migrations(project: Project, table: Table, column: Column) -> bool:
    """A migration makes the foreign key of a column with an `ondelete`, and nothing but migrations
    makes the tables: what the mapping leaves out of it is never asked for."""
    models, knowledge = project.models, project.knowledge
    modules = list(knowledge.index.modules.values())
    scripts = [module for module in modules if models.is_migration(module.name)]
    if not scripts or not table.name or _makes_tables(project):
        return False
    return any(
        column.db_name in columns
        for module in scripts
        for function in module.functions.values()
        if function.qualname != "downgrade" and may_say(function, "ondelete")
        for call in models.scopes.body(module, function.qualname).calls
        for columns in _minded(call, table.name)
    )


def _makes_tables(project: Project) -> bool:
    """`create_all()`, other than in tests."""
    knowledge = project.knowledge
    shipped = [
        module
        for module in knowledge.index.modules.values()
        if not knowledge.told.is_test(module.path)
    ]
    return any(
        op.name == "create_all"
        for _, function in knowledge.sayings.where(shipped, "create_all")
        for block in function.blocks
        for op in block.ops
    )


def _minded(call: Value, table: str) -> Iterator[tuple[str, ...]]:
    """The columns of the foreign keys with an `ondelete` that an operation of alembic makes."""
    name = call.name.rpartition(".")[2]
    texts = [arg.text for arg in call.args]
    if name in ("create_table", "add_column") and texts[:1] == [table]:
        for item in call.args[1:]:
            if item.library == "ForeignKeyConstraint" and _is_minded(item):
                yield _columns(item.argument(0, "columns"))
            elif item.library == "Column" and item.args:
                keys = [one for one in item.args if one.library == "ForeignKey"]
                yield tuple(item.args[0].text or "" for one in keys if _is_minded(one))
    elif name == "create_foreign_key" and texts[1:2] == [table] and _is_minded(call):
        yield _columns(call.argument(3, "local_cols"))  # that of a batch says no table


def _is_minded(key: Value) -> bool:
    given = key.word("ondelete")
    return given is not None and given.text is not None


def _columns(listed: Value | None) -> tuple[str, ...]:
    return tuple(one.text for one in listed.args if one.text) if listed is not None else ()
