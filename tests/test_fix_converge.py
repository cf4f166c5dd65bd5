"""Rounds of fixes: composed, verified one by one where they fail, taken back where they must."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst
import pytest

from rewriting import tree_of
from sqla_lint.finding import (
    Applicability,
    Delete,
    Edit,
    Enclose,
    Finding,
    Import,
    Insert,
    Rename,
    Replace,
    Rewrite,
)
from sqla_lint.fix import FixOutcome, fix_file, fixing
from sqla_lint.fix.converge import MAX_ROUNDS
from sqla_lint.fix.source import decode
from sqla_lint.fix.together import side_by_side
from sqla_lint.syntax.rewrite import Tree

Mend = Callable[[Tree, int], "tuple[Edit, ...]"]


def function_of(tree: Tree, node: cst.CSTNode) -> str:
    names = [
        found.name.value for found in tree.ancestors(node) if isinstance(found, cst.FunctionDef)
    ]
    return ".".join(reversed(names))


class Linter:
    """Reports calls of certain names, and knows how to mend them."""

    def __init__(self, applicability: Applicability = Applicability.SAFE, **mends: Mend) -> None:
        self.mends = mends
        self.applicability = applicability
        self.runs = 0

    def __call__(self, data: bytes) -> list[Finding]:
        self.runs += 1
        tree = tree_of(decode(data).text)
        found = []
        for at, node in enumerate(tree.nodes):
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
                name = node.func.value
                if name in self.mends:
                    edits = self.mends[name](tree, at)
                    rewrite = Rewrite("mend", self.applicability, edits) if edits else None
                    found.append(
                        Finding(
                            name.upper(),
                            name,
                            "m",
                            "a.py",
                            at,
                            function=function_of(tree, node),
                            rewrite=rewrite,
                        )
                    )
        return found  # fmt: skip

    def fix(self, text: str | bytes, *, unsafe: bool = False) -> FixOutcome:
        return fix_file("a.py", text.encode() if isinstance(text, str) else text, self, unsafe)


def argument(tree: Tree, at: int) -> int:
    node = tree.node(at)
    assert isinstance(node, cst.Call)
    wanted = node.args[0].value
    return next(ref for ref, found in enumerate(tree.nodes) if found is wanted)


def to(template: str, *imports: Import) -> Mend:
    """Replace the call by a template of its argument."""

    def mend(tree: Tree, at: int) -> tuple[Edit, ...]:
        return Replace(at, template, (argument(tree, at),)), *imports

    return mend


def nothing(tree: Tree, at: int) -> tuple[Edit, ...]:
    return ()


def reasons(outcome: FixOutcome) -> list[str]:
    return [refused.reason for refused in outcome.refused]


def test_all_fixes_of_a_file_in_one_round() -> None:
    linter = Linter(old=to("new({0})"))
    outcome = linter.fix("x = old(1)\n\n\ndef f():\n    old(2); old(3)\n")
    assert outcome.new_bytes == b"x = new(1)\n\n\ndef f():\n    new(2); new(3)\n"
    assert len(outcome.applied) == 3
    assert outcome.refused == outcome.remaining == ()
    assert linter.runs == 2  # before and after


def test_nested_fixes_wait_for_the_next_round() -> None:
    linter = Linter(old=to("new({0})"))
    outcome = linter.fix("old(old(old(1)))\n")
    assert outcome.new_bytes == b"new(new(new(1)))\n"
    assert len(outcome.applied) == 3
    assert linter.runs == 4


def test_an_import_is_added_once_for_all_fixes() -> None:
    linter = Linter(old=to("{text}({0})", Import("sqlalchemy", "text")))
    outcome = linter.fix("def f():\n    old(1)\n\n\ndef g(text):\n    old(2)\n    old(old(3))\n")
    assert outcome.new_bytes.decode() == (
        "from sqlalchemy import text, text as sa_text\n\n"
        "def f():\n    text(1)\n\n\ndef g(text):\n    sa_text(2)\n    sa_text(sa_text(3))\n"
    )


def test_a_second_run_changes_nothing() -> None:
    linter = Linter(old=to("{text}({0})", Import("sqlalchemy", "text")))
    once = linter.fix("def f():\n    old(old(1))\n").new_bytes
    again = linter.fix(once)
    assert again.new_bytes == once
    assert again.applied == ()


def test_display_fixes_are_never_applied_and_unsafe_ones_on_demand() -> None:
    shown = Linter(Applicability.DISPLAY, old=to("new({0})"))
    assert shown.fix("old(1)\n", unsafe=True).new_bytes == b"old(1)\n"
    unsafe = Linter(Applicability.UNSAFE, old=to("new({0})"))
    refused = unsafe.fix("old(1)\n")
    assert refused.new_bytes == b"old(1)\n"
    assert refused.refused == ()
    assert len(refused.remaining) == 1
    assert unsafe.fix("old(1)\n", unsafe=True).new_bytes == b"new(1)\n"


def test_a_fix_that_cannot_be_made_is_refused_with_its_reason() -> None:
    linter = Linter(old=lambda tree, at: (Rename(at, "new"),))
    outcome = linter.fix("old(1)\n")
    assert reasons(outcome) == ["what is to be renamed is no attribute"]
    assert outcome.new_bytes == b"old(1)\n"
    assert str(outcome.refused[0]) == "a.py: OLD: what is to be renamed is no attribute"


def test_a_result_that_does_not_parse_is_taken_back_alone() -> None:
    linter = Linter(old=to("new({0})"), bad=to("({0}"))
    outcome = linter.fix("old(1)\nbad(2)\nold(3)\nold(bad(4))\n")
    assert outcome.new_bytes == b"new(1)\nbad(2)\nnew(3)\nnew(bad(4))\n"
    assert reasons(outcome) == ["the result would not parse"] * 2
    assert len(outcome.applied) == 3
    assert [finding.code for finding in outcome.remaining] == ["BAD", "BAD"]


def test_a_result_that_does_not_compile_is_taken_back() -> None:
    linter = Linter(old=lambda tree, at: (Insert(at, "after", "return"),))
    outcome = linter.fix("old(1)\n")
    assert reasons(outcome) == ["the result would not compile"]


def test_what_the_running_python_does_not_compile_is_no_reason() -> None:
    linter = Linter(old=to("new({0})"))
    assert linter.fix("return old(1)\n").new_bytes == b"return new(1)\n"


def test_a_fix_that_leaves_its_finding_is_taken_back() -> None:
    linter = Linter(old=to("old(new({0}))"))
    outcome = linter.fix("def f():\n    old(1)\n")
    assert reasons(outcome) == ["OLD in `f` would still be there"]
    assert outcome.new_bytes == b"def f():\n    old(1)\n"


def test_a_fix_that_causes_another_finding_is_taken_back() -> None:
    linter = Linter(old=to("worse({0})"), worse=nothing)
    outcome = linter.fix("old(1)\n")
    assert reasons(outcome) == ["it would cause WORSE"]
    assert outcome.new_bytes == b"old(1)\n"


def test_a_finding_that_was_hidden_may_appear_where_the_rules_say_so() -> None:
    linter = Linter(old=to("hidden({0})"), hidden=to("new({0})"))
    reveals = {"OLD": frozenset({"HIDDEN"})}
    outcome = fix_file("a.py", b"old(1)\n", linter, False, reveals=reveals)
    assert outcome.new_bytes == b"new(1)\n"


def test_a_fix_that_loses_a_comment_is_taken_back() -> None:
    linter = Linter(old=to("new({0})"))
    outcome = linter.fix("old(  # why\n    1\n)\nold(2)  # kept\n")
    assert outcome.new_bytes == b"old(  # why\n    1\n)\nnew(2)  # kept\n"
    assert reasons(outcome) == ["a comment would be lost: # why"]


def test_fixes_that_only_fail_together_are_made_one_after_the_other() -> None:
    def delete(tree: Tree, at: int) -> tuple[Edit, ...]:
        return (Delete(at),)

    outcome = Linter(old=delete).fix("if x:\n    old(1)\n    old(2)\n    old(3)\ny()\n")
    assert outcome.new_bytes == b"if x:\n    pass\ny()\n"
    assert outcome.refused == ()


def test_refused_fixes_are_tried_once_however_lines_move() -> None:
    def longer(tree: Tree, at: int) -> tuple[Edit, ...]:
        return Replace(at, "new({0})", (argument(tree, at),)), Insert(at, "before", "x = 1")

    linter = Linter(old=longer, bad=to("bad({0})"))
    outcome = linter.fix("def f():\n    bad(0)\n    old(old(old(1)))\n    bad(2)\n    bad(3)\n")
    assert outcome.new_bytes.count(b"new(") == 3
    assert len(outcome.refused) == 3
    text = outcome.new_bytes.decode()
    tree = tree_of(text)
    assert [tree.source(tree.node(refused.finding.at)) for refused in outcome.refused] == [
        "bad(0)",
        "bad(2)",
        "bad(3)",
    ]


def test_what_does_not_settle_is_refused_after_the_last_round() -> None:
    linter = Linter(ping=to("pong({0} + 1)"), pong=to("ping({0})"))
    reveals = {"PING": frozenset({"PONG"}), "PONG": frozenset({"PING"})}
    outcome = fix_file("a.py", b"ping(1)\n", linter, False, reveals=reveals)
    assert len(outcome.applied) == MAX_ROUNDS
    assert reasons(outcome) == [f"not settled after {MAX_ROUNDS} rounds"]


def test_the_order_of_the_findings_does_not_matter() -> None:
    linter = Linter(old=to("{text}({0})", Import("sqlalchemy", "text")), bad=to("({0}"))
    text = b"import os\nold(old(1))\nbad(old(2))\nold(bad(3))\n"
    expected = fix_file("a.py", text, linter, False)
    backwards = fix_file("a.py", text, lambda data: linter(data)[::-1], False)
    assert backwards.new_bytes == expected.new_bytes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfold(1)\r\n", b"\xef\xbb\xbfnew(1)\r\n"),
        (
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\nold('\xe9')\n",
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\nnew('\xe9')\n",
        ),
        (b"x = 1\r\nold(1)\ny = 2\r\nold(2)", b"x = 1\r\nnew(1)\ny = 2\r\nnew(2)"),
        (b"x = 1\n\x0c\n\x0cdef f():\n\told(1)\n", b"x = 1\n\x0c\n\x0cdef f():\n\tnew(1)\n"),
        (b"\x0cold(1)\n", b"\x0cnew(1)\n"),
        (b"x = 1\rold(1)\r", b"x = 1\rnew(1)\r"),
        ("x = 'ä\U0001f600'; old('ö')\n".encode(), "x = 'ä\U0001f600'; new('ö')\n".encode()),
    ],
)
def test_every_other_byte_stays(before: bytes, after: bytes) -> None:
    assert Linter(old=to("new({0})")).fix(before).new_bytes == after


def test_a_character_the_encoding_lacks_is_a_refusal() -> None:
    linter = Linter(old=to("new('\N{SNOWMAN}')"))
    outcome = linter.fix(b"# coding: latin-1\nold('\xe9')\n")
    assert reasons(outcome) == ["the file's encoding (iso-8859-1) lacks a character of it"]


def test_a_file_that_does_not_parse_keeps_its_bytes() -> None:
    finding = Finding(
        "X", "x", "m", "a.py", 0, rewrite=Rewrite("", Applicability.SAFE, (Delete(0),))
    )
    outcome = fix_file("a.py", b"x = (\n", lambda _: [finding], False)
    assert outcome.new_bytes == b"x = (\n"
    assert len(outcome.refused) == 1


def test_enclosing_blocks_of_two_findings_follow_each_other() -> None:
    def enclose(tree: Tree, at: int) -> tuple[Edit, ...]:
        return (Enclose(at, (), "with {0} as x:", (argument(tree, at),)),)

    outcome = Linter(old=enclose).fix("def f():\n    x = old(a)\n    y = old(b)  # why\n")
    assert outcome.new_bytes.decode() == (
        "def f():\n    with a as x:\n        pass\n    with b as x:\n        pass  # why\n"
    )


class Project:
    """Several files, linted at once: `a.py` also has a finding while another calls `noisy`."""

    def __init__(self, linter: Linter) -> None:
        self.linter = linter
        self.steps: list[set[str]] = []

    def __call__(self, sources: Mapping[str, bytes], wanted: set[str]) -> dict[str, list[Finding]]:
        self.steps.append(set(wanted))
        found = {path: self.linter(sources[path]) for path in wanted}
        if b"noisy" in b"".join(sources.values()) and "a.py" in wanted:
            found["a.py"].append(Finding("NOISY", "noisy", "m", "a.py", 0))
        return found

    def mend(self, **files: str) -> dict[str, str]:
        work = {
            f"{name}.py": fixing(f"{name}.py", text.encode(), False, alone=False)
            for name, text in files.items()
        }
        outcomes = side_by_side(work, self)
        return {path: outcome.new_bytes.decode() for path, outcome in outcomes.items()}


def test_many_files_are_linted_once_for_a_step_of_all() -> None:
    project = Project(Linter(old=to("new({0})")))
    mended = project.mend(a="old(1)\n", b="old(old(2))\n", c="pass\n")
    assert mended == {"a.py": "new(1)\n", "b.py": "new(new(2))\n", "c.py": "pass\n"}
    assert project.steps[0] == {"a.py", "b.py", "c.py"}
    assert project.steps[1] == {"a.py", "b.py"}
    assert project.steps[2:] == [{"b.py"}]


def test_what_the_fix_of_another_file_causes_is_not_laid_on_a_fix() -> None:
    project = Project(Linter(old=to("new({0})"), loud=to("noisy({0})")))
    assert project.mend(a="old(1)\n", b="loud(2)\n") == {"a.py": "new(1)\n", "b.py": "noisy(2)\n"}


def test_a_fix_that_breaks_its_promise_is_refused_beside_others_too() -> None:
    project = Project(Linter(old=to("old({0}, 1)"), ping=to("pong({0})")))
    assert project.mend(a="old(1)\n", b="ping(2)\n") == {"a.py": "old(1)\n", "b.py": "pong(2)\n"}
