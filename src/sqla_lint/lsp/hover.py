"""What is known of the expression under the cursor, and where that knowledge comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqla_lint.finding import Span
from sqla_lint.ir import Const, Module, Op, Operand, Ref
from sqla_lint.lsp.folder import Linked
from sqla_lint.project.explain import OWNERS, Explainer, Reason, describe
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import OWNED, Kind
from sqla_lint.reading import read_python
from sqla_lint.syntax import locate

_WORD = re.compile(r"[^\W\d]\w*")
# Kinds that everybody sees in the source, or that other tools tell better.
_PLAIN = frozenset(
    {"ANSWER", "STR", "INT", "BOOL", "FLOAT", "BYTES", "NONE", "NAME", "MODULE", "METHOD"}
    | {"FUNCTION"}
)


class _Known(NamedTuple):
    """An operand that the word under the cursor names."""

    said: str  # how it is called in the answer
    operand: Operand
    kind: Kind
    typed: Typed


def kind_at(linked: Linked, path: str, text: str, line: int, column: int) -> str | None:
    """What the expression at a place is, in Markdown; None when nothing is known of it.

    Line and column count from 1. The project must hold the file as the text has it.
    """
    word = _word(text, line, column)
    modules = linked.project.knowledge.index.modules.values()
    module = next((one for one in modules if one.path == path), None)
    if word is None or module is None:
        return None
    explainer = Explainer(linked.project)
    spans = locate(text.encode(), {op.at for op in _ops(module)})
    here = sorted(
        (
            (_distance(span, line, column), number, i, typed)
            for function in module.functions.values()
            if (typed := explainer.typed(module, function)) is not None
            for number, block in enumerate(function.blocks)
            for i, op in enumerate(block.ops)
            if (span := spans.get(op.at)) is not None and span.line <= line <= span.end_line
        ),
        key=lambda one: one[0],
    )
    for _, number, i, typed in here:
        for known in _named(word, typed, number, i):
            if known.kind.known and known.kind.name not in _PLAIN:
                return _told(known, explainer, text, path)
    return None


def _ops(module: Module) -> Iterator[Op]:
    for function in module.functions.values():
        for block in function.blocks:
            yield from block.ops


def _word(text: str, line: int, column: int) -> str | None:
    lines = text.splitlines()
    if line > len(lines):
        return None
    for match in _WORD.finditer(lines[line - 1]):
        if match.start() < column <= match.end() + 1:
            return match[0]
    return None


def _distance(span: Span, line: int, column: int) -> tuple[bool, int, int]:
    """Operations around the place first, the innermost of them foremost."""
    around = (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)
    return not around, span.end_line - span.line, span.end_column - span.column


def _named(word: str, typed: Typed, number: int, i: int) -> Iterator[_Known]:
    """The operands of an operation that are called so."""
    op = typed.function.blocks[number].ops[i]
    result = typed.dst[number][i]
    if op.do in ("call", "getattr") and op.name == word and op.dst is not None:
        yield _Known(f"what `{word}` gives", op.dst, result, typed)
    operands = [(op.on, typed.on[number][i]), (op.dst, result)]
    operands += zip((arg.value for arg in op.args), typed.args[number][i], strict=False)
    for operand, kind in operands:
        if operand is None or isinstance(operand, Const):
            continue
        name = operand.partition("@")[0]
        if name.rpartition(".")[2] == word:
            yield _Known(f"`{name}`", operand, kind, typed)


def _told(known: _Known, explainer: Explainer, text: str, path: str) -> str:
    owner = OWNERS.get(known.kind.owner, "") if known.kind.name in OWNED else ""
    lines = [f"{known.said} is {describe(known.kind)}" + (f"; {owner}" if owner else "")]
    reasons = explainer.explain(known.operand, known.typed)
    places = _places(reasons, {path: text.encode()})
    for number, reason in enumerate(reasons, 1):
        place = places.get((reason.path, reason.at))
        where = Path(reason.path).name
        lines.append(
            f"{number}. {reason.text} ({where}:{place})" if place else f"{number}. {reason.text}"
        )
    first, *rest = lines
    return "\n".join([first, *(["", *rest] if rest else [])])


def _places(reasons: tuple[Reason, ...], open_: dict[str, bytes]) -> dict[tuple[str, Ref], int]:
    """The lines of the reasons, in whatever files they are."""
    wanted: dict[str, set[Ref]] = {}
    for reason in reasons:
        wanted.setdefault(reason.path, set()).add(reason.at)
    found: dict[tuple[str, Ref], int] = {}
    for path, refs in wanted.items():
        try:
            source = open_.get(path) or read_python(path)
        except OSError:
            continue
        found |= {(path, ref): span.line for ref, span in locate(source, refs).items()}
    return found
