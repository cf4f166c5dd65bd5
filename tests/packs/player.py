"""Runs an application under its framework, and says what its marked receivers were.

Called in the environment that has the frameworks: ``python player.py APPLICATION.py``. It prints
JSON: per marked line the classes of the receivers, how they were made and the functions that
closed them, the rows that were in the database in the end, and the versions of what is imported.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import json
import os
import re
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

MARK = re.compile(r"# is: ")
OURS = "player_watches_this"  # the name of the function that a marked receiver is passed through

# Frames that only hand on who closes something.
_SKIPPED = re.compile(r"[/\\](?:player\.py|contextlib\.py|sqlalchemy[/\\].*)$")

seen: dict[int, list[Any]] = {}
closed: dict[int, list[str]] = {}


def watch(line: int, receiver: Any) -> Any:
    """Note a receiver, and hand it on.

    A proxy says what it stands for while its context lasts: so it is asked for its class here.
    """
    registered = hasattr(receiver, "registry") and callable(receiver.registry)
    held = receiver.registry() if registered else receiver
    seen.setdefault(line, []).append((receiver.__class__, held))
    return receiver


class _Watched(ast.NodeTransformer):
    """Receivers of method calls on marked lines pass through `watch`."""

    def __init__(self, lines: set[int]) -> None:
        self.lines = lines

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.value.end_lineno in self.lines:
            name = ast.Name(OURS, ast.Load())
            line = ast.Constant(node.func.value.end_lineno)
            node.func.value = ast.Call(name, [line, node.func.value], [])
        return node


def _closing(cls: type, method: str, *, waits: bool = False) -> None:
    plain = getattr(cls, method)

    def note(self: Any) -> None:
        frame = sys._getframe(1)
        while frame.f_back is not None and _SKIPPED.search(frame.f_code.co_filename):
            frame = frame.f_back
        closed.setdefault(id(self), []).append(frame.f_code.co_name)

    def close(self: Any) -> Any:
        note(self)
        return plain(self)

    async def close_later(self: Any) -> Any:
        note(self)
        return await plain(self)

    setattr(cls, method, close_later if waits else close)


def _made(receiver: Any) -> dict[str, bool]:
    """What a Session was told when it was made, by the traits that the linter has for it."""
    session = getattr(receiver, "sync_session", receiver)
    if not hasattr(session, "expire_on_commit"):
        return {}
    return {"no-expire": not session.expire_on_commit, "no-autoflush": not session.autoflush}


def _versions(tree: ast.Module) -> dict[str, str]:
    """The distributions that an application imports, and their versions."""
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    installed = importlib.metadata.packages_distributions()
    found = {one for name in names for one in installed.get(name, ())}
    return {one.lower(): importlib.metadata.version(one) for one in sorted(found)}


def play(application: Path, home: Path) -> dict[str, Any]:
    """Run ``main()`` of an application."""
    import sqlalchemy.engine
    import sqlalchemy.ext.asyncio
    import sqlalchemy.orm

    _closing(sqlalchemy.orm.Session, "close")
    _closing(sqlalchemy.engine.Connection, "close")
    _closing(sqlalchemy.ext.asyncio.AsyncSession, "close", waits=True)
    _closing(sqlalchemy.ext.asyncio.AsyncConnection, "close", waits=True)
    os.environ["DATABASE_URL"] = f"sqlite:///{home}/app.db"
    os.environ["ASYNC_DATABASE_URL"] = f"sqlite+aiosqlite:///{home}/app.db"
    source = application.read_text(encoding="utf-8")
    marked = {n for n, line in enumerate(source.splitlines(), 1) if MARK.search(line)}
    tree = ast.parse(source)
    versions = _versions(tree)
    tree = _Watched(marked).visit(tree)
    text = ast.unparse(ast.fix_missing_locations(tree))
    (home / application.name).write_text(f"from player import watch as {OURS}\n{text}")
    sys.path[:0] = [str(home), str(Path(__file__).parent)]
    player = importlib.import_module("player")  # not `__main__`: the application imports it
    player.seen, player.closed = seen, closed
    importlib.import_module(application.stem).main()
    with sqlite3.connect(home / "app.db") as database:
        rows = [row[0] for row in database.execute("SELECT text FROM notes")]
    return {
        "on": versions,
        "rows": rows,
        "seen": {
            line: [
                {
                    "classes": [f"{c.__module__}.{c.__qualname__}" for c in cls.__mro__],
                    "closed by": closed.get(id(held), []),
                    "made": _made(held),
                }
                for cls, held in ones
            ]
            for line, ones in seen.items()
        },
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        told = play(Path(sys.argv[1]).resolve(), Path(folder))
    print(json.dumps(told))
