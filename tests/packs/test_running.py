"""What the packs say of small applications is what happens when these run under their framework.

The frameworks are in an environment of their own, built like those of the proofs by the first run.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from proofs.environments import Environment, applicable, ensure
from sqla_lint.catalog import load
from sqla_lint.project.explain import Explainer
from sqla_lint.project.link import link
from sqla_lint.run import run
from sqla_lint.settings import Settings
from sqla_lint.syntax import locate, lower

HERE = Path(__file__).parent
APPS = sorted((HERE / "running").glob("*.py"))
SAID = re.compile(r"# is: (\w+)(!?) (\w+)")
TAG = re.compile(r"""text="(\w+)"|VALUES \('(\w+)'\)|put\("(\w+)"\)""")
SECONDS = 120

FRAMEWORKS = Environment(
    "frameworks",
    ("2.0",),
    (3, 10),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "advanced-alchemy==1.12.0",
        "aiohttp==3.14.5",
        "aiosqlite",
        "alembic==1.20.1",
        "celery==5.7.0",
        "fastapi==0.165.0",
        "flask==3.1.3",
        "flask-sqlalchemy==3.1.1",
        "httpx",
        "litestar==2.25.0",
        "oslo.db==18.1.1",
        "pyramid==2.1",
        "pyramid-tm==2.6",
        "pytest",
        "setuptools<81",  # pyramid and its plug-ins ask for pkg_resources
        "sqlmodel==0.0.50",
        "webtest",
        "zope.sqlalchemy==4.1",
    ),
)
# Airflow asks for other versions than the rest, and for SQLAlchemy 1.4.
PINNED = (HERE / "airflow.txt").read_text(encoding="utf-8").splitlines()
AIRFLOW = Environment(
    "airflow", ("1.4",), (3, 10), ("--no-deps", *(line for line in PINNED if line[0] != "#"))
)
NO_AIRFLOW = (3, 13)  # the first Python that this Airflow does not run on
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not applicable(FRAMEWORKS), reason="no Python is new enough"),
]

CLASSES = {
    ("SESSION", ""): "sqlalchemy.orm.session.Session",
    ("SESSION", "!"): "sqlalchemy.ext.asyncio.session.AsyncSession",
    ("SCOPED_SESSION", ""): "sqlalchemy.orm.scoping.scoped_session",
    ("CONNECTION", ""): "sqlalchemy.engine.base.Connection",
    ("CONNECTION", "!"): "sqlalchemy.ext.asyncio.engine.AsyncConnection",
    ("ENGINE", ""): "sqlalchemy.engine.base.Engine",
    ("ENGINE", "!"): "sqlalchemy.ext.asyncio.engine.AsyncEngine",
}


def played(app: Path) -> Any:
    """What happened."""
    python = ensure(AIRFLOW if app.stem == "airflow_app" else FRAMEWORKS)
    answer = subprocess.run(
        [python, HERE / "player.py", app],
        capture_output=True,
        timeout=SECONDS,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return json.loads(answer.stdout.splitlines()[-1])


def said(app: Path) -> dict[int, set[tuple[str, str, str]]]:
    """Line → kind, mark of asyncio and owner of the receivers on it, as the linter knows them."""
    source = app.read_bytes()
    module = lower(source, str(app), app.stem, False)
    explainer = Explainer(link([module], load((2, 0))))
    found: dict[int, set[tuple[str, str, str]]] = {}
    for function in module.functions.values():
        typed = explainer.typed(module, function)
        calls = [
            (op.at, typed.on[number][i])
            for number, block in enumerate(function.blocks)
            for i, op in enumerate(block.ops)
            if op.do == "call" and op.name is not None
        ]
        spans = locate(source, {at for at, _ in calls})
        for at, kind in calls:
            mark = "!" if kind.is_async else ""
            found.setdefault(spans[at].line, set()).add((kind.name, mark, kind.owner))
    return found


def _case(app: Path) -> object:
    old = app.stem == "airflow_app" and sys.version_info >= NO_AIRFLOW
    marks = [pytest.mark.skip(reason="Airflow 2.10 needs an older Python")] if old else []
    return pytest.param(app, id=app.stem, marks=marks)


@pytest.mark.parametrize("app", [_case(app) for app in APPS])
def test_a_pack_says_what_happens(app: Path, tmp_path: Path) -> None:
    happened, known = played(app), said(app)
    lines = app.read_text(encoding="utf-8").splitlines()
    functions = [
        (n, m[1]) for n, line in enumerate(lines, 1) if (m := re.search(r"def (\w+)", line))
    ]
    for number, line in enumerate(lines, 1):
        mark = re.search(r"# is: (\w+)(!?) ?(\w*)", line)
        if mark is None:
            continue
        kind, is_async, owner = mark[1], mark[2], mark[3]
        here = {one for one in known[number] if one[:2] == (kind, is_async)}
        assert any(owner in ("", one[2]) for one in here), (number, line, known[number])
        objects = [
            one
            for one in happened["seen"][str(number)]
            if CLASSES[kind, is_async] in one["classes"]
        ]
        assert objects, (number, line, happened["seen"][str(number)])
        inside = [name for at, name in functions if at <= number][-1]
        for one in objects:
            if owner == "local" and not is_async:  # `async with` closes in a task of its own
                assert inside in one["closed by"], (number, line, one)
            elif owner not in ("", "joined"):
                assert one["closed by"], (number, line)
    written = {
        tag for line in lines for found in TAG.finditer(line) for tag in found.groups() if tag
    }
    copy = tmp_path / app.name  # beside no tests: it is no test itself
    copy.write_text(app.read_text(encoding="utf-8"), encoding="utf-8")
    settings = Settings(target_version="2.0", preview=True, root=tmp_path)
    lost = {
        tag
        for finding in run([copy], settings).findings
        if finding.code == "SAL201" and finding.span
        for found in TAG.finditer(lines[finding.span.line - 1])
        for tag in found.groups()
        if tag
    }
    assert lost == written - set(happened["rows"]), happened["rows"]
