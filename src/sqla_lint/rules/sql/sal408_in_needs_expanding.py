"""SAL408: a list for `IN :names`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.rule import (
    EXECUTING,
    NAME,
    Applicability,
    Arg,
    Call,
    Const,
    Import,
    Kind,
    Op,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    kinds,
    literal,
    made_by,
    may_be_mysql,
    only_binding,
    passed_kinds,
    refuses_tuples,
    rule,
    run_texts,
    sqltext,
    text_literal,
)

_NAMED = frozenset({"list", "List", "set", "Set", "listcomp", "setcomp"})
_MADE = frozenset({"builtins.list()", "builtins.sorted()", "builtins.set()"})
_MAKERS = frozenset({"list", "sorted", "set"})
_LISTS = frozenset({kinds.LIST, kinds.SET})


@rule(
    "SAL408",
    "in-needs-expanding",
    severity=Severity.ERROR,
    fix="unsafe",
    on=calls(*EXECUTING.names, "bindparams"),
)
def in_needs_expanding(call: Call) -> Iterator[Report]:
    """A list is given for one parameter of an IN.

    ## What it does
    Reports `text("... IN :ids")` and `text("... IN (:ids)")` that is executed with a list or set
    for `ids`.

    ## Why is this bad?
    The driver gets a list as one value: a syntax error near the placeholder, or "type 'list' is not
    supported".

    ## Example
    ```python
    conn.execute(text("DELETE FROM users WHERE id IN :ids"), {"ids": [1, 2]})
    ```

    ## Use instead
    ```python
    statement = text("DELETE FROM users WHERE id IN :ids")
    statement = statement.bindparams(bindparam("ids", expanding=True))
    conn.execute(statement, {"ids": [1, 2]})
    ```

    ## Fix safety
    Unsafe: an empty list then finds nothing, instead of raising. Parentheses around the parameter
    go. Not offered where the text is not made in this function.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A tuple is reported where every URL of the project is of SQLite, Oracle, SQL Server, asyncpg,
    psycopg 3 or pg8000: other drivers take it. The drivers of MySQL take a list, too: where the
    project names a URL of MySQL or MariaDB, `IN :ids` is not reported. Values must be known to be a
    list: by their making, their annotation, or what every caller passes.

    ## References
    SQLAlchemy docs, "SQL Expression Language Foundational Constructs": bindparam.expanding.
    """
    if call.on.name == kinds.TEXT and call.name == "bindparams":
        yield from _bound(call)
        return
    whole = call.executed_text()
    ways = (whole,) if whole is not None else run_texts(call)
    wanted = {name: bare for sql in ways for name, bare in sqltext.in_binds(sql)}
    for name, arg, kind in call.values() if wanted else ():
        if name not in wanted:
            continue
        given = _is_given_list(call, arg, kind)
        tuples = not given and _is_tuple(call, arg, kind)
        if not given and not tuples:
            continue
        if wanted[name] and may_be_mysql(call.function.project):
            continue  # its drivers write a list out, with parentheses
        yield Report(
            call.at,
            f"`IN :{name}` gets a {'tuple' if tuples else 'list'} as one value: the database or the"
            " driver refuses it",
            help=f'say so: `.bindparams(bindparam("{name}", expanding=True))`',
            rewrite=_expanded(call, name)
            if wanted[name]
            else _unbracketed(call, whole or "", name),
        )


def _is_listed(kind: Kind, annotation: str) -> bool:
    return kind.name in _LISTS or annotation in _NAMED or kind.label in _MADE


def _makes_list(on: str, op: Op) -> bool:
    if op.do == "pack":
        return op.name in _NAMED
    return op.do == "call" and op.name is None and on == NAME and op.on in _MAKERS


def _is_given_list(call: Call, arg: Arg, kind: Kind) -> bool:
    if _is_listed(kind, call.annotated(arg.value)):
        return True
    made = made_by(call, arg, kind)
    if made and all(_makes_list(on, op) for on, op in made):
        return True
    passed = passed_kinds(call, arg)
    return bool(passed) and all(_is_listed(*one) for one in passed)


def _is_tuple(call: Call, arg: Arg, kind: Kind) -> bool:
    """A tuple of values, where no database of the project is one whose driver writes it out."""
    if "information_schema" in (call.executed_text() or "").lower():
        return False  # of a server, whatever a file of SQLite is named for beside it
    place, made = arg.value, kind.name == kinds.TUPLE
    scope = call.function.typed.function
    for _ in range(2):  # a name for what was made
        op = only_binding(scope, place) if isinstance(place, str) else None
        if op is None or any(param.name == place for param in scope.params):
            break
        made = made or (op.do == "call" and op.on == "tuple" and op.name is None)
        place = op.on if op.do == "move" and op.on is not None else ""
    return made and refuses_tuples(call.function.project)


def _bound(call: Call) -> Iterator[Report]:
    """A list that `bindparams()` gives to a parameter of an IN."""
    sql = call.on.label
    wanted = dict(sqltext.in_binds(sql)) if sql and "bound" not in call.on.traits else {}
    for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
        name = arg.keyword
        if name not in wanted or not _is_given_list(call, arg, kind):
            continue
        if name and not (wanted[name] and may_be_mysql(call.function.project)):
            yield Report(
                call.at,
                f"`IN :{name}` gets a list as one value: the database or the driver refuses it",
                help=f'say so: `.bindparams(bindparam("{name}", ..., expanding=True))`',
            )


def _text_call(call: Call) -> Op | None:
    """The call of `text()` in this function that makes what is executed."""
    given = call.executed()
    made = made_by(call, *given) if given is not None else []
    if len(made) != 1 or made[0][1].do != "call" or made[0][1].name not in (None, "text"):
        return None
    op = made[0][1]
    return op if any(one.op is op for one in call.function.operations()) else None


def _unbracketed(call: Call, sql: str, name: str) -> Rewrite | None:
    """The parameter without parentheses of its own: expanded, it brings some along."""
    made, argument = _text_call(call), text_literal(call)
    bare, number = re.subn(rf"\(\s*:{name}\s*\)", f":{name}", sql)
    template = literal(bare)
    if made is None or argument is None or argument.value != Const(sql) or len(made.args) != 1:
        return None
    if number != 1 or template is None or "\\" in sql:
        return None
    text = f'{{0}}({template}).bindparams({{bindparam}}("{name}", expanding=True))'
    return Rewrite(
        "let the parameter expand",
        Applicability.UNSAFE,
        (Replace(made.at, text, (made.at + 1,)), Import("sqlalchemy", "bindparam")),
    )


def _expanded(call: Call, name: str) -> Rewrite | None:
    made = _text_call(call)
    if made is None:
        return None
    at = made.at
    return Rewrite(
        "let the parameter expand",
        Applicability.UNSAFE,
        (
            Replace(at, f'{{0}}.bindparams({{bindparam}}("{name}", expanding=True))', (at,)),
            Import("sqlalchemy", "bindparam"),
        ),
    )
