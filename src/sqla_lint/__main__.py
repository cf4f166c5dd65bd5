"""``python -m sqla_lint``: the same as the command ``sqla-lint``."""

from __future__ import annotations

from sqla_lint.start import main

main()
