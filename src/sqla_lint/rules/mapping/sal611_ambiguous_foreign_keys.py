"""SAL611: several foreign keys, and the relationship does not say which."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Mapped,
    Model,
    Note,
    Operation,
    Relationship,
    Report,
    Severity,
    backref_name,
    calls,
    joined_before,
    kinds,
    rule,
)


def ambiguous_join(operation: Operation) -> Iterator[Report]:
    """A join without ON of the one model that a statement has with another."""
    op, kind = operation.op, operation.arg_kinds[0] if operation.arg_kinds else None
    if kind is None or kind.name != kinds.MAPPED_CLASS or "alias" in " ".join(kind.traits):
        return
    if [arg.keyword for arg in op.args if arg.keyword not in ("isouter", "full")] != [None]:
        return
    models = operation.function.project.models
    target = models.of(kind.label)
    before = joined_before(operation.function, op)
    if target is None or before is None:
        return
    left = [model for name in before - {target.name} for model in models.named(name)]
    if len(left) != 1 or len(before - {target.name}) != 1:
        return
    keys, back = models.keys_of(left[0], target), models.keys_of(target, left[0])
    columns = [*keys.columns, *back.columns]
    if len(columns) > 1 and keys.whole and back.whole:
        shown = ", ".join(f"`{'+'.join(one)}`" for one in columns)
        yield Report(
            op.args[0].at,
            f"{len(columns)} foreign keys ({shown}) link `{left[0].name}` and `{target.name}`, and"
            " the join does not say which it follows: AmbiguousForeignKeysError",
            help=f"say it: `join({target.name}, {left[0].name}.... == {target.name}....)`",
        )


@rule(
    "SAL611",
    "ambiguous-foreign-keys",
    severity=Severity.ERROR,
    also=(ambiguous_join, calls("join", "outerjoin", receivers=[kinds.SELECT, kinds.QUERY])),
)
def ambiguous_foreign_keys(model: Model) -> Iterator[Report]:
    """Several foreign keys link two tables, and the relationship does not say which it means.

    ## What it does
    Reports a relationship without `foreign_keys=` or `primaryjoin=` between tables that more than
    one foreign key links, in one direction or both; and one over an association table that has
    several foreign keys to one side. Also `select(Order).join(Address)` without a criterion where
    the statement has no third model, and the two sides of a class with itself, also one made by
    `backref=`, when neither has `remote_side=` or both have the same.

    ## Why is this bad?
    Configuring the mappers fails, with the first query of any model: `AmbiguousForeignKeysError:
    Could not determine join condition between parent/child tables on relationship Order.customer`.
    A join fails when the statement is compiled.

    ## Example
    ```python
    billing_id = Column(ForeignKey("addresses.id"))
    shipping_id = Column(ForeignKey("addresses.id"))
    billing = relationship("Address")
    ```

    ## Use instead
    ```python
    billing_id = Column(ForeignKey("addresses.id"))
    shipping_id = Column(ForeignKey("addresses.id"))
    billing = relationship("Address", foreign_keys=[billing_id])
    ```

    ## Fix safety
    No fix: only the author knows which one is meant.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent for classes that inherit from mapped ones, and where not all foreign keys are known.

    ## References
    SQLAlchemy docs, "Handling Multiple Join Paths".
    """
    models = model.models
    for attribute in model.attributes().values():
        relation = attribute.relationship
        if relation is None or relation.opaque or attribute.owner != model.facts.label:
            continue
        target = model.resolved(relation).target
        if target is None or target.parent or model.facts.parent or relation.backref_of:
            continue
        if relation.call is None or relation.word("primaryjoin") is not None:
            continue
        if target is model.facts and relation.secondary is None:
            yield from _both_ways(model, relation)
        if relation.word("foreign_keys") is not None:
            continue
        if relation.secondary is not None:
            yield from _over_table(model, relation, target)
            continue
        keys = list(models.keys_of(model.facts, target).columns)
        whole = models.keys_of(model.facts, target).whole
        if target is not model.facts:
            back = models.keys_of(target, model.facts)
            keys += back.columns
            whole &= back.whole
        if len(keys) > 1 and whole:
            yield _report(model, relation, target.name, keys, (target.at, target.path))


def _both_ways(model: Model, relation: Relationship) -> Iterator[Report]:
    """Two sides of a class with itself that lead the same way: neither says that it is the one to
    the parent, or both do."""
    if relation.backref is not None:
        yield from _backref_the_same_way(model, relation)
        return
    back = model.attributes().get(relation.back_populates or "")
    other = back.relationship if back is not None else None
    if back is None or back.owner != model.facts.label or other is None or other is relation:
        return
    if other.opaque or other.call is None or other.secondary is not None:
        return
    if other.back_populates != relation.name or other.word("primaryjoin") is not None:
        return
    own, reverse = model.resolved(relation), model.resolved(other)
    if reverse.target is not model.facts or own.direction != reverse.direction:
        return
    if _is_linked(model) and _seems_the_parent(model, relation, other):
        below = own.direction == "one-to-many"
        yield _same_way(model, relation, other.name, Note(_THERE, other.at, other.path), below)


_THERE = "the other side is defined here"


def _backref_the_same_way(model: Model, relation: Relationship) -> Iterator[Report]:
    made = relation.backref
    if made is None or relation.word("remote_side") is not None or not _is_linked(model):
        return
    name = backref_name(made)
    if not name or made.starred or any(made.word(word) for word in ("remote_side", "primaryjoin")):
        return
    yield _same_way(model, relation, name, Note(f"`{name}` is made here", made.at), True)


def _same_way(model: Model, relation: Relationship, other: str, there: Note, below: bool) -> Report:
    where = "those below" if below else "the one above"
    instead = f"give the side that leads to the parent, and only it, `remote_side={_key(model)}`"
    return Report(
        relation.at,
        f"`{relation.name}` and `{other}` lead the same way, from a `{model.name}` to {where}:"
        " configuring the mappers fails",
        help=instead,
        steps=(there,),
        path=relation.path,
    )


def _key(model: Model) -> str:
    keys = [name for name, one in model.attributes().items() if one.column is not None]
    first = [n for n in keys if (c := model.attributes()[n].column) is not None and c.primary_key]
    return f"[{first[0]}]" if len(first) == 1 else "[...]"


def _is_linked(model: Model) -> bool:
    """One foreign key leads from the table to itself: without one, configuring fails otherwise."""
    return len(model.models.keys_of(model.facts, model.facts).columns) == 1


def _seems_the_parent(model: Model, relation: Relationship, other: Relationship) -> bool:
    """Told once, at the side that is a single object, is called like the key, or stands last."""
    if relation.many is not other.many:
        return relation.many is False or other.many is True
    (columns,) = model.models.keys_of(model.facts, model.facts).columns or ((),)
    called = [any(column.startswith(one.name) for column in columns) for one in (relation, other)]
    return called[0] if called[0] is not called[1] else relation.at > other.at


def _over_table(model: Model, relation: Relationship, target: Mapped) -> Iterator[Report]:
    """An association table with several keys to one of the sides."""
    models = model.models
    table = models.secondary(relation)
    if table is None or relation.word("secondaryjoin") is not None:
        return
    for side in (model.facts, target):
        own = models.tables_of(side)
        keys = models.keys_between(table, own[0]) if len(own) == 1 else None
        if keys is not None and keys.whole and len(keys.columns) > 1:
            shown = ", ".join(f"`{'+'.join(columns)}`" for columns in keys.columns)
            yield Report(
                relation.at,
                f"{len(keys.columns)} foreign keys ({shown}) lead from the table `{table.name}` to"
                f" `{side.name}`, and `{relation.name}` does not say which it follows: configuring"
                " the mappers fails",
                help="say it with `primaryjoin=` and `secondaryjoin=`",
                steps=(Note("the table is defined here", table.at, table.path),),
                path=relation.path,
            )
            return


def _report(
    model: Model,
    relation: Relationship,
    target: str,
    keys: list[tuple[str, ...]],
    place: tuple[int, str],
) -> Report:
    shown = ", ".join(f"`{'+'.join(columns)}`" for columns in keys)
    return Report(
        relation.at,
        f"{len(keys)} foreign keys ({shown}) link `{model.name}` and `{target}`, and"
        f" `{relation.name}` does not say which it follows: configuring the mappers fails",
        help="say it with `foreign_keys=[...]`",
        steps=(Note(f"`{target}` is defined here", *place),),
        path=relation.path,
    )
