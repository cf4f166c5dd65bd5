"""``sqla-lint server``: the language server, for editors."""

from __future__ import annotations

from importlib.util import find_spec

import click


@click.command("server")
@click.option("--stdio", is_flag=True, help="What happens anyway; editors like to say it.")
def command(stdio: bool) -> int:
    """Serve findings to an editor over standard input and output (LSP)."""
    if find_spec("pygls") is None:
        raise click.ClickException(
            "the language server needs pygls: pip install 'sqlalchemy-lint[lsp]'"
        )
    from sqla_lint.lsp.server import main

    main()
    return 0
