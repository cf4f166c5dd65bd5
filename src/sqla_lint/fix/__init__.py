"""From rewrites to changed files: composed, verified, written whole or not at all."""

from __future__ import annotations

from sqla_lint.fix.compose import RefusedFix
from sqla_lint.fix.converge import FixOutcome, fix_file
from sqla_lint.fix.write import WriteError, unified_diff, write_atomically

__all__ = [
    "FixOutcome",
    "RefusedFix",
    "WriteError",
    "fix_file",
    "unified_diff",
    "write_atomically",
]
