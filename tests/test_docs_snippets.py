"""What the docs tell people to write: it parses, and every option in it is one."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import click
import pytest
import yaml

from sqla_lint.cli import COMMANDS, cli
from sqla_lint.docs import registry
from sqla_lint.settings import read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_COMMAND = re.compile(r"(?:^|[\s`/])(sqla-lint [^\n`]*)")


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (page.name, block[2])
        for page in PAGES
        for block in _FENCE.finditer(page.read_text(encoding="utf-8"))
        if block[1] == language
    ]


def commands() -> list[tuple[str, str]]:
    """Every command line of ours that stands in code."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        code = [block[2] for block in _FENCE.finditer(text) if block[1] != "text"]
        code += re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
        for piece in code:
            found += [(page.name, match[1]) for match in _COMMAND.finditer(piece)]
    return sorted(set(found))


def options(command: str) -> set[str]:
    own = cli.get_command(click.Context(cli), command)
    assert own is not None
    names = {name for param in own.params for name in (*param.opts, *param.secondary_opts)}
    return names | {"--help", "-h", "--version"}


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_option_in_the_docs_is_one(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command = words[0] if words and words[0] in COMMANDS else "check"
    given = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert set(given) <= options(command), line


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_workflows_are_yaml(page: str, text: str) -> None:
    assert yaml.safe_load(text.replace("<this repository>", "here").replace("<a tag>", "1"))


@pytest.mark.parametrize(("page", "text"), blocks("toml"))
def test_settings_in_the_docs_are_accepted(page: str, text: str, tmp_path: Path) -> None:
    table = tomllib.loads(text)
    if "sqla-lint" in table.get("tool", {}):
        file = tmp_path / "pyproject.toml"
        file.write_text(text, encoding="utf-8")
        read(file, registry())
