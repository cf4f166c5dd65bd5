"""Files beside the linted ones: what a run has not read may still define a name."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator
from pathlib import Path

from sqla_lint.project.index import has_init
from sqla_lint.store import digest
from sqla_lint.witness import look, look_for

# A tree with more files than this is not searched: then anything may be defined in it.
FILES_LIMIT = 4_000
# Templates are shorter.
TEXT_LIMIT = 1_000_000
# What was searched for, where, and whether it was found; None while nobody wants to know.
searches: dict[tuple[str, str], bool] | None = None

_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "env", "build"})


def defined_elsewhere(word: str, near: str, known: Container[str]) -> bool:
    """Some file of the package of ``near`` that was not read has the word (or may have it)."""
    if word.startswith(_TEXT):
        return word == _TEXT + _digest(_text(near))
    if word.startswith(_NAME):
        return _holds(near, word.removeprefix(_NAME))
    found = _defined(word, near, known)
    if searches is not None:
        searches[word, near] = found
    return found


# Before the digest of a text, among what was searched for: whether a file still has this text.
_TEXT = "\0"
# The same before the name of a file, whatever it ends with, or of a folder: whether it is there.
_NAME = "\1"


def holds(folder: str, name: str) -> bool:
    """A folder has a file of this name, whatever it ends with, or a folder."""
    found = _holds(folder, name)
    if searches is not None:
        searches[_NAME + name, folder] = found
    return found


def _holds(folder: str, name: str) -> bool:
    look_for(folder, rf"{re.escape(name)}(\..*)?")
    try:
        return any(one == name or one.startswith(f"{name}.") for one in os.listdir(folder))
    except OSError:
        return False


def text_of(path: str) -> str | None:
    """The text of a file that is no module, such as a template; None when there is none."""
    found = _text(path)
    if searches is not None:
        searches[_TEXT + _digest(found), path] = True
    return found


def _text(path: str) -> str | None:
    look(path)
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(TEXT_LIMIT)
    except OSError:
        return None


def _digest(text: str | None) -> str:
    return "" if text is None else digest(text.encode())


def _defined(word: str, near: str, known: Container[str]) -> bool:
    pattern = re.compile(rb"\b%s\b" % re.escape(word.encode()))
    seen = 0
    for file in _files(_root(Path(near))):
        seen += 1
        if seen > FILES_LIMIT:
            return True
        if file in known:
            continue
        look(file)
        try:
            with open(file, "rb") as stream:
                if pattern.search(stream.read()):
                    return True
        except OSError:
            continue
    return False


def _root(path: Path) -> Path:
    folder = path.parent
    while has_init(folder):
        folder = folder.parent
    return folder


def _files(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        look(folder)
        folders[:] = [f for f in folders if f not in _SKIPPED and not f.startswith(".")]
        for file in files:
            if file.endswith(".py"):
                yield os.path.join(folder, file)
