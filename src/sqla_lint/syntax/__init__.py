"""The only room that knows libcst: from source text to `ir`, and back to places in the text."""

from __future__ import annotations

from sqla_lint.syntax.locate import Located, index
from sqla_lint.syntax.lower import lower
from sqla_lint.syntax.parse import ParseFailure
from sqla_lint.syntax.places import locate

__all__ = ["Located", "ParseFailure", "index", "locate", "lower"]
