"""SAL619: cascades that are refused, or do not do what they say."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Model,
    Relationship,
    Replace,
    Report,
    Rewrite,
    Severity,
    near,
    rule,
)

_TOKENS = frozenset(
    {"all", "none", "save-update", "merge", "expunge", "delete", "delete-orphan", "refresh-expire"}
)


@rule("SAL619", "cascade-mistake", group="preview", severity=Severity.ERROR, fix="unsafe")
def cascade_mistake(model: Model) -> Iterator[Report]:
    """A relationship's cascade is misspelt, refused, or at odds with its foreign key.

    ## What it does
    Reports unknown words in `cascade=`, `delete-orphan` without `delete`, `delete-orphan` on the
    side that holds the foreign key, and `passive_deletes=True` over a foreign key without
    `ondelete`.

    ## Why is this bad?
    An unknown word raises `ArgumentError: Invalid cascade option(s)`. `delete-orphan` on a
    many-to-one or many-to-many relationship raises when mappers are configured, unless it has
    `single_parent=True`; without `delete` it only warns, and deleting the parent leaves the
    children. With `passive_deletes=True` the ORM leaves children it has not loaded to the database:
    if that has no `ON DELETE CASCADE`, the delete fails with `IntegrityError`.

    ## Example
    ```python
    posts = relationship("Post", cascade="all, delete_orphan")
    ```

    ## Use instead
    ```python
    posts = relationship("Post", cascade="all, delete-orphan")
    ```

    ## Fix safety
    The fix writes the word that was meant, or adds `delete`. It is unsafe: rows are deleted that
    were not before.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Directions are told by the foreign keys; where those are not known, nothing is said about them.

    ## References
    sqlalche.me: bbf0; SQLAlchemy docs, "Cascades"; "Using foreign key ON DELETE cascade".
    """
    for relation in model.relationships():
        if relation.cascade is not None and not relation.opaque:
            yield from _words(model, relation)
        passive = relation.word("passive_deletes")
        if passive is not None and passive.truth and not relation.opaque:
            yield from _passive(model, relation)


def _words(model: Model, relation: Relationship) -> Iterator[Report]:
    assert relation.cascade is not None
    word = relation.word("cascade")
    at = word.at if word is not None else relation.at
    text = relation.cascade
    tokens = [token.strip() for token in text.split(",") if token.strip()]
    name = f"{model.name}.{relation.name}"
    for token in tokens:
        if token in _TOKENS:
            continue
        meant = near(token.lower().replace("_", "-").replace(" ", "-"), _TOKENS)
        yield Report(
            at,
            f"`{token}` is no cascade: making `{name}` raises ArgumentError",
            help=f"did you mean `{meant}`?" if meant else f"one of {', '.join(sorted(_TOKENS))}",
            rewrite=_spelled(at, text.replace(token, meant)) if meant else None,
            path=relation.path,
        )
        return
    if "delete-orphan" not in tokens:
        return
    if not {"all", "delete"} & set(tokens):
        yield Report(
            at,
            f"`{name}` deletes orphans but not the children of a deleted parent: SQLAlchemy warns,"
            " and they are left with a foreign key to nothing",
            help='write `cascade="all, delete-orphan"`',
            rewrite=_spelled(at, f"{text}, delete"),
            path=relation.path,
        )
    direction = model.resolved(relation).direction
    single = relation.word("single_parent")
    if direction in ("many-to-one", "many-to-many") and single is None:
        yield Report(
            at,
            f"`{name}` is the many side, where `delete-orphan` is refused: configuring the mappers"
            " fails",
            help="put the cascade on the other side (the parent's collection)",
            path=relation.path,
        )


def _spelled(at: int, text: str) -> Rewrite:
    return Rewrite(f'write "{text}"', Applicability.UNSAFE, (Replace(at, f'"{text}"'),))


def _passive(model: Model, relation: Relationship) -> Iterator[Report]:
    resolved = model.resolved(relation)
    deletes = "delete" in (relation.cascade or "") or "all" in (relation.cascade or "")
    if resolved.direction != "one-to-many" or resolved.target is None or not deletes:
        return
    models = model.models
    own = models.tables_of(model.facts)
    keys = [
        key
        for table in models.tables_of(resolved.target)
        for column in table.columns
        for key in column.foreign_keys
        if models.referred(key)[0] in own
    ]
    word = relation.word("passive_deletes")
    if word is None or len(keys) != 1 or keys[0].ondelete:
        return
    yield Report(
        word.at,
        f"`{model.name}.{relation.name}` leaves deleting to the database, and the foreign key of"
        f" `{resolved.target.name}` has no `ondelete`: deleting a parent fails",
        help='add `ondelete="CASCADE"` to the foreign key, or drop `passive_deletes`',
        path=relation.path,
    )
