"""SAL311: a database URL, or options of an engine, that cannot work."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Problem,
    Report,
    Respell,
    Rewrite,
    Severity,
    database_urls,
    operations,
    option_problems,
    registers_dialect,
    rule,
    sqltext,
    url_problem,
)


@rule(
    "SAL311",
    "engine-url",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("call", "setitem", "move", "pack"),
)
def engine_url(operation: Operation) -> Iterator[Report]:
    """A database URL or an option of an engine cannot work.

    ## What it does
    Reports URLs of `create_engine`, `create_async_engine`, `SQLALCHEMY_DATABASE_URI` of
    Flask-SQLAlchemy and `sqlalchemy.url` of alembic: an unknown or misspelt dialect or driver, a
    driver that does not fit the sync or async engine, a file of SQLite after two slashes, a
    password with a raw `@`, a port that is no number, libpq's `sslmode` for asyncpg. Constants,
    f-strings, defaults of environment variables and of settings classes are followed. Also options:
    those of the driver outside `connect_args`, those that the pool class or the driver refuses, and
    strings, such as the environment gives, where a number or a boolean is wanted.

    ## Why is this bad?
    The engine raises `NoSuchModuleError`, `ArgumentError` or `InvalidRequestError` when it is made,
    or the first connection fails. `postgres://`, which some hosts still hand out, is not known
    since SQLAlchemy 1.4. Unknown options raise `TypeError`; `echo` with a string raises `KeyError`.

    ## Example
    ```python
    engine = create_engine("postgres://localhost/shop")
    ```

    ## Use instead
    ```python
    engine = create_engine("postgresql://localhost/shop")
    ```

    ## Fix safety
    Safe where one name is surely meant: the program could not connect before.

    ## Versions
    1.4, 2.0 and 2.1, sync and async, Flask-SQLAlchemy, alembic.

    ## Limits
    Tests are left alone: their engines are often only handed to a mock or compared.
    Dialects of other packages, and those that the project registers, are not judged. What comes
    from the environment is not known, only its default.

    ## References
    SQLAlchemy docs, "Engine Configuration": Database URLs. Error `3o7r`, `xd1r`.
    """
    if operation.function.entry == "test":  # its engines are often only looked at
        return
    for url, is_async in database_urls(operation):
        if not url.here and "://" not in url.text:
            continue  # what a setting says until it is set
        problem = url_problem(url.text, is_async, sqltext.HOLE, operation.function.target)
        if problem is not None and not registers_dialect(operation.function, url.text):
            default = " of a default" if url.is_default else ""
            yield Report(
                url.at,
                f"in the URL{default}, {problem.message}",
                help=problem.help,
                rewrite=_respelt(problem, url.at) if url.here else None,
            )
    for at, problem in option_problems(operation):
        yield Report(at, problem.message, help=problem.help)


def _respelt(problem: Problem, at: int) -> Rewrite | None:
    if not problem.wrong:
        return None
    return Rewrite(problem.help, Applicability.SAFE, (Respell(at, problem.wrong, problem.right),))
