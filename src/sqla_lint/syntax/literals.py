"""The values of literals, read off their source text."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

import libcst as cst

from sqla_lint.ir import Const

NAMED: Final[dict[str, Const]] = {
    "None": Const(None),
    "True": Const(True),
    "False": Const(False),
}
_ESCAPE: Final = re.compile(
    r"\\(?:N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL
)


def string(text: str) -> str | bytes:
    """The value of one string literal (prefix and quotes included)."""
    first = text[0]
    if (first == '"' or first == "'") and "\\" not in text and "\r" not in text:
        if text[:3] in ('"""', "'''"):
            return text[3:-3]
        return text[1:-1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return _bare(text)  # such as an escape that does not exist
    return value if isinstance(value, (str, bytes)) else _bare(text)


def _bare(text: str) -> str:
    """What stands between the quotes, as it is written."""
    text = text.lstrip("rRbBuUfFtT")
    width = 3 if text[:3] in ('"""', "'''") else 1
    return text[width:-width]


def formatted_text(text: str, prefix: str) -> str:
    """The value of the text between the fields of an f-string."""
    text = text.replace("{{", "{").replace("}}", "}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\" not in text or "r" in prefix.lower():
        return text
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    value = string(f'"{match[0]}"')
    return value if isinstance(value, str) else match[0]


def number(text: str) -> Const:
    text = text.replace("_", "")
    try:
        if text[-1] in "jJ":
            return Const(complex(text))
        if text[:2].lower() in ("0x", "0o", "0b"):
            return Const(int(text, 0))
        if text.isdigit():
            return Const(int(text))
        return Const(float(text))
    except ValueError:
        # An integer beyond Python's limit of digits.
        return Const(float("inf"))


def concatenated(values: list[str | bytes]) -> str | bytes:
    if all(isinstance(value, bytes) for value in values):
        return b"".join(value for value in values if isinstance(value, bytes))
    return "".join(value if isinstance(value, str) else value.decode("latin-1") for value in values)


def string_parts(
    node: cst.ConcatenatedString,
) -> list[cst.SimpleString | cst.FormattedString | cst.TemplatedString]:
    """The adjacent strings of a concatenation."""
    parts: list[cst.SimpleString | cst.FormattedString | cst.TemplatedString] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        left = rest.left
        assert isinstance(left, (cst.SimpleString, cst.FormattedString, cst.TemplatedString))
        parts.append(left)
        rest = rest.right
    assert isinstance(rest, (cst.SimpleString, cst.FormattedString, cst.TemplatedString))
    parts.append(rest)
    return parts


def constant_text(node: cst.BaseExpression) -> str | bytes | None:
    """The value of a string literal, concatenated or not; None for anything else."""
    if isinstance(node, cst.SimpleString):
        return string(node.value)
    if isinstance(node, cst.ConcatenatedString):
        values: list[str | bytes] = []
        for part in string_parts(node):
            if not isinstance(part, cst.SimpleString):
                return None
            values.append(string(part.value))
        return concatenated(values)
    return None
