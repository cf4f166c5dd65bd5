"""SAL606: `__table_args__` of a shape that is refused, or over columns that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Attribute,
    Mapped,
    Note,
    Project,
    Replace,
    Report,
    Rewrite,
    Severity,
    Table,
    Value,
    lost_constraints,
    near,
    rule,
)

_CONSTRAINTS = frozenset({"UniqueConstraint", "Index", "PrimaryKeyConstraint"})
_ITEMS = _CONSTRAINTS | {"CheckConstraint", "ForeignKeyConstraint", "ExcludeConstraint"}


@rule("SAL606", "table-args-shape", severity=Severity.ERROR, fix="unsafe")
def table_args_shape(project: Project) -> Iterator[Report]:
    """`__table_args__` is no tuple or dict, its dict is not last, or a column of it does not exist.

    ## What it does
    Reports `__table_args__` that is a single constraint or a list, a dict that is not the last
    element, and constraints and indexes over column names that the table does not have. Also one
    that takes the place of that of a mixin, without its constraints.

    ## Why is this bad?
    The class statement raises: `ArgumentError: __table_args__ value must be a tuple, dict, or
    None`, or `ConstraintColumnNotFoundError: Can't create UniqueConstraint on table 'users': no
    column named 'mail' is present`. Where a class has its own, those of its bases are not looked
    at: their constraints are never made, and nobody says so.

    ## Example
    ```python
    __table_args__ = UniqueConstraint("email")
    ```

    ## Use instead
    ```python
    __table_args__ = (UniqueConstraint("email"),)
    ```

    ## Fix safety
    A single constraint gets its comma, a list becomes a tuple. It is unsafe as far as a constraint
    that was never made comes into being.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Column names are looked at where all columns of the table are known.

    ## References
    SQLAlchemy docs, "Declarative Table Configuration": `__table_args__`.
    """
    for one in project.classes():
        args = next((a for a in one.attributes if a.name == "__table_args__"), None)
        if args is not None and args.value is not None:
            yield from _shape(args, args.value)
        if isinstance(one, Mapped) and one.table is not None and args is not None:
            yield from _columns(one.name, args, one.table)
        if isinstance(one, Mapped) and args is not None:
            yield from _replaced(project, one, args)


def _replaced(project: Project, model: Mapped, own: Attribute) -> Iterator[Report]:
    """A class has its own `__table_args__`, and those of its mixin are never looked at."""
    for lost in lost_constraints(project, model, own):
        columns = ", ".join(f"`{one}`" for one in lost.columns)
        yield Report(
            own.at,
            f"this `__table_args__` takes the place of that of `{lost.mixin}`: the table of"
            f" `{model.name}` gets no `{lost.library}`" + (f" over {columns}" if columns else ""),
            help=f"put them together: `(*{lost.mixin}.__table_args__, ...)`, in a `declared_attr`"
            " where it is one",
            steps=(Note("declared here, and never made", lost.at, lost.path),),
            path=own.path,
        )


def _shape(args: Attribute, value: Value) -> Iterator[Report]:
    if value.do == "call" and value.library in _ITEMS:
        yield Report(
            value.at,
            "`__table_args__` is a single constraint and no tuple: the class statement raises"
            " ArgumentError",
            help="a tuple of one has a comma: `(UniqueConstraint(...),)`",
            rewrite=_tuple(value, "({0},)"),
            path=args.path,
        )
    elif value.do in ("list", "set"):
        yield Report(
            value.at,
            f"`__table_args__` is a {value.do} and no tuple: the class statement raises"
            " ArgumentError",
            help="write a tuple",
            path=args.path,
        )
    elif value.do == "tuple":
        for inner in value.args[:-1]:
            if inner.do == "dict":
                yield Report(
                    inner.at,
                    "only the last element of `__table_args__` may be a dict: the class statement"
                    " raises",
                    help="put the dict last",
                    path=args.path,
                )
        if len(value.args) == 1 and value.args[0].do == "tuple":
            yield Report(
                value.at,
                "`__table_args__` is a tuple in a tuple: the class statement raises",
                help="write one tuple",
                path=args.path,
            )


def _tuple(value: Value, template: str) -> Rewrite:
    return Rewrite(
        "make it a tuple", Applicability.UNSAFE, (Replace(value.at, template, (value.at,)),)
    )


def _columns(name: str, args: Attribute, table: Table) -> Iterator[Report]:
    if table.open or any(c.opaque or not c.db_name for c in table.columns):
        return
    known = {c.db_name for c in table.columns}
    for column in table.columns:
        key = column.call.word("key") if column.call is not None else None
        if key is not None and key.text is not None:
            known.add(key.text)
    for constraint in table.constraints:
        if constraint.library not in _CONSTRAINTS:
            continue
        names = constraint.args[1:] if constraint.library == "Index" else constraint.args
        for one in names:
            if one.text is None or one.text in known or not one.text.isidentifier():
                continue
            renamed = next((c for c in table.columns if c.name == one.text), None)
            close = renamed.db_name if renamed is not None else near(one.text, known)
            yield Report(
                one.at,
                f"`{constraint.library}` names the column `{one.text}`, which the table of `{name}`"
                " does not have: the class statement raises",
                help=f"did you mean `{close}`?" if close else "name columns of the table",
                path=args.path,
            )
