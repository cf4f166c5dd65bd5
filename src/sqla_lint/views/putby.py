"""Migrations that no environment runs: they lie in a folder inside of `versions`.

Alembic reads the scripts of `versions` itself, and those of other folders where `version_locations`
or `recursive_version_locations` of a configuration says so.
Source: the Alembic docs, "Working with Branches": Setting up Multiple Version Directories.
"""

from __future__ import annotations

import os
import re

from sqla_lint.ir import Const, Op
from sqla_lint.project.bodies import may_say
from sqla_lint.project.surroundings import text_of
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_VERSIONS = "versions"
# A configuration lies this many folders above the scripts at the most.
LEVELS_UP = 5
_FILES = ("alembic.ini", "pyproject.toml")
_SAYS = re.compile(r"^[ \t]*(recursive_)?version_locations[ \t]*=", re.MULTILINE)
_OPTIONS = frozenset({"version_locations", "recursive_version_locations"})


def is_put_by(function: Function) -> bool:
    """A migration that is not run, or the way back of one of another configuration: what is kept
    apart is kept for old databases, which only go forwards."""
    module = function.typed.module
    if not {"revision", "down_revision"} <= module.body.locals:
        return False
    folders = os.path.abspath(module.path).split(os.sep)[:-1]
    if _VERSIONS not in folders[:-1]:
        return False
    above = len(folders) - folders[::-1].index(_VERSIONS)
    if above == len(folders):  # it lies in `versions` itself
        return False
    return function.qualname == "downgrade" or not (
        _says_so(function) or any(_SAYS.search(text) for text in _texts(folders))
    )


def _texts(folders: list[str]) -> list[str]:
    found = []
    for level in range(LEVELS_UP):
        place = os.sep.join(folders[: len(folders) - level]) or os.sep
        found += [text_of(os.path.join(place, name)) or "" for name in _FILES]
    return found


@per_project
def _says_so(function: Function) -> bool:
    """The program itself gives an option: ``config.set_main_option("version_locations", ...)``,
    ``context.script.version_locations = [...]``."""
    return any(
        _gives(op)
        for _, body in function.project.knowledge.functions.values()
        if may_say(body, *_OPTIONS)
        for block in body.blocks
        for op in block.ops
    )


def _gives(op: Op) -> bool:
    if op.do == "setattr":
        return op.name in _OPTIONS
    return op.do in ("call", "pack", "setitem") and any(
        arg.keyword in _OPTIONS or (isinstance(arg.value, Const) and arg.value.value in _OPTIONS)
        for arg in op.args
    )
