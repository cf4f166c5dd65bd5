"""From the bytes of a file to a libcst tree, or one clear reason why not."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

import libcst as cst

from sqla_lint.decoding import ParseFailure, decode, reason

__all__ = ["ParseFailure", "decode", "parse", "parse_text"]

_LIBCST_ERROR: Final = re.compile(r"(?:parser error: )?error at (\d+):(\d+): (.*)", re.DOTALL)


def parse(source: bytes, path: str) -> cst.Module:
    """The tree. To be called where the stack is deep (`deep.deeply`)."""
    return parse_text(decode(source, path), path)


def parse_text(text: str, path: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _syntax_error(text, path, error) from None
    except (ValueError, RecursionError) as error:
        raise ParseFailure(path, 1, 1, f"the parser gave up: {reason(error)}") from None


def _syntax_error(text: str, path: str, error: cst.ParserSyntaxError) -> ParseFailure:
    """Python's own words, which people know; libcst's where Python would accept the file."""
    whose = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
        whose = "libcst cannot parse what Python can: "
    except SyntaxError as own:
        return ParseFailure(path, own.lineno or 1, max(own.offset or 1, 1), own.msg)
    except (ValueError, RecursionError, MemoryError):
        pass
    message = error.message.strip()
    where = _LIBCST_ERROR.match(message)
    if where is None:
        return ParseFailure(path, error.raw_line, error.raw_column + 1, whose + message)
    return ParseFailure(path, int(where[1]), int(where[2]) + 1, whose + where[3])
