"""From rewrites to changed files: composed, verified, written whole or not at all."""

from __future__ import annotations

from sqla_lint.fix.compose import RefusedFix
from sqla_lint.fix.converge import Asks, FixOutcome, fix_file, fixing
from sqla_lint.fix.write import WriteError, unified_diff, write_atomically

__all__ = [
    "Asks",
    "FixOutcome",
    "RefusedFix",
    "WriteError",
    "fix_file",
    "fixing",
    "unified_diff",
    "write_atomically",
]
