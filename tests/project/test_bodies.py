"""What is put away says what is in it, and is not unpacked for a word that is not."""

from __future__ import annotations

import pytest

from sqla_lint.catalog import load
from sqla_lint.ir import Module
from sqla_lint.project.bodies import PutAway, Shelf, may_say
from sqla_lint.project.link import extend, link
from sqla_lint.syntax.lower import lower_tree
from sqla_lint.syntax.parse import parse

LISTENERS = """
from sqlalchemy import event
from sqlalchemy.orm import Session

@event.listens_for(Session, "before_flush")
def stamp(session, context, instances):
    session.info["größe"] = 1

def start(engine):
    event.listen(engine, "connect", stamp)
"""
PLAIN = "def f{0}(a):\n    return a.b(1)\n\ndef g{0}(a):\n    return f{0}(a)\n"


def lowered(name: str, source: str, shelf: Shelf | None = None) -> Module:
    module = lower_tree(parse(source.encode(), f"{name}.py"), f"{name}.py", name)
    if shelf is not None:
        shelf.put_all(module)
    return module


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[PutAway]:
    """The bodies that are unpacked."""
    found: list[PutAway] = []
    unpack = PutAway.open

    def watched(self: PutAway) -> object:
        if self._blocks is None:
            found.append(self)
        return unpack(self)

    monkeypatch.setattr(PutAway, "open", watched)
    return found


def test_a_body_that_is_put_away_says_its_words(opened: list[PutAway]) -> None:
    module = lowered("m", LISTENERS, Shelf())
    assert may_say(module.functions["start"], "nothing", "listen")
    assert may_say(module.functions["stamp"], "größe")
    assert not may_say(module.functions["stamp"], "listen")
    assert not opened


def test_an_open_body_is_for_others_to_look_at() -> None:
    assert may_say(lowered("m", LISTENERS).functions["stamp"], "listen")


def test_listeners_are_found_on_a_shelf() -> None:
    found = [
        link([lowered("m", LISTENERS, shelf)], load((2, 0)), None, shelf).knowledge.listeners
        for shelf in (None, Shelf())
    ]
    assert found[0] == found[1] != frozenset()


def test_reading_more_unpacks_only_what_is_new(
    opened: list[PutAway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqla_lint.project.bodies.KEPT_OPEN", 1)
    shelf = Shelf()
    first = [lowered(f"m{n}", PLAIN.format(n), shelf) for n in range(20)]
    empty = [Module(f"n{n}.py", f"n{n}") for n in range(2)]
    project = link([*first, *empty], load((2, 0)), None, shelf)
    counts = []
    for n in range(2):
        opened.clear()
        extend(project, [lowered(f"n{n}", PLAIN.format(f"n{n}"), shelf)])
        counts.append(len(opened))
        old = {id(f.blocks) for module in first for f in module.functions.values()}
        assert not any(id(body) in old for body in opened)
    assert counts[0] == counts[1]
