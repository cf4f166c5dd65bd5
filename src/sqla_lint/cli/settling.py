"""The settings of a run: the nearest settings file, with the options of the command line on top."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqla_lint.catalog import load
from sqla_lint.discover import discover
from sqla_lint.docs import registry
from sqla_lint.project.target import find_target
from sqla_lint.report.page import shown_path
from sqla_lint.scopes import Scopes, common_folder
from sqla_lint.settings import (
    KEYS,
    Settings,
    SettingsError,
    check_selector,
    find,
    ignored_in,
    matches,
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
    force_exclude: bool = False
    output_format: str | None = None
    min_severity: str | None = None
    target_version: str | None = None
    jobs: int | None = None


def settle(
    paths: Sequence[Path], overrides: Overrides, *, config: Path | None, read_files: bool
) -> tuple[Scopes, list[str]]:
    """The settings for these paths, file by file, and warnings about those of the run."""
    rules = registry()
    for option in ("select", "ignore", "extend_select"):
        for selector in getattr(overrides, option):
            if problem := check_selector(selector, rules):
                raise SettingsError(f"{problem} (in --{option.replace('_', '-')})")
    start = common_folder(paths)
    file = config or (find(start) if read_files else None)
    nearest = read(file, rules) if file else Settings(root=start)
    nested = rules if read_files and config is None else None
    scopes = Scopes(nearest, lambda settings: _override(settings, overrides), nested)
    settings = scopes.main
    warnings = [
        f"`{entry}` is a preview rule: it runs with --preview only"
        for entry in without_effect(settings, rules)
    ]
    if not selected(settings, rules):
        warnings.append("no rule is selected")
    return scopes, warnings


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
        force_exclude=settings.force_exclude or overrides.force_exclude,
        output_format=overrides.output_format or settings.output_format,
        min_severity=overrides.min_severity or settings.min_severity,
        target_version=overrides.target_version or settings.target_version,
        jobs=settings.jobs if overrides.jobs is None else overrides.jobs,
    )


def settings_lines(scopes: Scopes, paths: Sequence[Path]) -> Iterator[str]:
    """The settings as they would stand in a file, with where they come from.

    Of a single file those that hold for it, its overrides among them; else those of the run.
    """
    alone = len(paths) == 1 and paths[0].is_file()
    settings = scopes.of(paths[0]) if alone else scopes.main
    yield f"# from {shown_path(str(settings.file)) if settings.file else 'no file: the defaults'}"
    yield f"# patterns are relative to {settings.root.absolute()}"
    if not alone:
        discover(paths, scopes)
        for file in scopes.nearer():
            yield f"# below {shown_path(str(file.parent))}/ those of {shown_path(str(file))} hold"
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
        elif key.kind == "overrides":
            for one in value:
                held = alone and matches(settings.root, one.paths, paths[0])
                tables += ["", "# holds for this file, and is part of the above"] if held else [""]
                tables += [f"[[tool.sqla-lint.{key.name}]]", f"paths = {_written(one.paths)}"]
                tables += [f"{_key(field)} = {_written(own)}" for field, own in one.values]
        else:
            yield f"{key.name} = {_written(value)}"
    yield from tables
    yield ""
    aimed_at = settings.target_version or ".".join(map(str, find_target(settings.root).version))
    first, second = aimed_at.split(".")[:2]
    table = load((int(first), int(second))).release
    yield f"# SQLAlchemy {aimed_at}: the table made from SQLAlchemy {table}"
    yield "# rules in use"
    rules = registry()
    off = ignored_in(settings, paths[0], rules) if alone else frozenset[str]()
    for code, rule in selected(settings, rules).items():
        if code not in off:
            yield f"#   {code} {rule.name}"


def _key(field: str) -> str:
    return field.replace("_", "-")


def _written(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)
