"""SAL413: a password pasted into a database URL, or a URL whose password is masked."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    NAME,
    Applicability,
    Call,
    Import,
    Note,
    Replace,
    Report,
    Rewrite,
    Severity,
    Url,
    calls,
    rule,
    url_parts,
    written_holes,
)


@rule(
    "SAL413",
    "url-from-string",
    group="pedantic",
    severity=Severity.WARNING,
    fix="unsafe",
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
    Unsafe: a value that was quoted where nobody sees it is quoted twice. Offered where the URL is
    put together in the function that makes the engine, and for `str(url)`.

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
            rewrite=Rewrite(
                "give the URL itself",
                Applicability.UNSAFE,
                (Replace(parts.at, "{0}", (parts.unmasked,)),),
            ),
        )
    elif parts.host and call.function.entry != "test":
        yield Report(
            parts.at,
            f"the password for `{parts.host}` is written in the program: whoever reads it, has it",
            help="read the URL from the environment or a settings file",
        )
    elif parts.credentials and not call.function.is_test_code:
        names = ", ".join(dict.fromkeys(f"`{hole.name}`" for hole in parts.credentials))
        yield Report(
            parts.at,
            f"{names} is pasted into the URL: `@`, `:`, `/` or `%` in it breaks the URL",
            help="use `URL.create(...)`, or `urllib.parse.quote()`",
            rewrite=_quoted(call, parts),
            steps=tuple(
                Note(f"`{hole.name}` is pasted in here", hole.at, path)
                for hole in parts.credentials
                for path in call.function.path_of(hole.function)
            ),
        )


def _quoted(call: Call, parts: Url) -> Rewrite | None:
    """`{password}` as `{quote(password)}`: SQLAlchemy takes the quoting off again."""
    refs = written_holes(call.function, parts.credentials)
    if refs is None:
        return None
    edits = tuple(Replace(ref, "{quote}({0})", (ref,)) for ref in refs)
    return Rewrite(
        "quote what stands before the host",
        Applicability.UNSAFE,
        (*edits, Import("urllib.parse", "quote")),
    )
