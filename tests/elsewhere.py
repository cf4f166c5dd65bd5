"""The same program in other shapes: its sources behind other modules, a dependency or ``self``.

A transformation gives the files of a program, or None when it does not apply. Marks of findings are
comments and travel with their lines, so that the files say themselves what is to be found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

MARK = re.compile(r"#\s*(?:expect|missed|false):")
FUTURE = "from __future__ import annotations"

Files = dict[str, str]


class Head(NamedTuple):
    """The beginning of a program: its imports, sources and models, before the first function."""

    lines: list[str]
    first: int  # how many lines hold the first half of it
    end: int  # and how many all of it
    names: list[str]  # that it binds


def bound(source: str) -> list[str]:
    """The names a module binds."""
    names: dict[str, None] = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                names[(alias.asname or alias.name).split(".")[0]] = None
        elif isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names[statement.name] = None
        else:
            nodes = list(ast.walk(statement))
            inner = [node.target for node in nodes if isinstance(node, ast.comprehension)]
            own = {id(node) for target in inner for node in ast.walk(target)}
            for node in nodes:  # a comprehension keeps its names to itself
                is_bound = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                if is_bound and id(node) not in own:
                    names[node.id] = None
    return [name for name in names if name not in ("annotations", "*")]


def head(source: str) -> Head | None:
    """The head of a program; None when it makes nothing that a database is reached by."""
    made: list[ast.stmt] = []
    end = 0
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ClassDef):
            if any(isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) for n in statement.body):
                break
        elif not isinstance(
            statement, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)
        ):
            break
        end = statement.end_lineno or 0
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.ClassDef)):
            made.append(statement)
    lines = source.splitlines(keepends=True)
    if not made or end == len(lines):
        return None
    first = made[(len(made) - 1) // 2].end_lineno or 0
    if any(
        isinstance(s, ast.ImportFrom) and s.names[0].name == "*" for s in ast.parse(source).body
    ):
        return None
    return Head(lines, first, end, bound("".join(lines[:end])))


def chained(source: str) -> Files | None:
    """Three modules: sources, what rests on them, and the program, which imports all of the second
    one."""
    cut = head(source)
    if cut is None or cut.first == cut.end:
        return None
    above = "".join(cut.lines[: cut.first])
    between = _importing("above", bound(above)) + "".join(cut.lines[cut.first : cut.end])
    below = _importing("between", cut.names) + "".join(cut.lines[cut.end :])
    return {"above.py": above, "between.py": between, "program.py": below}


def reexported(source: str) -> Files | None:
    """The sources in a package that hands them on in its ``__init__``."""
    cut = head(source)
    if cut is None:
        return None
    return {
        "store/sources.py": "".join(cut.lines[: cut.end]),
        "store/__init__.py": f"from .sources import {', '.join(cut.names)}\n",
        "program.py": _importing("store", cut.names) + "".join(cut.lines[cut.end :]),
    }


def _importing(module: str, names: list[str]) -> str:
    return f"{FUTURE}; from {module} import {', '.join(names)}\n"


class Site(NamedTuple):
    """``with SessionLocal() as session:`` in a function, over what the head of a program binds."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    statement: ast.With | ast.AsyncWith
    made: str
    name: str


def sites(source: str, cut: Head) -> Iterator[Site]:
    """The blocks whose object may come from elsewhere, one for each function of the module."""
    tree = ast.parse(source)
    for function in tree.body:
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = function.args
        if function.decorator_list or given.vararg or given.kwarg or _is_generator(function):
            continue
        for statement in ast.walk(function):
            if not isinstance(statement, (ast.With, ast.AsyncWith)) or len(statement.items) != 1:
                continue
            made, name = statement.items[0].context_expr, statement.items[0].optional_vars
            line = cut.lines[statement.lineno - 1]
            plain = statement.items[0].context_expr.end_lineno == statement.lineno
            apart = statement.body[0].lineno > statement.lineno
            if not (isinstance(made, ast.Call) and isinstance(name, ast.Name) and plain and apart):
                continue
            used = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)}
            if used <= set(cut.names) and not MARK.search(line) and _once(function, name.id):
                yield Site(function, statement, ast.unparse(made), name.id)
                break


def _is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))


def _once(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """The name is bound once in the function, and in no function inside it."""
    stores = 0
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            stores += 1
        if isinstance(node, ast.arg) and node.arg == name:
            return False
        if node is not function and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        if isinstance(node, (ast.Lambda, ast.Global, ast.Nonlocal)):
            return False
    return stores == 1


def lent(source: str) -> Files | None:
    """Sessions and connections come from dependencies of another module."""
    cut = head(source)
    if cut is None:
        return None
    lines, lenders = list(cut.lines), []
    for number, site in enumerate(sites(source, cut)):
        if _with_parameter(lines, site.function, f"{site.name}=Depends(lend_{number})"):
            _without_with(lines, site)
            at = site.function.lineno - 1
            lines[at] = f'@router.post("/{number}")\n' + lines[at]
            mark = "async " if isinstance(site.statement, ast.AsyncWith) else ""
            lenders.append(
                f"\n\n{mark}def lend_{number}():\n"
                f"    {mark}with {site.made} as lent:\n        yield lent\n"
            )
    if not lenders:
        return None
    names = [f"lend_{n}" for n in range(len(lenders) + len(cut.lines)) if _has(lenders, n)]
    below = _importing("sources", cut.names)[:-1] + f"; from lending import {', '.join(names)}"
    return {
        "sources.py": "".join(cut.lines[: cut.end]),
        "lending.py": _importing("sources", cut.names) + "".join(lenders),
        "program.py": f"{below}; from fastapi import APIRouter, Depends\n\n"
        "router = APIRouter()\n" + "".join(lines[cut.end :]),
    }


def _has(lenders: list[str], number: int) -> bool:
    return any(f"def lend_{number}(" in one for one in lenders)


def kept(source: str) -> Files | None:
    """Functions are methods of an object that another module gives its session or connection."""
    cut = head(source)
    if cut is None:
        return None
    lines, callers = list(cut.lines), []
    for site in sorted(sites(source, cut), key=lambda site: -site.function.lineno):
        function = site.function
        if _used_beside(source, function.name) or not _renamed(lines, site):
            continue
        first = "self, " if any((function.args.posonlyargs, function.args.args)) else "self"
        if function.args.kwonlyargs and first == "self":
            first = "self, "
        row = lines[function.lineno - 1]
        if f"{function.name}(" not in row:
            continue
        lines[function.lineno - 1] = row.replace(f"{function.name}(", f"{function.name}({first}", 1)
        _without_with(lines, site)
        for at in range(function.lineno - 1, function.end_lineno or 0):
            lines[at] = "    " + lines[at] if lines[at].strip() else lines[at]
        holder = f"Of{function.name.title().replace('_', '')}"
        lines[function.lineno - 1] = (
            f"class {holder}:\n    def __init__(self, kept):\n        self.kept = kept\n\n"
            + lines[function.lineno - 1]
        )
        mark = "async " if isinstance(function, ast.AsyncFunctionDef) else ""
        opens = "async " if isinstance(site.statement, ast.AsyncWith) else ""
        wait = "await " if mark else ""
        callers.append(
            f"\n\n{mark}def call_{function.name}(*args):\n    {opens}with {site.made} as lent:\n"
            f"        return {wait}{holder}(lent).{function.name}(*args)\n"
        )
    if not callers:
        return None
    holders = [match for text in callers for match in re.findall(r"(Of\w+)\(lent\)", text)]
    return {
        "sources.py": "".join(cut.lines[: cut.end]),
        "program.py": _importing("sources", cut.names) + "".join(lines[cut.end :]),
        "calling.py": _importing("sources", cut.names)[:-1]
        + f"; from program import {', '.join(holders)}\n"
        + "".join(callers),
    }


def _used_beside(source: str, name: str) -> bool:
    """Something else in the program uses a function by its name."""
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(ast.parse(source)))


def _renamed(lines: list[str], site: Site) -> bool:
    """The object is called ``self.kept`` in the function; False where that cannot be written."""
    places = []
    for node in ast.walk(site.function):
        if isinstance(node, ast.JoinedStr):
            inside = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == site.name]
            if inside:
                return False
        if isinstance(node, ast.Name) and node.id == site.name and isinstance(node.ctx, ast.Load):
            places.append((node.lineno - 1, node.col_offset))
    for line, column in sorted(places, reverse=True):
        row = lines[line]
        if not row.isascii():
            return False
        lines[line] = row[:column] + "self.kept" + row[column + len(site.name) :]
    return True


def _with_parameter(
    lines: list[str], function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str
) -> bool:
    """One more parameter, the last one."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    if not every:
        row = lines[function.lineno - 1]
        if f"{function.name}()" not in row:
            return False
        lines[function.lineno - 1] = row.replace(
            f"{function.name}()", f"{function.name}({parameter})"
        )
        return True
    ends = [*every, *[d for d in (*given.defaults, *given.kw_defaults) if d is not None]]
    line, column = max((node.end_lineno or 0, node.end_col_offset or 0) for node in ends)
    row = lines[line - 1]
    if not row.isascii():
        return False
    lines[line - 1] = f"{row[:column]}, {parameter}{row[column:]}"
    return True


def _without_with(lines: list[str], site: Site) -> None:
    at = site.statement.lineno - 1
    row = lines[at]
    lines[at] = row[: len(row) - len(row.lstrip())] + "if True:\n"
