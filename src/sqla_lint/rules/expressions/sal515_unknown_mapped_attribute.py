"""SAL515: an attribute that the mapped class does not have."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Note, Operation, Report, Severity, kinds, near, operations, rule

# What every mapped class has beside its own attributes.
_GIVEN = frozenset({"metadata", "registry", "query", "mro", "query_class"})
_SQLMODEL = ("model_", "sqlmodel_", "parse_", "construct", "dict", "json", "copy", "schema")

# Python's own names, and those that SQLAlchemy sets on every mapped class.
_LIBRARYS = ("__", "_sa_")


@rule(
    "SAL515",
    "unknown-mapped-attribute",
    group="preview",
    severity=Severity.ERROR,
    on=operations("getattr", "call", receivers=[kinds.MAPPED_CLASS, kinds.QUERY, kinds.SELECT]),
)
def unknown_mapped_attribute(operation: Operation) -> Iterator[Report]:
    """A mapped class is asked for an attribute that it does not have.

    ## What it does
    Reports `Model.name`, `Model(name=...)` and `filter_by(name=...)` where no column,
    relationship, hybrid, method or other attribute of that name exists on the class or its bases.

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
    their own (keywords), or attributes set on them elsewhere; and after a join (`filter_by`).

    ## References
    SQLAlchemy docs, "ORM Mapped Class Overview".
    """
    op = operation.op
    models = operation.function.project.models
    if op.do == "getattr" and op.name is not None and operation.on.name == kinds.MAPPED_CLASS:
        yield from _asked(operation, operation.on.label, op.name, op.at, "attribute")
    elif op.do == "call" and op.name is None and operation.on.name == kinds.MAPPED_CLASS:
        model = models.of(operation.on.label)
        if model is None or "__init__" in models.attributes(model) or model.style == "sqlmodel":
            return
        if model.dataclass or any("__init__" in _names(models, m) for m in model.mixins):
            return
        for arg in op.args:
            if arg.keyword is not None and not arg.star:
                yield from _asked(operation, model.label, arg.keyword, arg.at, "keyword")
    elif op.do == "call" and op.name == "filter_by" and _plain(operation):
        label = operation.on.of[0].label
        for arg in op.args:
            if arg.keyword is not None and not arg.star:
                yield from _asked(operation, label, arg.keyword, arg.at, "criterion")


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
    close = near(name, attributes)
    words = {
        "attribute": "it raises AttributeError",
        "keyword": "its constructor raises TypeError",
        "criterion": "it raises InvalidRequestError",
    }
    yield Report(
        at,
        f"`{model.name}` has no attribute `{name}`: {words[how]}",
        help=f"did you mean `{close}`?" if close else "",
        steps=(Note(f"`{model.name}` is defined here", model.at, model.path),),
    )
