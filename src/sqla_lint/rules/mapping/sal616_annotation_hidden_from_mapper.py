"""SAL616: a column's type is imported only for type checkers, and the mapper needs it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Attribute, Note, Project, Report, Severity, annotation_names, rule


@rule(
    "SAL616",
    "annotation-hidden-from-mapper",
    severity=Severity.ERROR,
    versions="2.0, 2.1",
)
def annotation_hidden_from_mapper(project: Project) -> Iterator[Report]:
    """A name in a column's `Mapped[...]` is imported only under `if TYPE_CHECKING:`.

    ## What it does
    Reports names in the annotations of mapped columns that exist for type checkers only.

    ## Why is this bad?
    SQLAlchemy evaluates `Mapped[...]` when the class is made, whatever `from __future__ import
    annotations` says: `MappedAnnotationError: Could not resolve all types within mapped
    annotation`. Other linters suggest to move such imports; for models they must stay.

    ## Example
    ```python
    if TYPE_CHECKING:
        from datetime import datetime


    class Event(Base):
        __tablename__ = "events"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime]
    ```

    ## Use instead
    ```python
    from datetime import datetime


    class Event(Base):
        __tablename__ = "events"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime]
    ```

    ## Fix safety
    No fix: the import may lie under `TYPE_CHECKING` to break a cycle.

    ## Versions
    2.0 and 2.1.

    ## Limits
    The classes of relationships may stay hidden: they are looked up by name.

    ## References
    sqlalche.me: "MappedAnnotationError"; ruff's setting `lint.flake8-type-checking`.
    """
    for attribute in project.attributes():
        if attribute.column is None or attribute.ann is None or attribute.declared:
            continue
        if attribute.ann.kind != "item":
            continue
        for name, at in annotation_names(attribute.ann):
            hidden = project.typing_only(attribute, name)
            if hidden is not None:
                yield _report(attribute, name, at, hidden)
                break


def _report(attribute: Attribute, name: str, at: int, hidden: int) -> Report:
    return Report(
        at,
        f"`{name}` is imported for type checkers only, and SQLAlchemy evaluates the annotation of"
        f" `{attribute.name}` when the class is made: it raises",
        help=f"import `{name}` at run time",
        steps=(Note(f"`{name}` is imported here", hidden, attribute.path),),
        path=attribute.path,
    )
