"""Whatever the layout of a program, its fixes do what they say and touch nothing else.

Programs are generated with the layouts people write: tabs, one-line suites, semicolons, strings
and expressions over several lines, comments everywhere. The same fixes are made on Python's own
syntax tree, and both results must be the same program.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sqla_lint.finding import Delete, Edit, Enclose, Import, Insert, Replace
from sqla_lint.syntax.edit_suite import statement
from sqla_lint.syntax.rewrite import Tree
from test_fix_converge import Linter, argument

# --- the fixes ---------------------------------------------------------------------------------


def wrap(tree: Tree, at: int) -> tuple[Edit, ...]:
    return Replace(at, "{text}({0})", (argument(tree, at),)), Import("sqlalchemy", "text")


def drop(tree: Tree, at: int) -> tuple[Edit, ...]:
    return (Delete(at),)


def before(tree: Tree, at: int) -> tuple[Edit, ...]:
    return Insert(at, "before", "for i in n:\n    n(i)"), Replace(at + 1, "done")


def after(tree: Tree, at: int) -> tuple[Edit, ...]:
    return Insert(at, "after", "if n:\n    n()"), Replace(at + 1, "done")


def block(tree: Tree, at: int) -> tuple[Edit, ...]:
    last = statement(tree, tree.node(at)).siblings[-1]
    uses = tuple(ref for ref, node in enumerate(tree.nodes) if node is last)
    return (Enclose(at, uses, "with {0} as v:", (argument(tree, at),)),)


LINTER = Linter(wrap=wrap, drop=drop, before=before, after=after, block=block)


class OnTree(ast.NodeTransformer):
    """The same fixes on Python's own tree."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            renamed = {"wrap": "text", "before": "done", "after": "done"}
            node.func.id = renamed.get(node.func.id, node.func.id)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body:
                left = self.statements(body)
                setattr(node, name, left if isinstance(node, ast.Module) else left or [ast.Pass()])
        return super().generic_visit(node)

    def statements(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for index, node in enumerate(body):
            name = called(node)
            if name == "drop":
                continue
            if name == "block" and isinstance(node, (ast.Assign, ast.Expr)):
                assert isinstance(node.value, ast.Call)
                bound = ast.Name("v", ast.Store())
                items = [ast.withitem(node.value.args[0], bound)]
                found.append(ast.With(items, [*body[index + 1 :]] or [ast.Pass()]))
                break
            found += ast.parse("for i in n:\n    n(i)").body if name == "before" else []
            found.append(node)
            found += ast.parse("if n:\n    n()").body if name == "after" else []
        return found


def called(node: ast.stmt) -> str:
    if isinstance(node, (ast.Assign, ast.Expr)) and isinstance(node.value, ast.Call):
        return node.value.func.id if isinstance(node.value.func, ast.Name) else ""
    return ""


# --- the programs ------------------------------------------------------------------------------


@dataclass
class Writer:
    """Writes a program, with decisions drawn from hypothesis."""

    data: st.DataObject
    unit: str
    newline: str
    lines: list[str] = field(default_factory=list)
    comments: int = 0
    blocks: int = 0

    def choose(self, *choices: str) -> str:
        return self.data.draw(st.sampled_from(choices))

    def comment(self) -> str:
        """Perhaps a comment, no two of them the same."""
        if self.choose("no", "no", "yes") == "no":
            return ""
        self.comments += 1
        return f"  # comment {self.comments}"

    def operand(self, depth: int = 0) -> str:
        kind = self.choose("name", "number", "call", "wrap", "list", "string", "sum", "fstring")
        if depth > 2 or kind == "name":
            return "a"
        if kind == "number":
            return "1"
        inner = self.operand(depth + 1)
        if kind == "call":
            return f"f({inner},{self.comment()}\n b)"
        if kind == "wrap":
            return f"wrap({inner})"
        if kind == "list":
            return f"[{inner}, # {self.number()}\n\t{inner}\n]"
        if kind == "string":
            return self.choose('"s # no"', '"""s\n    s\n  # no\n"""', "'s' 't'", '("s"\n "t")')
        if kind == "sum":
            return f"({inner} + \\\n 2)"
        return self.choose("f'{a}'", 'f"""{a}\n  # no\n {b}"""')

    def number(self) -> int:
        self.comments += 1
        return self.comments

    def simple(self) -> str:
        kind = self.choose("call", "assign", "drop", "before", "after", "block")
        if kind == "block" and self.blocks < 4:
            self.blocks += 1
            return f"{self.choose('v = ', '')}block({self.operand()})"
        if kind == "assign":
            return f"x = {self.operand()}"
        if kind in ("drop", "before", "after"):
            return f"{kind}({self.choose('1', 'a')})"
        return f"g({self.operand()})"

    def put(self, indent: str, text: str) -> None:
        self.lines += (indent + text).split("\n")

    def suite(self, indent: str, header: str, depth: int) -> None:
        if self.choose("no", "no", "yes") == "yes":
            self.put(indent, f"{header} {self.simple()}{self.choose('', ';', '; h()')}")
            self.lines[-1] += self.comment()
            return
        self.put(indent, header + self.comment())
        self.body(indent + self.unit, depth + 1)

    def body(self, indent: str, depth: int = 0) -> None:
        for _ in range(self.data.draw(st.integers(1, 4 if depth == 0 else 2))):
            self.statement(indent, depth)
        if self.choose("no", "no", "yes") == "yes":
            self.put(indent, f"# foot {self.number()}")

    def statement(self, indent: str, depth: int) -> None:
        between = self.choose("", "", "blank", "comment", "left", "feed")
        if between == "blank":
            self.lines.append("")
        if between in ("comment", "left"):
            self.put(indent if between == "comment" else "", f"# own line {self.number()}")
        if between == "feed":
            self.lines.append("\x0c")
        kind = self.choose("simple", "simple", "two", "if", "for", "try", "def", "class", "with")
        if depth > 2 or kind == "simple":
            self.put(indent, self.simple() + self.choose("", "", ";"))
            self.lines[-1] += self.comment()
        elif kind == "two":
            self.put(indent, f"{self.simple()}; {self.simple()}")
            self.lines[-1] += self.comment()
        elif kind == "if":
            self.suite(indent, f"if {self.choose('a', 'wrap(a)')}:", depth)
            if self.choose("yes", "no") == "yes":
                self.suite(indent, "elif b:", depth)
            if self.choose("yes", "no") == "yes":
                self.suite(indent, "else:", depth)
        elif kind == "for":
            self.suite(indent, "for a in b:", depth)
            if self.choose("yes", "no") == "yes":
                self.suite(indent, "else:", depth)
        elif kind == "try":
            self.suite(indent, "try:", depth)
            self.suite(indent, "except E:", depth)
            if self.choose("yes", "no") == "yes":
                self.suite(indent, "finally:", depth)
        elif kind == "def":
            if self.choose("yes", "no") == "yes":
                self.put(indent, "@wrap(a)" + self.comment())
            self.suite(indent, self.choose("def f(a, b=wrap(1)):", "async def f(a):"), depth)
        elif kind == "class":
            self.suite(indent, "class C(a):", depth)
        else:
            self.suite(indent, "with a as b:", depth)


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    data = draw(st.data())
    unit = draw(st.sampled_from(["    ", "  ", "\t"]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    writer = Writer(data, unit, newline)
    head = draw(
        st.sampled_from(
            [
                [],
                ['"""Doc."""'],
                ["import os", ""],
                ["from sqlalchemy import select"],
                ["from sqlalchemy import (", "    select,  # head", ")"],
                ["# head"],
            ]
        )
    )
    writer.lines += head
    writer.body("")
    text = newline.join(writer.lines) + draw(st.sampled_from(["", newline]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig"]))
    return text.encode(encoding)


# --- the properties ----------------------------------------------------------------------------


def comments(data: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(data).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def without_our_import(tree: ast.Module) -> str:
    for node in list(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy":
            node.names = [name for name in node.names if name.name != "text"]
            if not node.names:
                tree.body.remove(node)
    return ast.dump(tree)


@given(programs())
@settings(max_examples=40, deadline=None)
def test_fixes_do_what_they_say_and_nothing_else(data: bytes) -> None:
    outcome = LINTER.fix(data)
    new = outcome.new_bytes
    assert not outcome.refused, [refused.reason for refused in outcome.refused]
    assert not outcome.remaining
    wanted = ast.fix_missing_locations(OnTree().visit(ast.parse(data)))
    assert without_our_import(ast.parse(new)) == ast.dump(wanted)
    assert not comments(data) - comments(new)
    again = LINTER.fix(new)
    assert again.new_bytes == new
    assert not again.applied
    assert new.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
    if b"\r\n" in data:
        assert new.count(b"\n") == new.count(b"\r\n")
    else:
        assert b"\r" not in new
