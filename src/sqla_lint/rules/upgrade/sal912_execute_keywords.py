"""SAL912: values as keywords or one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Function,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    of_every_version,
    operations,
    rule,
)

_RUNS = frozenset({"execute", "scalar", "scalars"})
_WORDS = {
    kinds.CONNECTION: frozenset(
        {"statement", "object_", "parameters", "execution_options", "multiparams", "params"}
    ),
    # sessions of 1.4 hand what they do not know to `get_bind()`; heirs pass on the private ones
    kinds.SESSION: frozenset(
        {"statement", "params", "execution_options", "bind_arguments", "bind", "clause", "mapper"}
        | {"_parent_execute_state", "_add_event"}
    ),
}
_WORDS[kinds.SCOPED_SESSION] = _WORDS[kinds.SESSION]


@rule(
    "SAL912",
    "execute-keywords",
    severity=Severity.ERROR,
    fix="safe",
    versions="1.4, 2.0, 2.1",
    on=operations("call", names=_RUNS),
)
@of_every_version
def execute_keywords(operation: Operation) -> Iterator[Report]:
    """Values for a statement are given by keyword or one after the other.

    ## What it does
    Reports `conn.execute(stmt, name="a")` and `conn.execute(stmt, {...}, {...})`, also of `scalar`,
    and `session.execute(stmt, name="a")`, also of `scalar` and `scalars`.

    ## Why is this bad?
    Removed in 2.0: `TypeError`. No Session ever took values by keyword.

    ## Example
    ```python
    conn.execute(users.insert(), name="ann", age=30)
    ```

    ## Use instead
    ```python
    conn.execute(users.insert(), {"name": "ann", "age": 30})
    ```

    ## Fix safety
    Safe: both spellings mean the same to a Connection of 1.4, and a Session refuses the other.

    ## Versions
    2.0 and 2.1, Sessions also of 1.4; the new spelling works everywhere.

    ## Limits
    Dictionaries that are unpacked (`**values`) get their fix when nothing else is given. What the
    callers of a function give it by any keyword (`**kwargs`) is not reported: they may give
    `parameters`.

    ## References
    SQLAlchemy docs, "2.0 Migration": execute() method more strict, execution options are more
    prominent.
    """
    op, on = operation.op, operation.on
    known = _WORDS.get(on.name)
    if known is None or "subclass" in on.traits or not op.args:
        return
    is_session = on.name != kinds.CONNECTION
    if operation.function.target < (2, 0) and not is_session:
        return
    first, *others = op.args
    if first.keyword or first.star or not others:
        return
    if any(arg.star and _is_passed_on(operation.function, arg.value) for arg in others):
        return  # callers may give what `execute()` has
    words = [arg for arg in others if arg.star == 2 or (arg.keyword and arg.keyword not in known)]
    plain = [
        arg
        for arg, kind in zip(others, operation.arg_kinds[1:], strict=True)
        if not arg.keyword and not arg.star and kind.name == kinds.DICT
    ]
    edit = None
    if words:
        what = "takes no values by keyword"
        if len(words) == len(others):
            edit = _dictionary(op.at, first, words)
    elif len(plain) > 1 and len(plain) == len(others) and not is_session:
        what = "takes one dictionary, or a list of them"
        holes = ", ".join(f"{{{i}}}" for i in range(2, len(plain) + 2))
        refs = (op.at + 1, first.at, *(arg.at for arg in plain))
        edit = Replace(op.at, f"{{0}}({{1}}, [{holes}])", refs)
    else:
        return
    owner, since = ("Session", "") if is_session else ("Connection", " since SQLAlchemy 2.0")
    yield Report(
        op.at,
        f"`{owner}.{op.name}()` {what}{since}: TypeError",
        help="give a dictionary, or a list of dictionaries",
        rewrite=Rewrite("give a dictionary", Applicability.SAFE, (edit,)) if edit else None,
    )


def _is_passed_on(function: Function, value: object) -> bool:
    """What the callers of this function, or of the one that it is in, give by any keyword."""
    module, inside = function.typed.module, function.typed.function
    around = [inside]
    if value in inside.captures:
        around += [
            f
            for name, f in module.functions.items()
            if inside.qualname.startswith(f"{name}.<locals>.")
        ]
    return any(p.name == value and p.kind == "starstar" for f in around for p in f.params)


def _dictionary(at: int, first: Arg, words: list[Arg]) -> Replace:
    parts, refs = [], [at + 1, first.at]
    for arg in words:
        hole = f"{{{len(refs)}}}"
        parts.append(f"**{hole}" if arg.star else f'"{arg.keyword}": {hole}')
        refs.append(arg.at)
    if len(words) == 1 and words[0].star:
        return Replace(at, "{0}({1}, {2})", tuple(refs))
    return Replace(at, "{0}({1}, {{" + ", ".join(parts) + "}})", tuple(refs))
