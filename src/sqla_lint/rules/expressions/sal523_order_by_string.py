"""SAL523: `order_by("name desc")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Call,
    Const,
    Import,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    rule,
    sqltext,
    texts,
)

_ORDERED = frozenset({kinds.QUERY, kinds.SELECT})
HOLE = sqltext.HOLE
_NAME = re.compile(r"\w+")
_DIRECTED = re.compile(r"(\w+)\s+(asc|desc)", re.IGNORECASE)
_MINUS = re.compile(r"-(\w+)")
# With values in it: a direction, a minus or a table's name all the same.
_PUT_TOGETHER = re.compile(
    rf"[\w.{HOLE}]+\s+(asc|desc|{HOLE})(\s+nulls\s+\w+)?|-{HOLE}|[\w{HOLE}]+\.[\w{HOLE}]+",
    re.IGNORECASE,
)
_MORE = re.compile(r"-\w+|\w+\.\w+|[\w.]+\s+(asc|desc)(\s+nulls\s+\w+)?", re.IGNORECASE)
_TEXTS = frozenset({kinds.STR, kinds.UNKNOWN})


def _is_put_together(ways: tuple[str, ...]) -> bool:
    return bool(ways) and all(HOLE in way and _PUT_TOGETHER.fullmatch(way) for way in ways)


def _is_looked_at(call: Call, arg: Arg) -> bool:
    """Something else reads the variable: it may have asked which of its texts it holds."""
    return len(call.function.readers.get(arg.value, ())) > 1


@rule(
    "SAL523",
    "order-by-string",
    severity=Severity.ERROR,
    fix="unsafe",
    on=calls("order_by", "group_by"),
)
def order_by_string(call: Call) -> Iterator[Report]:
    """`order_by()` or `group_by()` is given a string that is more than a name.

    ## What it does
    Reports `order_by("name desc")`, `order_by("-name")`, `order_by("users.name")` and the like,
    also as `order_by(f"{name} desc")`, and constants that are chosen elsewhere.

    ## Why is this bad?
    A string names a column or label of the statement. Anything else raises `CompileError: Can't
    resolve label reference for ORDER BY / GROUP BY / DISTINCT`.

    ## Example
    ```python
    select(User).order_by("name desc")
    ```

    ## Use instead
    ```python
    select(User).order_by(desc("name"))
    ```

    ## Fix safety
    Unsafe: `desc("name")` and `asc("name")` look for a column or label of the statement.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Strings that are put together are followed within the project. A plain name
    that is no column is not seen.

    ## References
    SQLAlchemy docs, "Operators and functions": desc(); "Error Messages".
    """
    if call.name not in ("order_by", "group_by") or call.on.name not in _ORDERED:
        return
    for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
        if kind.name in _TEXTS and not isinstance(arg.value, Const) and not arg.star:
            ways = texts(call, arg, kind)
            known = not any(HOLE in way for way in ways)
            whole = [way for way in ways if known and _MORE.fullmatch(way)]
            if kind.name == kinds.STR and _is_put_together(ways):
                yield Report(
                    arg.at,
                    f"`{call.name}()` takes the name of a column or label: with more in it, this"
                    " string raises CompileError",
                    help="look the column up, and call its `.asc()` or `.desc()`",
                )
            elif whole and (len(whole) == len(ways) or not _is_looked_at(call, arg)):
                yield Report(
                    arg.at,
                    f"`{call.name}()` takes the name of a column or label: `{whole[0]}`, which this"
                    " may be, raises CompileError",
                    help="keep columns, as `desc(User.name)`, in place of the strings",
                )
            continue
        if not isinstance(arg.value, Const) or not isinstance(arg.value.value, str):
            continue
        written = arg.value.value
        if arg.star or arg.keyword or (_NAME.fullmatch(written) and not written.isdigit()):
            continue
        directed, minus = _DIRECTED.fullmatch(written), _MINUS.fullmatch(written)
        if directed:
            function, name = directed[2].lower(), directed[1]
        elif minus:
            function, name = "desc", minus[1]
        else:
            function = name = ""
        yield Report(
            arg.at,
            f"`{call.name}()` takes the name of a column or label: `{written}` raises CompileError",
            help=f'use `{function}("{name}")`' if name else "use columns, or wrap it in `text()`",
            rewrite=Rewrite(
                f"use `{function}()`",
                Applicability.UNSAFE,
                (
                    Replace(arg.at, f'{{{function}}}("{name}")'),
                    Import("sqlalchemy", function),
                ),
            )
            if name and call.name == "order_by"
            else None,
        )
