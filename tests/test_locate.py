"""Refs find their place again, whatever the file looks like."""

from __future__ import annotations

import codecs

import libcst as cst
import pytest

from sqla_lint.finding import Span
from sqla_lint.syntax import Located, ParseFailure, index, locate, lower


def _find(located: Located, kind: type[cst.CSTNode], text: str) -> int:
    for ref in range(len(located)):
        start, end = located.offsets(ref)
        if isinstance(located.node(ref), kind) and located.text[start:end] == text:
            return ref
    raise AssertionError(f"no {kind.__name__} reads {text!r}")


@pytest.mark.parametrize(
    ("source", "span"),
    [
        (b"x = conn.go(a)\n", Span(1, 5, 1, 15)),
        (b"\xef\xbb\xbfx = conn.go(a)\n", Span(1, 5, 1, 15)),
        ("x = 'é€😀', conn.go(a)\n".encode(), Span(1, 12, 1, 22)),
        ("# coding: latin-1\nx = 'é', conn.go(a)\n".encode("latin-1"), Span(2, 10, 2, 20)),
        (b"if x:\r\n\tconn.go(a)\r\n", Span(2, 2, 2, 12)),
        (b"x = 1\ry = conn.go(a)\r", Span(2, 5, 2, 15)),
        (b"\x0c\nx = 1\n\x0c\nconn.go(a)\n", Span(4, 1, 4, 11)),
        (b"x = 1\n\x0cconn.go(a)\n", Span(2, 2, 2, 12)),
        (b"\x0cdef f():\n\x0c    conn.go(a)\n", Span(2, 6, 2, 16)),
        (b"'''\r\n\r\n''' ; conn.go(a)", Span(3, 7, 3, 17)),
        (b"x = \\\n  conn.go(a) # c", Span(2, 3, 2, 13)),
        (b"# only a comment\n\n(conn.go(a))\n\n\n", Span(3, 2, 3, 12)),
        (b"f'''\n{ conn.go(a) }'''\n", Span(2, 3, 2, 13)),
    ],
)
def test_a_call_is_found(source: bytes, span: Span) -> None:
    module = lower(source, "a.py", "a")
    [op] = [
        op
        for function in module.functions.values()
        for block in function.blocks
        for op in block.ops
        if op.do == "call"
    ]
    assert locate(source, [op.at]) == {op.at: span}


def test_refs_the_file_does_not_have_are_left_out() -> None:
    assert locate(b"x\n", [0, -1, 99]) == {0: Span(1, 1, 2, 1)}


def test_without_refs_nothing_is_parsed() -> None:
    assert locate(b"not python (", []) == {}


def test_spans_of_calls_over_several_lines() -> None:
    located = index(b"conn.go(\n    a,\n)\n")
    ref = _find(located, cst.Call, "conn.go(\n    a,\n)")
    assert located.span(ref) == Span(1, 1, 3, 2)


def test_parents_lead_to_the_module() -> None:
    located = index(b"def f():\n    g(a)\n")
    ref: int | None = _find(located, cst.Arg, "a")
    kinds = []
    while ref is not None:
        kinds.append(type(located.node(ref)).__name__)
        ref = located.parent(ref)
    assert kinds == [
        *("Arg", "Call", "Expr", "SimpleStatementLine", "IndentedBlock", "FunctionDef", "Module")
    ]


def test_a_definition_spans_from_its_keyword_and_reaches_from_its_decorator() -> None:
    located = index(b"# above\n\n@one\n@two\nasync def f(): pass\n")
    ref = _find(located, cst.FunctionDef, "@one\n@two\nasync def f(): pass")
    assert located.span(ref) == Span(5, 1, 5, 20)


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("x = [a for  b in c\n # why\n if d]\n", cst.CompFor, "for  b in c\n # why\n if d"),
        ("x = [a for b in c\n # why\n if d]\n", cst.CompIf, "if d"),
        ("x = a <  b\n", cst.ComparisonTarget, "<  b"),
        ("with a  as  b : pass\n", cst.AsName, "as  b"),
        ("def f(a, * , b , ): pass\n", cst.Parameters, "a, * , b"),
        ("def f(a, * , b , ): pass\n", cst.ParamStar, "*"),
        ("f( a , k = b , )\n", cst.Arg, "k = b"),
        ("def f( * a : A , b = c ): pass\n", cst.Param, "* a : A"),
        ("def f( * a : A , b = c ): pass\n", cst.Param, "b = c"),
        ("class A:\n  @d\n  def f(self): pass\n", cst.IndentedBlock, "@d\n  def f(self): pass"),
        ("def f(): pass\n", cst.Parameters, ""),
        ("f'a {b!r} c'\n", cst.FormattedStringText, "a "),
        ("x[ 1 : 2 ]\n", cst.Slice, "1 : 2"),
        ("try: pass\nexcept A as b : c\n", cst.ExceptHandler, "except A as b : c"),
    ],
)
def test_nodes_reach_from_their_first_to_their_last_character(
    code: str, kind: type[cst.CSTNode], text: str
) -> None:
    _find(index(code.encode()), kind, text)


# --- what cannot be parsed


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        (b"x = 'a\xff'\n", 1, 7, "byte 0xff is not utf-8"),
        (b"\n\nx = 'a\xff'\n", 3, 7, "byte 0xff is not utf-8"),
        (b"# coding: ascii\nx = '\xe9'\n", 2, 6, "byte 0xe9 is not ascii"),
        (b"# coding: nonsense\n", 1, 1, "unknown encoding: nonsense"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, 1, "contradicts the byte order mark"),
        (b"# coding: hex\nx\n", 1, 1, "cannot be used"),
        (b"x = 1\ny = '\0'\n", 2, 6, "null byte"),
        (b"\xff\xfex\0 \0=\0", 1, 1, "byte 0xff is not utf-8"),
        (b"x = 1\ndef f(:\n", 2, 7, "invalid syntax"),
        (b"\n\nx = (\n", 3, 5, "'(' was never closed"),
        (b"if a:\n    b\n  c\n", 3, None, "unindent"),
        (b"print 'hello'\n", 1, 1, "Missing parentheses"),
    ],
)
def test_what_is_not_python_says_where_and_why(
    source: bytes, line: int, column: int | None, message: str
) -> None:
    with pytest.raises(ParseFailure) as caught:
        lower(source, "some/file.py", "file")
    failure = caught.value
    assert failure.path == "some/file.py"
    assert failure.line == line
    assert column is None or failure.column == column
    assert message in failure.message
    assert str(failure).startswith(f"some/file.py:{line}:")
    assert "\n" not in failure.message


@pytest.mark.parametrize(
    "source", [b"", b"\n", b"\x0c", b"# c", codecs.BOM_UTF8, b"\r\n\r\n", b"  # x"]
)
def test_empty_files_are_fine(source: bytes) -> None:
    module = lower(source, "a.py", "a")
    assert [op for block in module.functions["<module>"].blocks for op in block.ops] == []
