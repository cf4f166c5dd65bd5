"""Modules that are there for one version of SQLAlchemy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

OLD = """
from sqlalchemy.engine.row import LegacyRow


def names(engine):
    return engine.table_names()
"""
CHOSEN = """
import sqlalchemy

if sqlalchemy.__version__ < "2":
    from .old import LegacyRow, names
else:
    from .new import names
"""
FAILED = """
import sqlalchemy

try:
    from .new import names
except ImportError:
    from .old import names
"""
PLAIN = "import sqlalchemy\n\nfrom .old import names\n"
OPTIONAL = """
import sqlalchemy

try:
    from .old import names
except ImportError:
    names = None
"""


@pytest.mark.parametrize(
    ("importing", "codes"),
    [
        ({"compat": CHOSEN}, []),
        ({"compat": FAILED}, []),
        ({"compat": PLAIN}, ["SAL901"]),
        ({"compat": OPTIONAL}, ["SAL901"]),
        ({"compat": CHOSEN, "main": PLAIN}, ["SAL901"]),
        ({"compat": CHOSEN, "test_old": PLAIN}, []),
    ],
)
def test_what_one_branch_imports(
    tmp_path: Path, importing: dict[str, str], codes: list[str]
) -> None:
    package = tmp_path / "app"
    package.mkdir()
    new = "import sqlalchemy\n\n\ndef names(engine):\n    return []\n"
    for name, source in {"__init__": "", "old": OLD, "new": new, **importing}.items():
        (package / f"{name}.py").write_text(source)
    found = run([tmp_path], Settings(root=tmp_path, target_version="2.0")).findings
    assert [one.code for one in found] == codes
