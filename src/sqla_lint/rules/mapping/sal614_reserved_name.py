"""SAL614: an attribute of a model has a name that SQLAlchemy needs itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Project, Report, Severity, is_queried, rule

_MADE = frozenset({"column", "relationship", "hybrid", "synonym", "proxy", "composite"})


@rule("SAL614", "reserved-name", severity=Severity.ERROR)
def reserved_name(project: Project) -> Iterator[Report]:
    """A column or relationship is called `metadata`, `registry`, or (Flask-SQLAlchemy) `query`.

    ## What it does
    Reports mapped attributes of declarative classes with a name that the declarative base, or
    Flask-SQLAlchemy's, uses itself.

    ## Why is this bad?
    `metadata` is refused when the class is made: `InvalidRequestError: Attribute name 'metadata' is
    reserved` (2.1 only warns, and `Model.metadata` is a column from then on). `registry` breaks the
    mapping of the class, or of its heirs. A column called `query` hides Flask-SQLAlchemy's
    `Model.query`.

    ## Example
    ```python
    metadata = Column(JSON)
    ```

    ## Use instead
    ```python
    metadata_ = Column("metadata", JSON)
    ```

    ## Fix safety
    No fix: the attribute must be renamed wherever it is used.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Imperative mappings are silent: they have no such attributes. So are attributes that are set
    after the class statement, which are not checked. A column `query` of a class whose
    `Model.query` nobody reads is told with `--pedantic`.

    ## References
    SQLAlchemy docs, "Table Configuration with Declarative": attribute names.
    """
    models = project.models
    for attribute in project.attributes():
        if attribute.role not in _MADE or not project.in_body(attribute):
            continue
        model = models.of(attribute.owner)
        base = model.base if model is not None else models.mixins[attribute.owner].base
        if not base or (model is not None and model.style == "imperative"):
            continue
        flask = base in models.bases and models.bases[base].style == "flask"
        name = attribute.name
        if name == "metadata" or (name == "registry" and project.target >= (2, 0)):
            only_warns = name == "metadata" and project.target >= (2, 1)
            what = "hides the MetaData of the base" if only_warns else "the class statement raises"
            yield Report(
                attribute.at,
                f"the attribute name `{name}` is reserved on declarative classes: {what}",
                help=f'rename it and keep the column: `{name}_ = Column("{name}", ...)`',
                path=attribute.path,
            )
        elif name == "query" and flask:
            yield Report(
                attribute.at,
                "the attribute `query` hides Flask-SQLAlchemy's `Model.query` of this class",
                help='rename it and keep the column: `query_ = db.Column("query", ...)`',
                path=attribute.path,
                group=None if is_queried(project, attribute.owner) else "pedantic",
            )
