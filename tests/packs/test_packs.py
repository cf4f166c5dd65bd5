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
