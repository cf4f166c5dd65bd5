"""Other linters' settings that damage SQLAlchemy code, and the lines that prevent it.

    E711, E712   rewrite `column == None` to `column is None`, which Python decides: `WHERE false`
    TC001…TC003  move the types of `Mapped[...]` under `TYPE_CHECKING`: MappedAnnotationError
    F401         removes "unused" imports of models: their tables are no longer known
    RUF100, RUF102  remove `# noqa: SAL...` comments, whose codes they do not know

Sources: ruff's documentation of these rules and of `lint.external`,
`lint.flake8-type-checking.runtime-evaluated-base-classes`; SQLAlchemy docs, "Declarative Table".
"""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RUFF_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")
FLAKE8_FILES = (".flake8", "setup.cfg", "tox.ini")
# What ruff and flake8 select when nobody says anything.
RUFF_DEFAULT = ("E4", "E7", "E9", "F")
FLAKE8_DEFAULT = ("E", "F", "W", "C90")
_COMPARISONS = ("E711", "E712")
_TYPE_CHECKING = ("TC001", "TC002", "TC003", "TCH001", "TCH002", "TCH003")
_SUPPRESSIONS = ("RUF100", "RUF102")
_BASE = re.compile(
    r"^class\s+(\w+)\s*\([^)]*\bDeclarativeBase\b|^(\w+)\s*=\s*declarative_base\(", re.M
)

Table = Mapping[str, object]


class Advice(NamedTuple):
    """What a setting does to SQLAlchemy code, and the lines to add to the file."""

    file: Path
    problem: str
    lines: tuple[str, ...]


class DoctorError(Exception):
    """A settings file cannot be read; names file and line."""


def examine(root: Path) -> list[Advice]:
    """The advice for a project. Raises `DoctorError` for a file that cannot be read."""
    advice: list[Advice] = []
    found = _ruff_table(root)
    if found is not None:
        advice += _ruff(found[0], found[1], root)
    for name in FLAKE8_FILES:
        options = _flake8_options(root / name)
        if options is not None:
            advice += _flake8(root / name, options)
            break
    return advice


# --- ruff ----------------------------------------------------------------------------------------


def _ruff_table(root: Path) -> tuple[Path, Table] | None:
    for name in RUFF_FILES:
        file = root / name
        if not file.is_file():
            continue
        try:
            document: Table = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DoctorError(f"{file}: {error}") from None
        if name == "pyproject.toml":
            table = _table(_table(document, "tool"), "ruff")
            if not table:
                continue
            document = table
        return file, document
    return None


def _table(table: Table, key: str) -> Table:
    value = table.get(key)
    return cast(Table, value) if isinstance(value, dict) else {}


def _ruff(file: Path, table: Table, root: Path) -> Iterator[Advice]:
    section = "tool.ruff." if file.name == "pyproject.toml" else ""
    lint = {**table, **_table(table, "lint")}  # the older place of these keys is the top
    selected = (*(_words(lint, "select") or RUFF_DEFAULT), *_words(lint, "extend-select"))
    ignored = (*_words(lint, "ignore"), *_words(lint, "extend-ignore"))
    unfixable = _words(lint, "unfixable")

    def active(code: str) -> bool:
        return _longest(selected, code) > _longest(ignored, code)

    def fixed(code: str) -> bool:
        return active(code) and _longest(unfixable, code) < 0

    wrong = [code for code in _COMPARISONS if fixed(code)]
    if wrong:
        yield Advice(
            file,
            f"{' and '.join(wrong)} rewrite `column == None` and `column == True` to `is`, which"
            " Python decides: the criterion is constant",
            (f"[{section}lint]", f"extend-ignore = {_listed(wrong)}"),
        )
    moved = sorted({code for code in _TYPE_CHECKING if active(code)})
    typing = _table(lint, "flake8-type-checking")
    if moved and not _words(typing, "runtime-evaluated-base-classes"):
        yield Advice(
            file,
            f"{', '.join(moved)} move the types of `Mapped[...]` under `TYPE_CHECKING`, where the"
            " mapper does not find them: MappedAnnotationError",
            (
                f"[{section}lint.flake8-type-checking]",
                f"runtime-evaluated-base-classes = {_listed(_bases(root))}",
            ),
        )
    environments = sorted(root.glob("**/env.py")) if fixed("F401") else []
    environments = [env for env in environments if "target_metadata" in _text(env)]
    quiet = _table(lint, "per-file-ignores")
    if environments and not any("env.py" in str(pattern) for pattern in quiet):
        place = environments[0].relative_to(root).as_posix()
        yield Advice(
            file,
            f"F401 removes the imports of models from {place}: autogenerate then sees no tables",
            (f"[{section}lint.per-file-ignores]", f'"{place}" = ["F401"]'),
        )
    removing = [code for code in _SUPPRESSIONS if active(code)]
    if removing and not any(
        prefix and "SAL".startswith(prefix) for prefix in _words(lint, "external")
    ):
        yield Advice(
            file,
            f"{' and '.join(removing)} remove `# noqa: SAL...` comments, whose codes ruff does not"
            " know",
            (f"[{section}lint]", 'external = ["SAL"]'),
        )


def _bases(root: Path) -> list[str]:
    """The declarative bases of the project, as ruff names them."""
    found = ["sqlalchemy.orm.DeclarativeBase"]
    for file in sorted(root.glob("**/*.py")):
        relative = file.relative_to(root)
        if any(part.startswith(".") or part in ("node_modules", "venv") for part in relative.parts):
            continue
        for match in _BASE.finditer(_text(file)):
            parts = [
                part for part in relative.with_suffix("").parts if part not in ("src", "__init__")
            ]
            found.append(".".join([*parts, match[1] or match[2]]))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


# --- flake8 --------------------------------------------------------------------------------------


def _flake8_options(file: Path) -> Mapping[str, str] | None:
    if not file.is_file():
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"), str(file))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise DoctorError(f"{file}: {' '.join(str(error).split())}") from None
    return dict(parser["flake8"]) if parser.has_section("flake8") else None


def _flake8(file: Path, options: Mapping[str, str]) -> Iterator[Advice]:
    def listed(name: str) -> tuple[str, ...]:
        value = re.sub(r"#.*", "", options.get(name, ""))
        return tuple(word for word in re.split(r"[\s,]+", value) if word)

    selected = (*(listed("select") or FLAKE8_DEFAULT), *listed("extend-select"))
    ignored = (*listed("ignore"), *listed("extend-ignore"))
    wrong = [code for code in _COMPARISONS if _longest(selected, code) > _longest(ignored, code)]
    if wrong:
        yield Advice(
            file,
            f"{' and '.join(wrong)} ask for `column is None`, which Python decides: the criterion"
            " is constant",
            ("[flake8]", f"extend-ignore = {', '.join(wrong)}"),
        )


def _words(table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _longest(selectors: Sequence[str], code: str) -> int:
    """How precisely one of the selectors names a code; -1 when none does."""
    return max(
        (
            0 if word == "ALL" else len(word)
            for word in selectors
            if word == "ALL" or code.startswith(word)
        ),
        default=-1,
    )


def _listed(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
