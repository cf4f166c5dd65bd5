"""Expressions replaced and attributes renamed, with parentheses exactly where they are needed."""

from __future__ import annotations

import libcst as cst
import pytest

from rewriting import apply_to, ref, refusal, tree_of
from sqla_lint.finding import Rename, Replace


def replaced(text: str, source: str, template: str, *parts: str, nth: int = 0) -> str:
    tree = tree_of(text)
    refs = tuple(ref(tree, part) for part in parts)
    return apply_to(tree, Replace(ref(tree, source, nth=nth), template, refs))


@pytest.mark.parametrize(
    ("before", "source", "template", "parts", "after"),
    [
        ("x = a is None\n", "a is None", "{0}.is_(None)", ["a"], "x = a.is_(None)\n"),
        # the operand binds less tightly than its new place asks
        ("x = a + b is None\n", "a + b is None", "{0}.is_(None)", ["a + b"],
         "x = (a + b).is_(None)\n"),
        ("x = await a is None\n", "await a is None", "{0}.is_(None)", ["await a"],
         "x = (await a).is_(None)\n"),
        ("x = -a == 1\n", "-a == 1", "{0}.b", ["-a"], "x = (-a).b\n"),
        ("x = f(1)\n", "f(1)", "{0}.real", ["1"], "x = (1).real\n"),
        ("x = f(a, b)\n", "f(a, b)", "{0} ** {1}", ["a", "b"], "x = a ** b\n"),
        ("x = f(-a, -b)\n", "f(-a, -b)", "{0} ** {1}", ["-a", "-b"], "x = (-a) ** -b\n"),
        ("x = f(a - b, c - d)\n", "f(a - b, c - d)", "{0} - {1}", ["a - b", "c - d"],
         "x = a - b - (c - d)\n"),
        # what is put in binds less tightly than its place asks
        ("x = not f(a)\n", "f(a)", "{0} or b", ["a"], "x = not (a or b)\n"),
        ("x = f(a).b\n", "f(a)", "{0} is None", ["a"], "x = (a is None).b\n"),
        ("x = await f(a)\n", "f(a)", "{0} if b else c", ["a"], "x = await (a if b else c)\n"),
        ("x = f(a) == 1\n", "f(a)", "{0} == 2", ["a"], "x = (a == 2) == 1\n"),
        ("x = f(a)[0]\n", "f(a)", "await {0}", ["a"], "x = (await a)[0]\n"),
        ("x = f(a), 1\n", "f(a)", "lambda: {0}", ["a"], "x = lambda: a, 1\n"),
        ("x = f(a) and y\n", "f(a)", "{0} and b", ["a"], "x = a and b and y\n"),
        ("x = y and f(a)\n", "f(a)", "{0} and b", ["a"], "x = y and (a and b)\n"),
        ("x = f(a)\n", "f(a)", "{0}, 1", ["a"], "x = a, 1\n"),
        ("x = g(f(a))\n", "f(a)", "{0}, 1", ["a"], "x = g((a, 1))\n"),
        ("for x in f(a): pass\n", "f(a)", "{0} or ()", ["a"], "for x in a or (): pass\n"),
        ("x = [y for y in f(a)]\n", "f(a)", "a if b else c", [],
         "x = [y for y in (a if b else c)]\n"),
        # asked for by the template
        ("x = f(a + b)\n", "f(a + b)", "g({0:primary})", ["a + b"], "x = g((a + b))\n"),
        ("x = f(a.b)\n", "f(a.b)", "g({0:primary})", ["a.b"], "x = g(a.b)\n"),
    ],
)  # fmt: skip
def test_parentheses_appear_where_precedence_needs_them(
    before: str, source: str, template: str, parts: list[str], after: str
) -> None:
    assert replaced(before, source, template, *parts) == after


def test_parentheses_of_the_user_stay() -> None:
    text = "q = where((a == None) & (b == 1))\n"
    assert replaced(text, "(a == None)", "{0}.is_(None)", "a") == (
        "q = where((a.is_(None)) & (b == 1))\n"
    )


def test_parentheses_of_an_operand_go_where_a_call_brings_its_own() -> None:
    text = 'x = execute(("a"\n    "b"))\n'
    assert replaced(text, '("a"\n    "b")', "text({0})", '("a"\n    "b")') == (
        'x = execute(text("a"\n    "b"))\n'
    )


def test_parentheses_around_a_comment_stay() -> None:
    text = 'execute((  # why\n    "a"\n))\n'
    source = '(  # why\n    "a"\n)'
    assert replaced(text, source, "text({0})", source) == f"execute((text({source})))\n"


def test_a_tuple_keeps_its_parentheses_as_an_argument() -> None:
    assert replaced("x = f((1, 2))\n", "(1, 2)", "g({0})", "(1, 2)") == "x = f(g((1, 2)))\n"


def test_a_line_break_that_leaves_its_brackets_gets_new_ones() -> None:
    text = "x = f(a\n  + b)\n"
    assert replaced(text, "f(a\n  + b)", "{0}", "a\n  + b") == "x = (a\n  + b)\n"
    assert replaced(text, "f(a\n  + b)", "g({0})", "a\n  + b") == "x = g(a\n  + b)\n"


def test_a_line_break_inside_brackets_needs_none() -> None:
    text = "x = [f(a\n  .b)]\n"
    assert replaced(text, "f(a\n  .b)", "{0}.c", "a\n  .b") == "x = [a\n  .b.c]\n"


def test_a_keyword_does_not_run_into_the_new_text() -> None:
    assert replaced('x = y in"a"\n', '"a"', "text({0})", '"a"') == 'x = y in text("a")\n'
    assert replaced("x = 1if y()else 2\n", "y()", "z", *()) == "x = 1if z else 2\n"


def test_one_of_adjacent_strings_is_not_replaced_by_a_call() -> None:
    tree = tree_of('x = f("a" "b")\n')
    assert "adjacent" in refusal(tree, Replace(ref(tree, '"a"'), "text({0})", (ref(tree, '"a"'),)))


def test_adjacent_strings_are_replaced_together_with_their_comments() -> None:
    text = 'f(\n    "a"  # one\n    "b"  # two\n)\n'
    source = '"a"  # one\n    "b"'
    assert replaced(text, source, "text({0})", source) == (
        'f(\n    text("a"  # one\n    "b")  # two\n)\n'
    )


def test_an_expression_inside_an_f_string_is_replaced_when_no_quote_is_needed() -> None:
    assert replaced('x = f"{a == b}"\n', "a == b", "{0}.is_({1})", "a", "b") == (
        'x = f"{a.is_(b)}"\n'
    )
    tree = tree_of('x = f"{a == b}"\n')
    assert "f-string" in refusal(tree, Replace(ref(tree, "a == b"), "a['b']"))


def test_literal_braces_in_a_template() -> None:
    assert replaced("x = f(a)\n", "f(a)", "{{'a': {0}}}", "a") == "x = {'a': a}\n"


def test_a_replaced_statement_takes_the_indentation_of_its_place() -> None:
    tree = tree_of("if a:\n\tf(b)  # why\n")
    edit = Replace(ref(tree, "f(b)", cst.Expr), "if {0}:\n    g()", (ref(tree, "b"),))
    assert apply_to(tree, edit) == "if a:\n\tif b:\n\t\tg()  # why\n"


def test_an_argument_can_become_a_keyword() -> None:
    text = "f(a + b, c)\n"
    tree = tree_of(text)
    argument = next(n for n, node in enumerate(tree.nodes) if isinstance(node, cst.Arg))
    edit = Replace(argument, "params={0}", (ref(tree, "a + b"),))
    assert apply_to(tree, edit) == "f(params=a + b, c)\n"


def test_rename_changes_the_attribute_alone() -> None:
    tree = tree_of("x = (a.old  # why\n     .old(old=1))\n")
    call = ref(tree, "(a.old  # why\n     .old(old=1))", cst.Call)
    assert apply_to(tree, Rename(call, "new")) == "x = (a.old  # why\n     .new(old=1))\n"


def test_rename_of_a_plain_function_is_refused() -> None:
    tree = tree_of("old()\n")
    assert "no attribute" in refusal(tree, Rename(ref(tree, "old()"), "new"))


def test_a_deep_chain_of_calls_is_no_problem() -> None:
    text = "x = a" + ".where(b)" * 300 + "\ny = f(1)\n"
    assert replaced(text, "f(1)", "g({0})", "1").endswith("\ny = g(1)\n")


def test_a_template_without_a_value_is_refused_not_guessed() -> None:
    tree = tree_of("f(1)\n")
    assert "no value" in refusal(tree, Replace(ref(tree, "f(1)"), "g({0})"))
