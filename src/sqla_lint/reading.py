"""The bytes of a file as Python: of a notebook, those of the module that its cells make."""

from __future__ import annotations

from pathlib import Path

from sqla_lint.notebook import is_notebook, read
from sqla_lint.witness import look


def read_python(path: str) -> bytes:
    """What is to be parsed. Raises OSError, and `NotebookError` for what is no notebook."""
    look(path)
    return as_python(path, Path(path).read_bytes())


def as_python(path: str, data: bytes) -> bytes:
    """The Python of a file's bytes."""
    return read(data).source.encode() if is_notebook(path) else data
