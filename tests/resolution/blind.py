"""A sample that is drawn and read without the linter: calls, and where each receiver comes from.

    python -m tests.resolution.blind draw --number 25 FOLDER... > sample.csv
    python -m tests.resolution.blind show sample.csv ROOT        # what a reader needs to judge
    python -m tests.resolution.blind compare sample.csv ROOT     # right, wrong, unknown

A row is package, file, line, receiver, method, access pattern, verdict. The reader fills in the
verdict: what the receiver is when the program runs (see `VERDICTS`).
"""

from __future__ import annotations

import argparse
import ast
import csv
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.resolution.receivers import STRONG, WEAK, Receiver, linked, lowered, receivers

from sqla_lint.catalog import kinds
from sqla_lint.syntax import locate

# Of a sample, the part drawn from calls that other objects than databases have, too.
WEAK_SHARE = 0.25

# What a reader says, and the kinds of the linter that agree.
VERDICTS: dict[str, frozenset[str]] = {
    "session": frozenset({kinds.SESSION, kinds.SCOPED_SESSION}),
    "connection": frozenset({kinds.CONNECTION}),
    "engine": frozenset({kinds.ENGINE}),
    "factory": frozenset({kinds.SESSION_FACTORY}),
    "result": frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS}),
    "query": frozenset({kinds.QUERY, kinds.SELECT}),
    "transaction": frozenset({kinds.TRANSACTION, kinds.SAVEPOINT}),
    "raw": frozenset({kinds.RAW_CONNECTION, kinds.CURSOR}),
    "flask": frozenset({kinds.FLASK_DB}),
    "other": frozenset(),  # no object of SQLAlchemy's
    "either": frozenset(),  # two of these by turns, or nobody can tell: not counted
}
_DATABASE = frozenset[str]().union(*VERDICTS.values())


# Distributions of one program: their modules share a namespace package, or a repository, and call
# each other.
TOGETHER: dict[str, frozenset[str]] = {
    "c2cgeoportal-geoportal": frozenset({"c2cgeoportal-commons"}),
    "dbgpt-serve": frozenset({"dbgpt"}),
    "galaxy_app-25.0.4": frozenset({"galaxy_data-25.0.4", "galaxy_web_apps-25.0.4"}),
}


class Row(NamedTuple):
    """One call."""

    package: str
    path: str
    line: int
    receiver: str
    method: str
    access: str
    verdict: str = ""


class _Scope(ast.NodeVisitor):
    """The calls of a module with how each receiver is come by."""

    def __init__(self, package: str, path: str) -> None:
        self.package, self.path = package, path
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.found: list[Row] = []

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.functions.append(node)
        self.generic_visit(node)
        self.functions.pop()

    visit_FunctionDef = _function  # noqa: N815
    visit_AsyncFunctionDef = _function  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        callee = node.func
        if isinstance(callee, ast.Attribute) and callee.attr in STRONG | WEAK:
            text = " ".join(ast.unparse(callee.value).split())
            line = callee.value.end_lineno or node.lineno
            access = self._access(callee.value)
            self.found.append(Row(self.package, self.path, line, text, callee.attr, access))

    def _access(self, of: ast.expr) -> str:
        if isinstance(of, ast.Attribute):
            root = of
            while isinstance(root, ast.Attribute):
                last, root = root, root.value  # type: ignore[assignment]
            if isinstance(root, ast.Name) and root.id in ("self", "cls"):
                return "attribute of self"
            if isinstance(root, ast.Name) and of is last and root.id == "db":
                return "attribute of a module's object"
            return "attribute of another object"
        if not isinstance(of, ast.Name):
            return "result of a call"
        for function in reversed(self.functions):
            given = function.args
            for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                if one.arg == of.id:
                    return "annotated parameter" if one.annotation else "parameter"
            for node in ast.walk(function):
                if isinstance(node, (ast.With, ast.AsyncWith)) and any(
                    _binds(i.optional_vars, of.id) for i in node.items
                ):
                    return "with"
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and any(_binds(t, of.id) for t in node.targets):
                    return "variable"
                if isinstance(node, (ast.For, ast.AsyncFor)) and _binds(node.target, of.id):
                    return "variable"
        return "name of a module"


def _binds(target: ast.expr | None, name: str) -> bool:
    return target is not None and any(
        isinstance(node, ast.Name) and node.id == name for node in ast.walk(target)
    )


def calls(folder: Path) -> Iterator[Row]:
    """Every call of a package whose method a database object has."""
    for path in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError):
            continue
        scope = _Scope(folder.name, path.relative_to(folder).as_posix())
        scope.visit(tree)
        yield from scope.found


def drawn(folder: Path, number: int, seed: int) -> list[Row]:
    """A random sample: the same one for the same files and seed."""
    found = list(calls(folder))
    dice = random.Random(f"{folder.name} {seed}")
    strong = [row for row in found if row.method in STRONG]
    weak = [row for row in found if row.method in WEAK]
    few = min(len(weak), round(number * WEAK_SHARE))
    rows = dice.sample(strong, min(len(strong), number - few)) + dice.sample(weak, few)
    return sorted(rows)


def show(row: Row, root: Path) -> str:
    """The source around a call: its function's head, where its names come from, the line itself."""
    source = (root / row.package / row.path).read_text(encoding="utf-8", errors="replace")
    lines = source.splitlines()
    told: dict[int, None] = {}
    name = row.receiver.split(".")[0].split("(")[0].split("[")[0]
    last = row.receiver.rpartition(".")[2].split("(")[0]
    inside = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.lineno <= row.line <= (node.end_lineno or 0)
    ]
    for node in inside:
        first = min([d.lineno for d in node.decorator_list] + [node.lineno])
        told.update(dict.fromkeys(range(first, min(node.body[0].lineno, first + 8))))
    start = min((n.lineno for n in inside if not isinstance(n, ast.ClassDef)), default=row.line)
    for number, line in enumerate(lines, 1):
        near = start <= number <= row.line
        words = (name, last) if name not in ("self", "cls") else (last,)
        for word in words:
            if not word.isidentifier() or word not in line:
                continue
            sets = any(f"{word}{end}" in line for end in (" =", ": ", " as", " in")) or (
                f"as {word}" in line
            )
            brings = line.startswith(("from ", "import ", "    from ")) or f"def {word}" in line
            if (near and sets) or brings or (f".{word} =" in line) or line.startswith(f"{word} ="):
                told[number] = None
    told.update(dict.fromkeys(range(max(1, row.line - 1), row.line + 2)))
    shown = [n for n in sorted(told) if 0 < n <= len(lines)]
    shown = sorted(set(shown[:14] + [n for n in shown if abs(n - row.line) <= 6]))
    return "\n".join(f"{n:>6}{'>' if n == row.line else ' '}{lines[n - 1][:130]}" for n in shown)


def read(path: Path) -> list[Row]:
    """A sample, with its verdicts."""
    with path.open(newline="", encoding="utf-8") as file:
        return [Row(*r[:2], int(r[2]), *r[3:]) for r in csv.reader(file)]  # type: ignore[arg-type]


def judged(row: Row, kind: str) -> str:
    """ "right", "wrong" or "unknown"; "silent" for an unknown that is no database object."""
    if row.verdict == "other":
        return "wrong" if kind in _DATABASE else "silent"
    if kind in VERDICTS[row.verdict]:
        return "right"
    return "wrong" if kind in _DATABASE else "unknown"


def answers(folders: list[Path]) -> dict[tuple[str, str, int, str], list[Receiver]]:
    """What the linter says of the calls of packages that are one program: by package, file, line
    and method."""
    found: dict[tuple[str, str, int, str], list[Receiver]] = defaultdict(list)
    by_file: dict[str, list[Receiver]] = defaultdict(list)
    for one in receivers(linked(folders[0], lowered(*folders))):
        by_file[one.path].append(one)
    for path, ones in by_file.items():
        spans = locate(Path(path).read_bytes(), {one.at for one in ones})
        package, _, place = (
            Path(path).resolve().relative_to(folders[0].parent.resolve()).as_posix().partition("/")
        )
        for one in ones:
            for line in range(spans[one.at].line, spans[one.at].end_line + 1):
                found[package, place, line, one.method].append(one)
    return found


def judge(rows: list[Row], root: Path) -> Iterator[tuple[Row, str, str]]:
    """Each call with the answer to it, and the kind that was given."""
    for package in sorted({row.package for row in rows} - set().union(*TOGETHER.values())):
        parts = [package, *sorted(TOGETHER.get(package, ()))]
        known = answers([root / part for part in parts])
        for row in rows:
            if row.package not in parts or row.verdict == "either":
                continue
            names = {
                one.kind.name
                for one in known.get((row.package, row.path, row.line, row.method), ())
            }
            name = names.pop() if len(names) == 1 else max(names & _DATABASE, default="")
            yield row, judged(row, name), name


def compare(rows: list[Row], root: Path) -> None:
    """Print a table per package and per access pattern, and every answer that is not right."""
    packages: dict[str, Counter[str]] = defaultdict(Counter)
    patterns: dict[str, Counter[str]] = defaultdict(Counter)
    for row, answer, name in judge(rows, root):
        packages[row.package][answer] += 1
        patterns[row.access][answer] += 1
        if answer in ("wrong", "unknown"):
            where = f"{row.package}/{row.path}:{row.line}"
            print(f"{answer:8} {row.verdict:11} {name:15} {row.receiver}.{row.method} {where}")
    for table in (packages, patterns):
        print()
        for name, counts in sorted(table.items()):
            numbers = "  ".join(
                f"{a} {counts[a]:>3}" for a in ("right", "wrong", "unknown", "silent")
            )
            print(f"{name:36} {numbers}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.resolution.blind", description=__doc__)
    parser.add_argument("what", choices=["draw", "show", "compare"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--number", type=int, default=25, help="calls per package")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    if wishes.what == "draw":
        out = csv.writer(sys.stdout, lineterminator="\n")
        for folder in wishes.paths:
            out.writerows(drawn(folder, wishes.number, wishes.seed))
        return
    sample, root = wishes.paths
    rows = read(sample)
    if wishes.what == "compare":
        compare(rows, root)
        return
    for number, row in enumerate(rows):
        print(f"#{number} {row.package}/{row.path} {row.receiver}.{row.method}()")
        print(show(row, root))


if __name__ == "__main__":
    main()
