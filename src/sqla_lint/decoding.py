"""From the bytes of a file to its text, or one clear reason why not."""

from __future__ import annotations

import codecs
import io
import tokenize
from typing import Final

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
    body = source.removeprefix(BOM)
    encoding = _encoding(source, body, path)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as bad:
        raise _undecodable(path, body, bad) from None
    except (LookupError, ValueError) as error:
        raise ParseFailure(path, 1, 1, f"the encoding cannot be used: {reason(error)}") from None
    null = text.find("\0")
    if null >= 0:
        line, column = _position(text[:null])
        raise ParseFailure(path, line, column, "the file contains a null byte")
    return text


def _encoding(source: bytes, body: bytes, path: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except (SyntaxError, ValueError) as error:
        # The cookie, or one of the first two lines, which tokenize reads as UTF-8.
        if not any(b"coding" in line for line in source.split(b"\n", 2)[:2]):
            return "utf-8"
        message = reason(error)
        if body is not source and len(body) < len(source):
            message = "the encoding comment contradicts the byte order mark"
        raise ParseFailure(path, 1, 1, message) from None
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _undecodable(path: str, source: bytes, bad: UnicodeDecodeError) -> ParseFailure:
    before = source[: bad.start].decode(bad.encoding, errors="replace")
    line, column = _position(before)
    byte = source[bad.start]
    return ParseFailure(path, line, column, f"byte 0x{byte:02x} is not {bad.encoding}")


def _position(before: str) -> tuple[int, int]:
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
