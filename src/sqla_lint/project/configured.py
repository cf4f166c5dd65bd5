"""Values that only whoever sets the program up chooses: its settings, its environment, its options.

`settings.SCHEMA`, `config["schema"]`, `os.environ["SCHEMA"]`, an attribute of a class of pydantic's
settings. By the name alone, which is good for silence only.
"""

from __future__ import annotations

import re

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project import harmless
from sqla_lint.project.classes import Classes
from sqla_lint.project.definitions import Graph, Position
from sqla_lint.project.frames import Frame
from sqla_lint.project.kind import UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge

_HOLDERS = re.compile(
    r"(?:.*_)?(?:config|configs|configuration|conf|cfg|settings?|environ)(?:_(?:map|dict|data))?"
    r"|(?:get|load|read)_(?:config|settings)(?:uration)?",
    re.IGNORECASE,
)
_SETTINGS_CLASS = re.compile(r".*(?:Settings|Config|Configuration)")
_ENVIRONMENT = re.compile(r"os\.(?:environ|getenv)\b.*|(?:decouple|starlette\.config)\..*")
_LOOKUPS = frozenset({"get", "getenv", "get_main_option", "get_section_option"})
# Attributes of attributes of settings: real ones are a few steps long.
DEPTH_LIMIT = 6


def is_configured(frame: Frame, at: Position, op: Op, knowledge: Knowledge) -> bool:
    """An operation reads a setting of the program."""
    if op.do == "getattr":
        return (op.name or "").isupper() or _holds(frame, at, op, knowledge)
    keys = [arg.value for arg in op.args[:1]]
    if len(keys) != 1 or not isinstance(keys[0], Const) or not isinstance(keys[0].value, str):
        return False
    if op.do == "call" and op.name not in _LOOKUPS and op.on not in _LOOKUPS:
        return False
    return op.do in ("getitem", "call") and _holds(frame, at, op, knowledge)


def _holds(frame: Frame, at: Position, op: Op, knowledge: Knowledge) -> bool:
    kind = frame.on(at).kind if op.on is not None else UNKNOWN
    if harmless.is_from_outside(kind):
        return False
    if _ENVIRONMENT.fullmatch(kind.label) or _is_settings(kind, knowledge.classes):
        return True
    return _names_settings(frame.graph, op.on, 0)


def _is_settings(kind: Kind, classes: Classes) -> bool:
    """An object of a class that pydantic fills in from the environment, or of one called so."""
    if kind.name not in (kinds.INSTANCE, kinds.CLASS):
        return False
    return any(
        base.label.rpartition(".")[2] == "BaseSettings"
        for info in classes.ancestry(kind.label)
        for base in info.bases
    ) or bool(_SETTINGS_CLASS.fullmatch(kind.label.rpartition(":")[2]))


def _names_settings(graph: Graph, operand: Operand | None, depth: int) -> bool:
    """What a value is called, or what it is a part of, is what settings are called."""
    if not isinstance(operand, str) or depth > DEPTH_LIMIT:
        return False
    if operand[0] != "%":
        named = operand.partition("@")[0].split(".")
        return any(map(_HOLDERS.fullmatch, named))
    makers = graph.makers.get(operand, ())
    if len(makers) != 1:
        return False
    op = graph.op(makers[0])
    if op.do in ("getattr", "call") and op.name is not None and _HOLDERS.fullmatch(op.name):
        return True
    return op.do in ("getattr", "getitem", "call", "await", "move") and _names_settings(
        graph, op.on, depth + 1
    )
