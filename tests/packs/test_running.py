"""What the packs say of small applications is what happens when these run under their framework.

Beside kind, owner and rows, an application shows how its sessions were made. A row whose text
begins with `unseen_` is lost where the linter does not look: a session that a library lends.
What happened once is written down (see `observed`), and what happens now is asked by the slow test.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from packs.frameworks import TOO_NEW, environment_of
from packs.observed import APPS, observed, played
from proofs.environments import applicable
from sqla_lint.catalog import frameworks, load, objects
from sqla_lint.project.explain import Explainer
from sqla_lint.project.link import link
from sqla_lint.run import run
from sqla_lint.settings import Settings
from sqla_lint.syntax import locate, lower

# Libraries of the packs that no application runs under, and why not: what is said of these stands
# on their source and documentation alone.
NOT_RUN = {
    "CTFd": "a program, which is not on the package index",
    "geonature": "a program, which wants PostGIS",
    "indico": "a program, which wants PostgreSQL",
    "kotti": "stands on SQLAlchemy 1.3",
    "langchain": "the older place of what langchain_community has",
    "langflow": "a program of its own",
    "lfx": "has a session only inside of Langflow",
    "open_webui": "a program of its own",
    "superset": "a program of its own",
}
TAG = re.compile(r"""text="(\w+)"|VALUES \('(\w+)'\)|put\("(\w+)"\)""")


def version_of(app: Path) -> tuple[int, int]:
    """The SQLAlchemy that an application runs on."""
    major, minor = environment_of(app.stem).versions[0].split(".")
    return int(major), int(minor)


# The traits that a Session shows itself.
MADE = frozenset({"no-autoflush", "no-expire"})

Said = tuple[str, str, str, frozenset[str]]


def said(app: Path) -> dict[int, set[Said]]:
    """Line → kind, mark of asyncio, owner and traits of the receivers on it, as the linter knows
    them."""
    source = app.read_bytes()
    module = lower(source, str(app), app.stem, False)
    explainer = Explainer(link([module], load(version_of(app))))
    found: dict[int, set[Said]] = {}
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
            found.setdefault(spans[at].line, set()).add((kind.name, mark, kind.owner, kind.traits))
    return found


def _case(app: Path) -> object:
    environment = environment_of(app.stem)
    old = environment in TOO_NEW and sys.version_info >= TOO_NEW[environment]
    marks = [pytest.mark.skip(reason="it needs an older Python")] if old else []
    if not applicable(environment):
        marks = [pytest.mark.skip(reason="no Python is new enough")]
    return pytest.param(app, id=app.stem, marks=marks)


def compare(app: Path, happened: dict[str, Any], tmp_path: Path) -> None:
    """What the linter says of an application is what happened."""
    known = said(app)
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
        seen = happened["seen"][str(number)]
        objects = [one for one in seen if one["is"] == kind + is_async]
        assert objects, (number, line, seen)
        inside = [name for at, name in functions if at <= number][-1]
        for one in objects:
            if owner == "local" and not is_async:  # `async with` closes in a task of its own
                assert inside in one["closed by"], (number, line, one)
            elif owner not in ("", "joined"):
                assert one["closed by"], (number, line)
            if owner:
                assert all(told[3] & MADE == set(one["made"]) for told in here), (number, line)
            if "no-expire" in one["made"]:
                assert all("expires" not in told[3] for told in here), (number, line)
    written = {
        tag for line in lines for found in TAG.finditer(line) for tag in found.groups() if tag
    }
    copy = tmp_path / app.name  # beside no tests: it is no test itself
    copy.write_text(app.read_text(encoding="utf-8"), encoding="utf-8")
    version = "{}.{}".format(*version_of(app))
    settings = Settings(target_version=version, preview=True, root=tmp_path)
    lost = {
        tag
        for finding in run([copy], settings).findings
        if finding.code == "SAL201" and finding.span
        for found in TAG.finditer(lines[finding.span.line - 1])
        for tag in found.groups()
        if tag
    }
    never = written - set(happened["rows"])
    unseen = {tag for tag in written if tag.startswith("unseen_")}
    assert lost == never - unseen, happened["rows"]
    assert unseen <= never, happened["rows"]


def test_every_library_of_a_pack_has_an_application_or_a_reason() -> None:
    packs = (
        *(objects.OBJECTS, objects.MANAGERS, objects.ANNOTATIONS, objects.PROVIDERS),
        *(frameworks.INHERITED, frameworks.GENERIC),
    )
    libraries = {label.partition(".")[0] for pack in packs for label in pack}
    imported = {
        name
        for app in APPS
        for name in re.findall(
            r"^\s*(?:from|import) (\w+)", app.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert libraries - imported == set(NOT_RUN)


@pytest.mark.parametrize("table", [objects.OBJECTS, objects.MANAGERS, frameworks.INHERITED])
def test_a_row_is_under_the_name_that_is_looked_up(table: Mapping[str, object]) -> None:
    assert [label for label in table if frameworks.canonical(label) != label] == []


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.stem)
def test_a_pack_says_what_happened(app: Path, tmp_path: Path) -> None:
    compare(app, observed()[app.stem], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("app", [_case(app) for app in APPS])
def test_a_pack_says_what_happens(app: Path, tmp_path: Path) -> None:
    happened = played(app)
    compare(app, happened, tmp_path)
    assert happened["rows"] == observed()[app.stem]["rows"]
