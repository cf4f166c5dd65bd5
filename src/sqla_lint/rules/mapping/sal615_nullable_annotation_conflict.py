"""SAL615: the annotation of a column says one thing about NULL, its arguments another."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Attribute,
    Project,
    Replace,
    Report,
    Rewrite,
    Severity,
    optional,
    rule,
)


@rule(
    "SAL615",
    "nullable-annotation-conflict",
    group="pedantic",
    severity=Severity.ADVICE,
    fix="unsafe",
    versions="2.0, 2.1",
)
def nullable_annotation_conflict(project: Project) -> Iterator[Report]:
    """`Mapped[str]` with `nullable=True`, or `Mapped[str | None]` with `nullable=False`.

    ## What it does
    Reports a `mapped_column()` whose `nullable=` contradicts its annotation.

    ## Why is this bad?
    The argument wins, silently. A type checker then believes the annotation: that a value is never
    None although the table allows NULL, or that it must be tested although it never is.

    ## Example
    ```python
    name: Mapped[str] = mapped_column(nullable=True)
    ```

    ## Use instead
    ```python
    name: Mapped[str | None] = mapped_column(nullable=True)
    ```

    ## Fix safety
    The fix adds `| None` to the annotation; it is unsafe because type checkers may then complain
    elsewhere, and because Python 3.9 cannot evaluate it. The other way round there is no fix.

    ## Versions
    2.0 and 2.1.

    ## Limits
    Primary keys and annotations that are names for other types are silent. SQLModel fields are,
    too: None is how they say "not yet".

    ## References
    SQLAlchemy docs, "Declarative Table with mapped_column()": nullability.
    """
    for attribute in project.attributes():
        column, call = attribute.column, None if attribute.column is None else attribute.column.call
        if column is None or call is None or call.library != "mapped_column":
            continue
        word = call.word("nullable")
        said = word.truth if word is not None else None
        if word is None or said is None or column.primary_key is not False:
            continue
        annotated = optional(project.models, attribute)
        if annotated is None or annotated == said:
            continue
        name = attribute.name
        if said:
            yield Report(
                word.at,
                f"the annotation says that `{name}` is never None, and `nullable=True` lets it be",
                help="add `| None` to the annotation, or drop `nullable=True`",
                rewrite=_widened(attribute),
                path=attribute.path,
            )
        else:
            yield Report(
                word.at,
                f"the annotation says that `{name}` may be None, and `nullable=False` forbids it",
                help="drop None from the annotation, or `nullable=False`",
                path=attribute.path,
            )


def _widened(attribute: Attribute) -> Rewrite | None:
    ann = attribute.ann
    if ann is None or ann.kind != "item" or len(ann.args) != 2:
        return None
    inner = ann.args[1]
    if inner.kind not in ("name", "item") or inner.at == ann.at:
        return None
    return Rewrite(
        "add `| None` to the annotation",
        Applicability.UNSAFE,
        (Replace(inner.at, "{0} | None", (inner.at,)),),
    )
