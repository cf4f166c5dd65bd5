"""Imports: said as the file says it, added once where they belong, never in the way of a name."""

from __future__ import annotations

from textwrap import dedent

import pytest

from rewriting import apply_to, ref, refusal, tree_of
from sqla_lint.finding import Import, Insert, Replace
from sqla_lint.syntax.edit_text import NewImport, apply
from sqla_lint.syntax.rewrite import place_imports


def wrapped(text: str, source: str = "'s'", module: str = "sqlalchemy", name: str = "text") -> str:
    tree = tree_of(text)
    at = ref(tree, source)
    return apply_to(tree, Replace(at, f"{{{name}}}({{0}})", (at,)), Import(module, name))


def placed(head: str, *wanted: tuple[str, str]) -> str:
    """The head of a module after imports were added."""
    tree = tree_of(head)
    return apply(head, place_imports(tree, [NewImport(*one) for one in wanted]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # into the statement that imports from the same module, in its order
        ("from sqlalchemy import a, z\n", "from sqlalchemy import a, text, z\n"),
        ("from sqlalchemy import Table\n", "from sqlalchemy import Table, text\n"),
        ("from sqlalchemy import z, a\n", "from sqlalchemy import z, a, text\n"),
        ("from sqlalchemy import (a, z)\n", "from sqlalchemy import (a, text, z)\n"),
        ("from sqlalchemy import a, \\\n    z\n", "from sqlalchemy import a, \\\n    text, z\n"),
        ("from sqlalchemy import z; import os\n", "from sqlalchemy import text, z; import os\n"),
        (
            "from sqlalchemy import (\n    a,\n    z,  # why\n)\n",
            "from sqlalchemy import (\n    a,\n    text,\n    z,  # why\n)\n",
        ),
        (
            "from sqlalchemy import (\n    Z,  # one\n    a,  # two\n)\n",
            "from sqlalchemy import (\n    Z,  # one\n    a,  # two\n    text,\n)\n",
        ),
        (
            "from sqlalchemy import (\n    Z,\n    a  # two\n)\n",
            "from sqlalchemy import (\n    Z,\n    a,  # two\n    text\n)\n",
        ),
        (
            "from sqlalchemy import (\n    Z,\n    a)\n",
            "from sqlalchemy import (\n    Z,\n    a,\n    text)\n",
        ),
        (
            "from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, "
            "select\n",
            "from sqlalchemy import (\n    Column,\n    Integer,\n    MetaData,\n    String,\n"
            "    Table,\n    create_engine,\n    select,\n    text,\n)\n",
        ),
        # beside its kin
        (
            "import os\n\nfrom sqlalchemy.orm import Session\n",
            "import os\n\nfrom sqlalchemy import text\nfrom sqlalchemy.orm import Session\n",
        ),
        (
            "import sqlalchemy.orm as o\nfrom sqlalchemy.orm import Session\n",
            "import sqlalchemy.orm as o\nfrom sqlalchemy import text\n"
            "from sqlalchemy.orm import Session\n",
        ),
        # among other packages, in their order
        (
            "import os\n\nimport click\nfrom flask import x\n"
            "from zope import y\n\nfrom app import z\n",
            "import os\n\nimport click\nfrom flask import x\nfrom sqlalchemy import text\n"
            "from zope import y\n\nfrom app import z\n",
        ),
        # in a group of its own
        (
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\nx = 1\n',
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\n'
            "from sqlalchemy import text\n\nx = 1\n",
        ),
        (
            '"""Doc."""\nfrom __future__ import annotations\nx = 1\n',
            '"""Doc."""\nfrom __future__ import annotations\n\n'
            "from sqlalchemy import text\nx = 1\n",
        ),
        ("from .x import y\n", "from sqlalchemy import text\n\nfrom .x import y\n"),
        # at the top
        ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nfrom sqlalchemy import text\nx = 1\n'),
        ("#!/bin/python\nx = 1\n", "#!/bin/python\nfrom sqlalchemy import text\n\nx = 1\n"),
        ("x = 1\n", "from sqlalchemy import text\n\nx = 1\n"),
        ("", "from sqlalchemy import text\n"),
        # what is imported for type checkers only is no home
        (
            "if TYPE_CHECKING:\n    from sqlalchemy import a\n",
            "from sqlalchemy import text\n\nif TYPE_CHECKING:\n    from sqlalchemy import a\n",
        ),
        # comments over an import stay on it
        (
            "import os\n\n# the mapper\nfrom sqlalchemy.orm import a\n",
            "import os\n\nfrom sqlalchemy import text\n"
            "# the mapper\nfrom sqlalchemy.orm import a\n",
        ),
        ("import os\r\n", "import os\r\n\r\nfrom sqlalchemy import text\r\n"),
        ("from sqlalchemy import (\r\n  a,\r\n)\r\n",
         "from sqlalchemy import (\r\n  a,\r\n  text,\r\n)\r\n"),
    ],
)  # fmt: skip
def test_a_new_import_goes_where_it_belongs(before: str, after: str) -> None:
    assert placed(before, ("sqlalchemy", "text")) == after


def test_several_imports_are_added_together() -> None:
    assert placed(
        "from sqlalchemy import select\n",
        ("sqlalchemy", "text"),
        ("sqlalchemy", "and_"),
        ("sqlalchemy.orm", "Session"),
        ("sqlalchemy.exc", "DBAPIError"),
    ) == (
        "from sqlalchemy import and_, select, text\n"
        "from sqlalchemy.exc import DBAPIError\n"
        "from sqlalchemy.orm import Session\n"
    )


@pytest.mark.parametrize(
    ("head", "spelling"),
    [
        ("from sqlalchemy import text", "text"),
        ("from sqlalchemy import text as t", "t"),
        ("from sqlalchemy.sql import text", "text"),
        ("from sqlalchemy.sql.expression import text as t", "t"),
        ("import sqlalchemy as sa", "sa.text"),
        ("import sqlalchemy", "sqlalchemy.text"),
        ("import sqlalchemy\nimport sqlalchemy.orm", "sqlalchemy.text"),
        ("import sqlalchemy.orm", "sqlalchemy.text"),
        ("import sqlalchemy as sa\nfrom sqlalchemy import text", "text"),
    ],
)
def test_an_import_that_is_there_is_used(head: str, spelling: str) -> None:
    text = f"{head}\n\n\ndef f(c):\n    c('s')\n"
    assert wrapped(text) == text.replace("'s'", f"{spelling}('s')")


def test_a_module_imported_from_its_package_is_used() -> None:
    text = "from sqlalchemy import orm\n\n\ndef f(c):\n    c('s')\n"
    assert wrapped(text, module="sqlalchemy.orm", name="Session") == (
        text.replace("'s'", "orm.Session('s')")
    )


def test_an_import_inside_the_function_counts_there_alone() -> None:
    text = dedent("""\
        def f(c):
            from sqlalchemy import text
            c('s')


        def g(c):
            c('t')
        """)
    assert wrapped(text) == text.replace("'s'", "text('s')")
    assert wrapped(text, "'t'") == (
        "from sqlalchemy import text\n\n" + text.replace("'t'", "text('t')")
    )


def test_an_import_in_an_enclosing_function_counts_when_it_ran_before() -> None:
    text = dedent("""\
        def f(c):
            import sqlalchemy as sa

            def g():
                c('s')

            return g
        """)
    assert wrapped(text) == text.replace("'s'", "sa.text('s')")


def test_an_import_in_another_branch_does_not_count() -> None:
    text = dedent("""\
        def f(c):
            if c:
                import sqlalchemy as sa
            c('s')
        """)
    assert wrapped(text) == "from sqlalchemy import text\n\n" + text.replace("'s'", "text('s')")


def test_an_import_for_type_checkers_does_not_count() -> None:
    text = "if TYPE_CHECKING:\n    from sqlalchemy import text\n\nc('s')\n"
    assert wrapped(text) == "from sqlalchemy import text\n\n" + text.replace("'s'", "text('s')")


@pytest.mark.parametrize(
    "function",
    [
        "def f(c, text):\n    c('s')\n",
        "def f(c, *text):\n    c('s')\n",
        "def f(c):\n    text = 1\n    c('s')\n",
        "def f(c):\n    for text in c:\n        c('s')\n",
        "def f(c):\n    with c as (a, text):\n        c('s')\n",
        "def f(c):\n    if (text := c):\n        c('s')\n",
        "def f(c):\n    try:\n        c('s')\n    except E as text:\n        pass\n",
        "def f(c):\n    return [c('s') for text in c]\n",
        "def f(c):\n    return lambda text: c('s')\n",
        "def f(c):\n    text = 1\n\n    def g():\n        c('s')\n",
        "def f(c):\n    match c:\n        case {'a': text}:\n            c('s')\n",
        "def f(c):\n    def text():\n        pass\n\n    c('s')\n",
        "def f(c):\n    import text\n    c('s')\n",
        "class C:\n    text = 1\n    x = c('s')\n",
        "text = 1\n\n\ndef f(c):\n    c('s')\n",
        "def f(c):\n    global text\n    text = 1\n    c('s')\n",
        "def text(c):\n    c('s')\n",
    ],
)
def test_a_name_that_means_something_else_gets_another_spelling(function: str) -> None:
    result = wrapped("import os\n\n\n" + function)
    assert "c(sa_text('s'))" in result
    assert "from sqlalchemy import text as sa_text\n" in result
    result = wrapped("import sqlalchemy as sa\n\n\n" + function)
    assert result == "import sqlalchemy as sa\n\n\n" + function.replace("'s'", "sa.text('s')")


def test_a_method_does_not_see_the_names_of_its_class() -> None:
    text = "class C:\n    text = 1\n\n    def f(self, c):\n        c('s')\n"
    assert wrapped(text) == "from sqlalchemy import text\n\n" + text.replace("'s'", "text('s')")


def test_an_alias_that_is_shadowed_is_not_used() -> None:
    text = "import sqlalchemy as sa\n\n\ndef f(c, sa):\n    c('s')\n"
    assert wrapped(text) == (
        "import sqlalchemy as sa\nfrom sqlalchemy import text\n\n\n"
        "def f(c, sa):\n    c(text('s'))\n"
    )


def test_a_name_that_comes_from_a_star_import_is_not_taken_over() -> None:
    text = "from helpers import *\n\n\ndef f(c):\n    text(c)\n    c('s')\n"
    assert "c(sa_text('s'))" in wrapped(text)


def test_a_builtin_of_the_same_name_is_not_hidden() -> None:
    text = "def f(c):\n    any(c)\n    c('s')\n"
    assert "c(sa_any('s'))" in wrapped(text, name="any")


def test_no_free_name_is_a_refusal() -> None:
    tree = tree_of("def f(c, text, sa_text):\n    c('s')\n")
    at = ref(tree, "'s'")
    edits = Replace(at, "{text}({0})", (at,)), Import("sqlalchemy", "text")
    assert "another meaning" in refusal(tree, *edits)


def test_an_import_comes_before_what_runs_at_import() -> None:
    text = '"""Doc."""\nc(\'s\')\nfrom sqlalchemy import a\n'
    assert wrapped(text) == (
        '"""Doc."""\n\nfrom sqlalchemy import text\nc(text(\'s\'))\nfrom sqlalchemy import a\n'
    )
    text = "c('s')\nfrom sqlalchemy import text\n"
    assert wrapped(text) == (
        "from sqlalchemy import text\n\nc(text('s'))\nfrom sqlalchemy import text\n"
    )


def test_an_import_for_the_end_of_a_body_looks_into_the_function() -> None:
    tree = tree_of("def f(text):\n    a()\n")
    edit = Insert(ref(tree, "def f(text):\n    a()"), "body-end", "b({text})")
    assert apply_to(tree, edit, Import("sqlalchemy", "text")) == (
        "from sqlalchemy import text as sa_text\n\ndef f(text):\n    a()\n    b(sa_text)\n"
    )
