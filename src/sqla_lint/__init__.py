"""sqla-lint: a static linter for how Python programs use SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqla_lint.version import __version__

if TYPE_CHECKING:
    from sqla_lint.api import Result, Settings, lint_paths, lint_source, load_settings

__all__ = ["Result", "Settings", "__version__", "lint_paths", "lint_source", "load_settings"]


def __getattr__(name: str) -> object:
    """The API, imported when it is asked for: the command line must start fast."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("sqla_lint.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
