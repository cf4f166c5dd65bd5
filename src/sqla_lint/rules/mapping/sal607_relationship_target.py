"""SAL607: a relationship names a class or an attribute that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Model,
    Note,
    Relationship,
    Report,
    Severity,
    backref_name,
    is_never_loaded,
    near,
    rule,
    target_name,
)

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
# `back_populates` wants a relationship; these may stand for one or be anything.
_NO_RELATIONSHIP = frozenset({"column", "method", "property", "plain"})


@rule("SAL607", "relationship-target", severity=Severity.ERROR)
def relationship_target(model: Model) -> Iterator[Report]:
    """A relationship names a class, or an attribute of it, that does not exist.

    ## What it does
    Reports `relationship("Name")` where no mapped class of that base has the name,
    `back_populates="x"` where the other class has no relationship `x`, `backref="x"` where it has
    an attribute `x` already, and relationships between tables that no foreign key links.

    ## Why is this bad?
    Mappers are configured when the first query is made or the first object created, and then *all*
    of them fail: `InvalidRequestError: ... expression 'Name' failed to locate a name`, or
    `NoForeignKeysError`. Nothing of the model works, also what has nothing to do with it.

    ## Example
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)
        posts = relationship("Posts")
    ```

    ## Use instead
    ```python
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)
        posts = relationship("Post")
    ```

    ## Fix safety
    No fix; the help names the class or attribute that is close.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent when the base, or a base of the other class, is not known, when no module imports the
    class while others of its base are imported, when the name is bound to
    something else anywhere in the project, and when a file of the package that was not linted
    mentions it.

    ## References
    sqlalche.me: f405; SQLAlchemy docs, "Late-Evaluation of Relationship Arguments".
    """
    yield from _of_mixin(model)
    if model.models.base_known(model.facts.base):
        found = list(_wrong(model))
        if found and not is_never_loaded(model):
            yield from found


def _wrong(model: Model) -> Iterator[Report]:
    for relation in model.relationships():
        if relation.opaque:
            continue
        targets = model.models.targets(model.facts, relation)
        if not targets:
            yield from _missing_class(model, relation)
        elif len(targets) == 1:
            yield from _not_imported(model, relation)
            yield from _missing_attribute(model, relation)
            yield from _unlinked(model, relation)


def _of_mixin(model: Model) -> Iterator[Report]:
    """A relationship as a plain attribute of a class that is not mapped."""
    if model.facts.style in ("sqlmodel", "imperative") or model.facts.dataclass:
        return
    if not model.facts.complete:
        return  # a base that nobody knows may well map it
    for attribute in model.attributes().values():
        relation = attribute.relationship
        if relation is None or attribute.declared or relation.backref_of or relation.call is None:
            continue
        if attribute.owner in model.facts.mixins:
            yield Report(
                relation.at,
                f"`{relation.name}` is a plain attribute of a mixin, which SQLAlchemy does not copy"
                f" to `{model.name}`: its class statement raises InvalidRequestError",
                help="return it from a `@declared_attr` function",
                path=relation.path,
            )


def _not_imported(model: Model, relation: Relationship) -> Iterator[Report]:
    """A script uses the model, and nothing that it imports defines the class that is named."""
    name = target_name(model.models.scopes, relation)
    if ":" in name:
        return
    target = model.models.targets(model.facts, relation)[0]
    script = next(model.scripts_without(target), None)
    if script is None:
        return
    yield Report(
        relation.target.at if relation.target is not None else relation.at,
        f"`{model.name}.{relation.name}` leads to `{name}`, and the script `{script.name}` does not"
        f" import the module that defines it: the first use of `{model.name}` there raises"
        " InvalidRequestError",
        help="import all modules with models before the first of them is used",
        steps=(
            Note(f"`{model.name}` is used here", script.at, script.path),
            Note(f"`{target.name}` is defined here", target.at, target.path),
        ),
        path=relation.path,
    )


def _missing_class(model: Model, relation: Relationship) -> Iterator[Report]:
    models = model.models
    name = target_name(models.scopes, relation)
    if not _NAME.fullmatch(name) or ":" in name or models.reflects():
        return
    last = name.rpartition(".")[2]
    if models.anywhere(last):
        return
    classes = [m.name for table in models.tables_named(name) for m in models.mapping(table)]
    if len(classes) == 1:
        yield Report(
            relation.target.at if relation.target is not None else relation.at,
            f"`{model.name}.{relation.name}` leads to `{name}`, which is a table: configuring the"
            " mappers fails",
            help=f'name the class: `"{classes[0]}"`',
            path=relation.path,
        )
        return
    if models.hidden(last, relation.path):
        return
    known = sorted(m.name for m in models.models.values() if m.base == model.facts.base)
    close = near(last, known)
    yield Report(
        relation.target.at if relation.target is not None else relation.at,
        f"`{model.name}.{relation.name}` leads to `{name}`, and no mapped class has that name:"
        " configuring the mappers fails",
        help=f"did you mean `{close}`?" if close else "name a mapped class of the same base",
        path=relation.path,
    )


def _missing_attribute(model: Model, relation: Relationship) -> Iterator[Report]:
    models = model.models
    target = models.targets(model.facts, relation)[0]
    attributes = models.attributes(target)
    back = relation.back_populates
    word = relation.word("back_populates")
    if back is not None and word is not None and models.exhaustive(target):
        other = attributes.get(back)
        if other is None or other.role in _NO_RELATIONSHIP:
            related = [n for n, a in attributes.items() if a.relationship is not None]
            close = near(back, related)
            yield Report(
                word.at,
                f"`{model.name}.{relation.name}` is to be kept in step with `{target.name}.{back}`,"
                f" and `{target.name}` has no such relationship: configuring the mappers fails",
                help=f"did you mean `{close}`?" if close else f"add it to `{target.name}`",
                steps=(Note(f"`{target.name}` is defined here", target.at, target.path),),
                path=word_path(relation),
            )
    if relation.backref is not None:
        name = backref_name(relation.backref)
        other = next((a for a in target.attributes if a.name == name), None)
        if other is not None and other.role in ("column", "relationship"):
            yield Report(
                relation.backref.at,
                f"the backref `{name}` cannot be made: `{target.name}` has an attribute of that"
                " name, and configuring the mappers fails",
                help=f"use `back_populates` on both sides, or drop `{target.name}.{name}`",
                steps=(Note(f"`{name}` is defined here", other.at, other.path),),
                path=relation.path,
            )


def word_path(relation: Relationship) -> str:
    """The file in which the arguments of a relationship stand."""
    return relation.path


def _unlinked(model: Model, relation: Relationship) -> Iterator[Report]:
    """No foreign key links the two tables, in neither direction."""
    models = model.models
    target = models.targets(model.facts, relation)[0]
    call = relation.call
    if call is None or relation.secondary is not None or target is model.facts:
        return
    if call.word("primaryjoin") is not None or models.reflects():
        return
    sides = (
        *(models.keys_of(a, b) for a, b in ((model.facts, target), (target, model.facts))),
        *(models.keys_of(h, target) for h in models.heirs(model.facts)),
    )
    if any(side.columns or not side.whole for side in sides):
        return
    if not models.exhaustive(model.facts) or not models.exhaustive(target):
        return
    keys = [
        key
        for one in (model.facts, target)
        for column in models.columns_of(one).values()
        for key in column.foreign_keys
    ]
    if any(models.referred(key)[0] is None for key in keys):
        return  # said of the foreign key
    yield Report(
        relation.at,
        f"no foreign key links the tables of `{model.name}` and `{target.name}`: configuring the"
        f" mappers fails on `{relation.name}`",
        help="add a ForeignKey to one of them, or say `primaryjoin=`",
        steps=(Note(f"`{target.name}` is defined here", target.at, target.path),),
        path=relation.path,
    )
