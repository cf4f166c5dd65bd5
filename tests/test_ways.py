"""Where ways through a function lead: past blocks, into handlers, over what a `with` swallows."""

from __future__ import annotations

import textwrap

from sqla_lint.ir import ENTRY, EXIT, Function
from sqla_lint.syntax.lower import lower
from sqla_lint.ways import behind, passes_by


def _function(body: str) -> Function:
    code = "def f(x):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    return lower(code.encode(), "m.py", "m").functions["f"]


def _calling(function: Function, name: str) -> set[int]:
    found = {n for n, b in enumerate(function.blocks) for op in b.ops if op.on == name}
    assert found, name
    return found


def test_a_branch_is_passed_by_and_a_finally_is_not() -> None:
    branch = _function("if x:\n    commit()\n")
    assert passes_by(branch, _calling(branch, "commit"))
    always = _function("try:\n    work()\nfinally:\n    close()\n")
    assert not passes_by(always, _calling(always, "close"))


def test_a_block_that_stops_a_way_is_come_to_itself() -> None:
    function = _function("first()\nif x:\n    second()\n    third()\n")
    second = _calling(function, "second")
    assert second <= behind(function.blocks, [ENTRY], stop=second)
    assert EXIT not in behind(function.blocks, second, stop=second)


def _raised(function: Function, name: str) -> int:
    """Where what the call raises goes first."""
    (block,) = _calling(function, name)
    return function.blocks[block].exc


def test_a_with_swallows_only_where_that_is_asked() -> None:
    function = _function("with x:\n    work()\n    done()\nafter()\n")
    left, after = _raised(function, "work"), _calling(function, "after")
    assert after.isdisjoint(behind(function.blocks, [left]))
    assert after <= behind(function.blocks, [left], swallowed=True)


def test_a_handler_takes_what_was_raised_only_where_that_is_asked() -> None:
    function = _function("try:\n    work()\nexcept ValueError:\n    handle()\n")
    raised, handle = _raised(function, "work"), _calling(function, "handle")
    assert handle.isdisjoint(behind(function.blocks, [raised]))
    assert handle <= behind(function.blocks, [raised], caught=True)
