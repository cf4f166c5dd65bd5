"""The field table is held against libcst: what a new libcst brings must be sorted in."""

from __future__ import annotations

import dataclasses
import inspect

import libcst as cst
import pytest

from sqla_lint.syntax import index
from sqla_lint.syntax.fields import CHILDREN
from sqla_lint.syntax.lower import STATEMENTS, VALUES
from sqla_lint.syntax.patterns import PATTERNS

# Nodes that say nothing by themselves: whitespace, commas, brackets, and tokens which the lowering
# of their parent reads.
TOKENS = (
    cst.BaseAugOp,
    cst.BaseBinaryOp,
    cst.BaseBooleanOp,
    cst.BaseCompOp,
    cst.BaseParenthesizableWhitespace,
    cst.BaseUnaryOp,
    cst.AssignEqual,
    cst.Asynchronous,
    cst.BitOr,
    cst.Colon,
    cst.Comma,
    cst.Comment,
    cst.Dot,
    cst.EmptyLine,
    cst.LeftCurlyBrace,
    cst.LeftParen,
    cst.LeftSquareBracket,
    cst.Newline,
    cst.RightCurlyBrace,
    cst.RightParen,
    cst.RightSquareBracket,
    cst.Semicolon,
    cst.TrailingWhitespace,
)

# Fields left out of the table, and why.
LEFT_OUT = {
    "token": {
        *("operator", "comma", "semicolon", "equal", "dot", "colon", "separator", "trailing_comma"),
        *("lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace"),
        *("first_colon", "second_colon", "star", "asynchronous", "relative", "posonly_ind"),
    },
    "whitespace": {
        *("leading_lines", "lines_after_decorators", "header", "footer", "indent"),
        *("leading_whitespace", "trailing_whitespace"),
    },
    "text": {"value", "start", "end", "conversion"},
    "file": {
        *("encoding", "default_indent", "default_newline", "has_trailing_newline"),
    },
}
# The classes whose `value` is text, not a node.
TEXT_VALUES = {
    *(cst.Name, cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString),
    *(cst.FormattedStringText, cst.TemplatedStringText),
}


def _node_classes() -> list[type[cst.CSTNode]]:
    classes = [
        value
        for value in vars(cst).values()
        if inspect.isclass(value) and issubclass(value, cst.CSTNode)
    ]
    return sorted(
        (one for one in classes if not inspect.isabstract(one) and not issubclass(one, TOKENS)),
        key=lambda one: one.__name__,
    )


def test_every_node_class_is_in_the_table() -> None:
    assert {one.__name__ for one in _node_classes()} == {one.__name__ for one in CHILDREN}


@pytest.mark.parametrize("cls", _node_classes(), ids=lambda cls: cls.__name__)
def test_every_field_is_a_child_or_left_out_for_a_reason(cls: type[cst.CSTNode]) -> None:
    assert dataclasses.is_dataclass(cls)
    fields = {field.name for field in dataclasses.fields(cls)}
    children = set(CHILDREN[cls])
    assert children <= fields
    left_out = {name for names in LEFT_OUT.values() for name in names}
    if cls not in TEXT_VALUES:
        left_out.discard("value")
    if cls is cst.CompFor or cls is cst.ParamSlash:
        left_out.add("whitespace_after")
    for name in fields - children:
        assert name in left_out or name.startswith("whitespace_"), f"{cls.__name__}.{name}"


def test_every_expression_statement_and_pattern_is_lowered() -> None:
    lowered = {*VALUES, *STATEMENTS, *PATTERNS}
    # Only ever parts of other strings.
    parts = {cst.SimpleStatementLine}
    for cls in _node_classes():
        kinds = (cst.BaseExpression, cst.BaseSmallStatement, cst.BaseStatement, cst.MatchPattern)
        if issubclass(cls, kinds) and cls not in parts:
            assert cls in lowered, cls.__name__


def test_children_stand_in_the_order_of_the_source() -> None:
    code = (
        "@d\ndef f(a: A, /, b=1, *c, e=2, **g) -> R:\n    return x if t else y\n"
        "class C(B, m=M):\n    z = [u for u in v if w]\n"
        "match s:\n    case {'k': 1, **r} if q: pass\n"
        "with p as o: h = i, {j: k, **l}\n"
    )
    located = index(code.encode())
    starts = [located.offsets(ref)[0] for ref in range(len(located))]
    assert starts == sorted(starts)
