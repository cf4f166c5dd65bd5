"""What holds of every graph, on generated programs and on programs nobody would write."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_checks import check_module
from sqla_lint.ir import Const, Module, Op
from sqla_lint.syntax import ParseFailure, index, lower, positions
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.locate import Located
from sqla_lint.syntax.lower import lower_tree
from sqla_lint.syntax.positions import record
from sqla_lint.syntax.refs import number, walk


class Writer:
    """Writes random programs: every statement, nested in every other."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def name(self) -> str:
        return self.rng.choice(["a", "b", "conn", "self.db", "x", "session"])

    def variable(self) -> str:
        return self.rng.choice(["a", "b", "conn", "x", "s"])

    def value(self, depth: int) -> str:
        if depth <= 0:
            return self.rng.choice([self.name(), "1", "'s'", "None", "...", f"{self.name()}.y"])
        v = self.value
        d = depth - 1
        forms = [
            lambda: self.name(),
            lambda: f"f({v(d)}, *{v(d)}, k={v(d)})",
            lambda: f"{self.name()}.go({v(d)})",
            lambda: f"({v(d)}).go().on({v(d)})",
            lambda: f"({v(d)} and {v(d)} or not {v(d)})",
            lambda: f"({v(d)} if {v(d)} else {v(d)})",
            lambda: f"({v(d)} < {v(d)} <= {v(d)})",
            lambda: f"({v(d)} is not None)",
            lambda: f"[{v(d)} for {self.variable()} in {v(d)} if {v(d)}]",
            lambda: f"{{{v(d)}: {v(d)} for {self.variable()}, k in {v(d)} for b in k}}",
            lambda: f"any({v(d)} for {self.variable()} in {v(d)})",
            lambda: f"(lambda {self.variable()}, q={v(d)}: {v(d)})",
            lambda: f"({self.variable()} := {v(d)})",
            lambda: f"({v(d)} + {v(d)} * -{v(d)})",
            lambda: f"[{v(d)}, *{v(d)}]",
            lambda: f"{{'k': {v(d)}, **{v(d)}}}",
            lambda: f"{self.name()}[{v(d)}, 1:{v(d)}]",
            lambda: "f'{a!r:>{b}} and {x.y}' 'tail'",
            lambda: f"(await {v(d)})",
            lambda: f"(yield {v(d)})",
        ]
        return self.rng.choice(forms)()

    def target(self) -> str:
        return self.rng.choice(["a", "b", "self.db", "a[b]", "(a, *x, b.c)", "conn"])

    def suite(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 3)):
            lines.extend(self.statement(depth))
        return ["    " + line for line in lines]

    def statement(self, depth: int) -> list[str]:
        v = self.value(self.rng.randint(0, 2))
        if depth <= 0:
            simple = [
                v,
                f"{self.target()} = {v}",
                f"{self.variable()}: 'X | None' = {v}",
                f"{self.variable()} += {v}",
                "return",
                f"return {v}",
                "break",
                "continue",
                "pass",
                "raise",
                f"raise {v} from None",
                f"assert {v}, {v}",
                f"del {self.variable()}",
                "import m.n as s, o.p",
                "from . import (a as b, s)",
                f"global {self.variable()}",
            ]
            return [self.rng.choice(simple)]
        suite, d = self.suite, depth - 1
        compound = [
            lambda: [
                f"if {v}:",
                *suite(d),
                f"elif {self.value(1)}:",
                *suite(d),
                "else:",
                *suite(d),
            ],
            lambda: [f"while {v}:", *suite(d), "else:", *suite(d)],
            lambda: ["while True:", *suite(d)],
            lambda: [f"for {self.target()} in {v}:", *suite(d), "else:", *suite(d)],
            lambda: ["try:", *suite(d), "finally:", *suite(d)],
            lambda: ["try:", *suite(d), "except (E, F) as s:", *suite(d), "except:", *suite(d)],
            lambda: [
                *("try:", *suite(d), "except E:", *suite(d)),
                *("else:", *suite(d), "finally:", *suite(d)),
            ],
            lambda: ["try:", *suite(d), "except* E as s:", *suite(d), "except* F:", *suite(d)],
            lambda: [f"with {v} as {self.target()}, {self.name()}:", *suite(d)],
            lambda: [
                "async def s():",
                f"    async with {v} as s:",
                *("    " + x for x in suite(d)),
            ],
            lambda: [f"@{self.name()}", f"def s(a, *, b={v}):", *suite(d)],
            lambda: ["class C(a, b.c):", *suite(d)],
            lambda: [
                f"match {v}:",
                f"    case [a, *_] | {{'k': a}} if {self.value(1)}:",
                *("    " + line for line in suite(d)),
                "    case C(1, k=None) as s:",
                *("    " + line for line in suite(d)),
            ],
        ]
        return self.rng.choice([*compound, lambda: self.statement(0)])()

    def program(self) -> str:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 4)):
            lines.extend(self.statement(self.rng.randint(0, 3)))
        return "\n".join(lines) + "\n"


def lowered(code: str) -> Module:
    return lower(code.encode(), "generated.py", "generated")


@given(st.integers(min_value=0))
@settings(max_examples=80, deadline=None)
def test_the_graph_of_any_program_is_sound(seed: int) -> None:
    code = Writer(random.Random(seed)).program()
    module = lowered(code)
    check_module(module)
    assert lowered(code) == module, "lowering must be deterministic"
    assert pickle.loads(pickle.dumps(module)) == module


@given(st.integers(min_value=0))
@settings(max_examples=20, deadline=None)
def test_refs_mean_the_same_when_locating(seed: int) -> None:
    code = Writer(random.Random(seed)).program()
    module = lowered(code)
    located = index(code.encode())
    assert located.text == code
    tree = located.module
    nodes, _ = walk(tree)
    assert number(tree) == {id(node): ref for ref, node in enumerate(nodes)}
    for function in module.functions.values():
        for block in function.blocks:
            for op in block.ops:
                _check_place(op, located.node(op.at), _text(located.text, located.offsets(op.at)))


def _text(text: str, place: tuple[int, int]) -> str:
    return text[place[0] : place[1]]


def _check_place(op: Op, node: cst.CSTNode, text: str) -> None:
    if op.do == "call" and not isinstance(node, cst.Assert):
        assert isinstance(node, cst.Call)
        assert text.endswith(")")
        if op.name is not None:
            assert op.name in text
    if op.do in ("move", "unpack") and isinstance(node, cst.Name) and op.dst is not None:
        assert text == op.dst.partition("@")[0]
    if op.do == "getattr" and isinstance(node, cst.Attribute):
        assert op.name is not None
        assert text.endswith(op.name)
    if op.do == "return" and isinstance(node, cst.Return):
        assert text.startswith("return")
    if op.do == "enter":
        assert isinstance(node, cst.WithItem)


def test_writing_a_tree_in_pieces_changes_no_position(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(20):
        tree = cst.parse_module(Writer(random.Random(seed)).program())
        nodes, parents = walk(tree)
        whole = record(nodes, parents)
        monkeypatch.setattr(positions, "PIECE", 3)
        pieces = record(nodes, parents)
        monkeypatch.undo()
        assert pieces.text == whole.text == tree.code
        assert pieces.inner == whole.inner
        assert pieces.outer == whole.outer
        assert walk(tree) == (nodes, parents), "the tree is as before"


# --- depth: built as trees, because the parser needs minutes for some of these


def _chain(length: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("q")
    for _ in range(length):
        method = cst.Attribute(value, cst.Name("where"))
        value = cst.Call(method, [cst.Arg(cst.Name("a"))])
    return value


def _lists(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.List([cst.Element(value)])
    return value


def _sums(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.BinaryOperation(value, cst.Add(), cst.Name("b"))
    return value


def _nots(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.UnaryOperation(cst.Not(), value)
    return value


def _ternaries(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.IfExp(cst.Name("b"), cst.Name("c"), value)
    return value


def _calls(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.Call(cst.Name("f"), [cst.Arg(value)])
    return value


def _attributes(depth: int) -> cst.BaseExpression:
    value: cst.BaseExpression = cst.Name("a")
    for _ in range(depth):
        value = cst.Attribute(value, cst.Name("b"))
    return value


@pytest.mark.parametrize(
    ("make", "depth", "operations"),
    [
        (_chain, 5_000, 5_000),
        (_lists, 3_000, 3_000),
        (_sums, 3_000, 3_000),
        (_nots, 3_000, 3_000),
        (_ternaries, 3_000, 6_000),
        (_calls, 3_000, 3_000),
        (_attributes, 3_000, 3_000),
    ],
)
def test_deep_expressions_do_not_overflow(
    make: Callable[[int], cst.BaseExpression], depth: int, operations: int
) -> None:
    def work() -> tuple[Module, int]:
        statement = cst.SimpleStatementLine([cst.Expr(make(depth))])
        tree = cst.Module([statement])
        module = lower_tree(tree, "deep.py", "deep")
        located = Located(record(*walk(tree)).text, tree)
        return module, located.span(1).end_column

    module, end = deeply(work)
    ops = [op for block in module.functions["<module>"].blocks for op in block.ops]
    assert len(ops) == operations
    assert end > depth
    check_module(module)


@pytest.mark.parametrize(
    "code",
    [
        "if a:\n    f()\n" + "elif a:\n    f()\n" * 3_000,
        "x = " + " and ".join(["a"] * 3_000) + "\n",
        "x = (" + "'a' " * 3_000 + ")\n",
        "x = " + "(" * 500 + "a" + ")" * 500 + "\n",
        "x = q" + ".where(a)" * 300 + "\n",
        "x = [" + "1, " * 10_000 + "]\n",
    ],
    ids=["elif", "and", "strings", "parentheses", "chain", "long list"],
)
def test_long_files_do_not_overflow(code: str) -> None:
    check_module(lowered(code))


def test_what_the_parser_cannot_nest_is_a_parse_failure() -> None:
    code = "".join(" " * depth + "if a:\n" for depth in range(200)) + " " * 200 + "pass\n"
    with pytest.raises(ParseFailure):
        lowered(code)


def test_copies_of_nested_finally_bodies_are_bounded() -> None:
    lines = []
    for depth in range(20):
        pad = "    " * depth
        lines += [f"{pad}try:", f"{pad}    f({depth})", f"{pad}finally:"]
    code = "\n".join(lines) + "\n" + "    " * 20 + "g()\n"
    blocks = lowered(code).functions["<module>"].blocks
    assert len(blocks) < 1_000


# --- single facts that no graph shows


def _ops(code: str, name: str = "<module>") -> list[Op]:
    return [op for block in lowered(code).functions[name].blocks for op in block.ops]


def test_setattr_names_its_path() -> None:
    assert [op.dst for op in _ops("self.db.x = 1\nf().x = 1\n") if op.do == "setattr"] == [
        "self.db.x",
        None,
    ]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("0x_ff", 255),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("2j", 2j),
        ("-1", -1),
        ("'\\x41\\n'", "A\n"),
        ("rb'\\d'", b"\\d"),
        ('"""a\nb"""', "a\nb"),
        ("'a' u'b'", "ab"),
        ("...", ...),
        ("True", True),
        ("9" * 5000, float("inf")),
    ],
)
def test_literals_have_their_value(source: str, value: object) -> None:
    assert _ops(f"x = {source}\n")[-1].on == Const(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("f'a\\\\\"{x}'", 'a\\"'),
        ("f'{{\\n\\x41\\N{DASH}\\'{x}'".replace("DASH", "EN DASH"), "{\nA\N{EN DASH}'"),
        ("rf'\\n{x}'", "\\n"),
        ("f'''a\r\nb{x}'''", "a\nb"),
        ("'\\xg' f'{x}'", "\\xg"),
        ("f'\\xg{x}'", "\\xg"),
    ],
)
def test_the_text_of_an_f_string_has_its_value(source: str, text: str) -> None:
    [op] = [op for op in _ops(f"y = {source}\n") if op.do == "format"]
    assert op.args[0].value == Const(text)


def test_module_facts() -> None:
    module = lower(b'"""doc"""\nclass A: pass\n', "a/__init__.py", "a", is_package=True)
    assert module.is_package
    assert module.lines == 2
    assert module.functions["<module>"].doc
    assert list(module.functions) == ["<module>", "A"]
    assert not module.functions["A"].doc


@pytest.mark.parametrize(
    ("source", "lines"),
    [(b"", 0), (b"x", 1), (b"x\n", 1), (b"x\r\ny\r\n", 2), (b"x\ry", 2), (b"\n\n", 2)],
)
def test_lines_are_counted_as_editors_do(source: bytes, lines: int) -> None:
    assert lower(source, "a.py", "a").lines == lines
