"""Small applications of each framework: what the packs say of the receivers of their calls.

A comment says it: ``# is: SESSION managed`` (kind, ``!`` for asyncio, owner when it matters), and
``# is: nothing`` where nothing may be known as a database object.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqla_lint.catalog import load
from sqla_lint.project.explain import Explainer
from sqla_lint.project.link import link
from sqla_lint.project.linked import DATABASE_KINDS
from sqla_lint.run import run
from sqla_lint.settings import Settings
from sqla_lint.syntax import locate, lower

APPS = sorted((Path(__file__).parent / "apps").glob("*.py"))
SAID = re.compile(r"# is: (\w+)(!?) ?(\w*)")


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.stem)
def test_receivers_are_known(path: Path) -> None:
    source = path.read_bytes()
    module = lower(source, str(path), path.stem, False)
    explainer = Explainer(link([module], load((2, 0))))
    calls = [
        (op.at, typed.on[number][i], op.name)
        for function in module.functions.values()
        for typed in [explainer.typed(module, function)]
        for number, block in enumerate(function.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "call" and op.name is not None
    ]
    spans = locate(source, {at for at, _, _ in calls})
    wrong = []
    for line, text in enumerate(source.decode().splitlines(), 1):
        said = SAID.search(text)
        if said is None:
            continue
        here = [kind for at, kind, _ in calls if spans[at].line == line]
        if said[1] == "nothing":
            if any(kind.name in DATABASE_KINDS for kind in here):
                wrong.append((line, text.strip(), here))
        elif not any(
            (kind.name, kind.is_async) == (said[1], bool(said[2])) and said[3] in ("", kind.owner)
            for kind in here
        ):
            wrong.append((line, text.strip(), here))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_route_that_imports_nothing_of_a_database_is_read(tmp_path: Path) -> None:
    (tmp_path / "middleware.py").write_text(
        "from fastapi import FastAPI, Request\nfrom sqlalchemy.orm import Session\n"
        "app = FastAPI()\n@app.middleware('http')\nasync def lend(request: Request, call_next):\n"
        "    request.state.db = Session()\n    return await call_next(request)\n"
    )
    (tmp_path / "routes.py").write_text(
        "from fastapi import Request\ndef read(request: Request):\n"
        "    request.state.db.execute('select 1')\n"
    )
    found = run([tmp_path], Settings()).findings
    assert [(Path(f.path).name, f.code) for f in found] == [
        ("middleware.py", "SAL105"),  # nobody closes it
        ("routes.py", "SAL403"),
    ]
