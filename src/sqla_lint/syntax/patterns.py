"""Lowers ``match``: each pattern becomes a row of tests that lead on to the next case.

A value pattern is a ``==``, ``None``/``True``/``False`` an ``is``; a class, sequence or mapping
pattern is a `compare` named "match" (the class as its argument and in `ann`), followed by reading
the parts. What Python would check besides (lengths, ``__match_args__``) is part of that "match".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import libcst as cst

from sqla_lint.ir import Ann, Arg, Const, Operand, Place, Test
from sqla_lint.syntax.annotations import Annotations
from sqla_lint.syntax.body import Body, StatementTable
from sqla_lint.syntax.conditions import branch
from sqla_lint.syntax.statements import suite
from sqla_lint.syntax.targets import path


def match(body: Body, node: cst.Match) -> None:
    subject = body.value(node.subject)
    after = body.block()
    for case in node.cases:
        onward = body.block()
        matched = body.block()
        pattern(body, case.pattern, subject, onward)
        if case.guard is not None:
            guarded = body.block()
            body.edge(guarded, "case")
            body.start(guarded)
            branch(body, case.guard, matched, onward)
        else:
            body.edge(matched, "case")
        body.start(matched)
        suite(body, case.body)
        body.go(after)
        body.start(onward)
    body.fall(after)


def pattern(body: Body, node: cst.MatchPattern, subject: Operand, no: int) -> None:
    """Go on here when ``subject`` matches, to ``no`` when it does not."""
    PATTERNS[type(node)](body, node, subject, no)


def _value(body: Body, node: cst.MatchValue, subject: Operand, no: int) -> None:
    _test(body, node, subject, "==", body.value(node.value), None, no)


def _singleton(body: Body, node: cst.MatchSingleton, subject: Operand, no: int) -> None:
    _test(body, node, subject, "is", body.value(node.value), None, no)


def _test(
    body: Body,
    node: cst.CSTNode,
    subject: Operand,
    operator: str,
    value: Operand | None,
    ann: Ann | None,
    no: int,
) -> None:
    at = body.ref(node)
    dst = body.temp()
    args = () if value is None else (Arg(value, at),)
    body.emit("compare", at, dst, subject, operator, args, ann)
    if operator == "is" and value == Const(None) and isinstance(subject, str):
        body.facts[dst] = Test(subject, "none", True)
    yes = body.block()
    body.decide(dst, at, yes, no)
    body.start(yes)


def _as(body: Body, node: cst.MatchAs, subject: Operand, no: int) -> None:
    """``_``, ``name`` or ``pattern as name``."""
    if node.pattern is not None:
        pattern(body, node.pattern, subject, no)
    if node.name is not None:
        _capture(body, node.name, subject)


def _capture(body: Body, node: cst.Name, value: Operand) -> None:
    body.emit("move", body.ref(node), body.bind(node.value), value)


def _or(body: Body, node: cst.MatchOr, subject: Operand, no: int) -> None:
    yes = body.block()
    last = len(node.patterns) - 1
    for index, one in enumerate(node.patterns):
        other = no if index == last else body.block()
        pattern(body, one.pattern, subject, other)
        body.edge(yes)
        if index < last:
            body.start(other)
    body.start(yes)


def _sequence(body: Body, node: cst.MatchList | cst.MatchTuple, subject: Operand, no: int) -> None:
    _test(body, node, subject, "match", None, None, no)
    elements: Sequence[cst.MatchSequenceElement | cst.MatchStar] = node.patterns
    starred = next(
        (index for index, one in enumerate(elements) if isinstance(one, cst.MatchStar)),
        len(elements),
    )
    for index, one in enumerate(elements):
        if isinstance(one, cst.MatchStar):
            if one.name is not None:
                place = body.bind(one.name.value)
                body.emit("unpack", body.ref(one), place, subject, f"*{index}")
            continue
        name = str(index) if index < starred else str(index - len(elements))
        _part(body, one.value, "unpack", subject, name, no)


def _part(
    body: Body, node: cst.MatchPattern, do: str, subject: Operand, name: str, no: int
) -> None:
    """Read a part of the subject and match it."""
    if isinstance(node, cst.MatchAs) and node.pattern is None and node.name is None:
        return  # `_` reads nothing
    at = body.ref(node)
    place: Place
    if do == "unpack":
        place = body.temp()
        body.emit("unpack", at, place, subject, name)
    else:
        place = path(subject, name) or body.temp()
        body.emit("getattr", at, place, subject, name)
    pattern(body, node, place, no)


def _mapping(body: Body, node: cst.MatchMapping, subject: Operand, no: int) -> None:
    _test(body, node, subject, "match", None, None, no)
    for element in node.elements:
        key = body.value(element.key)
        place = body.temp()
        at = body.ref(element)
        body.emit("getitem", at, place, subject, None, (Arg(key, body.ref(element.key)),))
        pattern(body, element.pattern, place, no)
    if node.rest is not None:
        _capture(body, node.rest, subject)


def _class(body: Body, node: cst.MatchClass, subject: Operand, no: int) -> None:
    cls = body.value(node.cls)
    ann = Annotations(body.ref, body.read).lower(node.cls)
    _test(body, node, subject, "match", cls, ann, no)
    for index, one in enumerate(node.patterns):
        _part(body, one.value, "unpack", subject, str(index), no)
    for keyword in node.kwds:
        _part(body, keyword.pattern, "getattr", subject, keyword.key.value, no)


PATTERNS: Final[StatementTable] = {
    cst.MatchAs: _as,
    cst.MatchClass: _class,
    cst.MatchList: _sequence,
    cst.MatchMapping: _mapping,
    cst.MatchOr: _or,
    cst.MatchSingleton: _singleton,
    cst.MatchTuple: _sequence,
    cst.MatchValue: _value,
}

TABLE: Final[StatementTable] = {cst.Match: match}
