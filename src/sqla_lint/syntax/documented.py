"""Types of parameters that a docstring tells, where no annotation does.

``:type session: sqlalchemy.orm.Session``, ``session (Session): ...`` and, as NumPy writes it,
``session : Session`` on a line of its own; in words ``:param session: the SQLAlchemy session``.
Only sessions, engines and the like are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from sqla_lint.ir import Ann

_TOLD = frozenset(
    {"AsyncConnection", "AsyncEngine", "AsyncSession", "Connection", "Engine", "Session"}
    | {"async_sessionmaker", "scoped_session", "sessionmaker"}
)
# Most docstrings have none of these, and are not read.
_WORDS = re.compile("|".join(sorted(_TOLD)) + "|(?i:sqlalchemy)")
# In words: whose it is, and what. What follows says that it is only something of it.
_IN_WORDS = re.compile(
    r"\bsqlalchemy(?:'s)?[ ]+(?:(?:active|async|core|database|db|open|orm)[ ]+)?"
    r"(?P<what>connection|engine|session)\b"
    r"(?!['`]|[ ]?(?:class|config|factory|id|key|kwargs|maker|name|options|param|pool|scope|str"
    r"|type|uri|url))",
    re.IGNORECASE,
)
_MEANT = {
    "connection": ("sqlalchemy.engine.Connection", "sqlalchemy.ext.asyncio.AsyncConnection"),
    "engine": ("sqlalchemy.engine.Engine", "sqlalchemy.ext.asyncio.AsyncEngine"),
    "session": ("sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession"),
}
_BOTH = re.compile(r"[ ]or[ ]|/|\|")
_LINES = re.compile(
    r"^[ \t]*(?:"
    r":type[ \t]+(?P<sphinx>\w+)[ \t]*:(?P<of_sphinx>.+)"
    r"|:param[ \t]+(?P<of_param>[\w.~`:]+)[ \t]+(?P<param>\w+)[ \t]*:.*"
    r"|:param[ \t]+(?P<plain>\w+)[ \t]*:(?P<of_plain>.+)"
    r"|(?P<google>\w+)[ \t]*\((?P<of_google>[^()\n]+)\)[ \t]*:.*"
    r"|(?P<numpy>\w+)[ \t]*:(?P<of_numpy>[^\n]+)"
    r")$",
    re.MULTILINE,
)
_STYLES = ("sphinx", "param", "plain", "google", "numpy")
_PROSE = frozenset({"numpy", "plain"})
_ROLE = re.compile(r":(?:py:)?class:|[`~]")
_OPTIONAL = re.compile(r"(?:,[ ]*optional|[ ]or[ ]None|[ ]*\|[ ]*None)\b.*$")
_OBJECT = re.compile(r"[ ](?:instance|object)s?$")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def documented(text: str, names: Container[str]) -> tuple[tuple[str, Ann], ...]:
    """The parameters of these names with the types that a docstring gives them."""
    return tuple(_documented(text, names)) if _WORDS.search(text) else ()


def _documented(text: str, names: Container[str]) -> Iterator[tuple[str, Ann]]:
    for found in _LINES.finditer(text):
        for style in _STYLES:
            name, says = found[style], found[f"of_{style}"]
            if name in names and says is not None:
                ann = _type(says) if style != "plain" else None
                if ann is None and style in _PROSE:
                    ann = _meant(says)
                if ann is not None:
                    yield name, ann


def _meant(text: str) -> Ann | None:
    """What a description says a parameter is, where it says one thing."""
    told = _IN_WORDS.search(text)
    if told is None or _BOTH.search(text):
        return None
    plain, waits = _MEANT[told["what"].lower()]
    return Ann("name", waits if "async" in text.lower() else plain)


def _type(text: str) -> Ann | None:
    plain = _OPTIONAL.sub("", _ROLE.sub("", text).strip().rstrip("."))
    plain = _OBJECT.sub("", plain)
    parts = [part.strip() for part in re.split(r"\||[ ]or[ ]", plain)]
    if not all(_NAME.fullmatch(part) and part.rpartition(".")[2] in _TOLD for part in parts):
        return None
    names = tuple(Ann("name", part) for part in parts)
    return names[0] if len(names) == 1 else Ann("union", args=names)
