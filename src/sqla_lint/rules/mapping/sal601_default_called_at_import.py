"""SAL601: a column default that is computed once, when the module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Column,
    Project,
    Replace,
    Report,
    Rewrite,
    Value,
    is_always_given,
    is_never_left_out,
    is_unwritten,
    rows_written,
    rule,
    updates,
)

# What gives another value each time it is called.
_CLOCKS = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"}
    | {"datetime.date.today", "time.time", "time.time_ns", "time.monotonic", "time.strftime"}
    | {"time.ctime", "time.localtime", "time.gmtime", "pendulum.now", "arrow.now", "arrow.utcnow"}
    | {"django.utils.timezone.now", "os.urandom", "uuid.uuid1", "uuid.uuid4", "uuid.uuid6"}
    | {"uuid.uuid7", "shortuuid.uuid", "ulid.new", "secrets.token_hex", "secrets.token_urlsafe"}
    | {"secrets.token_bytes", "secrets.randbelow", "secrets.choice", "random.random"}
    | {"random.randint", "random.choice", "random.choices", "random.randrange", "random.sample"}
    | {"random.getrandbits", "random.uniform"}
)
# Functions that only reshape what they are given.
_SHAPERS = frozenset({"str", "int", "float", "round", "hex", "repr", "bytes", "list", "dict"})


@rule("SAL601", "default-called-at-import", fix="unsafe")
def default_called_at_import(project: Project) -> Iterator[Report]:
    """A column's default is computed when the module is imported: one value for all rows.

    ## What it does
    Reports a clock, a UUID or a random number that is *called* in `default=`, `onupdate=` or
    `server_default=` of a column, or in the default of an SQLModel field.

    ## Why is this bad?
    The call runs once, when the class is defined. Every row that the process inserts gets the time
    it was started; a UUID or token is the same for all rows, and the second insert of a unique one
    fails with `IntegrityError`.

    ## Example
    ```python
    created_at = Column(DateTime, default=datetime.now())
    ```

    ## Use instead
    ```python
    created_at = Column(DateTime, default=datetime.now)
    ```

    ## Fix safety
    The fix passes the function itself, or a lambda around the expression. It is unsafe because the
    rows then get different values, which the table may not expect. A dataclass default or an
    SQLModel field, where `default_factory=` is needed, is left to the author.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only functions of the standard library and of well-known packages are known to change, and
    functions of the project that return what such a one gives. Where the value is never used it is
    told with `--pedantic`: of a class that no code names, in tests, where all code gives the column
    a value, or the constructor of the class does, or the method that adds its objects, of a Core
    table into which a program inserts by text only or not at all, and `onupdate=` of a table that
    only `on_conflict_do_update()` writes, which leaves it out.

    ## References
    SQLAlchemy docs, "Column INSERT/UPDATE Defaults": Python-executed functions.
    """
    for column in project.columns():
        for word, value in (
            ("default", column.default),
            ("onupdate", column.onupdate),
            ("server_default", column.server_default),
        ):
            called = _called(project, value, 0) if value is not None else None
            if value is None or called is None:
                continue
            shown = called.source or called.name.replace(":", ".")
            used = _is_used(project, column, word)
            when = "when the table is made" if _is_made_later(project, column) else "at import"
            yield Report(
                value.at,
                f"`{shown}()` is called once, {when}: every row of `{column.name}` gets the same"
                " value",
                help=_instead(column, word, value, shown),
                rewrite=_rewrite(column, word, value, called),
                path=column.path,
                group=None if used else "pedantic",
            )


def _is_used(project: Project, column: Column, word: str) -> bool:
    """The class of a column may get objects that matter: some code has its name, and it is no
    test's, and the value is not given in any case. A table of Core may get rows without it."""
    if project.is_test(column.path):
        return False
    models = project.models
    owners = [
        model
        for model in models.models.values()
        if model.path == column.path and any(a.column is column for a in model.attributes)
    ]
    table = next((t for t in models.tables if column in t.columns), None)
    is_core = table is not None and table.label not in models.models
    if table is not None and is_core and word != "server_default" and is_unwritten(project, table):
        return False
    if not owners:
        if table is None:
            return True
        if word == "onupdate" and not updates(project, table.module):
            return False
        return not is_always_given(rows_written(project, table), column.db_name)
    return any(
        models.is_mentioned(model)
        and not models.is_set_on(model, column.name)
        and not (word == "default" and is_never_left_out(project, model, column.name))
        for model in owners
    )


def _is_made_later(project: Project, column: Column) -> bool:
    labels = (table.label for table in project.models.tables if column in table.columns)
    return any("<locals>" in label for label in labels)


def _called(project: Project, value: Value, depth: int) -> Value | None:
    """The call in an expression that would give another value each time."""
    if value.do == "call":
        if value.name in _CLOCKS:
            return value
        if ":" in value.name and depth < 3 and not value.on:
            returned = project.models.scopes.returned(value.name)
            if returned is not None and _called(project, returned, depth + 1) is not None:
                return value
        if value.on is not None and value.on.do in ("call", "attr", "op"):
            return _called(project, value.on, depth)  # datetime.now().isoformat()
        if value.name.removeprefix("builtins.") not in _SHAPERS:
            return None
    elif value.do == "attr" and value.on is not None:
        return _called(project, value.on, depth)
    elif value.do not in ("op", "list", "dict", "tuple"):
        return None
    for one in value.args:
        found = _called(project, one, depth)
        if found is not None:
            return found
    return None


def _is_field(column: Column, value: Value) -> bool:
    """The default of an SQLModel field or of an annotation, not of a `Column()`."""
    if column.call is None or column.call.library == "Field":
        return True
    return all(value is not one for _, one in column.call.words)


def _instead(column: Column, word: str, value: Value, shown: str) -> str:
    if word == "server_default":
        return "let the database do it: `server_default=func.now()`"
    if _is_field(column, value):
        return f"pass the function itself: `default_factory={shown}`"
    return f"pass the function itself: `{word}={shown}`"


def _rewrite(column: Column, word: str, value: Value, called: Value) -> Rewrite | None:
    if word == "server_default" or _is_field(column, value) or column.call is None:
        return None
    words = {name for name, _ in column.call.words}
    if words & {"init", "kw_only", "repr", "default_factory", "compare"}:  # a dataclass
        return None
    plain = value is called and not value.args and not value.words and value.source
    template = value.source if plain else "lambda: {0}"
    refs = () if plain else (value.at,)
    return Rewrite(
        f"pass `{template}`" if plain else "compute it for each row",
        Applicability.UNSAFE,
        (Replace(value.at, template, refs),),
    )
