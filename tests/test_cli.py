"""The command line, over an engine that finds what the test says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from sqla_lint import __version__, docs
from sqla_lint.cli import cli, invoke, settling
from sqla_lint.finding import Finding, Severity, Span
from sqla_lint.settings import Settings
from test_report import RAW


class Problem(NamedTuple):
    path: str
    line: int | None
    message: str
    fatal: bool
    lasting: bool = False
    unparsable: bool = False


@dataclass
class Outcome:
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 3
    fixed: int = 0
    refused: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    unresolved: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    mended: bytes | None = None


@dataclass
class Engine:
    """What the command line asked for, and what it gets."""

    outcome: Outcome = field(default_factory=Outcome)
    error: BaseException | None = None
    paths: Sequence[Path] = ()
    settings: Settings = field(default_factory=Settings)
    fix: str = ""
    unsafe: bool = False
    stdin: tuple[str, bytes] | None = None

    def run(
        self,
        paths: Sequence[Path],
        settings: Settings,
        *,
        fix: str,
        unsafe: bool,
        stdin: tuple[str, bytes] | None,
        progress: Callable[[int, int, str], None] | None,
        cache: object,
        scopes: object,
    ) -> Outcome:
        self.paths, self.settings, self.fix, self.unsafe = paths, settings, fix, unsafe
        self.stdin = stdin
        if progress:
            progress(1, 2, "app/slow.py")
        if self.error:
            raise self.error
        return self.outcome


@dataclass(frozen=True)
class Rule:
    code: str
    name: str
    group: str = "on"
    severity: Severity = Severity.ERROR
    fix: str = "safe"
    versions: str = "2.0, 2.1"
    summary: str = "A summary."
    doc: str = "A summary.\n\n## What it does\nIt looks."


RULES = {
    rule.code: rule
    for rule in (Rule("SAL101", "connection-not-closed"), Rule("SAL403", "raw-string-statement"))
}


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine()
    module = ModuleType("sqla_lint.run")
    module.run = engine.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sqla_lint.run", module)
    monkeypatch.setattr("sqla_lint.run", module, raising=False)
    monkeypatch.setattr(docs, "registry", lambda: RULES)
    monkeypatch.setattr(settling, "registry", lambda: RULES)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    return engine


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    def lint(*arguments: str) -> Result:
        code = invoke(arguments)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return lint


Lint = Callable[..., Result]


def test_a_clean_run_exits_with_0(engine: Engine, lint: Lint) -> None:
    assert lint("a.py") == (0, "No findings in 3 files.\n", "")
    assert list(engine.paths) == [Path("a.py")]


def test_findings_exit_with_1(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((RAW,))
    result = lint("check", "--output-format", "concise", "a.py")
    assert result.code == 1
    assert result.out.splitlines() == [
        "app/db.py:9:5: SAL403 [*] a plain string cannot be executed",
        "Found 1 warning in 1 of 3 files.",
        "1 fixable with `--fix`.",
    ]
    assert lint("--exit-zero", "a.py").code == 0
    assert lint("-q", "--output-format=concise", "a.py").out.count("\n") == 1


def test_trouble_exits_with_2_and_the_findings_are_still_told(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome(
        (RAW,),
        (
            Problem("b.py", 3, "not Python: unexpected indent", True),
            Problem("c", None, "odd", False),
        ),
    )
    result = lint("a.py", "--output-format", "concise")
    assert result.code == 2
    assert result.out.startswith("app/db.py:9:5: SAL403")
    assert result.err == "error: b.py:3: not Python: unexpected indent\nwarning: c: odd\n"


def test_a_mere_warning_does_not_fail(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome(problems=(Problem("c", None, "odd", False),))
    assert lint("a.py").code == 0
    assert lint("-q", "a.py").err == ""


def test_machine_formats_are_pure(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((RAW,), (Problem("b.py", None, "gone", False),), refused=("x",))
    result = lint("--output-format", "json", "a.py")
    assert [record["code"] for record in json.loads(result.out)] == ["SAL403"]
    assert result.err == "warning: b.py: gone\nwarning: fix not applied: x\n"
    lines = lint("--output-format", "github", "a.py").out.splitlines()
    assert all(line.startswith("::") for line in lines)


def test_the_report_goes_to_a_file(engine: Engine, lint: Lint, tmp_path: Path) -> None:
    engine.outcome = Outcome((RAW,))
    result = lint("-o", "out.json", "--output-format", "json", "a.py")
    assert (result.code, result.out, result.err) == (1, "", "")
    assert json.loads((tmp_path / "out.json").read_text())[0]["code"] == "SAL403"
    assert lint("-o", "no/such/folder.txt", "a.py").code == 2


def test_statistics_replace_the_findings(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((RAW, RAW))
    assert lint("--statistics", "a.py").out == "2  SAL403  [*] raw-string-statement\n"


def test_options_reach_the_engine(engine: Engine, lint: Lint) -> None:
    lint(
        "a.py", "--select", "SAL1,raw-string-statement", "--ignore", "SAL101", "--fix",
        "--unsafe-fixes", "--target-version", "1.4", "--pedantic", "-j", "3", "--exclude", "x",
    )  # fmt: skip
    settings = engine.settings
    assert (settings.select, settings.ignore) == (("SAL1", "raw-string-statement"), ("SAL101",))
    assert (settings.target_version, settings.jobs, settings.pedantic) == ("1.4", 3, True)
    assert settings.extend_exclude == ("x",)
    assert (engine.fix, engine.unsafe) == ("fix", True)
    lint("a.py", "--diff")
    assert (engine.fix, engine.unsafe) == ("diff", False)


def test_the_command_line_goes_before_the_file(engine: Engine, lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.sqla-lint]\nselect = ["SAL4"]\nignore = ["SAL403"]\njobs = 2\n'
    )
    lint("a.py", "--ignore", "SAL101")
    assert (engine.settings.select, engine.settings.ignore) == (("SAL4",), ("SAL403", "SAL101"))
    lint("a.py", "--select", "ALL", "--jobs", "0")
    assert (engine.settings.select, engine.settings.ignore) == (("ALL",), ())
    assert engine.settings.jobs == 0
    lint("a.py", "--no-config")
    assert engine.settings.file is None


def test_a_diff_is_printed_as_it_is(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome(diffs=("--- a.py\n+++ a.py\n@@\n-x\n+y\n",))
    assert lint("--diff", "a.py") == (1, "--- a.py\n+++ a.py\n@@\n-x\n+y\n", "")
    engine.outcome = Outcome((RAW,))
    assert lint("--diff", "a.py").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--select", "SAL999", "a.py"), "error: unknown rule `SAL999` (in --select)"),
        (("--ignore", "raw-string", "a.py"), "error: unknown rule `raw-string`; did you mean "),
        (("--selct", "SAL1", "a.py"), "No such option"),
        (("--output-format", "xml", "a.py"), "'xml' is not one of"),
        (("--target-version", "3", "a.py"), "'3' is not one of"),
        (("--config", "none.toml", "a.py"), "error: none.toml: cannot be read: No such file"),
        (("--config", "a.toml", "--no-config", "a.py"), "exclude each other"),
        (("-", "a.py"), "`-` must be the only path"),
        (("--stdin-filename", "x.py", "a.py"), "--stdin-filename needs the path `-`"),
        (("rule",), "name one rule, or ask for --all"),
        (("rule", "SAL402"), "unknown rule `SAL402`; did you mean `SAL403`?"),
        (("rule", "SAL1"), "`SAL1` is not one rule"),
    ],
)
def test_a_wrong_command_line_is_explained(
    engine: Engine, lint: Lint, arguments: tuple[str, ...], message: str
) -> None:
    result = lint(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "Traceback" not in result.err


def test_a_broken_settings_file_is_told_with_its_line(
    engine: Engine, lint: Lint, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.sqla-lint]\njobs = 'x\n")
    result = lint("a.py")
    assert result.code == 2
    assert result.err.startswith("error: pyproject.toml:2: is not valid TOML: ")
    assert result.err.count("\n") == 1


def test_a_bug_of_ours_is_one_line(engine: Engine, lint: Lint) -> None:
    engine.error = ZeroDivisionError("oh")
    result = lint("a.py")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: internal error near app/slow.py: ZeroDivisionError: oh "
        "(a bug in sqla-lint; --verbose shows the traceback)\n"
    )
    assert "Traceback" in lint("a.py", "--verbose").err


def test_ctrl_c_is_one_line(engine: Engine, lint: Lint) -> None:
    engine.error = KeyboardInterrupt()
    result = lint("a.py")
    assert result == (130, "", "interrupted\n")


def test_standard_input_has_a_name(engine: Engine) -> None:
    CliRunner().invoke(cli, ["-", "--stdin-filename", "app/x.py"], input=b"x = '\xff'\n")
    assert engine.stdin == ("app/x.py", b"x = '\xff'\n")
    assert list(engine.paths) == []


def test_show_settings_and_show_files(engine: Engine, lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "sqla-lint.toml").write_text('jobs = 4\n[per-file-ignores]\n"x.py" = ["SAL101"]\n')
    shown = lint("--show-settings", ".").out
    assert "# from sqla-lint.toml" in shown
    assert "jobs = 4" in shown
    assert '[tool.sqla-lint.per-file-ignores]\n"x.py" = ["SAL101"]' in shown
    assert "#   SAL101 connection-not-closed" in shown
    assert "# SQLAlchemy 2.0: the table made from SQLAlchemy 2.0." in shown
    assert lint("--show-files", ".").out == "a.py\n"
    assert lint("--show-files", "nope") == (2, "", "error: nope: no such file or folder\n")


def test_unresolved_and_timings_are_told_beside(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome(unresolved={"db": 2, "session": 5}, timings={"parse": 0.25})
    result = lint("--show-unresolved", "--verbose", "a.py")
    assert result.out == "No findings in 3 files.\n"
    assert result.err.splitlines() == [
        "7 receivers could not be resolved",
        "     5  session",
        "     2  db",
        "    0.250 s  parse",
    ]


def test_rules_are_explained(engine: Engine, lint: Lint) -> None:
    text = lint("rule", "connection-not-closed").out
    assert text == lint("rule", "SAL101").out
    assert text.startswith("# connection-not-closed (SAL101)\n\n*error · on by default · fix: safe")
    assert "## What it does\nIt looks.\n" in text
    record = json.loads(lint("rule", "SAL403", "--output-format", "json").out)
    assert (record["code"], record["versions"]) == ("SAL403", ["2.0", "2.1"])
    everything = json.loads(lint("rule", "--all", "--output-format", "json").out)
    assert [rule["code"] for rule in everything] == ["SAL101", "SAL403"]


def test_nothing_is_coloured_or_drawn_when_piped(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((RAW,))
    result = lint("a.py")
    assert "\x1b" not in result.out + result.err
    assert "\x1b[" in lint("a.py", "--color", "always").out


def test_no_color_and_force_color(
    engine: Engine, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.outcome = Outcome((RAW,))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in lint("a.py").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lint("a.py").out


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(__file__).parent.parent / "src")
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r})\n{code}", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_asking_for_the_version_imports_nothing_heavy() -> None:
    result = python(
        "from sqla_lint.cli import invoke\n"
        "assert invoke(['--version']) == 0\n"
        "heavy = {'libcst', 'sqlalchemy', 'pathspec', 'sqlglot', 'sqla_lint.rules',\n"
        "         'sqla_lint.run', 'sqla_lint.syntax', 'asyncio', 'tomllib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        f"sqla-lint {__version__}\n",
        "",
    )


def test_a_reader_that_leaves_is_no_error() -> None:
    result = python(
        "import os\n"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "from sqla_lint.cli.console import say\n"
        "from sqla_lint.report import Paint\n"
        "say((str(n) * 100 for n in range(10_000)), Paint())\n"
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_baseline_hides_what_it_knows_and_tells_what_is_gone(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((RAW,))
    assert lint("--baseline", "known.json", "--update-baseline", "a.py").code == 0
    assert lint("--baseline", "known.json", "a.py").code == 0
    engine.outcome = Outcome(())
    result = lint("--baseline", "known.json", "a.py")
    assert (result.code, result.err.splitlines()) == (
        0,
        [
            "1 finding of known.json is gone; --update-baseline takes them out:",
            "  app/db.py: SAL403",
        ],
    )


def test_the_baseline_of_the_settings_lies_beside_them(engine: Engine, lint: Lint) -> None:
    Path("sqla-lint.toml").write_text('baseline = "known.json"\n')
    engine.outcome = Outcome((RAW,))
    assert lint("--update-baseline", "a.py").code == 0
    assert lint("a.py").code == 0


def test_a_baseline_must_be_there(engine: Engine, lint: Lint) -> None:
    result = lint("--baseline", "known.json", "a.py")
    assert result.code == 2
    assert "known.json: no such baseline; --update-baseline writes it" in result.err
    assert lint("--update-baseline", "a.py").code == 2


def test_since_an_unknown_revision(engine: Engine, lint: Lint) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    result = lint("--since", "nosuch", "a.py")
    assert result.code == 2
    assert "--since nosuch: " in result.err


def test_add_noqa_writes_comments(engine: Engine, lint: Lint) -> None:
    engine.outcome = Outcome((replace(RAW, path="a.py", span=Span(1, 1, 1, 6)),))
    result = lint("--add-noqa", "a.py")
    assert (result.code, result.err) == (0, "silenced 1 finding in 1 file\n")
    assert Path("a.py").read_text() == "x = 1  # noqa: SAL403\n"
    assert lint("--add-noqa", "--fix", "a.py").code == 2
