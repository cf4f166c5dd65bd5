"""SAL616: an annotation that the mapper cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Note,
    Project,
    Report,
    Severity,
    Unusable,
    rule,
    unusable_annotations,
)


@rule("SAL616", "unusable-annotation", severity=Severity.ERROR, versions="2.0, 2.1")
def unusable_annotation(project: Project) -> Iterator[Report]:
    """An annotation of a mapped class that SQLAlchemy cannot use.

    ## What it does
    Reports names in the annotations of mapped columns that exist for type checkers only;
    `relationship()`, `mapped_column()` and the like annotated with a plain type instead of
    `Mapped[...]`; and `Mapped[dict]`, `Mapped[list[str]]`, `Mapped[Any]` or `Mapped[Model]` where
    nothing says which column or relationship is meant.

    ## Why is this bad?
    SQLAlchemy evaluates the annotations when the class is made, whatever `from __future__ import
    annotations` says, and takes the column's type from them: `MappedAnnotationError`, at import.
    Other linters suggest to move imports under `TYPE_CHECKING`; for columns they must stay.

    ## Example
    ```python
    if TYPE_CHECKING:
        from datetime import datetime


    class Event(Base):
        __tablename__ = "events"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime]
        details: Mapped[dict]
        guests: list["Guest"] = relationship()
    ```

    ## Use instead
    ```python
    from datetime import datetime


    class Event(Base):
        __tablename__ = "events"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime]
        details: Mapped[dict] = mapped_column(JSON)
        guests: Mapped[list["Guest"]] = relationship()
    ```

    ## Fix safety
    No fix: an import may lie under `TYPE_CHECKING` to break a cycle, and only the author knows
    the column's type.

    ## Versions
    2.0 and 2.1.

    ## Limits
    The classes of relationships may stay hidden: they are looked up by name. Silent where a base
    is not known, has `__allow_unmapped__`, or where the project has a `type_annotation_map`.

    ## References
    SQLAlchemy docs, "Declarative Table with mapped_column()": deriving types from annotations;
    sqlalche.me/e/20/zlpr; ruff's setting `lint.flake8-type-checking`.
    """
    if project.target < (2, 0):
        return
    for one in unusable_annotations(project):
        path = one.attribute.path
        steps = (Note(f"`{one.name}` is imported here", one.imported, path),)
        message, advice = _told(one)
        yield Report(one.at, message, advice, steps if one.imported >= 0 else (), path=path)


def _told(one: Unusable) -> tuple[str, str]:
    name = one.attribute.name
    if one.why == "hidden":
        return (
            f"`{one.name}` is imported for type checkers only, and SQLAlchemy evaluates the"
            f" annotation of `{name}` when the class is made: it raises",
            f"import `{one.name}` at run time",
        )
    if one.why == "unmapped":
        return (
            f"the annotation of `{name}` is no `Mapped[...]`: SQLAlchemy refuses it when the class"
            " is made",
            "write `Mapped[...]` around it",
        )
    if one.why == "unrelated":
        return (
            f"`{name}` is annotated with the mapped class `{one.name}` and is no relationship:"
            " SQLAlchemy looks for a column type and raises",
            "add `= relationship()`",
        )
    return (
        f"no column type belongs to `{one.name}`: SQLAlchemy raises when the class of `{name}` is"
        " made",
        "say the type: `mapped_column(JSON)`, or give the base a `type_annotation_map`",
    )
