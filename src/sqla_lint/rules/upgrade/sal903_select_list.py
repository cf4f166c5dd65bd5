"""SAL903: a list of columns, or clauses as arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Const,
    Kind,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    Unbracket,
    elements,
    is_display,
    kinds,
    of_database,
    of_every_version,
    operations,
    rule,
    sqlalchemy_name,
)

_METHODS = {
    "whereclause": "where",
    "from_obj": "select_from",
    "group_by": "group_by",
    "order_by": "order_by",
    "having": "having",
    "limit": "limit",
    "offset": "offset",
    "values": "values",
    "distinct": "distinct",
}
_KEYWORDS = frozenset(
    {*_METHODS, "columns", "bind", "use_labels", "for_update", "correlate", "prefixes", "suffixes"}
)
_LISTED = frozenset({"from_obj", "group_by", "order_by"})
_FUNCTIONS = {
    "sqlalchemy.select": "select",
    "sqlalchemy.update": "update",
    "sqlalchemy.delete": "delete",
    "sqlalchemy.insert": "insert",
}
# What the second argument was: of a function; of a table's method it is the first.
_SECOND = {
    "select": "whereclause",
    "update": "whereclause",
    "delete": "whereclause",
    "insert": "values",
}


@rule(
    "SAL903",
    "select-list",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=of_database(operations("call")),
)
@of_every_version
def select_list(operation: Operation) -> Iterator[Report]:
    """Columns are given to `select()` as a list, or clauses as arguments.

    ## What it does
    Reports `select([a, b])`, `select(columns, whereclause)`, keywords of `select()` such as
    `from_obj=`, and the condition or values given to `update()`, `delete()`, `insert()` and the
    methods of a table.

    ## Why is this bad?
    Removed in 2.0: `ArgumentError` or `TypeError` as soon as the statement is built.

    ## Example
    ```python
    stmt = select([users.c.id, users.c.name], users.c.id == 1)
    ```

    ## Use instead
    ```python
    stmt = select(users.c.id, users.c.name).where(users.c.id == 1)
    ```

    ## Fix safety
    Safe: both spellings mean the same in 1.4, and only the new one works in 2.0. Left alone where a
    keyword has no single method that says the same.

    ## Versions
    2.0 and 2.1; the new spelling also works in 1.4.

    ## Limits
    Names whose value is not surely a list are left alone.

    ## References
    SQLAlchemy docs, "2.0 Migration": select() no longer accepts varied constructor arguments.
    """
    name, first = _called(operation)
    if not name or operation.function.target < (2, 0) or any(a.star for a in operation.op.args):
        return
    op = operation.op
    plain = [pair for pair in zip(op.args, operation.arg_kinds, strict=True) if not pair[0].keyword]
    words = [arg for arg in op.args if arg.keyword in _KEYWORDS]
    listed = None
    if name == "select" and first and plain:
        listed = elements(operation.function, *plain[0])
    extra = plain[first:] if listed is not None or name != "select" or not first else []
    if listed is None and not extra and not words:
        return
    if listed is not None:
        what = "`select()` takes columns one by one, not in a list"
    elif words:
        what = f"`{name}()` has no argument `{words[0].keyword}`"
    else:
        what = f"`{name}()` takes no {'values' if name == 'insert' else 'condition'} as an argument"
    yield Report(
        operation.at,
        f"{what}: removed in SQLAlchemy 2.0",
        help=f"write `{_EXAMPLES[name]}`",
        rewrite=_rewritten(operation, name, listed, plain, extra),
    )


_EXAMPLES = {
    "select": "select(a, b).where(...)",
    "update": "update(table).where(...).values(...)",
    "delete": "delete(table).where(...)",
    "insert": "insert(table).values(...)",
}
_WHAT = "write it as SQLAlchemy 2.0 does"


def _called(operation: Operation) -> tuple[str, int]:
    """The function, and how many arguments it still takes by position before the clauses."""
    name = _FUNCTIONS.get(sqlalchemy_name(operation), "")
    if name:
        return name, 1
    op = operation.op
    if operation.on.name == kinds.TABLE and op.name in _SECOND and op.do == "call":
        return op.name, 0
    return "", 0


def _rewritten(
    operation: Operation,
    name: str,
    listed: tuple[str, tuple[int, ...]] | None,
    plain: list[tuple[Arg, Kind]],
    extra: list[tuple[Arg, Kind]],
) -> Rewrite | None:
    op = operation.op
    if len(op.args) == 1 and listed is not None:
        at = op.args[0].at
        if is_display(operation.function, op.args[0].value) and listed[1]:
            return Rewrite(_WHAT, Applicability.SAFE, (Unbracket(at),))
        template, refs = listed
        return Rewrite(_WHAT, Applicability.SAFE, (Replace(at - 1, template, refs),))
    clauses = [(_SECOND[name], arg, kind) for arg, kind in extra]
    for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
        if arg.keyword:
            clauses.append((arg.keyword, arg, kind))
    if len(extra) > 1 or any(word not in _METHODS for word, _, _ in clauses):
        return None
    parts = ["{0}("]
    found: list[int] = [op.at + 1]
    if listed is not None:
        parts.append(_shifted(listed[0], len(found)))
        found += listed[1]
    elif plain and plain[0] not in extra:
        parts.append(f"{{{len(found)}}}")
        found.append(plain[0][0].at)
    parts.append(")")
    for word, arg, kind in clauses:
        if arg.value == Const(None) or arg.value == Const(False):
            continue
        inside = elements(operation.function, arg, kind) if word in _LISTED else None
        if word == "distinct":
            if arg.value != Const(True):
                return None
            parts.append(".distinct()")
            continue
        template, refs = inside if inside is not None else ("{0}", (arg.at,))
        parts.append(f".{_METHODS[word]}({_shifted(template, len(found))})")
        found += refs
    return Rewrite(_WHAT, Applicability.SAFE, (Replace(op.at, "".join(parts), tuple(found)),))


def _shifted(template: str, by: int) -> str:
    """A template whose holes count from ``by``."""
    return re.sub(r"\{(\d+)", lambda hole: f"{{{int(hole[1]) + by}", template)
