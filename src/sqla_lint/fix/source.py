"""A file's bytes as text and back, so that what a fix does not touch comes out byte for byte."""

from __future__ import annotations

import io
import tokenize
from typing import NamedTuple


class Source(NamedTuple):
    """Decoded source. The byte order mark is not part of the text."""

    text: str
    encoding: str
    bom: bytes

    def encode(self, text: str) -> bytes:
        """The bytes of another text in the same encoding. Raises `UnicodeEncodeError`."""
        return self.bom + text.encode(self.encoding)


def decode(data: bytes) -> Source:
    """Read bytes as Python does: byte order mark, coding cookie, else UTF-8.

    Raises `SyntaxError` for an unknown or contradictory cookie, `UnicodeDecodeError` for bytes
    that are not in the encoding.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    bom = b""
    if encoding == "utf-8-sig":
        encoding, bom = "utf-8", data[:3]
    return Source(data[len(bom) :].decode(encoding), encoding, bom)
