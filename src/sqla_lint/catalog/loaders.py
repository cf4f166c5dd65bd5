"""What loads modules whose names it is given, or finds in a folder or in what is installed."""

from __future__ import annotations

# Source: the docs of importlib, pkgutil, runpy, Werkzeug, Django, Celery and oslo.utils.
BY_NAME = frozenset(
    {"import_module", "__import__", "walk_packages", "iter_modules", "find_modules"}
    | {"import_string", "load_entry_point", "entry_points", "autodiscover", "exec_module"}
    | {"run_path", "run_module", "try_import", "import_object", "import_class"}
)
