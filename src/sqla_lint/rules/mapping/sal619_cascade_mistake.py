"""SAL619: cascades that are refused, or do not do what they say."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Deletion,
    Mapped,
    Model,
    Note,
    Relationship,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_never_made,
    near,
    rule,
)

_TOKENS = frozenset(
    {"all", "none", "save-update", "merge", "expunge", "delete", "delete-orphan", "refresh-expire"}
)


@rule("SAL619", "cascade-mistake", severity=Severity.ERROR, fix="unsafe")
def cascade_mistake(model: Model) -> Iterator[Report]:
    """A relationship's cascade is misspelt, refused, or at odds with its foreign key.

    ## What it does
    Reports unknown words in `cascade=`, `delete-orphan` without `delete`, `delete-orphan` on the
    side that holds the foreign key, `passive_deletes=True` over a foreign key without `ondelete`,
    and a collection that has no delete cascade over a foreign key that must not be NULL, when
    parents are deleted through a session; one whose cascade is gone past by `query(...).delete()`
    or `delete(...)`; and a delete cascade from the children to the parent that they share.

    ## Why is this bad?
    An unknown word raises `ArgumentError: Invalid cascade option(s)`. `delete-orphan` on a
    many-to-one or many-to-many relationship raises when mappers are configured, unless it has
    `single_parent=True`; without `delete` it only warns, and deleting the parent leaves the
    children. With `passive_deletes=True` the ORM leaves children it has not loaded to the database:
    if that has no `ON DELETE CASCADE`, the delete fails with `IntegrityError`. Without a cascade
    the ORM sets the foreign key of the children to NULL: `NOT NULL constraint failed`.

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
    Where no `create_all()` makes the tables, an `ondelete` of the migrations is as good as one of
    the mapping.
    A delete in a function that reads the children, has to do with their class, catches
    `IntegrityError`, hands the parent to other functions or first deletes the rows of tables by
    statement is taken to know what it does. Where the program makes parents and its code does not
    even name the children, it is told with `--pedantic`.

    ## References
    sqlalche.me: bbf0; SQLAlchemy docs, "Cascades"; "Using foreign key ON DELETE cascade".
    """
    for relation in model.relationships():
        if relation.cascade is not None and not relation.opaque:
            yield from _words(model, relation)
        passive = relation.word("passive_deletes")
        if passive is not None and passive.truth and not relation.opaque:
            yield from _passive(model, relation)
    if model.deletions():
        for attribute in model.attributes().values():
            if attribute.relationship is not None:
                yield from _blanked(model, attribute.relationship)
                yield from _bypassed(model, attribute.relationship)


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
        if {"all", "delete"} & set(tokens):
            yield from _upwards(model, relation, at)
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


def _upwards(model: Model, relation: Relationship, at: int) -> Iterator[Report]:
    """Deleting one of the children deletes the parent that the others share."""
    if not any(not deletion.bulk for deletion in model.deletions()):
        return  # no code deletes one through a session
    resolved = model.resolved(relation)
    target = resolved.target
    if resolved.direction != "many-to-one" or target is None or not resolved.reverse:
        return
    back = model.models.relation(target, resolved.reverse)
    if back is None or back.target is not model.facts or back.many is not True:
        return
    yield Report(
        at,
        f"deleting a `{model.name}` deletes its `{relation.name}` too, which other objects of"
        f" `{target.name}.{resolved.reverse}` belong to",
        help=f"put the cascade on `{target.name}.{resolved.reverse}`",
        path=relation.path,
    )


def _spelled(at: int, text: str) -> Rewrite:
    return Rewrite(f'write "{text}"', Applicability.UNSAFE, (Replace(at, f'"{text}"'),))


def _passive(model: Model, relation: Relationship) -> Iterator[Report]:
    resolved = model.resolved(relation)
    deletes = relation.cascades("delete")
    if resolved.direction != "one-to-many" or resolved.target is None or not deletes:
        return
    keys = model.links(resolved.target)
    word = relation.word("passive_deletes")
    if word is None or len(keys) != 1 or model.is_minded(resolved.target, *keys[0]):
        return
    yield Report(
        word.at,
        f"`{model.name}.{relation.name}` leaves deleting to the database, and the foreign key of"
        f" `{resolved.target.name}` has no `ondelete`: deleting a parent fails",
        help='add `ondelete="CASCADE"` to the foreign key, or drop `passive_deletes`',
        path=relation.path,
    )


def _blanked(model: Model, relation: Relationship) -> Iterator[Report]:
    """Deleting a parent sets a key to NULL that must not be."""
    models = model.models
    resolved = model.resolved(relation)
    child = resolved.target
    if resolved.direction != "one-to-many" or child is None or relation.opaque:
        return
    if relation.cascades("delete") is not False:
        return
    words = models.words(relation)
    if words & {"passive_deletes", "viewonly"} or relation.lazy in ("noload", "write_only", "?"):
        return
    columns = list({(column.path, column.at): column for column, _ in model.links(child)}.values())
    if len(columns) != 1 or columns[0].opaque:
        return
    (column,) = columns
    if column.nullable is not False and not column.primary_key:
        return
    for deletion in model.deletions():
        if deletion.bulk or _minds(deletion, relation, child):
            continue
        yield Report(
            relation.at,
            f"`{model.name}.{relation.name}` has no delete cascade: deleting a `{model.name}` sets"
            f" `{child.name}.{column.name}` to NULL, which the column refuses: IntegrityError",
            help='write `cascade="all, delete-orphan"`, or `passive_deletes=True` over a foreign'
            ' key with `ondelete="CASCADE"`',
            steps=(
                Note(f"a `{model.name}` is deleted here", deletion.at, deletion.path),
                Note(f"`{column.name}` must not be NULL", column.at, column.path),
            ),
            path=relation.path,
            group="pedantic" if is_never_made(model, child) else None,
        )
        return


def _minds(deletion: Deletion, relation: Relationship, child: Mapped) -> bool:
    """The function that deletes knows of the children."""
    return (
        deletion.minded
        or relation.name in deletion.names
        or any(
            label == child.label or label.startswith(f"{child.name}.") for label in deletion.classes
        )
    )


def _bypassed(model: Model, relation: Relationship) -> Iterator[Report]:
    """A DELETE by statement goes past the cascade of the ORM."""
    resolved = model.resolved(relation)
    child = resolved.target
    if resolved.direction != "one-to-many" or child is None or relation.opaque:
        return
    if not relation.cascades("delete"):
        return
    keys = model.links(child)
    if len(keys) != 1 or keys[0][0].opaque or model.is_minded(child, *keys[0]):
        return
    for deletion in model.deletions():
        if not deletion.bulk or _minds(deletion, relation, child):
            continue
        yield Report(
            relation.at,
            f"a DELETE by statement goes past the cascade of `{model.name}.{relation.name}`, and"
            f" the foreign key `{child.name}.{keys[0][0].name}` has no `ondelete`: the rows of"
            f" `{child.name}` stay, or the database refuses",
            help='add `ondelete="CASCADE"` to the foreign key, or delete the objects one by one'
            " through the session",
            steps=(
                Note(f"rows of `{model.name}` are deleted here", deletion.at, deletion.path),
                Note("the foreign key is here", keys[0][1].at, keys[0][0].path),
            ),
            path=relation.path,
        )
        return
