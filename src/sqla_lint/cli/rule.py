"""``sqla-lint rule``: what a rule says, why, and what to write instead."""

from __future__ import annotations

import json

import click

from sqla_lint.cli.console import say
from sqla_lint.report import Paint
from sqla_lint.settings import check_selector


@click.command("rule")
@click.argument("rule", required=False, metavar="CODE|NAME")
@click.option("--all", "all_", is_flag=True, help="Explain all rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
def command(rule: str | None, all_: bool, output_format: str) -> int:
    """Explain a rule, named by its code or its name."""
    from sqla_lint.docs import page, record, registry

    if (rule is None) is not all_:
        raise click.UsageError("name one rule, or ask for --all")
    rules = registry()
    if all_:
        chosen = list(rules.values())
    else:
        chosen = [info for info in rules.values() if rule in (info.code, info.name)]
        if not chosen:
            assert rule is not None
            raise click.UsageError(check_selector(rule, rules) or f"`{rule}` is not one rule")
    if output_format == "json":
        records = [record(info) for info in chosen]
        say([json.dumps(records if all_ else records[0], indent=2)], Paint())
    else:
        say(("\n\n".join(page(info).rstrip("\n") for info in chosen)).split("\n"), Paint())
    return 0
