"""The Python API."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import sqla_lint
from sqla_lint.api import SettingsError

LEAK = """\
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def count():
    conn = engine.connect()
    return conn.execute(text("SELECT 1")).scalar()
"""


def test_paths_are_linted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LEAK)
    (tmp_path / "b.py").write_text("def broken(:\n    import sqlalchemy\n")
    result = sqla_lint.lint_paths([tmp_path])
    assert [(f.code, f.function, f.span and f.span.line) for f in result.findings] == [
        ("SAL101", "count", 7)
    ]
    assert [(Path(p.path).name, p.line) for p in result.problems] == [("b.py", 1)]
    assert result.files == 2


def test_a_source_is_linted_as_part_of_its_project(tmp_path: Path) -> None:
    (tmp_path / "db.py").write_text(LEAK)
    source = LEAK.replace('engine = create_engine("sqlite://")', "from db import engine")
    result = sqla_lint.lint_source(source, str(tmp_path / "new.py"))
    assert [f.code for f in result.findings] == ["SAL101"]


def test_settings_are_those_of_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LEAK)
    (tmp_path / "sqla-lint.toml").write_text('ignore = ["SAL101"]\n')
    assert sqla_lint.lint_paths([tmp_path]).findings == ()
    assert len(sqla_lint.lint_paths([tmp_path], settings=sqla_lint.Settings()).findings) == 1
    (tmp_path / "sqla-lint.toml").write_text('ignroe = ["SAL101"]\n')
    with pytest.raises(SettingsError, match="did you mean `ignore`"):
        sqla_lint.lint_paths([tmp_path])


def test_the_executor_is_the_callers(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(LEAK)
    with ThreadPoolExecutor(1) as executor:
        assert len(sqla_lint.lint_paths([tmp_path], executor=executor).findings) == 2


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, sqla_lint; sqla_lint.__version__;"
        "print([m for m in ('libcst', 'sqlalchemy', 'click', 'sqla_lint.run') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
