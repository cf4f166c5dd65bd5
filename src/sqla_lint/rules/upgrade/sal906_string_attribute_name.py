"""SAL906: strings that name attributes."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Const,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    model_of,
    of_database,
    of_every_version,
    operations,
    rule,
    sqlalchemy_name,
)

_OPTIONS = frozenset(
    {"joinedload", "selectinload", "subqueryload", "lazyload", "immediateload", "noload"}
    | {"raiseload", "contains_eager", "defaultload", "defer", "undefer", "load_only"}
)
_JOINS = frozenset({"join", "outerjoin"})
_SELECTED = frozenset({kinds.QUERY, kinds.SELECT})


@rule(
    "SAL906",
    "string-attribute-name",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=of_database(operations("call")),
)
@of_every_version
def string_attribute_name(operation: Operation) -> Iterator[Report]:
    """An attribute is named by a string in a loader option or a join.

    ## What it does
    Reports `joinedload("posts")` and the other loader options, `load_only("name")`, and
    `query.join("posts")`.

    ## Why is this bad?
    Removed in 2.0: `ArgumentError`.

    ## Example
    ```python
    users = session.query(User).options(joinedload("posts")).all()
    ```

    ## Use instead
    ```python
    users = session.query(User).options(joinedload(User.posts)).all()
    ```

    ## Fix safety
    Safe where the query is for one model that has such an attribute.

    ## Versions
    2.0 and 2.1; attributes of classes also work in 1.4.

    ## Limits
    Names of several steps (`"posts.author"`), and options that are not given to a query in the same
    place, are reported without a fix.

    ## References
    SQLAlchemy docs, "2.0 Migration": ORM Query - Joining / loading on relationships uses
    attributes, not strings.
    """
    op = operation.op
    if operation.function.target < (2, 0):
        return
    name = sqlalchemy_name(operation).removeprefix("sqlalchemy.orm.")
    if name in _OPTIONS or (operation.on.name == kinds.LOADER_OPTION and op.name in _OPTIONS):
        given = op.args if (name or op.name) == "load_only" else op.args[:1]
        what = f"`{name or op.name}()` takes"
    elif operation.on.name in _SELECTED and op.name in _JOINS:
        given = op.args
        what = f"`{op.name}()` takes"
    else:
        return
    for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
        if (
            arg not in given
            or arg.star
            or arg.keyword
            or kind.name != kinds.STR
            or kind.label == "*"
        ):
            continue
        yield Report(
            arg.at,
            f"{what} an attribute of a class, not a string: ArgumentError",
            help=f"write `Model.{kind.label}`" if kind.label.isidentifier() else "name the class",
            rewrite=_named(operation, arg, kind.label),
        )


def _named(operation: Operation, arg: Arg, name: str) -> Rewrite | None:
    if not name.isidentifier() or not isinstance(arg.value, Const):
        return None
    if operation.on.name == kinds.LOADER_OPTION:
        return None
    query = operation if operation.on.name in _SELECTED else _given_to(operation)
    model = model_of(query) if query is not None else None
    if model is None:
        return None
    attribute = operation.function.project.knowledge.attribute(model[0], name)
    if "mapped" not in attribute.traits:
        return None
    edit = Replace(arg.at, f"{{0:primary}}.{name}", (model[1],))
    return Rewrite("name the attribute of the class", Applicability.SAFE, (edit,))


def _given_to(option: Operation) -> Operation | None:
    """The `options()` of a query to which an option is given."""
    for other in option.function.operations():
        taken = any(arg.value == option.op.dst for arg in other.op.args)
        if taken and other.op.name == "options" and other.on.name in _SELECTED:
            return other
    return None
