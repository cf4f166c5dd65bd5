"""From the bytes of a file to a libcst tree, or one clear reason why not."""

from __future__ import annotations

import codecs
import io
import tokenize
from typing import Final

import libcst as cst

BOM: Final = codecs.BOM_UTF8


class ParseFailure(Exception):  # noqa: N818 - a result, not a programming error
    """The file cannot be read as Python. Line and column count from 1."""

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(path, line, column, message)
        self.path = path
        self.line = line
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


def decode(source: bytes, path: str) -> str:
    """The text of the file, without a BOM, newlines untouched."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except (SyntaxError, ValueError) as error:
        # The cookie, or one of the first two lines, where tokenize reads UTF-8.
        text = source.removeprefix(BOM)
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as bad:
            if not _has_cookie(source):
                raise _undecodable(path, text, bad) from None
        raise ParseFailure(path, 1, 1, f"unknown encoding: {_reason(error)}") from None
    text = source.removeprefix(BOM)
    try:
        decoded = text.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError as bad:
        raise _undecodable(path, text, bad) from None
    except LookupError as error:
        raise ParseFailure(path, 1, 1, f"unknown encoding: {error}") from None
    null = decoded.find("\0")
    if null >= 0:
        line, column = _position(decoded[:null])
        raise ParseFailure(path, line, column, "the file contains a null byte")
    return decoded


def parse(source: bytes, path: str) -> cst.Module:
    """The tree. To be called where the stack is deep (`deep.deeply`)."""
    return parse_text(decode(source, path), path)


def parse_text(text: str, path: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        message = error.message.strip().removeprefix("parser error: ")
        raise ParseFailure(path, error.raw_line, error.raw_column + 1, message) from None
    except (ValueError, UnicodeError, RecursionError) as error:
        raise ParseFailure(path, 1, 1, f"libcst cannot read it: {_reason(error)}") from None


def _has_cookie(source: bytes) -> bool:
    return any(b"coding" in line for line in source.split(b"\n", 2)[:2])


def _undecodable(path: str, source: bytes, bad: UnicodeDecodeError) -> ParseFailure:
    before = source[: bad.start].decode(bad.encoding, errors="replace")
    line, column = _position(before)
    byte = source[bad.start]
    return ParseFailure(path, line, column, f"byte 0x{byte:02x} is not {bad.encoding}")


def _position(before: str) -> tuple[int, int]:
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
