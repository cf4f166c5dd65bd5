"""SAL613: two classes or tables have one name in one MetaData."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Note, Project, Report, Severity, Table, rule

_ALLOWED = frozenset({"extend_existing", "keep_existing"})


@rule("SAL613", "duplicate-table", severity=Severity.ERROR)
def duplicate_table(project: Project) -> Iterator[Report]:
    """Two mapped classes or tables of one MetaData have the same table name.

    ## What it does
    Reports the second class or `Table` with a table name that another one of the same base or
    MetaData has, when both lie in one module or one module imports the other.

    ## Why is this bad?
    The second definition raises: `InvalidRequestError: Table 'users' is already defined for this
    MetaData instance`.

    ## Example
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)


    class Person(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)
    ```

    ## Use instead
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)


    class Person(Base):
        __tablename__ = "people"
        id = Column(Integer, primary_key=True)
    ```

    ## Fix safety
    No fix.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Definitions of different functions or under conditions, and tables with `extend_existing`, are
    silent; so is a `Table` without columns, which gives the one that is there.

    ## References
    SQLAlchemy docs, "Describing Databases with MetaData".
    """
    models = project.models
    known: dict[tuple[str, str | None, str], list[Table]] = {}
    for table in models.tables:
        if not table.name or not table.metadata or table.schema is None:
            continue  # in which schema it is made cannot be told
        if models.is_migration(table.module) or not project.plainly(table):
            continue
        if _ALLOWED & set(project.table_words(table)):
            continue
        known.setdefault((table.name, table.schema, table.metadata), []).append(table)
    for tables in known.values():
        for second in tables:
            first = next((t for t in tables if _before(project, t, second)), None)
            if first is None or first.label == second.label or _asks(project, second):
                continue
            yield Report(
                second.at,
                f"the table `{second.name}` is defined twice for one MetaData: this definition"
                " raises InvalidRequestError",
                help="give it another name, or use the one table",
                steps=(Note("it is defined here before", first.at, first.path),),
                path=second.path,
            )


def _asks(project: Project, table: Table) -> bool:
    """``Table("users", metadata, autoload_with=engine)``: without a column of its own it gives the
    table that is there."""
    return project.models.of(table.label) is None and not table.columns and not table.constraints


def _before(project: Project, first: Table, second: Table) -> bool:
    if first.label == second.label or _kin(project, first, second):
        return False
    if first.module == second.module:
        return first.at < second.at and _scope(first) == _scope(second)
    if "<locals>" in first.label + second.label:
        return False
    if project.imports(second.module, first.module):
        return True
    return first.path < second.path and _meet(project, first, second)


def _meet(project: Project, first: Table, second: Table) -> bool:
    """Neither module imports the other, and a third one imports both."""
    if project.imports(first.module, second.module):
        return False
    return bool(project.entries(first.module) & project.entries(second.module))


def _kin(project: Project, first: Table, second: Table) -> bool:
    """One class inherits from the other: its base may let it extend the parent's table."""
    models = project.models
    heir = models.of(second.label)
    return heir is not None and any(m.label == first.label for m in models.lineage(heir))


def _scope(table: Table) -> str:
    return table.label.removesuffix(".__table__").rpartition(".")[0]
