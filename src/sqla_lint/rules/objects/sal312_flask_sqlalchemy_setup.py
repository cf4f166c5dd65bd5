"""SAL312: Flask-SQLAlchemy set up wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqla_lint.rule import (
    KEYS,
    REMOVED_KEYS,
    Applicability,
    Arg,
    Function,
    Initialised,
    Note,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    has_app,
    initialised,
    instances,
    is_gone,
    is_initialised,
    is_never_initialised,
    keys_set,
    kinds,
    makes_app,
    misspelt_key,
    outside_context,
    registered_twice,
    rule,
    without_context,
)

_REMOVED = frozenset(
    {"get_app", "create_scoped_session", "apply_driver_hacks", "make_connector", "get_binds"}
    | {"get_tables_for_bind", "make_declarative_base", "apply_pool_defaults"}
)
_OWN = frozenset({kinds.FLASK_DB, kinds.QUERY})
_WHOLE = frozenset({"create_all", "drop_all", "reflect"})


@rule(
    "SAL312",
    "flask-sqlalchemy-setup",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
)
def flask_sqlalchemy_setup(function: Function) -> Iterator[Report]:
    """Flask-SQLAlchemy is set up in a way that has no effect or raises.

    ## What it does
    Reports settings after `init_app()`, misspelt and removed `SQLALCHEMY_*` keys, `create_all()`,
    queries and `db.engine` without an application context in a module, an application factory or a
    thread, an instance that no application is initialised with, an application that is initialised
    twice, and what Flask-SQLAlchemy 3 removed: `create_all(app=app)`, positional arguments of
    `paginate()`, `get_app()` and the like.

    ## Why is this bad?
    Settings are read in `init_app()`, so that later ones are ignored, as unknown keys are; a
    missing URI raises `RuntimeError`. Without a context, or with another instance, the first use
    raises `RuntimeError`.

    ## Example
    ```python
    db.init_app(app)
    app.config["SQLALCHEMY_ECHO"] = True
    ```

    ## Use instead
    ```python
    app.config["SQLALCHEMY_ECHO"] = True
    db.init_app(app)
    ```

    ## Fix safety
    No fix: what should come first, and where a context belongs, the author must say.

    ## Versions
    2.0 and 2.1: Flask-SQLAlchemy 2 does not work with them.

    ## Limits
    Contexts that another module pushes, and keys that the project reads itself, are left alone. A
    module that has no application is told with `--pedantic`: it may be run by `flask shell`.

    ## References
    Flask-SQLAlchemy docs, "Configuration", "Flask Application Context", "Change log" (3.0).
    """
    if function.target < (2, 0):
        return
    yield from _settings(function)
    in_order = function.is_module or makes_app(function)
    started = without_context(function)
    if in_order or started is not None:
        found = outside_context(function, of_helpers=in_order)
        for op in islice(found, 1):  # one context mends them all
            written = [str(part) for part in (op.on, op.name) if part and str(part)[0] != "%"]
            what = f"`{'.'.join(written)}`"
            yield Report(
                op.at,
                f"{what} is used outside of an application context: RuntimeError",
                help="put it into `with app.app_context():`",
                steps=() if started is None else (started,),
                group="pedantic" if function.is_module and not has_app(function) else None,
            )
    for first, second in registered_twice(function):
        yield Report(
            second.op.at,
            f"`{second.app}` has an instance of Flask-SQLAlchemy already: RuntimeError",
            help="initialise it in one place",
            steps=(Note("initialised here", first.op.at),),
        )
    if function.is_module:
        yield from _instances(function)
    if not _OWN.isdisjoint(function.typed.present):
        for operation in function.operations():
            yield from _removed(operation)


def _settings(function: Function) -> Iterator[Report]:
    inits: tuple[Initialised, ...] | None = None
    for operation in function.operations():
        for key in keys_set(operation):
            inits = tuple(initialised(function)) if inits is None else inits
            late = [one for one in inits if one.app == key.place and one.at < key.at]
            meant = misspelt_key(function, key.name)
            if is_gone(key):
                option = REMOVED_KEYS[key.name]
                yield Report(
                    key.at,
                    f"`{key.name}` has no effect since Flask-SQLAlchemy 3",
                    help=f'set `SQLALCHEMY_ENGINE_OPTIONS = {{"{option}": ...}}`' if option else "",
                )
            elif meant:
                yield Report(
                    key.at,
                    f"Flask-SQLAlchemy has no key `{key.name}`: it is ignored",
                    help=f"did you mean `{meant}`?",
                )
            elif late and key.name in KEYS:
                yield Report(
                    key.at,
                    f"`{key.name}` is set after the application was initialised: it is ignored",
                    help="set it before `init_app()`",
                    steps=(Note("settings are read here", late[0].at),),
                )


def _instances(function: Function) -> Iterator[Report]:
    """The instance that no application knows, alone or beside one that is initialised."""
    known = instances(function)
    module = function.typed.module.name
    own = [label for label in known if label.partition(":")[0] == module]
    if not own:
        return
    for operation in function.operations():
        op = operation.op
        if op.do != "move" or operation.on.name != kinds.FLASK_DB:
            continue
        label = f"{module}:{op.dst}"
        others = [other for other in known if other != label]
        if label not in own or is_initialised(function, label):
            continue
        if not others and is_never_initialised(function, label):
            yield Report(
                op.at,
                f"no application is initialised with `{op.dst}`: RuntimeError at its first use",
                help=f"call `{op.dst}.init_app(app)` where the application is made",
            )
        if any(is_initialised(function, other) for other in others):
            name = others[0].replace(":", ".")
            yield Report(
                op.at,
                f"`{op.dst}` is a second instance, which no application is initialised with:"
                " RuntimeError when its models are used",
                help=f"import the one instance everywhere (`{name}`)",
            )


def _removed(operation: Operation) -> Iterator[Report]:
    op, on = operation.op, operation.on
    words = {arg.keyword for arg in op.args}
    if op.do != "call":
        return
    if on.name == kinds.FLASK_DB and op.name in _WHOLE and "app" in words:
        yield Report(
            op.at,
            f"`{op.name}()` takes no `app` since Flask-SQLAlchemy 3: TypeError",
            help="write `with app.app_context():`",
        )
    elif on.name == kinds.FLASK_DB and op.name in _REMOVED:
        yield Report(
            op.at,
            f"`{op.name}()` was removed in Flask-SQLAlchemy 3: AttributeError",
            help="see its change log",
        )
    elif on.name in (kinds.QUERY, kinds.FLASK_DB) and op.name == "paginate":
        plain = [arg for arg in op.args if not arg.keyword and not arg.star]
        if len(plain) > (on.name == kinds.FLASK_DB) and operation.result.name == kinds.INSTANCE:
            yield Report(
                op.at,
                "`paginate()` takes its arguments by keyword since Flask-SQLAlchemy 3: TypeError",
                help="write `paginate(page=..., per_page=...)`",
                rewrite=_by_keyword(operation, plain),
            )


_PAGINATE = ("page", "per_page", "error_out", "max_per_page")


def _by_keyword(operation: Operation, plain: list[Arg]) -> Rewrite | None:
    if operation.on.name != kinds.QUERY or len(plain) > len(_PAGINATE):
        return None
    edits = tuple(
        # the argument begins one node before its value
        Replace(arg.at - 1, f"{name}={{0}}", (arg.at,))
        for name, arg in zip(_PAGINATE, plain, strict=False)
    )
    return Rewrite("name the arguments", Applicability.SAFE, edits)
