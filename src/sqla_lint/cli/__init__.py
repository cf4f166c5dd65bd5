"""The command line. Everything heavy is imported only by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from sqla_lint.cli.console import EXIT_CLEAN, EXIT_INTERRUPTED, EXIT_TROUBLE, complain
from sqla_lint.version import __version__

# command -> the module that has it as `command`, and its line in the help
COMMANDS = {
    "check": ("sqla_lint.cli.check", "Lint files and folders; what happens without a command."),
    "why": ("sqla_lint.cli.why", "Say what is known of a line, and which rules looked at it."),
    "rule": ("sqla_lint.cli.rule", "Explain a rule."),
    "server": ("sqla_lint.cli.server", "Serve an editor (language server)."),
    "doctor": ("sqla_lint.cli.doctor", "Find settings of ruff and flake8 that do damage."),
}
_OWN_OPTIONS = frozenset({"--help", "-h", "--version", "-V"})


class Commands(click.Group):
    """`check` is the command that need not be named: ``sqla-lint src`` lints ``src``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in COMMANDS and args[0] not in _OWN_OPTIONS:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # here and not in click, which says it with an empty line
            complain("\ninterrupted" if sys.stderr.isatty() else "interrupted")
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, and what `check` takes, which need not be named: its options, and paths."""
        check = self.get_command(ctx, "check")
        assert check is not None
        found = super().shell_complete(ctx, incomplete)
        inner = click.Context(check, info_name="check", parent=ctx)
        found += [
            item
            for item in check.shell_complete(inner, incomplete)
            if item.value not in {other.value for other in found}
        ]
        if not incomplete.startswith("-"):
            found.append(CompletionItem(incomplete, type="file"))
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        formatter.write_paragraph()
        formatter.write_text(
            "Start with `sqla-lint PATH`; `sqla-lint check --help` tells all options."
        )


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[check] PATH... | COMMAND",
)
@click.version_option(__version__, "-V", "--version", message="sqla-lint %(version)s")
def cli() -> None:
    """A linter for how Python programs use SQLAlchemy."""


def invoke(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        code = cli.main(arguments, prog_name="sqla-lint", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return EXIT_TROUBLE
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else EXIT_CLEAN
