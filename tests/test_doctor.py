"""What the doctor says of other linters' settings; ruff itself confirms the cures."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sqla_lint.cli import invoke
from sqla_lint.doctor import Advice, DoctorError, examine

MODELS = """\
from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    born: Mapped[datetime]
"""


def advice(root: Path, name: str, text: str) -> list[Advice]:
    (root / name).write_text(text)
    return examine(root)


def heads(found: list[Advice]) -> list[str]:
    return [one.problem.split(" ")[0].rstrip(",") for one in found]


def test_ruffs_own_selection_rewrites_comparisons(tmp_path: Path) -> None:
    (one,) = advice(tmp_path, "pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    assert one.lines == ("[tool.ruff.lint]", 'extend-ignore = ["E711", "E712"]')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('lint.ignore = ["E711", "E712"]\n', []),
        ('lint.unfixable = ["E71"]\n', []),
        ('lint.select = ["B"]\n', []),
        ('lint.select = ["ALL"]\n', ["E711", "TC001", "RUF100"]),
        ('select = ["E712", "RUF102"]\n', ["E712", "RUF102"]),
        ('lint.select = ["RUF"]\nlint.external = ["SAL"]\n', []),
        ('lint.select = ["RUF"]\nlint.external = ["S"]\n', []),
        (
            'lint.select = ["TC"]\n'
            'lint.flake8-type-checking.runtime-evaluated-base-classes = ["db.Base"]\n',
            [],
        ),
    ],
)
def test_ruff_settings(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert heads(advice(tmp_path, "ruff.toml", text)) == expected


def test_imports_of_an_alembic_environment(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "env.py").write_text("import models\ntarget_metadata = None\n")
    (one,) = advice(tmp_path, "ruff.toml", 'lint.select = ["F"]\n')
    assert one.lines == ("[lint.per-file-ignores]", '"migrations/env.py" = ["F401"]')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[flake8]\nmax-line-length = 100\n", ["E711"]),
        ("[flake8]\nextend-ignore =\n    E711,  # SQLAlchemy\n    E712\n", []),
        ("[flake8]\nselect = F\n", []),
        ("[mypy]\n", []),
    ],
)
def test_flake8_settings(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert heads(advice(tmp_path, ".flake8", text)) == expected


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DoctorError, match=r"ruff\.toml: .*line 1"):
        advice(tmp_path, "ruff.toml", "[oops\n")


def test_the_command_prints_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ruff.toml").write_text('lint.select = ["RUF"]\n')
    assert invoke(["doctor", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["    [lint]", '    external = ["SAL"]']
    (tmp_path / "ruff.toml").write_text('lint.select = ["B"]\n')
    assert invoke(["doctor", str(tmp_path)]) == 0


RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent))


@pytest.mark.skipif(RUFF is None, reason="no ruff here")
def test_ruff_leaves_the_types_of_models_alone_once_told(tmp_path: Path) -> None:
    """Before the advice ruff wants the type moved; with its lines it does not."""
    (tmp_path / "models.py").write_text(MODELS)
    (one,) = advice(tmp_path, "ruff.toml", 'lint.select = ["TC"]\n')
    assert "models.Base" in one.lines[1]
    assert "TC003" in ruff(tmp_path)
    (tmp_path / "ruff.toml").write_text('lint.select = ["TC"]\n' + "\n".join(one.lines) + "\n")
    assert ruff(tmp_path) == ""


def ruff(folder: Path) -> str:
    assert RUFF is not None
    return subprocess.run(
        [RUFF, "check", "--no-cache", "--quiet", "--output-format=concise", "models.py"],
        cwd=folder,
        capture_output=True,
        text=True,
    ).stdout
