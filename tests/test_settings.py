"""Settings: where they come from, what is refused, which rules they select."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import jsonschema
import pytest

from sqla_lint.docs import schema
from sqla_lint.finding import Confidence, Severity
from sqla_lint.settings import (
    KEYS,
    Settings,
    SettingsError,
    check_selector,
    find,
    ignored_in,
    read,
    selected,
    shows,
    without_effect,
)


@dataclass(frozen=True)
class Rule:
    code: str
    name: str
    group: str
    severity: Severity = Severity.ERROR


RULES = {
    rule.code: rule
    for rule in (
        Rule("SAL101", "connection-not-closed", "on"),
        Rule("SAL102", "session-not-closed", "on"),
        Rule("SAL201", "write-never-committed", "on"),
        Rule("SAL205", "commit-in-loop", "pedantic", Severity.WARNING),
        Rule("SAL210", "savepoint-missing", "preview"),
    )
}


def load(tmp_path: Path, text: str, name: str = "pyproject.toml") -> Settings:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path, RULES)


def refusal(tmp_path: Path, text: str, name: str = "pyproject.toml") -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text, name)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_every_setting_is_a_field_and_every_field_a_setting() -> None:
    assert {key.field for key in KEYS} | {"root", "file"} == {f.name for f in fields(Settings)}


def test_settings_are_read_from_pyproject(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
        [tool.black]
        select = 1

        [tool.sqla-lint]
        select = ["SAL1", "write-never-committed"]
        target-version = 2.0
        dialect = "postgresql"
        pedantic = true
        jobs = 2
        session-types = ["app.db.UnitOfWork"]

        [tool.sqla-lint.per-file-ignores]
        "tests/*" = ["SAL1"]
        """,
    )
    assert settings == Settings(
        select=("SAL1", "write-never-committed"),
        target_version="2.0",
        dialect="postgresql",
        pedantic=True,
        jobs=2,
        session_types=("app.db.UnitOfWork",),
        per_file_ignores=(("tests/*", ("SAL1",)),),
        root=tmp_path,
        file=tmp_path / "pyproject.toml",
    )


def test_a_file_of_our_own_has_the_keys_at_the_top(tmp_path: Path) -> None:
    assert load(tmp_path, 'ignore = ["SAL1"]\n', "sqla-lint.toml").ignore == ("SAL1",)


def test_byte_order_mark_and_windows_newlines_are_read(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffpedantic = true\r\njobs = 1\r\n", "sqla-lint.toml").jobs == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[tool.sqla-lint]\njobs = 1\nselct = ["SAL1"]\n',
            "pyproject.toml:3: unknown setting `selct`; did you mean `select`?",
        ),
        (
            "[tool.sqla-lint]\nunsafe_fixes = true\n",
            "pyproject.toml:2: unknown setting `unsafe_fixes`; did you mean `unsafe-fixes`?",
        ),
        (
            '[tool.sqla-lint]\nselect = [\n  "SAL101",\n  "SAL301",\n]\n',
            "pyproject.toml:4: unknown rule `SAL301`; did you mean `SAL201`? (in `select`)",
        ),
        (
            '[tool.sqla-lint]\nignore = ["conection-not-closed"]\n',
            "pyproject.toml:2: unknown rule `conection-not-closed`; did you mean "
            "`connection-not-closed`? (in `ignore`)",
        ),
        (
            '[tool.sqla-lint]\nselect = "SAL101"\n',
            "pyproject.toml:2: `select` must be a list of strings, not a string",
        ),
        (
            "[tool.sqla-lint]\nexclude = [1]\n",
            "pyproject.toml:2: `exclude` must hold strings only, not `1`",
        ),
        (
            '[tool.sqla-lint]\npedantic = "yes"\n',
            "pyproject.toml:2: `pedantic` must be true or false, not a string",
        ),
        (
            "[tool.sqla-lint]\njobs = -1\n",
            "pyproject.toml:2: `jobs` must be a number of 0 or more",
        ),
        (
            '[tool.sqla-lint]\noutput-format = "consise"\n',
            "pyproject.toml:2: `output-format` must be one of full, concise, grouped, "
            "json, json-lines, sarif, github, gitlab, junit, html, not `consise`; "
            "did you mean `concise`?",
        ),
        (
            '[tool.sqla-lint.per-file-ignores]\n"a.py" = ["SAL1"]\n"b.py" = ["SAL777"]\n',
            "pyproject.toml:3: unknown rule `SAL777` (in `per-file-ignores`)",
        ),
        (
            '[tool.sqla-lint]\noverrides = "legacy/"\n',
            "pyproject.toml:2: `overrides` must be a list of tables",
        ),
        (
            "[[tool.sqla-lint.overrides]]\npaths = ['a']\n\n"
            "[[tool.sqla-lint.overrides]]\npaths = ['b']\nslect = ['SAL1']\n",
            "pyproject.toml:6: unknown setting `slect` in `overrides`; did you mean `select`?",
        ),
        (
            "[tool.sqla-lint]\njobs = 1\n[[tool.sqla-lint.overrides]]\npaths = ['a']\njobs = 2\n",
            "pyproject.toml:5: `jobs` holds for the whole run and cannot stand in `overrides`",
        ),
        (
            "[[tool.sqla-lint.overrides]]\npaths = ['a']\nignore = [\n  'SAL1',\n  'SAL777',\n]\n",
            "pyproject.toml:5: unknown rule `SAL777` (in `ignore`)",
        ),
        (
            "[tool.sqla-lint]\noverrides = [{ ignore = ['SAL1'] }]\n",
            "pyproject.toml:2: each of `overrides` needs `paths`, the files it is for",
        ),
        (
            "[tool]\nsqla-lint = 3\n",
            "pyproject.toml: `tool.sqla-lint` must be a table",
        ),
        (
            "[project]\nname = 'x'\n\n[tool.sqla-lint\nselect = []\n",
            "pyproject.toml:4: is not valid TOML: Expected ']' at the end of a table declaration",
        ),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sqla-lint.toml"
    path.write_bytes(b"jobs = 1\n# \xff\n")
    with pytest.raises(SettingsError, match=r"sqla-lint.toml:2: is not UTF-8"):
        read(path, RULES)


def test_the_nearest_file_wins(tmp_path: Path) -> None:
    inner = tmp_path / "app" / "pkg"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.sqla-lint]\njobs = 1\n")
    (tmp_path / "app" / "pyproject.toml").write_text("[tool.other]\n")
    assert find(inner) == tmp_path / "pyproject.toml"
    (tmp_path / "app" / "sqla-lint.toml").write_text("")
    assert find(inner) == tmp_path / "app" / "sqla-lint.toml"


def test_a_broken_pyproject_on_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.sqla-lint]\njobs = = 1\n")
    with pytest.raises(SettingsError, match=r"pyproject.toml:2: is not valid TOML"):
        find(tmp_path)


def codes(**values: object) -> list[str]:
    return sorted(selected(replace(Settings(), **values), RULES))  # type: ignore[arg-type]


def test_by_default_the_group_on_is_selected() -> None:
    assert codes() == ["SAL101", "SAL102", "SAL201"]
    assert codes(pedantic=True) == ["SAL101", "SAL102", "SAL201", "SAL205"]
    assert codes(preview=True) == ["SAL101", "SAL102", "SAL201", "SAL210"]


def test_rules_are_selected_by_code_prefix_name_group_and_all() -> None:
    assert codes(select=("SAL101",)) == ["SAL101"]
    assert codes(select=("SAL2",)) == ["SAL201", "SAL205"]
    assert codes(select=("commit-in-loop",)) == ["SAL205"]
    assert codes(select=("pedantic",)) == ["SAL205"]
    assert codes(select=("ALL",)) == ["SAL101", "SAL102", "SAL201", "SAL205"]
    assert codes(select=("ALL",), preview=True) == sorted(RULES)
    assert codes(extend_select=("SAL205",)) == ["SAL101", "SAL102", "SAL201", "SAL205"]


def test_the_more_specific_entry_decides_and_ignore_wins_a_tie() -> None:
    assert codes(select=("ALL",), ignore=("SAL1",)) == ["SAL201", "SAL205"]
    assert codes(select=("SAL101",), ignore=("SAL1",)) == ["SAL101"]
    assert codes(select=("SAL1",), ignore=("SAL1",)) == []
    assert codes(ignore=("connection-not-closed",)) == ["SAL102", "SAL201"]


def test_a_preview_rule_asked_for_without_preview_is_told() -> None:
    settings = Settings(select=("SAL210", "SAL1"))
    assert without_effect(settings, RULES) == ["SAL210"]
    assert without_effect(replace(settings, preview=True), RULES) == []


def test_selectors_are_checked() -> None:
    for selector in ("SAL101", "SAL1", "SAL", "on", "ALL", "session-not-closed"):
        assert check_selector(selector, RULES) is None
    assert check_selector("sal101", RULES) == "unknown rule `sal101`; did you mean `SAL101`?"
    assert check_selector("S", RULES) == "unknown rule `S`"


def test_confidence_tiers() -> None:
    assert [tier for tier in Confidence if shows(Settings(), tier)] == [1, 2]
    assert [tier for tier in Confidence if shows(Settings(pedantic=True), tier)] == [1, 2, 3]


def test_per_file_ignores_are_relative_to_the_settings(tmp_path: Path) -> None:
    settings = Settings(
        root=tmp_path, per_file_ignores=(("migrations/", ("SAL2",)), ("/a.py", ("SAL101",)))
    )
    assert ignored_in(settings, tmp_path / "app/migrations/x.py", RULES) == {
        "SAL201", "SAL205", "SAL210",
    }  # fmt: skip
    assert ignored_in(settings, tmp_path / "a.py", RULES) == {"SAL101"}
    assert ignored_in(settings, tmp_path / "app/a.py", RULES) == frozenset()


def test_a_file_may_extend_another(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('ignore = ["SAL1"]\npedantic = true\n')
    settings = load(tmp_path, 'extend = "base.toml"\nignore = ["SAL2"]\n', "sqla-lint.toml")
    assert (settings.ignore, settings.pedantic, settings.root) == (("SAL2",), True, tmp_path)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        (None, "sqla-lint.toml:2: `extend`: there is no file base.toml"),
        ('extend = "sqla-lint.toml"\n', "base.toml:1: `extend`: sqla-lint.toml leads back here"),
        ("jobs = -1\n", "base.toml:1: `jobs` must be a number of 0 or more"),
    ],
)
def test_a_mistake_in_what_is_extended_is_told_there(
    tmp_path: Path, base: str | None, message: str
) -> None:
    if base is not None:
        (tmp_path / "base.toml").write_text(base)
    assert refusal(tmp_path, '\nextend = "base.toml"\n', "sqla-lint.toml") == message


def test_the_least_severity_leaves_rules_out() -> None:
    every = Settings(pedantic=True)
    assert "SAL205" in selected(every, RULES)
    assert "SAL205" not in selected(replace(every, min_severity="error"), RULES)


def test_the_schema_accepts_what_is_read_and_refuses_what_is_not() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    good = {
        "select": ["SAL1"],
        "pedantic": True,
        "jobs": 2,
        "target-version": "2.0",
        "baseline": "known.json",
        "per-file-ignores": {"tests/*": ["SAL1"]},
        "overrides": [{"paths": ["legacy/"], "ignore": ["SAL1"], "preview": True}],
    }
    assert validator.is_valid(good)
    for override in ({"ignore": ["SAL1"]}, {"paths": ["a"], "jobs": 1}):
        assert not validator.is_valid({"overrides": [override]})
    for key, value in {**dict.fromkeys(good, 1.5), "selekt": []}.items():
        assert not validator.is_valid({key: value}), key
