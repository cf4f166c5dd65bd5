"""The settings of a run: the nearest settings file, with the options of the command line on top."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqla_lint.catalog import load
from sqla_lint.docs import registry
from sqla_lint.project.target import find_target
from sqla_lint.report.page import shown_path
from sqla_lint.settings import (
    KEYS,
    Settings,
    SettingsError,
    check_selector,
    find,
    read,
    selected,
    without_effect,
)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says about settings; empty and None mean nothing."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    pedantic: bool = False
    preview: bool = False
    unsafe_fixes: bool = False
    output_format: str | None = None
    min_severity: str | None = None
    target_version: str | None = None
    jobs: int | None = None


def settle(
    paths: Sequence[Path], overrides: Overrides, *, config: Path | None, read_files: bool
) -> tuple[Settings, list[str]]:
    """The settings for these paths, and warnings about them."""
    rules = registry()
    for option in ("select", "ignore", "extend_select"):
        for selector in getattr(overrides, option):
            if problem := check_selector(selector, rules):
                raise SettingsError(f"{problem} (in --{option.replace('_', '-')})")
    start = _common_folder(paths)
    file = config or (find(start) if read_files else None)
    settings = read(file, rules) if file else Settings(root=start)
    settings = _override(settings, overrides)
    warnings = [
        f"`{entry}` is a preview rule: it runs with --preview only"
        for entry in without_effect(settings, rules)
    ]
    if not selected(settings, rules):
        warnings.append("no rule is selected")
    return settings, warnings


def _override(settings: Settings, overrides: Overrides) -> Settings:
    if overrides.select:  # a new start: what the file selects and ignores no longer counts
        settings = replace(settings, select=overrides.select, extend_select=(), ignore=())
    return replace(
        settings,
        ignore=(*settings.ignore, *overrides.ignore),
        extend_select=(*settings.extend_select, *overrides.extend_select),
        extend_exclude=(*settings.extend_exclude, *overrides.extend_exclude),
        pedantic=settings.pedantic or overrides.pedantic,
        preview=settings.preview or overrides.preview,
        unsafe_fixes=settings.unsafe_fixes or overrides.unsafe_fixes,
        output_format=overrides.output_format or settings.output_format,
        min_severity=overrides.min_severity or settings.min_severity,
        target_version=overrides.target_version or settings.target_version,
        jobs=settings.jobs if overrides.jobs is None else overrides.jobs,
    )


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    try:
        return Path(os.path.commonpath([folder.absolute() for folder in folders]))
    except ValueError:  # different drives
        return Path.cwd()


def settings_lines(settings: Settings) -> Iterator[str]:
    """The settings as they would stand in a file, with where they come from."""
    yield f"# from {shown_path(str(settings.file)) if settings.file else 'no file: the defaults'}"
    yield f"# patterns are relative to {settings.root.absolute()}"
    yield "[tool.sqla-lint]"
    tables: list[str] = []
    for key in KEYS:
        value = getattr(settings, key.field)
        if value is None and key.name == "target-version":
            target = find_target(settings.root)
            major, minor = target.version
            yield f'# target-version = "{major}.{minor}", from {target.source}'
        elif value is None:
            yield f"# {key.name} is not set"
        elif key.kind == "codes by pattern":
            tables += ["", f"[tool.sqla-lint.{key.name}]"] if value else []
            tables += [f"{json.dumps(glob)} = {json.dumps(list(codes))}" for glob, codes in value]
        elif isinstance(value, tuple):
            yield f"{key.name} = {json.dumps(list(value))}"
        else:
            yield f"{key.name} = {json.dumps(value)}"
    yield from tables
    yield ""
    aimed_at = settings.target_version or ".".join(map(str, find_target(settings.root).version))
    first, second = aimed_at.split(".")[:2]
    table = load((int(first), int(second))).release
    yield f"# SQLAlchemy {aimed_at}: the table made from SQLAlchemy {table}"
    yield "# rules in use"
    for code, rule in selected(settings, registry()).items():
        yield f"#   {code} {rule.name}"
