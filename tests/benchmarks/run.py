"""Measures sqla-lint and other linters on the packages of a corpus; see the README beside it."""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PEERS = ("flake8", "flake8-sqlalchemy2", "fixit", "bandit", "pylint", "ruff", "sqlalchemy-lsp")
PARSED = re.compile(rb"sqlalchemy|sqlmodel|[sS]ession|[eE]ngine")
# Longer than this and a linter is given up on.
LIMIT = 3_600
# The corpus is copied so often, at most, to reach a number of lines.
COPIES = 20
COLD = "sqla-lint cold, 2"

PARSE = """
import re, sys, time, libcst
libcst.parse_module(b"x = 1")
sources = [open(line.rstrip("\\n"), "rb").read() for line in sys.stdin]
start = time.process_time()
for source in sources:
    try:
        libcst.parse_module(source)
    except Exception:
        pass
print(time.process_time() - start)
"""


# Stages of one run in CPU time: with one process nothing is done elsewhere.
STAGES = """
import sys, time
time.perf_counter = time.process_time
from pathlib import Path
from sqla_lint.run import run
from sqla_lint.settings import Settings
outcome = run([Path(".")], Settings(root=Path("."), jobs=1, preview=True, pedantic=True))
for stage, seconds in outcome.timings.items():
    print(stage, seconds)
"""


@dataclass(frozen=True)
class Cost:
    """Of one process and its children: seconds, seconds of CPU, megabytes."""

    wall: float
    cpu: float
    memory: float
    failed: bool = False


@dataclass
class Package:
    """A package and what was measured on it."""

    name: str
    root: Path
    files: list[Path]
    lines: int
    matching: int  # lines of the files that `parse` parses
    parse: float = 0.0
    costs: dict[str, Cost] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)


def spent(command: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.perf_counter() - start > LIMIT:
                os.killpg(process.pid, signal.SIGKILL)  # its workers write into the cache, too
                _, status, usage = os.wait4(process.pid, 0)
                break
            time.sleep(0.002)
    finally:
        process.returncode = 0
    wall = time.perf_counter() - start
    # a linter that found something exits with 1; more than 2 is a crash or a bit mask of pylint's
    failed = os.WIFSIGNALED(status)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, failed)


def median(costs: Sequence[Cost]) -> Cost:
    """Each figure's median."""
    return Cost(
        statistics.median(c.wall for c in costs),
        statistics.median(c.cpu for c in costs),
        max(c.memory for c in costs),
        any(c.failed for c in costs),
    )


Grown = tuple[int, int, Cost]  # lines, those in files that may matter, a cold run


class Bench:
    """The measurements of one run of the benchmark."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.repeat: int = options.repeat
        self.only: list[str] = options.only
        self.semgrep: Path | None = options.semgrep
        self.semgrep_command: str = options.semgrep_command
        self.peers: Path = options.peers
        self.ours = [sys.executable, "-m", "sqla_lint"]

    def wanted(self, name: str) -> bool:
        return not self.only or any(name.startswith(one) for one in self.only)

    def measure(self, package: Package) -> None:
        self._parse(package)
        if self.wanted("sqla-lint"):
            self._ours(package)
        for name, command, before in self._others():
            if self.wanted(name):
                self._note(package, name, command, before, repeat=min(self.repeat, 3))

    def measure_growth(self, package: Package) -> None:
        """One run over all of it."""
        print(f"{package.lines:,} lines", flush=True)
        run = [*self.ours, "check", "--quiet", "--exit-zero", "--preview", "--pedantic"]
        self._note(package, COLD, [*run, "-j", "2", "."], forget, repeat=1)

    def _note(
        self,
        package: Package,
        name: str,
        command: Sequence[str],
        before: Callable[[Path], None] = lambda root: None,
        repeat: int = 0,
    ) -> None:
        costs = []
        for _ in range(repeat or self.repeat):
            before(package.root)
            costs.append(spent(command, package.root))
            if costs[-1].wall > 120:  # one long run says enough
                break
        package.costs[name] = median(costs)
        cost = package.costs[name]
        print(
            f"  {name:<28} {cost.wall:8.2f} s {cost.cpu:8.2f} s CPU {cost.memory:7.0f} MB"
            f"{'  FAILED' if cost.failed else ''}",
            flush=True,
        )

    def _parse(self, package: Package) -> None:
        paths = [str(f) for f in package.files if PARSED.search(f.read_bytes())]
        took = []
        for _ in range(self.repeat):
            done = subprocess.run(
                [sys.executable, "-c", PARSE],
                input="\n".join(paths),
                capture_output=True,
                text=True,
                check=True,
            )
            took.append(float(done.stdout))
        package.parse = statistics.median(took)
        print(f"  {'parse':<28} {'':8}   {package.parse:8.2f} s CPU", flush=True)

    def _ours(self, package: Package) -> None:
        run = [*self.ours, "check", "--quiet", "--exit-zero", "--preview", "--pedantic", "."]
        leaf, hub = ends(package)
        self._note(package, "sqla-lint --version", [*self.ours, "--version"])
        for jobs in ("1", "2"):
            self._note(package, f"sqla-lint cold, {jobs}", [*run, "-j", jobs], forget)
        self._note(package, "sqla-lint no cache, 2", [*run, "-j", "2", "--no-cache"])
        forget(package.root)
        for _ in range(2):
            spent(run, package.root)
        self._note(package, "sqla-lint cached", run)
        for name, file in (("leaf", leaf), ("hub", hub)):
            original = file.read_bytes()
            for what, text in (("a comment", "\n# edit {}\n"), ("code", "\nedited_{} = 1\n")):
                numbers = iter(range(1_000))

                def edit(
                    root: Path,
                    file: Path = file,
                    original: bytes = original,
                    text: str = text,
                    numbers: Iterator[int] = numbers,
                ) -> None:
                    file.write_bytes(original + text.format(next(numbers)).encode())

                self._note(package, f"sqla-lint {name} edited, {what}", run, edit)
                file.write_bytes(original)
                spent(run, package.root)
        alone = [*self.ours, "check", "--quiet", "--exit-zero", "--no-cache", str(leaf)]
        self._note(package, "sqla-lint one file", alone)
        done = subprocess.run(
            [sys.executable, "-c", STAGES],
            cwd=package.root,
            capture_output=True,
            text=True,
            check=True,
        )
        package.stages = {
            stage: float(seconds) for stage, seconds in map(str.split, done.stdout.splitlines())
        }

    def _others(self) -> list[tuple[str, list[str], Callable[[Path], None]]]:
        there = self.peers / "bin"

        def nothing(root: Path) -> None:
            pass

        found: list[tuple[str, list[str], Callable[[Path], None]]] = [
            ("flake8", [str(there / "flake8"), "-j", "2", "."], nothing),
            (
                "flake8 plugin alone",
                [str(there / "flake8"), "-j", "2", "--select", "SQA", "."],
                nothing,
            ),
            ("fixit", [str(there / "fixit"), "lint", "."], nothing),
            ("bandit", [str(there / "bandit"), "-q", "-r", "."], nothing),
            ("pylint", [str(there / "pylint"), "-j", "2", "--recursive=y", "."], nothing),
            ("ruff cold", [str(there / "ruff"), "check", "--no-cache", "--isolated", "."], nothing),
            ("ruff cached", [str(there / "ruff"), "check", "--isolated", "."], nothing),
            (
                "sqlalchemy-lsp",
                [str(there / "sqlalchemy-lsp"), "check", "--select", "all", "--exit-zero", "."],
                nothing,
            ),
        ]
        if self.semgrep is not None:
            command = [self.semgrep_command, "scan", "--quiet", "--metrics=off", "--config"]
            found.append(("semgrep", [*command, str(self.semgrep.absolute()), "."], nothing))
        return found


def forget(root: Path) -> None:
    """Take the cache away."""
    shutil.rmtree(root / ".sqla_lint_cache", ignore_errors=True)


def ends(package: Package) -> tuple[Path, Path]:
    """A file of SQLAlchemy's that no other file imports, and the one that most import."""
    sources = {file: file.read_bytes() for file in package.files}
    imported: Counter[str] = Counter()
    for source in sources.values():
        imported.update(
            {
                m[1].decode()
                for m in re.finditer(rb"^\s*(?:from|import)\s+[\w.]*?(\w+)\s", source, re.M)
            }
        )
    ours = [
        f for f, s in sources.items() if (b"sqlalchemy" in s or b"sqlmodel" in s) and is_python(s)
    ]
    ours = ours or package.files
    ranked = sorted(ours, key=lambda f: (imported[f.stem], -f.stat().st_size, str(f)))
    middle = [f for f in ranked if imported[f.stem] == imported[ranked[0].stem]]
    middle.sort(key=lambda f: f.stat().st_size)
    return middle[len(middle) // 2], ranked[-1]


def is_python(source: bytes) -> bool:
    """Whether this Python can parse it."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def copied(source: Path, target: Path) -> Package:
    """A package in a folder of its own, as the root of a project."""
    ignored = shutil.ignore_patterns(".git", "__pycache__", ".sqla_lint_cache")
    shutil.copytree(source, target, ignore=ignored)
    return described(source.name, target)


def described(name: str, target: Path) -> Package:
    """A folder that is there."""
    (target / "pyproject.toml").touch()
    files = sorted(target.rglob("*.py"))
    lines = {file: file.read_bytes().count(b"\n") for file in files}
    matching = sum(n for file, n in lines.items() if PARSED.search(file.read_bytes()))
    return Package(name, target, files, sum(lines.values()), matching)


def grown(source: Path, target: Path, lines: int) -> Package:
    """About so many lines: packages of the corpus, the small ones first, and copies of them."""
    target.mkdir()
    sizes = {
        package: sum(file.read_bytes().count(b"\n") for file in package.rglob("*.py"))
        for package in source.iterdir()
        if package.is_dir() and not package.name.startswith(".")
    }
    done = number = 0
    while done < lines and any(sizes.values()):
        for package in sorted(sizes, key=lambda one: (sizes[one], one.name)):
            if sizes[package] and (not done or done + sizes[package] <= lines * 1.1):
                ignored = shutil.ignore_patterns(".*", "__pycache__")
                shutil.copytree(package, target / f"{package.name}_{number}", ignore=ignored)
                done += sizes[package]
        number += 1
        if number > COPIES:
            break
    return described(f"{lines:,}", target)


def prepare(peers: Path) -> None:
    """The other linters, in an environment of their own."""
    if not (peers / "bin").exists():
        venv.create(peers, with_pip=True)
        subprocess.run([peers / "bin" / "pip", "install", "-q", *PEERS], check=True)


def table(packages: Sequence[Package], growth: Sequence[Grown], busy: bool) -> str:
    """What was measured, as Markdown."""
    out = [
        "# Benchmark",
        "",
        "Made by `tests/benchmarks/run.py`; its README says what is measured and how. Medians of",
        f"one run on {os.cpu_count()} processors, Python {sys.version.split()[0]}. CPU time is",
        "that of a process and all its children; *CPU/parse* tells it as a multiple of one libcst",
        "parse of the files that may matter, *CPU/ours* as one of sqla-lint, cold, with two",
        "processes. MB is the largest resident size of any one process.",
        "",
    ]
    if busy:
        out += [
            "The machine was busy with other work: wall times are left out.",
            "",
        ]
    for package in packages:
        share = package.matching / package.lines
        out += [
            f"## {package.name}",
            "",
            f"{package.lines:,} lines, {share:.0%} of them in files that may matter;"
            f" one parse of those: {package.parse:.2f} s.",
            "",
            "| what | wall s | CPU s | CPU/parse | CPU/ours | MB |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        ours = package.costs.get("sqla-lint cold, 2")
        for name, cost in package.costs.items():
            times = f"{cost.cpu / ours.cpu:.2f}" if ours else ""
            wall = "" if busy else f"{cost.wall:.2f}"
            out.append(
                f"| {name}{' (failed)' if cost.failed else ''} | {wall} | {cost.cpu:.2f}"
                f" | {cost.cpu / package.parse:.2f} | {times} | {cost.memory:.0f} |"
            )
        out.append("")
        if package.stages:
            stages = ", ".join(f"{name} {value:.2f}" for name, value in package.stages.items())
            out += [f"Stages, one process, no cache, CPU seconds: {stages}.", ""]
    if growth:
        out += [
            "## Growth",
            "",
            "| lines | in files that may matter | CPU s | CPU ms per 1,000 of these | MB |",
            "| ---: | ---: | ---: | ---: | ---: |",
        ]
        for lines, matching, cost in growth:
            each = 1e6 * cost.cpu / max(1, matching)
            out.append(
                f"| {lines:,} | {matching:,} | {cost.cpu:.1f} | {each:.0f} | {cost.memory:.0f} |"
            )
        out.append("")
    out += ["![CPU time of each linter](benchmark.svg)", ""]
    return "\n".join(out)


def plot(package: Package) -> str:
    """CPU times of one package as bars."""
    rows = [("one libcst parse", package.parse)]
    rows += [(name, cost.cpu) for name, cost in package.costs.items()]
    longest = max(cpu for _, cpu in rows)
    height = 24 * len(rows) + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<text x="8" y="20">{package.name}: {package.lines:,} lines, CPU seconds</text>',
    ]
    for number, (name, cpu) in enumerate(rows):
        y = 32 + 24 * number
        width = max(1, 420 * cpu / longest)
        colour = "#3b6ea5" if name.startswith("sqla-lint") else "#b8b8b8"
        out.append(f'<text x="8" y="{y + 14}">{name}</text>')
        out.append(f'<rect x="200" y="{y}" width="{width:.0f}" height="18" fill="{colour}"/>')
        out.append(f'<text x="{206 + width:.0f}" y="{y + 14}">{cpu:.2f}</text>')
    return "\n".join((*out, "</svg>", ""))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "lint-peers")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--semgrep", type=Path)
    parser.add_argument("--semgrep-command", default="semgrep")
    parser.add_argument("--growth", type=int, action="append", default=[])
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if not options.corpus.is_dir():
        parser.error(f"there is no folder {options.corpus}")
    if not options.only or any(not name.startswith("sqla-lint") for name in options.only):
        prepare(options.peers)
    bench = Bench(options)
    packages = []
    growth: list[Grown] = []
    busy = os.getloadavg()[0] > (os.cpu_count() or 1) / 2
    with tempfile.TemporaryDirectory() as temporary:
        # deep enough that nothing above a package changes while others use the same disk
        work = Path(temporary) / "in" / "here" / "work"
        work.mkdir(parents=True)
        for lines in options.growth:
            package = grown(options.corpus, work / "grown", lines)
            bench.measure_growth(package)
            growth.append((package.lines, package.matching, package.costs[COLD]))
            shutil.rmtree(package.root)
        for name in options.package or ([] if options.growth else ["."]):
            package = copied(options.corpus / name, work / (name if name != "." else "all"))
            print(f"{package.name}: {package.lines:,} lines", flush=True)
            bench.measure(package)
            packages.append(package)
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        (options.write / "benchmark.md").write_text(table(packages, growth, busy), encoding="utf-8")
        if packages:
            (options.write / "benchmark.svg").write_text(plot(packages[0]), encoding="utf-8")


if __name__ == "__main__":
    main()
