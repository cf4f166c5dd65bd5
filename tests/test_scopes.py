"""Which settings hold for a file: nested settings files, overrides, the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sqla_lint import lint_paths, lint_source
from sqla_lint.cli import invoke
from sqla_lint.docs import registry
from sqla_lint.scopes import Scopes, common_folder
from sqla_lint.settings import find, read

PROGRAM = """\
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def count():
    conn = engine.connect()
    return conn.execute(text("SELECT 1")).scalar()


def raw():
    with engine.connect() as conn:
        conn.execute("SELECT 1")
"""
LEAK, RAW = "SAL101", "SAL403"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packages, each with the program."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "db.py").write_text(PROGRAM)
    return tmp_path


def put(file: str, text: str) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text)


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[str]]:
    """The codes of each file, as the command line finds them."""
    invoke(["check", "--output-format", "json", *arguments])
    codes: dict[str, list[str]] = {}
    for row in json.loads(capsys.readouterr().out):
        codes.setdefault(row["filename"].replace(os.sep, "/"), []).append(row["code"])
    return codes


Capsys = pytest.CaptureFixture[str]


def test_the_file_nearest_to_each_linted_file_holds(repository: Path, capsys: Capsys) -> None:
    put("sqla-lint.toml", 'ignore = ["SAL101"]\n')
    put("two/pyproject.toml", '[tool.sqla-lint]\nignore = ["SAL403"]\n')
    both = {"one/db.py": [RAW], "two/db.py": [LEAK]}
    assert found(capsys, ".") == both
    assert found(capsys, "one", "two") == both
    assert found(capsys, "one/db.py", "two/db.py") == both
    assert found(capsys, "two") == {"two/db.py": [LEAK]}


def test_packages_need_no_settings_above_them(repository: Path, capsys: Capsys) -> None:
    put("one/sqla-lint.toml", 'select = ["SAL4"]\n')
    put("two/sqla-lint.toml", 'select = ["SAL1"]\n')
    assert found(capsys, ".") == {"one/db.py": [RAW], "two/db.py": [LEAK]}


def test_a_pyproject_without_our_table_is_passed_over(repository: Path, capsys: Capsys) -> None:
    put("sqla-lint.toml", 'ignore = ["SAL101"]\n')
    put("two/pyproject.toml", "[tool.other]\n")
    assert found(capsys, ".") == {"one/db.py": [RAW], "two/db.py": [RAW]}


def test_extend_takes_over_what_stands_above(repository: Path, capsys: Capsys) -> None:
    put("sqla-lint.toml", 'ignore = ["SAL101"]\n')
    put("two/sqla-lint.toml", 'extend = "../sqla-lint.toml"\nextend-select = ["SAL1"]\n')
    assert found(capsys, "two") == {"two/db.py": [RAW]}


def test_the_command_line_goes_over_every_file(repository: Path, capsys: Capsys) -> None:
    put("two/sqla-lint.toml", 'select = ["SAL1"]\nignore = ["SAL403"]\n')
    assert found(capsys, "--select", RAW, ".") == {"one/db.py": [RAW], "two/db.py": [RAW]}
    assert found(capsys, "--ignore", LEAK, ".") == {"one/db.py": [RAW]}
    put("other.toml", 'select = ["SAL403"]\n')
    assert found(capsys, "--config", "other.toml", ".") == {
        "one/db.py": [RAW],
        "two/db.py": [RAW],
    }
    assert found(capsys, "--no-config", ".") == {
        "one/db.py": [LEAK, RAW],
        "two/db.py": [LEAK, RAW],
    }


def test_excludes_of_a_nearer_file_count_below_it(repository: Path, capsys: Capsys) -> None:
    put("one/made/x.py", PROGRAM)
    put("two/made/x.py", PROGRAM)
    put("sqla-lint.toml", 'select = ["SAL101"]\nextend-exclude = ["one/made/"]\n')
    put("two/sqla-lint.toml", 'select = ["SAL101"]\nextend-exclude = ["/db.py"]\n')
    assert sorted(found(capsys, ".")) == ["one/db.py", "two/made/x.py"]
    assert sorted(found(capsys, "two/made")) == ["two/made/x.py"]
    assert sorted(found(capsys, "--exclude", "made/", ".")) == ["one/db.py"]


def test_each_package_may_be_for_another_sqlalchemy(repository: Path, capsys: Capsys) -> None:
    select = 'select = ["SAL403"]\n'
    put("one/sqla-lint.toml", f'{select}target-version = "1.4"\n')
    put("two/sqla-lint.toml", select)
    put("two/requirements.txt", "sqlalchemy==2.0.30\n")
    assert found(capsys, ".") == {"two/db.py": [RAW]}


def test_a_broken_nearer_file_is_told_and_the_rest_is_linted(
    repository: Path, capsys: Capsys
) -> None:
    put("two/sqla-lint.toml", "\nselct = []\n")
    assert invoke(["check", "--output-format", "concise", "."]) == 2
    said = capsys.readouterr()
    assert "two/sqla-lint.toml:2: unknown setting `selct`; did you mean `select`?" in said.err
    assert "one/db.py" in said.out


def test_overrides_hold_for_their_paths(repository: Path, capsys: Capsys) -> None:
    put(
        "pyproject.toml",
        """
        [tool.sqla-lint]
        ignore = ["SAL101"]

        [[tool.sqla-lint.overrides]]
        paths = ["one/", "scripts/*.py"]
        ignore = ["SAL403"]
        """,
    )
    put("scripts/job.py", PROGRAM)
    assert found(capsys, ".") == {"two/db.py": [RAW]}


def test_a_later_override_goes_over_an_earlier_one(repository: Path, capsys: Capsys) -> None:
    put(
        "sqla-lint.toml",
        """
        ignore = ["SAL101"]
        overrides = [
            { paths = ["*.py"], min-severity = "error", ignore = ["SAL403"] },
            { paths = ["two/"], select = ["SAL1"] },
        ]
        """,
    )
    assert found(capsys, ".") == {"two/db.py": [LEAK]}
    file = find(repository)
    assert file is not None
    scopes = Scopes(read(file, registry()))
    assert scopes.of("one/db.py").ignore == ("SAL101", "SAL403")  # added to
    two = scopes.of("two/db.py")
    assert (two.select, two.ignore, two.min_severity) == (("SAL1",), (), "error")  # a new start
    assert scopes.of("other.txt") is scopes.main


def test_a_repeated_run_sees_every_change_of_settings(repository: Path, capsys: Capsys) -> None:
    """The cache lies beside the settings file."""
    put("sqla-lint.toml", 'select = ["SAL403"]\n')
    both = {"one/db.py": [RAW], "two/db.py": [RAW]}
    assert found(capsys, ".") == found(capsys, ".") == both
    put("one/sqla-lint.toml", 'target-version = "1.4"\nselect = ["SAL403"]\n')
    assert found(capsys, ".") == found(capsys, ".") == {"two/db.py": [RAW]}
    put("sqla-lint.toml", 'overrides = [{ paths = ["two/"], select = ["SAL101"] }]\n')
    assert found(capsys, ".") == found(capsys, ".") == {"two/db.py": [LEAK]}
    Path("one/sqla-lint.toml").unlink()
    put("sqla-lint.toml", 'select = ["SAL403"]\n')
    assert found(capsys, ".") == found(capsys, ".") == both


def test_an_override_may_name_another_sqlalchemy(repository: Path, capsys: Capsys) -> None:
    put(
        "sqla-lint.toml",
        """
        select = ["SAL403"]
        overrides = [{ paths = ["one/"], target-version = "1.4" }]
        """,
    )
    assert found(capsys, ".") == {"two/db.py": [RAW]}


def test_reasons_may_be_required_of_some_files(repository: Path, capsys: Capsys) -> None:
    quiet = PROGRAM.replace("engine.connect()\n", "engine.connect()  # noqa: SAL101\n")
    put("one/db.py", quiet)
    put("two/db.py", quiet)
    put(
        "sqla-lint.toml",
        'ignore = ["SAL4"]\noverrides = [{ paths = ["two/"], require-reasons = true }]\n',
    )
    assert found(capsys, ".") == {"two/db.py": ["SAL002"]}


def test_pedantic_and_preview_may_hold_for_some_files(repository: Path) -> None:
    put("sqla-lint.toml", 'overrides = [{ paths = ["two/"], pedantic = true, preview = true }]\n')
    file = find(repository)
    assert file is not None
    scopes = Scopes(read(file, registry()))
    assert not scopes.of("one/db.py").preview
    assert scopes.of("two/db.py").preview
    assert scopes.of("two/db.py").pedantic


def test_test_paths_say_what_test_code_is(repository: Path, capsys: Capsys) -> None:
    """A coroutine of a test may block: nobody else waits for it."""
    program = (
        "from fastapi import FastAPI\n"
        "from sqlalchemy import create_engine, text\n\n"
        'engine = create_engine("sqlite://")\napp = FastAPI()\n\n\n'
        '@app.get("/")\nasync def get():\n'
        "    with engine.begin() as conn:\n"
        '        return conn.execute(text("SELECT 1")).scalar()\n'
    )
    put("one/checks/a.py", program)
    select = ("--select", "SAL806", "one/checks")
    assert found(capsys, *select) == {"one/checks/a.py": ["SAL806"]}
    put("one/sqla-lint.toml", 'test-paths = ["checks/"]\n')
    assert found(capsys, *select) == {}


def test_names_of_the_project_are_known_to_all_packages(repository: Path, capsys: Capsys) -> None:
    put("one/units.py", "from elsewhere import Unit\n")
    put(
        "two/use.py",
        'from elsewhere import Unit\n\n\ndef f(unit: Unit):\n    unit.execute("SELECT 1")\n',
    )
    put("one/sqla-lint.toml", 'session-types = ["elsewhere.Unit"]\n')
    assert "two/use.py" in found(capsys, "--select", RAW, ".")


def test_show_settings_of_a_file_are_those_that_hold_for_it(
    repository: Path, capsys: Capsys
) -> None:
    put("sqla-lint.toml", 'overrides = [{ paths = ["one/"], select = ["SAL403"] }]\n')
    put("two/sqla-lint.toml", 'select = ["SAL101"]\n')
    assert invoke(["--show-settings", "one/db.py"]) == 0
    said = capsys.readouterr().out
    assert 'select = ["SAL403"]' in said
    assert "SAL101" not in said
    assert "# holds for this file, and is part of the above\n[[tool.sqla-lint.overrides]]" in said
    assert invoke(["--show-settings", "two/db.py"]) == 0
    assert "# from two/sqla-lint.toml" in capsys.readouterr().out
    assert invoke(["--show-settings", "."]) == 0
    assert "# below two/ those of two/sqla-lint.toml hold" in capsys.readouterr().out


def test_each_package_has_its_own_baseline(repository: Path, capsys: Capsys) -> None:
    put("two/sqla-lint.toml", 'baseline = "known.json"\n')
    assert invoke(["--update-baseline", "two"]) == 0
    capsys.readouterr()
    assert set(found(capsys, ".")) == {"one/db.py"}
    put("two/db.py", "")
    invoke(["."])
    assert "2 findings of two/known.json are gone" in capsys.readouterr().err


def test_the_api_goes_by_the_nearest_file_unless_told(repository: Path) -> None:
    put("two/sqla-lint.toml", 'select = ["SAL1"]\n')
    found = {(Path(f.path).parent.name, f.code) for f in lint_paths(["one", "two"]).findings}
    assert found == {("one", LEAK), ("one", RAW), ("two", LEAK)}
    (alone,) = lint_source(PROGRAM, "two/db.py").findings
    assert alone.code == LEAK
    file = Path("two/sqla-lint.toml")
    told = lint_paths(["."], settings=read(file, registry())).findings
    assert {f.code for f in told} == {LEAK}
    assert len(told) == 2


def test_a_common_folder(repository: Path) -> None:
    paths = [Path("one/db.py"), Path("two")]
    assert common_folder(paths) == repository
    assert common_folder(paths[:1]) == repository / "one"
