"""SAL610: two relationships write the same foreign key and do not know each other."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Model, Note, Relationship, Report, Severity, rule

# With one of these the author has said something about it.
_SPOKEN = frozenset({"overlaps", "viewonly", "primaryjoin", "foreign_keys", "secondaryjoin"})


@rule("SAL610", "overlapping-relationships", severity=Severity.WARNING)
def overlapping_relationships(model: Model) -> Iterator[Report]:
    """Two relationships over the same foreign key are not linked by `back_populates`.

    ## What it does
    Reports a relationship and its reverse, over one foreign key or one association table, where
    neither names the other; and one over an association table beside one to its class.

    ## Why is this bad?
    Both write the same column. `SAWarning: relationship 'Post.user' will copy column users.id to
    column posts.user_id, which conflicts with relationship(s): 'User.posts'`. Setting one side
    leaves the other as it was, and which of two contradicting sides is written is chance; over an
    association table the row is inserted twice.

    ## Example
    ```python
    posts = relationship("Post")  # in User
    user = relationship("User")  # in Post
    ```

    ## Use instead
    ```python
    posts = relationship("Post", back_populates="user")  # in User
    user = relationship("User", back_populates="posts")  # in Post
    ```

    ## Fix safety
    No fix: with `back_populates` each side changes the other, which the program may not expect.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent when a side says `overlaps=`, `viewonly=`, `foreign_keys=` or a join of its own, when the
    other side has no fixed direction, and for self-referential relationships.

    ## References
    sqlalche.me: qzyx; SQLAlchemy docs, "Basic Relationship Patterns".
    """
    for relation in model.relationships():
        if relation.secondary is not None:
            yield from _beside_association(model, relation)
        resolved = model.resolved(relation)
        target = resolved.target
        if target is None or not _silent(relation) or target is model.facts:
            continue
        if target.label < model.facts.label or target.parent or model.facts.parent:
            continue  # said of the other one; heirs relate through several tables
        for other in (a.relationship for a in target.attributes):
            if other is None or not _silent(other):
                continue
            back = model.models.resolved(target, other)
            if back.target is not model.facts or not _opposite(relation, resolved, other, back):
                continue
            yield Report(
                relation.at,
                f"`{model.name}.{relation.name}` and `{target.name}.{other.name}` write the same"
                " foreign key and do not know each other: setting one leaves the other stale",
                help=f'add `back_populates="{other.name}"` here and'
                f' `back_populates="{relation.name}"` there',
                steps=(Note("the other side is defined here", other.at, other.path),),
                path=relation.path,
            )
            break


def _beside_association(model: Model, relation: Relationship) -> Iterator[Report]:
    """A relationship over a table, beside one to the class that is mapped to this table."""
    models = model.models
    table = models.secondary(relation)
    if table is None or relation.opaque or _SPOKEN & _said(relation):
        return
    for linked in models.mapping(table):
        for attribute in model.attributes().values():
            other = attribute.relationship
            if other is None or other.opaque or _SPOKEN & _said(other):
                continue
            resolved = model.resolved(other)
            if resolved.target is not linked or resolved.direction != "one-to-many":
                continue
            yield Report(
                relation.at,
                f"`{model.name}.{relation.name}` and `{model.name}.{other.name}` both write rows of"
                f" `{table.name}` and do not know each other: a row may be inserted twice",
                help=f"make `{relation.name}` an association proxy, or say `viewonly=True`",
                steps=(Note("the other one is defined here", other.at, other.path),),
                path=relation.path,
            )
            return


def _said(relation: Relationship) -> set[str]:
    return {word for word, _ in relation.call.words} if relation.call is not None else set()


def _silent(relation: Relationship) -> bool:
    if relation.opaque or relation.backref_of or relation.call is None:
        return False
    if relation.back_populates is not None or relation.backref is not None:
        return False
    return not _SPOKEN & {word for word, _ in relation.call.words}


def _opposite(relation: Relationship, a: object, other: Relationship, b: object) -> bool:
    directions = {getattr(a, "direction", ""), getattr(b, "direction", "")}
    if directions == {"many-to-one", "one-to-many"}:
        return True
    if directions != {"many-to-many"}:
        return False
    names = [_table_name(one) for one in (relation, other)]
    return bool(names[0]) and names[0] == names[1]


def _table_name(relation: Relationship) -> str:
    value = relation.secondary
    if value is None:
        return ""
    return value.text or value.name
