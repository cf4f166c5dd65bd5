"""Migrations that lie in a folder of their own inside of `versions`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    op.add_column("items", sa.Column("size", sa.Integer(), nullable=False))


def downgrade():
    op.drop_constraint(None, "items", type_="unique")
"""
BOTH = ["downgrade", "upgrade"]


@pytest.mark.parametrize(
    ("folder", "file", "text", "told"),
    [
        ("versions", "", "", BOTH),
        ("versions/old", "", "", []),
        ("versions/old", "alembic.ini", "[alembic]\n# version_locations = a\n", []),
        ("versions/old", "alembic.ini", "[alembic]\nversion_locations = a b\n", ["upgrade"]),
        ("versions/2024", "alembic.ini", "recursive_version_locations = true\n", ["upgrade"]),
        ("versions/old", "run.py", "c.set_main_option('version_locations', P)\n", ["upgrade"]),
        ("versions/old", "env.py", "context.script.version_locations = [P]\n", ["upgrade"]),
        ("versions/old", "env.py", "script.other = [P]\n", []),
        ("old/versions", "", "", BOTH),
        ("old", "", "", BOTH),
    ],
)
def test_what_is_put_by(tmp_path: Path, folder: str, file: str, text: str, told: list[str]) -> None:
    place = tmp_path / "app" / folder
    place.mkdir(parents=True)
    (place / "two.py").write_text(MIGRATION)
    if file:
        head = "import sqlalchemy\n" if file.endswith(".py") else ""
        (tmp_path / "app" / file).write_text(head + text)
    found = run([tmp_path], Settings(root=tmp_path, select=("SAL623",))).findings
    assert sorted(one.function or "" for one in found) == told
