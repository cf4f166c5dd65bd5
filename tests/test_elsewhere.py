"""Findings stay when what a program's sessions come from lies elsewhere.

In a module that only hands it on, in a dependency, on ``self``. The quick suite takes a part of all
programs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import elsewhere
from sqla_lint.run import run
from test_fixtures import BAD, named, read, settings, told, wanted

# Of so many programs one is linted in the quick suite.
QUICK = 12

NOT_CALLED = "another module uses what stands beside it, and nothing calls it: it is for pedants"

# Rules, and programs of rules, that find something else, or nothing, in the other program. They are
# right to.
MOVED: dict[str, dict[str, str]] = {
    "chained": {
        "SAL610": "reports the later of two relationships: which that is depends on the modules",
        "SAL201/bad_migration_changes.py": "SAL704 says more where the file imports no alembic",
    },
    "reexported": {
        "SAL106/bad_unfilled.py": "a dictionary that modules import may be filled by any of them",
        "SAL201/bad_migration_changes.py": "SAL704 says more where the file imports no alembic",
        "SAL311": "is said where the URL is used: the module that holds it uses no database",
        "SAL401/bad_handed.py": "a package whose `__init__` fails to import cannot be loaded",
        "SAL616": "its names are imported for type checkers only, which an import would undo",
        "SAL623": "the variable of `env.py` is alembic's, not that of another module",
    },
    "lent": {
        "SAL107": "the session is open until the response is sent",
        "SAL108": "the session is open until the response is sent",
        "SAL111": "is about a pool of processes, no session",
        "SAL116": "asks for a session that the function opens itself",
        "SAL117": "the session is open until the response is sent",
        "SAL201/bad_environment.py": "SAL106 says, too, that each request makes an engine",
        "SAL201/bad_guarded.py": "whoever lends the session may commit",
        "SAL201/bad_migration.py": "a migration has no dependencies",
        "SAL201/bad_migration_changes.py": "a migration has no dependencies",
        "SAL201/bad_told.py": "SAL112 says, too, that its callers leave the connection out",
        "SAL201/bad_stack.py": "the stack is somebody else's, who may live longer",
        "SAL204": "nothing is committed at all: SAL201 says it",
        "SAL206": "the block that commits is the dependency's",
        "SAL207": "the block that begins is the dependency's",
        "SAL213": "a connection that others end may be in no transaction",
        "SAL216": "asks for a session that the function opens itself",
        "SAL222": "the session that loaded it is open until the response is sent",
        "SAL401/bad_wrapper.py": "SAL112 says, too, that its callers leave the connection out",
        "SAL519/bad_statements.py": "SAL112 says, too, that its callers leave the session out",
        "SAL603/bad_handed.py": "the block that begins is the dependency's",
        "SAL803/bad_unfixable_merged.py": "SAL112 says, too, that its callers leave it out",
        "SAL806": "calls a function by its name, which serves requests now",
        "SAL910": "the connection of a dependency may be committed by the caller",
    },
    "kept": {
        "SAL107": "whoever made the object closes the session",
        "SAL108": "whoever made the object closes the session",
        "SAL111": "is about a pool of processes, no session",
        "SAL113": "whoever made the object ends the session",
        "SAL115": "a session that outlives an error gets SAL202 as well",
        "SAL116": "asks for a session that the function opens itself",
        "SAL117": "whoever made the object closes the session",
        "SAL201": "whoever made the object may commit",
        "SAL203/bad_asked.py": NOT_CALLED,
        "SAL204": "whoever made the object may commit",
        "SAL206": "the block that commits is the caller's",
        "SAL207": "the block that begins is the caller's",
        "SAL212": "tells the caller that sees the option, too",
        "SAL213": "whoever made the object may have committed before",
        "SAL214/bad.py": NOT_CALLED,
        "SAL216": "asks for a session that the function opens itself",
        "SAL312/bad_thread_target.py": NOT_CALLED,
        "SAL519/bad_block.py": "the block that commits is the caller's",
        "SAL519/bad_statements.py": "the block that commits is the caller's",
        "SAL603/bad_handed.py": "the block that begins is the caller's",
        "SAL910": "whoever made the object may commit",
    },
}


def _cases() -> list[object]:
    found = []
    for name in MOVED:
        transform: Callable[[str], elsewhere.Files | None] = getattr(elsewhere, name)
        number = 0
        for path in BAD:
            code = path.parent.name[:6]
            if {code, f"{code}/{path.name}"} & MOVED[name].keys() or transform(read(path)) is None:
                continue
            number += 1
            marks = () if number % QUICK == 1 else (pytest.mark.slow,)
            found.append(pytest.param(name, path, id=f"{name}-{named(path)}", marks=marks))
    return found


@pytest.mark.parametrize(("shape", "path"), _cases())
def test_findings_stay(shape: str, path: Path, tmp_path: Path) -> None:
    files = getattr(elsewhere, shape)(read(path))
    for name, source in files.items():
        compile(source, name, "exec")
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    outcome = run([tmp_path / name for name in files], settings(read(path), tmp_path))
    assert not outcome.problems, outcome.problems
    found = [
        (Path(f.path).relative_to(tmp_path).as_posix(), f.span.line, f.code)
        for f in outcome.findings
        if f.span
    ]
    awaited = [(name, *mark) for name, source in files.items() for mark in wanted(source)]
    assert sorted(found) == sorted(awaited), told(outcome.findings)


def test_each_shape_applies_to_many_programs() -> None:
    numbers = {
        name: sum(getattr(elsewhere, name)(read(path)) is not None for path in BAD)
        for name in MOVED
    }
    assert numbers["chained"] > 150
    assert numbers["reexported"] > 150
    assert numbers["lent"] > 30
    assert numbers["kept"] > 30
