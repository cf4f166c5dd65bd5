"""Statements inserted, deleted and enclosed: every other line and every comment stays."""

from __future__ import annotations

from textwrap import dedent

import libcst as cst
import pytest

from rewriting import apply_to, ref, refusal, tree_of
from sqla_lint.finding import Delete, Enclose, Insert, Replace


def inserted(text: str, source: str, where: str, template: str, *parts: str, nth: int = 0) -> str:
    tree = tree_of(text)
    refs = tuple(ref(tree, part) for part in parts)
    assert where in ("before", "after", "body-end")
    return apply_to(tree, Insert(ref(tree, source, nth=nth), where, template, refs))  # type: ignore[arg-type]


def deleted(text: str, *sources: str) -> str:
    tree = tree_of(text)
    return apply_to(tree, *(Delete(ref(tree, source)) for source in sources))


def enclosed(
    text: str,
    first: str,
    template: str,
    *,
    uses: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    keep_first: bool = False,
    footer: str = "",
) -> str:
    tree = tree_of(text)
    edit = Enclose(
        ref(tree, first),
        tuple(ref(tree, use) for use in uses),
        template,
        tuple(ref(tree, part) for part in parts),
        tuple(ref(tree, one) for one in drop),
        keep_first,
        footer,
    )
    return apply_to(tree, edit)


# --- insert ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "where", "after"),
    [
        ("a()\n", "before", "n()\na()\n"),
        ("a()\n", "after", "a()\nn()\n"),
        ("a()", "after", "a()\nn()"),
        ("a()  # why\n", "after", "a()  # why\nn()\n"),
        ("# why\na()\n", "before", "# why\nn()\na()\n"),
        ("x(); a(); y()\n", "before", "x()\nn()\na(); y()\n"),
        ("x(); a(); y()\n", "after", "x(); a()\nn()\ny()\n"),
        ("x(); a();  # why\n", "after", "x(); a();  # why\nn()\n"),
        ("if x: a()\n", "before", "if x:\n    n()\n    a()\n"),
        ("if x: a()  # why\n", "after", "if x:\n    a()  # why\n    n()\n"),
        ("if x: a(); b()\nelse: c()\n", "after", "if x:\n    a()\n    n()\n    b()\nelse: c()\n"),
        ("if x: y()\nelse: a()\n", "before", "if x: y()\nelse:\n    n()\n    a()\n"),
        ("if x:\n\ta()\n\tb()\n", "after", "if x:\n\ta()\n\tn()\n\tb()\n"),
        ("if x:\r\n  a()\r\nb()\n", "after", "if x:\r\n  a()\r\n  n()\r\nb()\n"),
    ],
)
def test_insert_beside_a_simple_statement(before: str, where: str, after: str | None) -> None:
    assert inserted(before, "a()", where, "n()") == after


def test_insert_after_a_statement_of_several_lines() -> None:
    assert inserted('a("""\nx\n""")\nb()\n', "a", "after", "n()") == 'a("""\nx\n""")\nn()\nb()\n'
    assert inserted("a = b + \\\n  c\nd()\n", "b", "after", "n()") == "a = b + \\\n  c\nn()\nd()\n"


def test_insert_names_a_statement_by_any_node_in_it() -> None:
    text = "async def f():\n    async with a as b:\n        x = [await c(i) for i in b]\n"
    assert inserted(text, "c(i)", "after", "await d()") == text + "        await d()\n"


def test_insert_before_a_decorated_definition() -> None:
    text = "x = 1\n\n\n@d\nasync def f():\n    a()\n"
    tree = tree_of(text)
    function = next(n for n, node in enumerate(tree.nodes) if isinstance(node, cst.FunctionDef))
    assert apply_to(tree, Insert(function, "before", "n()")) == text.replace("@d", "n()\n@d")
    assert apply_to(tree, Insert(function, "after", "n()")) == text + "n()\n"
    assert apply_to(tree, Insert(function, "body-end", "n()")) == text + "    n()\n"


def test_insert_after_a_compound_statement_leaves_its_last_comment_in_it() -> None:
    text = "def f():\n    if x:\n        a()\n        # done\n\n    # next\n    b()\n"
    tree = tree_of(text)
    branch = next(n for n, node in enumerate(tree.nodes) if isinstance(node, cst.If))
    assert apply_to(tree, Insert(branch, "after", "n()")) == (
        "def f():\n    if x:\n        a()\n        # done\n    n()\n\n    # next\n    b()\n"
    )


def test_insert_at_the_end_of_a_handlers_body() -> None:
    text = "try:\n    a()\nexcept E: b()\nfinally:\n    c()\n"
    tree = tree_of(text)
    handler = next(n for n, node in enumerate(tree.nodes) if isinstance(node, cst.ExceptHandler))
    assert apply_to(tree, Insert(handler, "body-end", "n()")) == (
        "try:\n    a()\nexcept E:\n    b()\n    n()\nfinally:\n    c()\n"
    )


def test_insert_writes_a_template_of_several_lines_in_the_style_of_the_file() -> None:
    text = "def f():\n\tif x:\n\t\ta()\n"
    template = "try:\n    {0}.commit()\nexcept E:\n    raise"
    assert inserted(text, "a()", "after", template, "x") == (
        text + "\t\ttry:\n\t\t\tx.commit()\n\t\texcept E:\n\t\t\traise\n"
    )


def test_insert_after_a_return_is_refused() -> None:
    tree = tree_of("def f():\n    return a()\n")
    assert "never run" in refusal(tree, Insert(ref(tree, "a()"), "after", "n()"))


def test_insert_before_an_elif_is_refused() -> None:
    tree = tree_of("if a:\n    b()\nelif c():\n    d()\n")
    assert "elif" in refusal(tree, Insert(ref(tree, "c()"), "before", "n()"))
    assert inserted("if a:\n    b()\nelif c():\n    d()\n", "d()", "before", "n()") == (
        "if a:\n    b()\nelif c():\n    n()\n    d()\n"
    )


def test_a_form_feed_does_not_shift_what_follows() -> None:
    text = "x = 1\n\x0c\n\x0cdef f():\n    a()\n\x0c    b()\n    c()\n"
    assert inserted(text, "c()", "before", "n()") == text.replace("    c()", "    n()\n    c()")
    assert inserted(text, "b()", "before", "n()") == (
        "x = 1\n\x0c\n\x0cdef f():\n    a()\n\x0c    n()\n    b()\n    c()\n"
    )


# --- delete ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x()\na()\ny()\n", "x()\ny()\n"),
        ("if x:\n    a()\n", "if x:\n    pass\n"),
        ("if x: a()\n", "if x: pass\n"),
        ("if x:\n    a()  # why\n", "if x:\n    pass  # why\n"),
        ("if x:\n    # why\n    a()\n    y()\n", "if x:\n    # why\n    y()\n"),
        ("x()\na()  # why\ny()\n", "x()\n# why\ny()\n"),
        ("x(); a(); y()\n", "x(); y()\n"),
        ("a(); y()\n", "y()\n"),
        ("x(); a()\n", "x()\n"),
        ("x(); a();  # why\n", "x()  # why\n"),
        ("x()\na()", "x()\n"),
        ("def f():\n    x()\n\n    a()\n\n\ny()\n", "def f():\n    x()\n\n\ny()\n"),
        ("x()\n\na()\n\ny()\n", "x()\n\ny()\n"),
    ],
)
def test_delete_a_statement(before: str, after: str) -> None:
    assert deleted(before, "a()") == after


def test_delete_keeps_the_comments_inside() -> None:
    text = "if x:\n    f(\n        1,  # one\n        # two\n    )  # three\n    y()\n"
    assert deleted(text, "1") == "if x:\n    # one\n    # two\n    # three\n    y()\n"
    text = "if x:\n    f(\n        1,  # one\n    )\n"
    assert deleted(text, "1") == "if x:\n    # one\n    pass\n"


def test_delete_every_statement_of_a_suite_leaves_one_pass() -> None:
    text = "if x:\n    a()\n    b()\n    c()\nd()\n"
    assert deleted(text, "a()", "b()", "c()") == "if x:\n    pass\nd()\n"


# --- enclose -----------------------------------------------------------------------------------


def test_enclose_up_to_the_last_use() -> None:
    text = dedent("""\
        def f():
            conn = engine.connect()  # opened
            # first
            conn.execute(a)

            if b:
                conn.execute(c)  # twice
                # last words
            # behind
            return d
        """)
    assert enclosed(
        text,
        "engine.connect()",
        "with {0} as conn:",
        uses=("conn.execute(a)", "conn.execute(c)"),
        parts=("engine.connect()",),
    ) == dedent("""\
        def f():
            with engine.connect() as conn:  # opened
                # first
                conn.execute(a)

                if b:
                    conn.execute(c)  # twice
                    # last words
            # behind
            return d
        """)


def test_enclose_leaves_the_inside_of_strings_alone() -> None:
    text = dedent('''\
        conn = connect()
        conn.execute("""
        SELECT 1
            FROM x
        """, f"""
        {a
        } b""", "c \\
        d",
          # why
          (1 +
        2))
        x = 1 + \\
          2
        done()
        ''')
    assert enclosed(
        text, "connect()", "with {0} as conn:", uses=("x", "conn.execute"), parts=("connect()",)
    ) == dedent('''\
        with connect() as conn:
            conn.execute("""
        SELECT 1
            FROM x
        """, f"""
        {a
        } b""", "c \\
        d",
              # why
              (1 +
            2))
            x = 1 + \\
              2
        done()
        ''')


def test_enclose_indents_strings_in_parentheses_with_their_comments() -> None:
    text = "a = f()\na.b(\n    (\n        # why\n        'x'\n    )\n)\n"
    assert enclosed(text, "f()", "with f() as a:", uses=("a.b",)) == (
        "with f() as a:\n"
        "    a.b(\n        (\n            # why\n            'x'\n        )\n    )\n"
    )


def test_enclose_drops_what_the_block_makes_superfluous() -> None:
    text = dedent("""\
        def f():
            conn = connect()

            x = conn.execute(a)

            # the end
            conn.close()  # now

            return x
        """)
    assert enclosed(
        text,
        "connect()",
        "with {0} as conn:",
        uses=("conn.execute(a)", "conn.close()"),
        parts=("connect()",),
        drop=("conn.close()",),
    ) == dedent("""\
        def f():
            with connect() as conn:
                x = conn.execute(a)

                # the end
                # now

            return x
        """)


def test_enclose_drops_an_if_with_all_it_holds() -> None:
    text = "a = f()\nb = a.c()\nif b is not None:\n    if a: a.close()\nreturn_(b)\n"
    assert enclosed(
        text, "f()", "with f() as a:", uses=("a.c()", "a.close()"), drop=("a.close()",)
    ) == ("with f() as a:\n    b = a.c()\nreturn_(b)\n")
    for kept in (
        "if g(): a.close()",
        "if b: a.close()\nelse: d()",
        "if b:\n    # why\n    a.close()",
    ):
        text = f"a = f()\nb = a.c()\n{kept}\n"
        assert "pass" in enclosed(
            text, "f()", "with f() as a:", uses=("a.c()", "a.close()"), drop=("a.close()",)
        )


def test_enclose_with_nothing_left_inside_passes() -> None:
    text = "a = f()\na.close()\nb()\n"
    assert enclosed(text, "f()", "with f() as a:", uses=("a.close()",), drop=("a.close()",)) == (
        "with f() as a:\n    pass\nb()\n"
    )
    assert enclosed("if x: a = f()\n", "f()", "with f() as a:") == (
        "if x:\n    with f() as a:\n        pass\n"
    )


def test_enclose_keeping_the_first_statement_with_a_footer() -> None:
    text = dedent("""\
        def f():
        \tx = 1
        \tsession.add(
        \t\ta)
        \tsession.commit()
        \treturn x
        """)
    assert enclosed(
        text,
        "session.add",
        "try:",
        uses=("session.commit()",),
        keep_first=True,
        footer="except Exception:\n    session.rollback()\n    raise",
    ) == dedent("""\
        def f():
        \tx = 1
        \ttry:
        \t\tsession.add(
        \t\t\ta)
        \t\tsession.commit()
        \texcept Exception:
        \t\tsession.rollback()
        \t\traise
        \treturn x
        """)


def test_enclose_splits_lines_of_several_statements() -> None:
    text = "x(); a = f(); a.b(); a.c(); y()  # why\n"
    assert enclosed(text, "f()", "with f() as a:", uses=("a.c()",)) == (
        "x()\nwith f() as a:\n    a.b(); a.c()\ny()  # why\n"
    )
    text = "if x: a = f(); a.b()\nelse: c()\n"
    assert enclosed(text, "f()", "with f() as a:", uses=("a.b()",)) == (
        "if x:\n    with f() as a:\n        a.b()\nelse: c()\n"
    )


def test_enclose_to_the_end_of_a_file_without_a_newline() -> None:
    text = "a = f()\na.b()"
    assert enclosed(
        text, "f()", "try:", uses=("a.b()",), keep_first=True, footer="finally:\n    c()"
    ) == ("try:\n    a = f()\n    a.b()\nfinally:\n    c()")


def test_enclose_whole_compound_statements_with_their_branches() -> None:
    text = dedent("""\
        async def f():
            a = g()
            try:
                for b in c:
                    await a.b()
            except E:
                d()
            else:
                e()
            finally:
                h()
            i()
        """)
    result = enclosed(text, "g()", "async with {0} as a:", uses=("a.b()",), parts=("g()",))
    assert result == dedent("""\
        async def f():
            async with g() as a:
                try:
                    for b in c:
                        await a.b()
                except E:
                    d()
                else:
                    e()
                finally:
                    h()
            i()
        """)


def test_enclose_is_refused_when_a_use_lies_outside() -> None:
    text = "def f():\n    if x:\n        a = g()\n        a.b()\n    a.c()\n"
    tree = tree_of(text)
    edit = Enclose(ref(tree, "g()"), (ref(tree, "a.c()"),), "with g() as a:")
    assert "outside" in refusal(tree, edit)


def test_a_use_before_the_first_statement_is_outside() -> None:
    tree = tree_of("while x:\n    a.b()\n    a = g()\n")
    edit = Enclose(ref(tree, "g()"), (ref(tree, "a.b()"),), "with g() as a:")
    assert "outside" in refusal(tree, edit)


def test_other_edits_inside_a_block_go_deeper_with_it() -> None:
    text = "def f():\n    a = g()\n    a.b()\n    return a.c\n"
    tree = tree_of(text)
    result = apply_to(
        tree,
        Enclose(ref(tree, "g()"), (ref(tree, "a.b()"),), "with g() as a:"),
        Insert(ref(tree, "a.b()"), "after", "a.commit()"),
        Insert(ref(tree, "g()"), "before", "n()"),
        Replace(ref(tree, "a.b()"), "x({0})", (ref(tree, "a.b()"),)),
    )
    assert result == (
        "def f():\n    n()\n    with g() as a:\n        x(a.b())\n        a.commit()\n"
        "    return a.c\n"
    )


def test_a_comment_left_of_the_code_stays_where_it_is() -> None:
    text = "def f():\n    a = g()\n# old()\n    a.b()\n"
    assert enclosed(text, "g()", "with g() as a:", uses=("a.b()",)) == (
        "def f():\n    with g() as a:\n# old()\n        a.b()\n"
    )


def test_mixed_newlines_stay_on_every_line() -> None:
    text = "a = g()\r\na.b()\nb()\r\nc()"
    assert enclosed(text, "g()", "with g() as a:", uses=("b()",), footer="") == (
        "with g() as a:\r\n    a.b()\n    b()\r\nc()"
    )


def test_two_edits_of_one_place_are_refused() -> None:
    tree = tree_of("f(a(b))\n")
    edits = Replace(ref(tree, "a(b)"), "c"), Replace(ref(tree, "b"), "d")
    assert "same place" in refusal(tree, *edits)
