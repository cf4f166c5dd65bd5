"""Runs a linter over programs: where it finds something about SQL or SQLAlchemy."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sidebyside.programs import Program
from sqla_lint.api import Settings, lint_paths
from sqla_lint.finding import Span

LIMIT = 1_800  # seconds: longer than this and a linter is given up on


@dataclass(frozen=True)
class Place:
    """Lines that a linter points at, and the rule that does."""

    file: Path
    first: int
    last: int
    rule: str


Linter = Callable[[Path, Sequence[Program]], Iterator[Place]]


def _json(command: Sequence[str | Path], **more: Any) -> Any:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=LIMIT, **more
    )
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"{command[0]}: no JSON: {done.stderr[-500:]}") from None


def ours(*, everything: bool) -> Linter:
    """sqla-lint of this tree, one program at a time: each is a project of its own."""

    def run(_folder: Path, programs: Sequence[Program]) -> Iterator[Place]:
        for program in programs:
            settings = replace(
                Settings(root=program.path.parent),
                target_version=program.target,
                preview=everything,
                pedantic=everything,
            )
            for found in lint_paths([program.path], settings=settings).findings:
                if not found.code.startswith(("SAL4", "SAL5")):
                    continue
                if found.span is not None:
                    yield _place(found.path, found.span, found.code)
                for step in found.steps:
                    if step.span is not None:
                        yield _place(step.path or found.path, step.span, found.code)

    return run


def _place(path: str, span: Span, code: str) -> Place:
    return Place(Path(path).resolve(), span.line, span.end_line, code)


def bandit(binaries: Path) -> Linter:
    """B608: SQL put together from strings."""

    def run(folder: Path, _programs: Sequence[Program]) -> Iterator[Place]:
        command = [binaries / "bandit", "-q", "-r", "-f", "json", "-t", "B608", folder]
        for found in _json(command)["results"]:
            lines = found["line_range"]
            yield Place(Path(found["filename"]).resolve(), lines[0], lines[-1], found["test_id"])

    return run


def ruff(binaries: Path) -> Linter:
    """S608, and comparisons with None and with True or False."""

    def run(folder: Path, _programs: Sequence[Program]) -> Iterator[Place]:
        command = [binaries / "ruff", "check", "--isolated", "--no-cache", "--exit-zero"]
        command += ["--select", "S608,E711,E712", "--output-format", "json", folder]
        for found in _json(command):
            file = Path(found["filename"]).resolve()
            yield Place(file, found["location"]["row"], found["end_location"]["row"], found["code"])

    return run


def skylos(binaries: Path) -> Linter:
    """Its security rules, as far as they speak of SQL."""

    def run(folder: Path, _programs: Sequence[Program]) -> Iterator[Place]:
        for found in _json([binaries / "skylos", folder, "--danger", "--json"]).get("danger", []):
            if "SQL" in found["message"]:
                line = found["line"]
                yield Place(Path(found["file"]).resolve(), line, line, found["rule_id"])

    return run


def semgrep(binaries: Path, rules: Path) -> Linter:
    """All rules of a folder."""

    def run(folder: Path, _programs: Sequence[Program]) -> Iterator[Place]:
        command = [binaries / "semgrep", "scan", "--metrics=off", "--disable-version-check"]
        command += ["--quiet", "--no-git-ignore", "--config", rules, "--json", folder]
        path = f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"
        for found in _json(command, env=dict(os.environ, PATH=path))["results"]:
            file = Path(found["path"]).resolve()
            rule = found["check_id"].rpartition(".")[2]
            yield Place(file, found["start"]["line"], found["end"]["line"], rule)

    return run
