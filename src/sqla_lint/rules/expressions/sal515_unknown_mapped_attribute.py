"""SAL515: an attribute that the mapped class does not have."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Const,
    Note,
    Operation,
    Report,
    Severity,
    is_found_first,
    is_never_reached,
    kinds,
    near,
    operations,
    rule,
    unrooted_options,
)

# What every mapped class has beside its own attributes.
_GIVEN = frozenset({"metadata", "registry", "query", "mro", "query_class"})
# What an attribute of a class has of its own, though it is a relationship.
_OF_RELATIONSHIPS = frozenset(
    {"any", "has", "of_type", "and_", "contains", "in_", "is_", "isnot", "is_not", "property"}
    | {"prop", "key", "parent", "class_", "comparator", "impl", "info", "mapper", "entity", "desc"}
    | {"adapter", "hasparent", "distinct", "params", "match", "like", "op", "concat", "between"}
    | {"adapt_to_entity", "expression", "timetuple", "label", "asc", "operate", "reverse_operate"}
    | {"get_history", "dispatch", "unique_params", "collate", "all_", "any_"}
)
_SQLMODEL = ("model_", "sqlmodel_", "parse_", "construct", "dict", "json", "copy", "schema")

# Python's own names, and those that SQLAlchemy sets on every mapped class.
_LIBRARYS = ("__", "_sa_")


@rule(
    "SAL515",
    "unknown-mapped-attribute",
    severity=Severity.ERROR,
    on=operations(
        "getattr",
        "call",
        receivers=[
            kinds.MAPPED_CLASS,
            kinds.COLUMN_EXPR,
            kinds.QUERY,
            kinds.SELECT,
            kinds.INSERT,
            kinds.UPDATE,
        ],
    ),
)
def unknown_mapped_attribute(operation: Operation) -> Iterator[Report]:
    """A mapped class is asked for an attribute that it does not have.

    ## What it does
    Reports `Model.name`, `Model(name=...)`, `filter_by(name=...)` and `values(name=...)` where no
    column, relationship, hybrid, method or other attribute of that name exists on the class or its
    bases; `Model.relationship.name`, which goes through an attribute as if it were the class; and a
    loader option that begins at a class which the statement does not select.

    ## Why is this bad?
    `AttributeError: type object 'User' has no attribute 'nmae'`, `TypeError: 'nmae' is an invalid
    keyword argument for User`, `InvalidRequestError: Entity namespace for "users" has no property
    "nmae"`.

    ## Example
    ```python
    session.query(User).filter_by(nmae="ann")
    ```

    ## Use instead
    ```python
    session.query(User).filter_by(name="ann")
    ```

    ## Fix safety
    No fix; the help names what is close.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent unless every base of the class is known; for classes with `__getattr__`, an `__init__` of
    their own (keywords), or attributes set on them elsewhere; after a join (`filter_by`), behind an
    option of the function that no call gives, and where the class was asked for the attribute first
    (`hasattr`).

    ## References
    SQLAlchemy docs, "ORM Mapped Class Overview".
    """
    op = operation.op
    models = operation.function.project.models
    if op.do == "getattr" and op.name is not None and operation.on.name == kinds.MAPPED_CLASS:
        yield from _asked(operation, operation.on.label, op.name, op.at, "attribute")
    elif op.do == "getattr" and op.name is not None and "relationship" in operation.on.traits:
        yield from _through(operation, op.name)
    elif op.do == "call" and op.name in ("values", "update") and op.args:
        yield from _written(operation)
    elif op.do == "call" and op.name is None and operation.on.name == kinds.MAPPED_CLASS:
        model = models.of(operation.on.label)
        if model is None or "__init__" in models.attributes(model) or model.style == "sqlmodel":
            return
        if model.dataclass or any("__init__" in _names(models, m) for m in model.mixins):
            return
        for arg in op.args:
            if arg.keyword is not None and not arg.star:
                yield from _asked(operation, model.label, arg.keyword, arg.at, "keyword")
    elif op.do == "call" and op.name == "options":
        for one in unrooted_options(operation):
            selected = " and ".join(f"`{name}`" for name in one.entities)
            yield Report(
                one.at,
                f"`{one.owner}.{one.attribute}` does not begin at what is selected ({selected}):"
                " ArgumentError",
                help="chain it behind the option that leads there:"
                f" `.selectinload({one.owner}.{one.attribute})`",
            )
    elif op.do == "call" and op.name == "filter_by" and _plain(operation):
        label = operation.on.of[0].label
        for arg in op.args:
            if arg.keyword is not None and not arg.star:
                yield from _asked(operation, label, arg.keyword, arg.at, "criterion")


def _through(operation: Operation, name: str) -> Iterator[Report]:
    """``Asset.acquisitions.ticket``: an attribute of a class is not the class it leads to."""
    on = operation.on
    if on.name != kinds.COLUMN_EXPR or name in _OF_RELATIONSHIPS or name.startswith("_"):
        return
    models = operation.function.project.models
    owner, _, relation = on.label.rpartition(".")
    named = operation.model_named(owner)
    found = models.relation(named, relation) if named is not None else None
    if found is None or found.target is None or name not in models.attributes(found.target):
        return
    target = found.target
    yield Report(
        operation.at,
        f"`{name}` is an attribute of `{target.name}`, and `{on.label}` is not that class: it"
        " raises AttributeError",
        help=f"write `{target.name}.{name}` after a join, or chain the loader option:"
        f" `joinedload({on.label}).joinedload({target.name}.{name})`",
        steps=(Note(f"`{target.name}` is defined here", target.at, target.path),),
    )


def _written(operation: Operation) -> Iterator[Report]:
    """``update(User).values(nmae=...)``, ``query.update({"nmae": ...})``"""
    on, op = operation.on, operation.op
    written = (kinds.INSERT, kinds.UPDATE) if op.name == "values" else (kinds.QUERY,)
    if on.name not in written or len(on.of) != 1 or "joined" in on.traits:
        return
    if on.of[0].name not in (kinds.MAPPED_CLASS, kinds.ENTITY):
        return
    for arg in op.args:
        if arg.keyword is not None:
            if not arg.star and op.name == "values":
                yield from _asked(operation, on.of[0].label, arg.keyword, arg.at, "value")
            continue
        made = operation.function.maker(arg.value)
        if made is None or made.op.do != "pack" or made.op.name != "dict" or arg.star:
            continue
        if any(one.star for one in made.op.args):
            continue
        for key in made.op.args[::2]:
            if isinstance(key.value, Const) and isinstance(key.value.value, str):
                yield from _asked(operation, on.of[0].label, key.value.value, key.at, "value")


def _names(models: object, label: str) -> set[str]:
    mixin = getattr(models, "mixins", {}).get(label)
    return {a.name for a in mixin.attributes} if mixin is not None else set()


def _plain(operation: Operation) -> bool:
    """A query or select of one model that joins nothing."""
    on = operation.on
    if on.name not in (kinds.QUERY, kinds.SELECT) or len(on.of) != 1 or "joined" in on.traits:
        return False
    return on.of[0].name in (kinds.MAPPED_CLASS, kinds.ENTITY)


def _asked(operation: Operation, label: str, name: str, at: int, how: str) -> Iterator[Report]:
    models = operation.function.project.models
    model = models.of(label)
    if model is None or not models.exhaustive(model) or name.startswith(_LIBRARYS):
        return
    attributes = models.attributes(model)
    if name in attributes or name in _GIVEN or models.is_set_on(model, name):
        return
    if model.style == "sqlmodel" and name.startswith(_SQLMODEL):
        return
    if any(name in models.attributes(heir) for heir in models.heirs(model)):
        return  # of a polymorphic query
    if how == "value" and any(
        name in (column.db_name, column.name)
        for table in models.tables_of(model)
        for column in table.columns
    ):
        return  # by the name in the database
    if is_never_reached(operation) or is_found_first(operation, label, name):
        return
    close = near(name, attributes)
    words = {
        "attribute": "it raises AttributeError",
        "keyword": "its constructor raises TypeError",
        "value": "the statement raises CompileError or InvalidRequestError",
        "criterion": "it raises InvalidRequestError",
    }
    yield Report(
        at,
        f"`{model.name}` has no attribute `{name}`: {words[how]}",
        help=f"did you mean `{close}`?" if close else "",
        steps=(Note(f"`{model.name}` is defined here", model.at, model.path),),
    )
