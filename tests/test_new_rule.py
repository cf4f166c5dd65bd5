"""The script that lays out a new rule writes what the registry and the fixture tests accept."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from new_rule import lay_out
from sqla_lint.rule import HEADINGS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    family = tmp_path / "src" / "sqla_lint" / "rules" / "sql"
    family.mkdir(parents=True)
    (family / "__init__.py").write_text("")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\nNew rules in preview (`--preview`):\n\n- SAL104 a-b\n- SAL401 c-d\n\nAlso\n"
    )
    return tmp_path


def test_all_files_of_a_rule_are_there(root: Path) -> None:
    written = lay_out("SAL203", "some-name", "sql", root)
    names = {path.relative_to(root).as_posix() for path in written}
    assert names == {
        "CHANGELOG.md",
        "fixtures/SAL203-some-name/bad.py",
        "fixtures/SAL203-some-name/corrected.py",
        "fixtures/SAL203-some-name/good.py",
        "fixtures/SAL203-some-name/proof.py",
        "src/sqla_lint/rules/sql/sal203_some_name.py",
    }
    rule = (root / "src/sqla_lint/rules/sql/sal203_some_name.py").read_text()
    (function,) = [n for n in ast.parse(rule).body if isinstance(n, ast.FunctionDef)]
    assert function.name == "some_name"
    assert all(f"## {heading}" in rule for heading in HEADINGS)
    for program in ("bad", "good", "corrected"):  # what `--preview` does for a user
        text = (root / f"fixtures/SAL203-some-name/{program}.py").read_text()
        assert "# run: preview" in text
    lines = (root / "CHANGELOG.md").read_text().split("\n")
    assert lines.index("- SAL203 some-name") == lines.index("- SAL104 a-b") + 1


@pytest.mark.parametrize(
    ("code", "name", "family", "message"),
    [
        ("S203", "some-name", "sql", "three digits"),
        ("SAL203", "Name", "sql", "lower-case words"),
        ("SAL203", "some-name", "nothing", "none of sql"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(
    root: Path, code: str, name: str, family: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        lay_out(code, name, family, root)


def test_a_code_is_used_once(root: Path) -> None:
    lay_out("SAL203", "some-name", "sql", root)
    with pytest.raises(ValueError, match="taken"):
        lay_out("SAL203", "other-name", "sql", root)
