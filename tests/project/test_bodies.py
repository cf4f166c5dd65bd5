"""Bodies that are put away: nothing else is found, and operations that are remembered stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint import gather
from sqla_lint.api import lint_paths
from sqla_lint.ir import Const
from sqla_lint.project import bodies
from sqla_lint.project.bodies import PutAway, Shelf, opened
from sqla_lint.settings import Settings
from sqla_lint.syntax import lower

FIXTURES = Path(__file__).parents[2] / "fixtures"
SOURCE = b"def one():\n    return 1\ndef two():\n    return 2\n"


def test_a_body_is_the_same_when_it_is_read_again() -> None:
    module, same = (lower(SOURCE, "m.py", "m") for _ in range(2))
    Shelf().put_all(module)
    for name, function in module.functions.items():
        assert isinstance(function.blocks, PutAway)
        assert list(function.blocks) == list(same.functions[name].blocks)
        assert len(function.blocks) == len(same.functions[name].blocks)
        assert function.blocks[0:2] == same.functions[name].blocks[0:2]


def test_only_those_read_last_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "KEPT_OPEN", 1)
    module = lower(SOURCE, "m.py", "m")
    Shelf().put_all(module)
    one, two = module.functions["one"], module.functions["two"]
    first = one.blocks[0]
    assert one.blocks[0] is first
    assert two.blocks[0].ops[-1].on == Const(2)
    assert one.blocks[0] is not first
    assert one.blocks[0] == first


def test_one_that_is_opened_for_good_is_never_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "KEPT_OPEN", 1)
    module = lower(SOURCE, "m.py", "m")
    Shelf().put_all(module)
    one = opened(module.functions["one"])
    first = one.blocks[0]
    assert module.functions["two"].blocks
    assert one.blocks[0] is first


@pytest.mark.parametrize("folder", ["SAL108", "SAL201", "SAL301", "SAL401", "SAL801"])
def test_nothing_else_is_found(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = next(FIXTURES.glob(f"{folder}-*"))
    settings = Settings(preview=True, pedantic=True, jobs=1, root=place)
    plain = lint_paths([place], settings=settings)
    assert plain.findings
    monkeypatch.setattr(gather, "SHELF_FROM", 1)
    monkeypatch.setattr(bodies, "KEPT_OPEN", 1)
    assert lint_paths([place], settings=settings) == plain
