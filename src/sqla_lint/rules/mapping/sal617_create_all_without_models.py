"""SAL617: tables are made before anything has imported the models."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Mapped, MetadataUse, Note, Project, Report, Severity, Table, rule


@rule("SAL617", "create-all-without-models", severity=Severity.ERROR)
def create_all_without_models(project: Project) -> Iterator[Report]:
    """`create_all()` or alembic's `target_metadata`, and nothing imports the models.

    ## What it does
    Reports `metadata.create_all()` and `target_metadata = Base.metadata` where neither that module,
    nor any module that leads to it, imports a module with a model of that base or a table of that
    MetaData; and `create_all()` above all the models. In preview also where the module imports some
    modules with models by name, and nothing leads to another one that the project uses.

    ## Why is this bad?
    A table is known to the MetaData once its class statement has run. If no import leads to the
    models, `create_all()` makes no table and says nothing: the first query fails with `no such
    table`. Alembic's autogenerate sees an empty model and drops every table.

    ## Example
    ```python
    from app.db import Base, engine

    Base.metadata.create_all(engine)
    ```

    ## Use instead
    ```python
    from app import models
    from app.db import Base, engine

    Base.metadata.create_all(engine)
    ```

    ## Fix safety
    No fix: where the import may stand without a cycle is the author's to decide.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A function that the project never calls is left to its callers. An import anywhere counts, also
    one inside a function, but for those that follow in the function of the `create_all()`; so does
    one of another test, for a test, and of what runs alembic's commands, for an environment of
    alembic. Projects that import modules by strings (`importlib`, plug-ins) are silent.

    ## References
    SQLAlchemy docs, "Creating and Dropping Database Tables"; Alembic docs, "Auto Generating
    Migrations".
    """
    models = project.models
    if not (models.models or models.tables) or project.imports_by_name():
        return
    for use in project.metadata_uses():
        base = models.bases.get(use.base)
        if not (base.known if base else use.base):
            continue
        mine = [m for m in models.models.values() if m.base == use.base and _is_shared(m)]
        tables = [t for t in models.tables if t.metadata == use.base and _is_shared(t)]
        modules = {m.module for m in mine} | {t.module for t in tables}
        if modules == {use.module}:
            first_at = min([m.at for m in mine] + [t.at for t in tables])
            if use.top and use.at < first_at:
                yield Report(
                    use.at,
                    f"the models are defined only below: {use.what}",
                    help="move it behind the class statements",
                    path=use.path,
                )
            continue
        if not modules or use.module in modules:
            continue
        entries = project.entries(use.module) - modules  # a model's own module is nobody's entry
        loaded = set[str]().union(
            *(modules & project.loaded_before(entry, use) for entry in entries),
            *(modules & project.reached(other) for other in project.companions(use)),
        )
        if loaded:
            yield from _forgotten(project, use, modules - loaded, mine, loaded)
            continue
        if any(project.unread(module.rpartition(".")[2], use.path) for module in modules):
            continue
        if not use.top and not project.is_run(use.module, use.function):
            continue  # whoever calls it elsewhere may have imported them
        first = min(mine, key=lambda m: m.label, default=None) or min(tables, key=_place)
        steps = (Note(f"`{first.name}` is defined here", first.at, first.path),)
        yield Report(
            use.at,
            f"nothing that leads here imports the models: {use.what}",
            help="import the modules that define the models before this",
            steps=steps,
            path=use.path,
        )


def _forgotten(
    project: Project,
    use: MetadataUse,
    missing: set[str],
    mine: list[Mapped],
    loaded: set[str],
) -> Iterator[Report]:
    """The module names some modules with models, and one that others use is not among them."""
    named = project.imported(use.module)
    if project.is_test(use.path) or project.chooses_tables(use.module):
        return
    if not any(_is_named(module, named) for module in loaded):
        return
    for module in sorted(missing):
        models = [m for m in mine if m.module == module and not project.is_test(m.path)]
        first = min(models, key=lambda m: m.at, default=None)
        if first is None or not project.imported_by_code(module):
            continue
        does = "makes no table for it" if "create_all" in use.what else "would drop its table"
        subject = "`create_all()`" if "create_all" in use.what else "autogenerate"
        yield Report(
            use.at,
            f"nothing that leads here imports `{module}` with its `{first.name}`: {subject} {does}",
            help=f"import `{module}` beside the other modules with models",
            steps=(Note(f"`{first.name}` is defined here", first.at, first.path),),
            path=use.path,
            group="preview",
        )
        return


def _is_named(module: str, named: frozenset[str]) -> bool:
    return any(one == module or one.startswith(f"{module}.") for one in named)


def _is_shared(one: Mapped | Table) -> bool:
    """What a function maps for itself, no import brings."""
    return "<locals>" not in one.label


def _place(table: Table) -> tuple[str, int]:
    return table.path, table.at
