"""Which settings hold for a file: those of the settings file nearest to it, over them its
overrides, over them the command line.

As in ruff, a nearer file takes the place of one further up and is not mixed with it; ``extend``
says that it should be. What concerns the whole run, such as its format and its cache, is read from
the file nearest to all paths.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from sqla_lint.settings import (
    FILE_NAMES,
    Override,
    Selectable,
    Settings,
    SettingsError,
    in_folder,
    matches,
    read,
)

# What an override, like an option of the command line, adds to and does not replace.
_ADDING = frozenset({"ignore", "extend_select"})


class Scopes:
    """The settings of a run, file by file.

    ``start`` are those of the file nearest to all paths. ``over`` puts the command line on top.
    With ``rules`` nearer settings files are looked for; what is wrong with one goes to
    ``troubles``, and the settings further up hold in its place.
    """

    def __init__(
        self,
        start: Settings,
        over: Callable[[Settings], Settings] = lambda settings: settings,
        rules: Mapping[str, Selectable] | None = None,
    ) -> None:
        self.troubles: list[SettingsError] = []
        self.main = over(start)
        self._over = over
        self._rules = rules
        self._top = os.path.abspath(start.root)
        self._raw: dict[str, Settings] = {self._top: start}  # by folder
        self._made: dict[tuple[Path | None, tuple[int, ...]], Settings] = {
            (start.file, ()): self.main
        }
        self._of: dict[str, Settings] = {}

    def of(self, path: str | Path) -> Settings:
        """The settings that hold for a file."""
        known = self._of.get(str(path))
        if known is None:
            raw = self._nearest(os.path.dirname(os.path.abspath(path)))
            matching = [
                number
                for number, one in enumerate(raw.overrides)
                if matches(raw.root, one.paths, path)
            ]
            known = self._of[str(path)] = self._settled(raw, tuple(matching))
        return known

    def at(self, folder: str) -> Settings:
        """The settings that hold for a folder, where no override is asked for."""
        return self._settled(self._nearest(folder), ())

    def enter(self, folder: str, names: Collection[str]) -> Settings:
        """`at` for a folder whose names are known: most hold no settings file."""
        if folder not in self._raw and not any(name in names for name in FILE_NAMES):
            self._raw[folder] = self._nearest(os.path.dirname(folder))
        return self.at(folder)

    def all(self, files: Iterable[str]) -> list[Settings]:
        """The settings that hold for some of the files, each once."""
        return list({id(settings): settings for settings in map(self.of, files)}.values())

    def used(self) -> list[Settings]:
        """The settings of all files that were asked about, and of the run."""
        return list({id(one): one for one in (self.main, *self._of.values())}.values())

    def nearer(self) -> list[Path]:
        """The settings files, other than that of the run, that were found to hold somewhere."""
        own = self._raw[self._top].file
        return sorted({one.file for one in self._raw.values() if one.file not in (None, own)})

    def _settled(self, raw: Settings, matching: tuple[int, ...]) -> Settings:
        key = (raw.file, matching)
        if key not in self._made:
            settings = raw
            for number in matching:
                settings = _overridden(settings, raw.overrides[number])
            self._made[key] = self._over(settings)
        return self._made[key]

    def _nearest(self, folder: str) -> Settings:
        known = self._raw.get(folder)
        if known is not None:
            return known
        parent = os.path.dirname(folder)
        found = self._raw[self._top] if parent == folder else self._nearest(parent)
        if self._rules is not None and folder.startswith(self._top.rstrip(os.sep) + os.sep):
            try:
                file = in_folder(Path(folder))
                if file is not None:
                    found = read(file, self._rules)
            except SettingsError as error:
                self.troubles.append(error)
        self._raw[folder] = found
        return found


def common_folder(paths: Sequence[Path]) -> Path:
    """The folder nearest to all paths."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    try:
        return Path(os.path.commonpath([folder.absolute() for folder in folders]))
    except ValueError:  # different drives
        return Path.cwd()


def _overridden(settings: Settings, override: Override) -> Settings:
    values = dict(override.values)
    if "select" in values:  # a new start, as on the command line
        settings = replace(settings, extend_select=(), ignore=())
    for name in values.keys() & _ADDING:
        values[name] = (*getattr(settings, name), *cast("tuple[str, ...]", values[name]))
    return replace(settings, **values)  # type: ignore[arg-type]  # checked when they were read
