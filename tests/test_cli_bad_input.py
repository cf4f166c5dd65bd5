"""Bad input through the real program: one clear message, the rest goes on, no byte is lost."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A finding with a safe fix, and the same mended.
RAW = b"""\
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def names():
    with engine.connect() as conn:
        return list(conn.execute("select name from users"))
"""
MENDED = RAW.replace(b'"select name from users"', b'text("select name from users")')


class Ran:
    """What the program answered."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8").replace("\r\n", "\n")
        self.err = done.stderr.decode("utf-8").replace("\r\n", "\n")
        assert "Traceback" not in self.out + self.err

    @property
    def places(self) -> list[tuple[str, int, int]]:
        return [
            (record["code"], record["location"]["row"], record["location"]["column"])
            for record in json.loads(self.out)
        ]


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}


def lint(folder: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return Ran(
        subprocess.run(
            [sys.executable, "-m", "sqla_lint", *arguments],
            cwd=folder,
            env=environment(),
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
    )


def report(folder: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return lint(folder, "--output-format", "json", *arguments, stdin=stdin)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "raw.py").write_bytes(RAW)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"import sqlalchemy\nx = '\xff'\n", "error: bad.py:2: "),
        (b"# coding: klingon\nimport sqlalchemy\n", "error: bad.py:1: unknown encoding"),
        (b"import sqlalchemy\n\nx = (1,\n", "error: bad.py:"),
        (b"import sqlalchemy\nif 1:\nx = 1\n", "error: bad.py:3: "),
        (b"import sqlalchemy\nx = '\x00'\n", "error: bad.py:2: "),
        (b"import sqlalchemy\nprint 'x'\n", "error: bad.py:2: "),
    ],
    ids=["undecodable", "encoding", "unclosed", "indentation", "null byte", "python 2"],
)
def test_a_file_that_is_no_python_is_told_and_the_rest_is_linted(
    project: Path, content: bytes, message: str
) -> None:
    (project / "bad.py").write_bytes(content)
    ran = report(project, ".")
    assert ran.code == 2
    (unread,) = (place for place in ran.places if place[0] == "SAL003")
    assert f"bad.py:{unread[1]}:" in ran.err or unread[1] == 1
    assert [place for place in ran.places if place != unread] == [("SAL403", 8, 34)]
    assert ran.err.startswith(message)
    assert ran.err.count("\n") == 1
    assert (project / "bad.py").read_bytes() == content


def test_what_only_python_itself_can_parse_is_said_to_be_so(project: Path) -> None:
    (project / "bad.py").write_text("import sqlalchemy\nif sqlalchemy:\n    \\\n  y = 2\n")
    ran = report(project, ".")
    assert ran.code == 2
    assert "bad.py:4: libcst cannot parse what Python can: expected INDENT" in ran.err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf", lambda text: text),
        (b"", lambda text: text.replace(b"\n", b"\r\n")),
        (b"\xef\xbb\xbf", lambda text: text.replace(b"\n", b"\r\n")),
        (b"", lambda text: text.replace(b"\n\n\n", b"\n\x0c\n\n")),
        (b"", lambda text: text.removesuffix(b"\n")),
        (b"# coding: latin-1\n# caf\xe9\n", lambda text: text),
    ],
    ids=["bom", "crlf", "bom and crlf", "form feed", "no newline at the end", "latin-1"],
)
def test_odd_bytes_are_read_and_kept(project: Path, before: bytes, after: object) -> None:
    assert callable(after)
    file = project / "raw.py"
    file.write_bytes(before + after(RAW))
    row = 8 + before.count(b"\n")
    assert report(project, ".").places == [("SAL403", row, 34)]
    fixed = lint(project, "--fix", ".")
    assert (fixed.code, fixed.err) == (0, "")
    assert file.read_bytes() == before + after(MENDED)


def test_an_empty_file_is_clean(tmp_path: Path) -> None:
    for name, content in (
        ("a.py", b""),
        ("b.py", b"\n"),
        ("c.py", b"\xef\xbb\xbf"),
        ("d.py", b"#"),
    ):
        (tmp_path / name).write_bytes(content)
    ran = lint(tmp_path, ".")
    assert (ran.code, ran.out, ran.err) == (0, "No findings in 4 files.\n", "")


def test_a_missing_path_is_told_and_the_rest_is_linted(project: Path) -> None:
    ran = report(project, "nowhere.py", "raw.py")
    assert (ran.code, len(ran.places)) == (2, 1)
    assert ran.err == "error: nowhere.py: no such file or folder\n"


def test_a_folder_without_python_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("x")
    ran = lint(tmp_path, ".")
    assert (ran.code, ran.out) == (0, "No findings in 0 files.\n")
    assert ran.err == "warning: .: no Python files found in this folder\n"


def test_a_broken_pyproject_is_told_with_its_line(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.sqla-lint]\nselect = [\n'SAL1'\nignore = 3\n")
    ran = lint(project, ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: pyproject.toml:4: is not valid TOML: ")


def test_an_unknown_code_is_told(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.sqla-lint]\n\nselect = ["enginexecute"]\n')
    ran = lint(project, ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: pyproject.toml:3: unknown rule `enginexecute`;"
        " did you mean `engine-execute`? (in `select`)\n"
    )
    told = lint(project, "--select", "enginexecute", ".").err
    assert "did you mean `engine-execute`" in told


def test_a_read_only_file_is_not_written(project: Path) -> None:
    file = project / "raw.py"
    file.chmod(stat.S_IRUSR)
    (project / "other.py").write_bytes(RAW)
    ran = report(project, "--fix", ".")
    assert ran.code == 2
    assert ran.places == [("SAL403", 8, 34)]
    assert ran.err == "error: raw.py: is read-only, so it was not written\n"
    assert file.read_bytes() == RAW
    assert (project / "other.py").read_bytes() == MENDED


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean little there")
@pytest.mark.parametrize("output_format", ["json", "json-lines", "github", "gitlab", "junit"])
def test_programs_are_told_once_of_a_file_that_is_no_python(
    project: Path, output_format: str
) -> None:
    (project / "bad.py").write_bytes(b"import sqlalchemy\n\nx = (1,\n")
    ran = lint(project, "--output-format", output_format, ".")
    assert ran.code == 2
    told = [line for line in ran.out.splitlines() if "SAL003" in line]
    assert told, ran.out
    assert ran.out.count("parser") + ran.out.count("was never closed") <= 2, ran.out
    quiet = lint(project, "--output-format", output_format, "--ignore", "SAL003", ".")
    assert (quiet.code, "SAL003" in quiet.out) == (2, False)
    assert "bad.py:" in quiet.err


def test_sarif_tells_a_file_that_is_no_python_in_both_places(project: Path) -> None:
    (project / "bad.py").write_bytes(b"import sqlalchemy\n\nx = (1,\n")
    ran = lint(project, "--output-format", "sarif", ".")
    (run,) = json.loads(ran.out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["SAL003", "SAL403"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] >= 3
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 1


@pytest.mark.parametrize(
    "content",
    [
        "from {{ package }} import models\nimport sqlalchemy\n",
        "import sqlalchemy\n{% if users %}\nclass User: ...\n{% endif %}\n",
        "import sqlalchemy\nclass User:\n    x = 1\n\n{{MORE}}\n\n    y = 2\n",
    ],
)
def test_a_template_is_left_out(project: Path, content: str) -> None:
    (project / "bad.py").write_text(content)
    first, again = report(project, "."), report(project, ".")
    assert [place[0] for place in first.places] == ["SAL403"]
    assert "warning: bad.py:" in first.err
    assert "other files are made from it" in first.err
    assert (first.code, first.places) == (again.code, again.places)
    assert (first.code, first.err) == (1, again.err)


def test_an_unreadable_file_is_told(project: Path) -> None:
    (project / "gone.py").symlink_to(project / "nowhere.py")
    ran = report(project, "gone.py", "raw.py")
    assert (ran.code, len(ran.places)) == (2, 1)
    assert ran.err == "error: gone.py: is a link to nowhere\n"


@pytest.mark.slow
def test_a_long_file_is_linted(tmp_path: Path) -> None:
    rows = b"".join(b'    ("%06d", "%s"),\n' % (n, b"x" * 190) for n in range(25_000))
    data = RAW + b"\nROWS = [\n" + rows + b"]\n"
    assert len(data) > 5_000_000
    (tmp_path / "long.py").write_bytes(data)
    ran = report(tmp_path, ".")
    assert (ran.code, ran.places, ran.err) == (1, [("SAL403", 8, 34)], "")


def test_deep_nesting_is_told_or_linted(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_bytes(RAW + b"x = " + b"(" * 3_000 + b")" * 3_000 + b"\n")
    ran = report(tmp_path, ".")
    assert ran.code in (1, 2)
    assert len(ran.err) < 300


def test_the_edits_of_a_fix_are_those_that_fix_makes(project: Path) -> None:
    (record,) = json.loads(report(project, ".").out)
    lines = RAW.decode().splitlines(keepends=True)
    for edit in reversed(record["fix"]["edits"]):
        start, end = edit["location"], edit["end_location"]
        assert start["row"] == end["row"]
        line = lines[start["row"] - 1]
        line = line[: start["column"] - 1] + edit["content"] + line[end["column"] - 1 :]
        lines[start["row"] - 1] = line
    assert "".join(lines) == MENDED.decode()


def test_star_imports_are_read(project: Path) -> None:
    (project / "raw.py").write_bytes(RAW.replace(b"import create_engine, text", b"import *"))
    ran = report(project, ".")
    assert (ran.code, ran.places, ran.err) == (1, [("SAL403", 8, 34)], "")


def test_standard_input_is_linted(tmp_path: Path) -> None:
    ran = report(tmp_path, "-", "--stdin-filename", "app/raw.py", stdin=RAW)
    assert (ran.code, ran.places) == (1, [("SAL403", 8, 34)])
    assert json.loads(ran.out)[0]["filename"] == "app/raw.py"
    ran = lint(tmp_path, "-", stdin=b"import sqlalchemy\nx = (\n")
    assert ran.code == 2
    assert ran.err.startswith("error: <stdin>:")


def test_an_excluded_file_on_standard_input_is_handed_back(project: Path) -> None:
    ran = lint(
        project, "--fix", "--force-exclude", "--exclude", "a.py", "--stdin-filename", "a.py", "-",
        stdin=RAW,
    )  # fmt: skip
    assert (ran.code, ran.out.encode()) == (0, RAW)


def test_a_terminal_that_knows_only_ascii_gets_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "número.py").write_bytes(RAW.replace(b"names", "имена".encode()))
    done = subprocess.run(
        [sys.executable, "-m", "sqla_lint", "."],
        cwd=tmp_path,
        env=environment() | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"n\\xfamero.py:8:34" in done.stdout
    assert done.stderr == b""


def test_standard_input_is_fixed_to_standard_output(tmp_path: Path) -> None:
    crlf = b"\xef\xbb\xbf" + RAW.replace(b"\n", b"\r\n")
    done = subprocess.run(
        [sys.executable, "-m", "sqla_lint", "-", "--fix"],
        cwd=tmp_path,
        env=environment(),
        input=crlf,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout == b"\xef\xbb\xbf" + MENDED.replace(b"\n", b"\r\n")
    assert b"Fixed 1 finding." in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"m{number}.py").write_bytes(RAW * 40)
    # a process group of its own, as a terminal has: its workers get the signal, too
    process = subprocess.Popen(
        [sys.executable, "-m", "sqla_lint", "."],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # a shell's background jobs ignore it, and so would all that they start
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.decode()) == (130, b"", "interrupted\n")
