"""SAL609: `back_populates` on one side only."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Model, Note, Report, Severity, rule


@rule("SAL609", "one-sided-back-populates", group="pedantic", severity=Severity.WARNING)
def one_sided_back_populates(model: Model) -> Iterator[Report]:
    """A relationship names its other side with `back_populates`, and that side does not name it.

    ## What it does
    Reports `back_populates="x"` where `x` of the other class has no `back_populates` itself.

    ## Why is this bad?
    Only one direction is kept in step. `post.user = user` puts the post into `user.posts`, but
    `user.posts.append(post)` leaves `post.user` as it was until both are loaded again. There is no
    error.

    ## Example
    ```python
    posts = relationship("Post", back_populates="user")  # in User
    user = relationship("User")  # in Post
    ```

    ## Use instead
    ```python
    posts = relationship("Post", back_populates="user")  # in User
    user = relationship("User", back_populates="posts")  # in Post
    ```

    ## Fix safety
    No fix.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    `viewonly` relationships are silent: nothing is written through them.

    ## References
    SQLAlchemy docs, "Basic Relationship Patterns": back_populates.
    """
    for relation in model.relationships():
        if relation.back_populates is None or relation.opaque or _views(relation.word("viewonly")):
            continue
        target = model.resolved(relation).target
        if target is None:
            continue
        other = model.models.attribute(target, relation.back_populates)
        reverse = other.relationship if other is not None else None
        if reverse is None or reverse.opaque or reverse.backref_of or reverse.backref is not None:
            continue
        if reverse.back_populates is not None or _views(reverse.word("viewonly")):
            continue
        yield Report(
            reverse.at,
            f"`{target.name}.{reverse.name}` does not name its other side"
            f" `{model.name}.{relation.name}`: the two are kept in step in one direction only",
            help=f'add `back_populates="{relation.name}"`',
            steps=(Note("the other side is defined here", relation.at, relation.path),),
            path=reverse.path,
        )


def _views(word: object) -> bool:
    return word is not None
