"""SAL413: a password pasted into a database URL, or a URL whose password is masked."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import NAME, Call, Note, Report, Severity, calls, rule, url_parts


@rule(
    "SAL413",
    "url-from-string",
    group="pedantic",
    severity=Severity.WARNING,
    on=calls(receivers=[NAME]),
)
def url_from_string(call: Call) -> Iterator[Report]:
    """A database URL is put together as a string.

    ## What it does
    Reports a user name or password that is pasted into the URL of `create_engine()`, and engines
    made with `str(url)` of another engine. Also a URL that is written in the program with a
    password for a host of the network.

    ## Why is this bad?
    `@`, `:`, `/` and `%` in a password end it or change it: the engine connects to another host, or
    not at all. `str(url)` writes `***` in place of the password. A password in the program is in
    every copy of it, and in its history.

    ## Example
    ```python
    create_engine(f"postgresql://{user}:{password}@{host}/{name}")
    ```

    ## Use instead
    ```python
    create_engine(URL.create("postgresql", user, password, host, database=name))
    ```

    ## Fix safety
    No fix: which part is which, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Values that `quote_plus()` has quoted are fine, as are hosts and names of databases. Passwords
    for this machine, in tests, and words such as `password` stand for something else.

    ## References
    SQLAlchemy docs, "Engine Configuration": Escaping Special Characters such as @ signs in
    Passwords; URL.render_as_string().
    """
    parts = url_parts(call)
    if parts is None:
        return
    if parts.masked:
        yield Report(
            parts.at,
            "`str()` of a URL masks its password as `***`: the engine cannot connect with it",
            help="give the URL itself, or `url.render_as_string(hide_password=False)`",
        )
    elif parts.host and call.function.entry != "test":
        yield Report(
            parts.at,
            f"the password for `{parts.host}` is written in the program: whoever reads it, has it",
            help="read the URL from the environment or a settings file",
        )
    elif parts.credentials:
        names = ", ".join(dict.fromkeys(f"`{hole.name}`" for hole in parts.credentials))
        yield Report(
            parts.at,
            f"{names} is pasted into the URL: `@`, `:`, `/` or `%` in it breaks the URL",
            help="use `URL.create(...)`, or `urllib.parse.quote_plus()`",
            steps=tuple(
                Note(f"`{hole.name}` is pasted in here", hole.at, path)
                for hole in parts.credentials
                for path in call.function.path_of(hole.function)
            ),
        )
