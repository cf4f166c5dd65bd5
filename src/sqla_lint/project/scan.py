"""What the bytes of a file tell without a parser: does it name SQLAlchemy, what does it import?

A scan errs on one side only: what stands in a string or a comment counts, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqla_lint.catalog import frameworks, objects, oslo
from sqla_lint.catalog.loaders import BY_NAME
from sqla_lint.project.index import anchored, module_name, within

# SQLAlchemy itself, and the libraries that stand on it: most carry its name in theirs.
ROOTS = ("sqlalchemy", "SQLAlchemy", "sqlmodel", "SQLModel", "alembic")
# Keys of a Flask application's configuration: where Flask-SQLAlchemy is set up.
_KEYS = ("SQLALCHEMY_",)
# Libraries that run SQL on what they are handed, or on a connection of their own.
_RUNNERS = ("read_sql",)
# How framework packs hand out a session without an import: Pyramid's request, a Flask app's `db`.
_PACK_WORDS = (r"dbsession\b", r"db\.session\b", r"db_session\b")
# What an application or a request keeps: `request.state.db`, `g.db`, `app["engine"]`. The names
# begin there, which is asked behind their first letter: see `_either`.
_KEPT = r"\w*(?:[dD][bB]|[sS]ession|[eE]ngine|conn)"
_BEGINS = r"(?<!\w.)"
_KEEPERS = (
    rf"s{_BEGINS}tate\.{_KEPT}",
    rf"g{_BEGINS}\.{_KEPT}",
    rf"c{_BEGINS}urrent_app\.{_KEPT}",
    rf"a{_BEGINS}pp\[.?{_KEPT}",
)
# Frameworks whose name alone says nothing: what is imported from them counts.
_BROAD = frozenset({"airflow", "celery", "flask", "litestar", "pyramid", "quart", "superset"})
# How far apart a broad name and what is imported from it may stand: a few lines.
_NEAR = 300

_IMPORT = re.compile(
    rb"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]*"
    rb"(?P<names>\([^)]*\)?|(?:[^\n\\;]|\\\r?\n|\\)*)"
    rb"|import[ \t]+(?P<plain>(?:[^\n\\;]|\\\r?\n)*))",
    re.MULTILINE,
)
# What loads modules by their names, wherever these come from; and what may name one. The last two
# are Pyramid's; as bare names they would mean much else.
ANY_NAME = "*"
_LOADING = (*(name.encode() for name in sorted(BY_NAME)), b".include(", b".scan(")
_NAMED = re.compile(rb"""['"]([\w.:\-][\w./:\-]*)['"]""")
_WORD = re.compile(rb"\w+")
_COMMENT = re.compile(rb"#[^\n]*")
_NAME = re.compile(rb"(\*|\w+)(?:[\s\\]+as[\s\\]+\w+)?")
_DOTTED = re.compile(rb"([\w.]+)(?:[ \t\\]+as[ \t\\]+\w+)?")


@dataclass(slots=True)
class Scan:
    """One file. ``imports`` are absolute dotted names; ``from a import b`` gives ``a.b``, since
    ``b`` may be a module."""

    path: str
    name: str
    is_package: bool
    origin: bool  # names SQLAlchemy, or a library or class that stands for it
    imports: tuple[str, ...] = ()
    size: int = 0
    loads: tuple[str, ...] = ()  # where it may import by name: the words of its texts


def contact(words: Collection[str] = ()) -> re.Pattern[bytes]:
    """What makes a file an origin; ``words`` are names that the settings give a meaning."""
    found = {re.escape(word) for word in (*ROOTS, *_KEYS, *_RUNNERS, *words)}
    given = (*objects.OBJECTS, *objects.MANAGERS, *objects.PROVIDERS, *frameworks.INHERITED)
    for dotted in (*given, *oslo.SAME):
        first, second, *_ = dotted.replace("()", "").split(".")
        if not first.startswith(ROOTS):
            near = rf"{first}\b[^;]{{0,{_NEAR}}}?\b{second}\b"
            found.add(near if first in _BROAD else rf"{first}\b")
    return re.compile(_either((*sorted(found), *_PACK_WORDS, *_KEEPERS)).encode())


def _either(patterns: Collection[str]) -> str:
    """One of these. Those that begin with the same letter stand together: at each byte of every
    file only few ways are tried then."""
    found: list[str] = []
    by_letter: dict[str, list[str]] = {}
    for one in patterns:
        if one[:1].isalnum():
            by_letter.setdefault(one[0], []).append(one[1:])
        else:
            found.append(one)
    found += [f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()]
    return "|".join(found)


def scan(
    path: str, source: bytes, origin: re.Pattern[bytes], named: tuple[str, bool] | None = None
) -> Scan:
    """One file, from its bytes; ``named`` is what `module_name` says of it."""
    name, is_package = named or module_name(Path(path))
    found = Scan(path, name, is_package, _names(source, origin), size=len(source))
    found.imports = tuple(sorted(_imports(source, name, is_package)))
    found.loads = tuple(sorted(_loads(source)))
    return found


def _loads(source: bytes) -> set[str]:
    if not any(word in source for word in _LOADING):
        return set()
    return {
        word.decode("utf-8", "replace")
        for text in _NAMED.finditer(source)
        for word in _WORD.findall(text[1])
    } | {ANY_NAME}


def _names(source: bytes, origin: re.Pattern[bytes]) -> bool:
    return b"sqlalchemy" in source or origin.search(source) is not None


def _imports(source: bytes, name: str, is_package: bool) -> set[str]:
    found: set[str] = set()
    if b"import" not in source:
        return found
    for match in _IMPORT.finditer(source):
        plain = match["plain"]
        if plain is not None:
            for part in _COMMENT.sub(b"", plain).split(b","):
                dotted = _DOTTED.match(part.strip())
                if dotted is not None:
                    found.add(dotted[1].decode("utf-8", "replace"))
            continue
        module = anchored(match["module"].decode("utf-8", "replace"), name, is_package)
        for one in _NAME.finditer(_COMMENT.sub(b"", match["names"])):
            found.add(within(module, one[1].decode("utf-8", "replace")))
    return found
