"""What the user wants: settings from ``pyproject.toml`` or ``sqla-lint.toml``, and rule selection.

Every key is a row of `KEYS`: the table is what is read, what is refused and what the docs show.
Which settings hold for a file is for `scopes` to say.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeVar, cast

from sqla_lint.finding import Confidence, Severity
from sqla_lint.witness import look

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE_NAMES = ("sqla-lint.toml", "pyproject.toml")  # the first wins within a directory
TABLE = ("tool", "sqla-lint")

OUTPUT_FORMATS = (
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "html",
)
TARGET_VERSIONS = ("1.4", "2.0", "2.1")
DIALECTS = ("postgresql", "sqlite", "mysql", "mariadb", "oracle", "mssql")
SEVERITIES = tuple(severity.value for severity in Severity)  # the worst first
GROUPS = ("on", "pedantic", "preview")
ALL = "ALL"

# Folders that hold no code of the user's own, and files that a program wrote.
DEFAULT_EXCLUDE = (
    ".bzr/",
    ".direnv/",
    ".eggs/",
    ".git/",
    ".hg/",
    ".hypothesis/",
    ".ipynb_checkpoints/",
    ".mypy_cache/",
    ".nox/",
    ".pants.d/",
    ".pyenv/",
    ".pytest_cache/",
    ".pytype/",
    ".ruff_cache/",
    ".sqla_lint_cache/",
    ".svn/",
    ".tox/",
    ".venv/",
    ".vscode/",
    "__pycache__/",
    "__pypackages__/",
    "_build/",
    "_vendor/",
    "_vendored/",
    "buck-out/",
    "build/",
    "dist/",
    "node_modules/",
    "site-packages/",
    "venv/",
    "*_pb2.py",
    "*_pb2_grpc.py",
)
DEFAULT_TEST_PATHS = ("tests/", "test/", "test_*.py", "*_test.py", "tests.py", "conftest.py")


class Override(NamedTuple):
    """What differs for some files."""

    paths: tuple[str, ...]  # patterns
    values: tuple[tuple[str, object], ...]  # by field of `Settings`


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run. ``root`` is the folder that patterns are relative to."""

    extend: str | None = None

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    pedantic: bool = False
    preview: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    overrides: tuple[Override, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    test_paths: tuple[str, ...] = DEFAULT_TEST_PATHS
    target_version: str | None = None
    dialect: str | None = None
    unsafe_fixes: bool = False
    output_format: str = "full"
    jobs: int = 0
    baseline: str | None = None
    min_severity: str = "advice"
    require_reasons: bool = False
    cache_dir: str | None = None
    session_types: tuple[str, ...] = ()
    session_factories: tuple[str, ...] = ()
    session_objects: tuple[str, ...] = ()
    committing_decorators: tuple[str, ...] = ()
    root: Path = Path()
    file: Path | None = None

    @property
    def baseline_file(self) -> Path | None:
        """Where the baseline lies: a path in a settings file is relative to that file."""
        return None if self.baseline is None else self.root / self.baseline


class Key(NamedTuple):
    """One row of the settings table."""

    name: str  # as written in the file
    kind: Literal[
        "strings", "codes", "codes by pattern", "overrides", "flag", "count", "choice", "path"
    ]
    help: str
    choices: tuple[str, ...] = ()
    by_file: bool = False  # may stand in `overrides`

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")


KEYS = (
    Key("select", "codes", "the rules to run: codes, prefixes, names, groups or `ALL`",
        by_file=True),
    Key("ignore", "codes", "the rules not to run; the more specific entry wins over `select`",
        by_file=True),
    Key("extend-select", "codes", "rules to run on top of the selected ones",
        by_file=True),
    Key("pedantic", "flag", "also run the pedantic rules, and show findings that need any call "
        "to raise", by_file=True),
    Key("preview", "flag", "also run rules that are still being measured",
        by_file=True),
    Key("per-file-ignores", "codes by pattern", "rules to leave out, per file pattern"),
    Key("overrides", "overrides", "settings that differ for some files: tables with `paths`, which "
        "are patterns, and the keys to differ"),
    Key("exclude", "strings", "patterns, as in `.gitignore`, of files and folders to leave out; "
        "replaces the default list"),
    Key("extend-exclude", "strings", "patterns to leave out on top of `exclude`"),
    Key("respect-gitignore", "flag", "leave out what `.gitignore` files leave out"),
    Key("force-exclude", "flag", "leave out excluded files although they are named, as hooks name "
        "them"),
    Key("test-paths", "strings", "patterns of test code, where some rules are silent"),
    Key("target-version", "choice", "the SQLAlchemy version the code is written for; by default "
        "read from the project's requirements", TARGET_VERSIONS, by_file=True),
    Key("dialect", "choice", "the database the code is written for", DIALECTS, by_file=True),
    Key("unsafe-fixes", "flag", "let `--fix` apply the fixes that need a human look"),
    Key("output-format", "choice", "how findings are printed", OUTPUT_FORMATS),
    Key("jobs", "count", "how many processes to use; 0 means one per processor"),
    Key("baseline", "path", "the file of findings that are known and not reported"),
    Key("min-severity", "choice", "leave out what is less severe", SEVERITIES, by_file=True),
    Key("require-reasons", "flag", "report suppression comments that do not say why",
        by_file=True),
    Key("extend", "path", "a settings file to start from; this one goes over it"),
    Key("cache-dir", "path", "the folder of the cache; by default `.sqla_lint_cache` beside the "
        "settings file or `.git`, else one in the user's cache folder"),
    Key("session-types", "strings", "dotted names of classes that behave like a Session"),
    Key("session-factories", "strings", "dotted names of callables that make a Session"),
    Key("session-objects", "strings", "dotted names of objects that are a session or a registry "
        "of sessions"),
    Key("committing-decorators", "strings", "dotted names of decorators that commit what the "
        "function wrote"),
)  # fmt: skip
_BY_NAME = {key.name: key for key in KEYS}
PATHS = Key("paths", "strings", "patterns of the files that this is for")


class SettingsError(Exception):
    """A setting the user must mend; says the file and line when it came from a file."""

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        shown = path
        if path is not None and path.is_relative_to(Path.cwd()):
            shown = path.relative_to(Path.cwd())
        where = "" if path is None else f"{shown}:{line}: " if line else f"{shown}: "
        super().__init__(where + message)
        self.message, self.path, self.line = message, path, line


class Selectable(Protocol):
    """What selection needs to know of a rule."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def severity(self) -> Severity: ...


R = TypeVar("R", bound=Selectable)


# --- selection ---------------------------------------------------------------------------------


def check_selector(selector: str, rules: Mapping[str, Selectable]) -> str | None:
    """Why ``selector`` names no rule, or None when it does."""
    if any(_specificity(selector, rule) is not None for rule in rules.values()):
        return None
    if selector in GROUPS or selector == ALL:
        return None
    known = [*rules, *(rule.name for rule in rules.values()), *GROUPS, ALL]
    return f"unknown rule `{selector}`{_did_you_mean(selector, known)}"


def selected(settings: Settings, rules: Mapping[str, R]) -> dict[str, R]:
    """The rules to run, by code. The most specific entry decides; at a tie ``ignore`` wins."""
    wanted = (*(settings.select or _default_groups(settings)), *settings.extend_select)
    chosen: dict[str, R] = {}
    least = SEVERITIES.index(settings.min_severity)
    for code, rule in rules.items():
        if SEVERITIES.index(rule.severity.value) > least:
            continue
        for_it = _best(wanted, rule)
        against = _best(settings.ignore, rule)
        if for_it > against and (rule.group != "preview" or settings.preview):
            chosen[code] = rule
    return chosen


def without_effect(settings: Settings, rules: Mapping[str, Selectable]) -> list[str]:
    """Entries of ``select`` that name a preview rule while preview is off."""
    if settings.preview:
        return []
    exact = {rule.code: rule for rule in rules.values()}
    exact |= {rule.name: rule for rule in rules.values()}
    return [
        entry
        for entry in (*settings.select, *settings.extend_select)
        if entry == "preview" or (entry in exact and exact[entry].group == "preview")
    ]


def shows(settings: Settings, confidence: Confidence) -> bool:
    """Whether findings of this confidence are reported."""
    return confidence <= (Confidence.ANY_CALL if settings.pedantic else Confidence.RESOURCE)


def ignored_in(
    settings: Settings, path: str | Path, rules: Mapping[str, Selectable]
) -> frozenset[str]:
    """The codes that ``per-file-ignores`` switches off for a file."""
    codes: set[str] = set()
    for pattern, selectors in settings.per_file_ignores:
        if matches(settings.root, (pattern,), path):
            codes |= {
                code
                for code, rule in rules.items()
                if any(_specificity(selector, rule) is not None for selector in selectors)
            }
    return frozenset(codes)


def matches(root: Path, patterns: Sequence[str], path: str | Path) -> bool:
    """Whether a path, relative to ``root`` where it lies below it, matches a pattern."""
    whole = Path(path).absolute()
    try:
        relative = whole.relative_to(root.absolute()).as_posix()
    except ValueError:
        relative = whole.as_posix().lstrip("/")
    return compiled(tuple(patterns)).match_file(relative)


@cache
def compiled(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Patterns in the language of .gitignore, ready to match."""
    from pathspec import GitIgnoreSpec  # only when patterns are asked about: a slow import

    return GitIgnoreSpec.from_lines(patterns)


def _default_groups(settings: Settings) -> tuple[str, ...]:
    return (
        "on",
        *(("pedantic",) if settings.pedantic else ()),
        *(("preview",) if settings.preview else ()),
    )


def _best(selectors: Iterable[str], rule: Selectable) -> int:
    scores = (_specificity(selector, rule) for selector in selectors)
    return max((score for score in scores if score is not None), default=-1)


def _specificity(selector: str, rule: Selectable) -> int | None:
    """How precisely a selector names a rule; None when it does not."""
    if selector in (rule.code, rule.name):
        return 100
    if selector == ALL:
        return 0
    if selector == rule.group:
        return 1
    if len(selector) >= 3 and rule.code.startswith(selector):
        return len(selector)
    return None


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1) or difflib.get_close_matches(
        word.upper(), names, n=1
    )
    return f"; did you mean `{close[0]}`?" if close else ""


# --- reading -----------------------------------------------------------------------------------


def find(start: Path) -> Path | None:
    """The settings file that holds for ``start``: the nearest one above it that has our table."""
    folder = start.absolute()
    for directory in (folder, *folder.parents):
        found = in_folder(directory)
        if found is not None:
            return found
    return None


def in_folder(folder: Path) -> Path | None:
    """The settings file that lies in a folder."""
    for name in FILE_NAMES:
        candidate = folder / name
        look(candidate)
        if candidate.is_file() and (name != "pyproject.toml" or _has_table(candidate)):
            return candidate
    return None


def read(
    path: Path, rules: Mapping[str, Selectable], *, extending: tuple[Path, ...] = ()
) -> Settings:
    """The settings of one file, checked, over those of the file that it extends.

    ``extending`` are the files that led here. Patterns are relative to the first of them.
    """
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from None
    table: object = document
    where = Where(path, text, ())
    if path.name == "pyproject.toml":
        where = Where(path, text, TABLE)
        for part in TABLE:
            table = table.get(part, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise where.error(f"`{'.'.join(TABLE)}` must be a table")
    values: dict[str, object] = {}
    for name, value in cast("dict[str, object]", table).items():
        key = _BY_NAME.get(name)
        if key is None:
            hint = _did_you_mean(name.replace("_", "-"), _BY_NAME)
            raise where.error(f"unknown setting `{name}`{hint}", name)
        values[key.field] = _value(key, value, rules, where)
    start = Settings()
    if "extend" in values:
        start = _extended(path, str(values["extend"]), rules, where, extending)
    return replace(
        replace(start, root=path.absolute().parent, file=path),
        **values,  # type: ignore[arg-type]  # each value was checked against its row of KEYS
    )


def _extended(
    path: Path,
    name: str,
    rules: Mapping[str, Selectable],
    where: Where,
    extending: tuple[Path, ...],
) -> Settings:
    base = (path.parent / name).absolute()
    chain = (*extending, path.absolute())
    look(base)
    if not base.is_file():
        raise where.error(f"`extend`: there is no file {name}", "extend")
    if base.resolve() in {one.resolve() for one in chain}:
        raise where.error(f"`extend`: {name} leads back here", "extend")
    return read(base, rules, extending=chain)


class Where(NamedTuple):
    """Finds the line of a setting, which the TOML parser does not tell."""

    path: Path
    text: str
    table: tuple[str, ...]
    first: int = 1  # the line from which to look

    def error(self, message: str, key: str = "", value: str = "") -> SettingsError:
        return SettingsError(message, self.path, self.line(key, value))

    def line(self, key: str, value: str) -> int | None:
        header: tuple[str, ...] = ()
        found: int | None = None
        for number, line in enumerate(self.text.split("\n"), 1):
            if number < self.first:
                continue
            if section := re.match(r"\s*\[\[?([^\[\]]+)\]", line):
                header = _parts(section[1])
                if found and value:
                    return found
                if header == (*self.table, key):
                    found = number
            elif found is None and (pair := re.match(r"\s*([\w.\"'-]+)\s*=", line)):
                dotted = (*header, *(part.strip("\"'") for part in pair[1].split(".")))
                if dotted[: len(self.table) + 1] == (*self.table, key):
                    found = number
            if found and (not value or f'"{value}"' in line or f"'{value}'" in line):
                return number
        return found or (self.first if self.first > 1 else None)

    def entry(self, key: str, number: int) -> Where:
        """Looks inside one of an array of tables; from its key on when it is written inline."""
        for line, text in enumerate(self.text.split("\n"), 1):
            section = re.match(r"\s*\[\[([^\[\]]+)\]\]", text)
            if section and _parts(section[1]) == (*self.table, key):
                if number == 0:
                    return self._replace(table=(*self.table, key), first=line)
                number -= 1
        return self._replace(first=self.line(key, "") or 1)


def _parts(header: str) -> tuple[str, ...]:
    return tuple(part.strip(" \t\"'") for part in header.split("."))


def _value(
    key: Key, value: object, rules: Mapping[str, Selectable], where: Where
) -> tuple[object, ...] | str | bool | int:
    match key.kind:
        case "overrides":
            return _overrides(key, value, rules, where)
        case "strings":
            return _strings(key, value, where)
        case "codes":
            return _codes(key, value, rules, where)
        case "codes by pattern":
            if not isinstance(value, dict):
                raise where.error(
                    f"`{key.name}` must be a table of lists, not {_type(value)}", key.name
                )
            table = cast("dict[str, object]", value)
            return tuple((glob, _codes(key, codes, rules, where)) for glob, codes in table.items())
        case "flag":
            if not isinstance(value, bool):
                raise where.error(
                    f"`{key.name}` must be true or false, not {_type(value)}", key.name
                )
            return value
        case "count":
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise where.error(f"`{key.name}` must be a number of 0 or more", key.name)
            return value
        case "path":
            if not isinstance(value, str) or not value:
                raise where.error(f"`{key.name}` must be a path, not {_type(value)}", key.name)
            return value
        case "choice":
            # `target-version = 2.0` without quotes is what people write first
            choice = str(value) if isinstance(value, float) else value
            if not isinstance(choice, str) or choice not in key.choices:
                hint = _did_you_mean(str(value), key.choices)
                raise where.error(
                    f"`{key.name}` must be one of {', '.join(key.choices)}, not `{value}`{hint}",
                    key.name,
                )
            return choice


def _strings(key: Key, value: object, where: Where) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise where.error(f"`{key.name}` must be a list of strings, not {_type(value)}", key.name)
    items = cast("list[object]", value)
    for item in items:
        if not isinstance(item, str):
            raise where.error(
                f"`{key.name}` must hold strings only, not {_type(item)}", key.name, str(item)
            )
    return tuple(cast("list[str]", items))


def _codes(
    key: Key, value: object, rules: Mapping[str, Selectable], where: Where
) -> tuple[str, ...]:
    codes = _strings(key, value, where)
    for code in codes:
        if problem := check_selector(code, rules):
            raise where.error(f"{problem} (in `{key.name}`)", key.name, code)
    return codes


def _overrides(
    key: Key, value: object, rules: Mapping[str, Selectable], where: Where
) -> tuple[Override, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise where.error(f"`{key.name}` must be a list of tables", key.name)
    found = []
    for number, table in enumerate(cast("list[dict[str, object]]", value)):
        inside = where.entry(key.name, number)
        paths: tuple[str, ...] = ()
        values: list[tuple[str, object]] = []
        for name, one in table.items():
            if name == PATHS.name:
                paths = _strings(PATHS, one, inside)
                continue
            row = _BY_NAME.get(name)
            if row is None:
                known = (PATHS.name, *(row.name for row in KEYS if row.by_file))
                hint = _did_you_mean(name.replace("_", "-"), known)
                raise inside.error(f"unknown setting `{name}` in `{key.name}`{hint}", name)
            if not row.by_file:
                raise inside.error(
                    f"`{name}` holds for the whole run and cannot stand in `{key.name}`", name
                )
            values.append((row.field, _value(row, one, rules, inside)))
        if not paths:
            message = f"each of `{key.name}` needs `{PATHS.name}`, the files it is for"
            raise inside.error(message, PATHS.name)
        found.append(Override(paths, tuple(values)))
    return tuple(found)


def _type(value: object) -> str:
    names = {bool: "true/false", str: "a string", list: "a list", dict: "a table"}
    return names.get(type(value), f"`{value}`")


def _text(path: Path) -> str:
    look(path)
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror or error}", path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError("is not UTF-8", path, line) from None


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml has our table. A broken one is an error: nobody can tell."""
    text = _text(path)
    try:
        tool = tomllib.loads(text).get(TABLE[0])
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from None
    return isinstance(tool, dict) and TABLE[1] in tool


def _syntax_error(path: Path, text: str, message: str) -> SettingsError:
    at = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", message)
    if at is None:
        return SettingsError(f"is not valid TOML: {message}", path)
    line = int(at[1]) if at[1] else text.rstrip().count("\n") + 1
    return SettingsError(f"is not valid TOML: {message[: at.start()]}", path, line)
