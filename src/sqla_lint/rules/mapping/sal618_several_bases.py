"""SAL618: models that refer to each other, on different declarative bases."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Note, Project, Report, Severity, rule, target_name


@rule("SAL618", "several-bases", severity=Severity.ERROR)
def several_bases(project: Project) -> Iterator[Report]:
    """A foreign key or relationship leads to a model of another declarative base.

    ## What it does
    Reports string foreign keys and relationships whose target is defined on another base (or
    another `SQLAlchemy()` object) with a MetaData of its own; and a declarative base with models
    beside a `SQLAlchemy()` whose `create_all()` is the only one.

    ## Why is this bad?
    Each base has its own MetaData and class registry. `NoReferencedTableError: Foreign key
    associated with column 'posts.user_id' could not find table 'users'`, although the table is
    right there, on the other base; and `create_all()` of one base leaves out the tables of the
    other.

    ## Example
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)


    OtherBase = declarative_base()


    class Post(OtherBase):
        __tablename__ = "posts"
        id = Column(Integer, primary_key=True)
        user_id = Column(ForeignKey("users.id"))
    ```

    ## Use instead
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)


    class Post(Base):
        __tablename__ = "posts"
        id = Column(Integer, primary_key=True)
        user_id = Column(ForeignKey("users.id"))
    ```

    ## Fix safety
    No fix: import the one base.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Bases that are given the same MetaData or registry count as one, and bases whose definition is
    not known are silent.

    ## References
    SQLAlchemy docs, "Metadata and Types"; Flask-SQLAlchemy docs, "Quick Start".
    """
    models = project.models
    yield from _beside_flask(project)
    yield from _of_another(project)
    for model in models.models.values():
        own = models.bases.get(model.base)
        if own is None or not own.known or models.reflects():
            continue
        mine = models.metadata_of(own)
        for attribute in () if models.is_migration(model.module) else model.attributes:
            if attribute.column is not None:
                for key in attribute.column.foreign_keys:
                    found = models.elsewhere(key, mine)
                    if found is not None:
                        yield Report(
                            key.named_at,
                            f"the table `{found.name}` hangs on another MetaData than"
                            f" `{model.name}`: the foreign key does not find it",
                            help="derive both from one base",
                            steps=(Note("it is defined here", found.at, found.path),),
                            path=attribute.path,
                        )
            relation = attribute.relationship
            if relation is None or relation.opaque or relation.outside:
                continue
            name = target_name(models.scopes, relation)
            if not name or ":" in name or models.named(name, model.base):
                continue
            others = [m for m in models.named(name) if m.base and models.base_known(m.base)]
            if others and len(others) == len(models.named(name)):
                yield Report(
                    relation.target.at if relation.target is not None else relation.at,
                    f"`{name}` is mapped by another base than `{model.name}`: configuring the"
                    " mappers fails",
                    help="derive both from one base",
                    steps=(Note("it is defined here", others[0].at, others[0].path),),
                    path=relation.path,
                )


def _beside_flask(project: Project) -> Iterator[Report]:
    """``class Base(DeclarativeBase)`` beside a `SQLAlchemy()` that was not given it."""
    models = project.models
    made = {use.base for use in project.metadata_uses() if use.what.startswith("`create_all()`")}
    flask = [b for b in models.bases.values() if b.style == "flask" and b.label in made]
    if len(flask) != 1 or models.reflects():
        return
    for base in models.bases.values():
        if base.style != "sqlalchemy" or not base.known or base.metadata or base.at < 0:
            continue
        mine = [m for m in models.models.values() if m.base == base.label]
        mine = [m for m in mine if not models.is_migration(m.module)]
        name = base.label.replace(":", ".").rpartition(".")[2]
        if not mine or "<locals>" in base.label or project.names(f"{name}.metadata"):
            continue
        first = min(mine, key=lambda m: m.label)
        yield Report(
            base.at,
            f"`{name}` is a base of its own beside the one of Flask-SQLAlchemy: `create_all()` does"
            f" not make the tables of its models, such as `{first.name}`",
            help=f"give it: `SQLAlchemy(model_class={name})`, and derive from `db.Model`",
            steps=(
                Note("the other base is made here", flask[0].at, flask[0].path),
                Note(f"`{first.name}` is defined here", first.at, first.path),
            ),
            path=base.path,
        )


def _of_another(project: Project) -> Iterator[Report]:
    """`create_all()` of a base without models, while those there are derive from another one."""
    models = project.models
    uses = list(project.metadata_uses())
    used = {use.base for use in uses}
    if "" in used or models.reflects():
        return
    for use in uses:
        base = models.bases.get(use.base)
        if base is None or not base.known or base.style != "sqlalchemy" or base.metadata:
            continue
        if any(m.base == base.label for m in models.models.values()):
            continue
        if any(t.metadata in ("", base.label) for t in models.tables):
            continue
        others = [b for b in models.bases.values() if b.known and b.label not in used]
        others = [b for b in others if b.style == "sqlalchemy" and not b.metadata]
        orphans = [m for m in models.models.values() if m.base in {b.label for b in others}]
        if len(others) != 1 or len(orphans) != len(models.models):
            continue
        first = min(orphans, key=lambda m: m.label)
        yield Report(
            use.at,
            f"no model derives from this base, and {use.what}: `{first.name}` and others have"
            " another one",
            help="derive all models from one base",
            steps=(
                Note("the other base is made here", others[0].at, others[0].path),
                Note(f"`{first.name}` is defined here", first.at, first.path),
            ),
            path=use.path,
        )
