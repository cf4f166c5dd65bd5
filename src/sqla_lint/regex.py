"""Regular expressions that are compiled when they are first used: most runs need few of them."""

from __future__ import annotations

import re
from typing import Any, cast, overload


@overload
def pattern(text: str, flags: int = 0) -> re.Pattern[str]: ...
@overload
def pattern(text: bytes, flags: int = 0) -> re.Pattern[bytes]: ...
def pattern(text: str | bytes, flags: int = 0) -> object:
    """As `re.compile`, which is left until somebody looks for something with it."""
    return _Later(text, flags)


class _Later:
    """Stands for an expression, and has what it has from the first use on."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._written = text, flags

    def __getattr__(self, name: str) -> Any:
        text, flags = self.__dict__["_written"]
        compiled = re.compile(cast(str, text), flags)
        found = getattr(compiled, name)
        self.__dict__[name] = found  # asked of it no more
        return found
