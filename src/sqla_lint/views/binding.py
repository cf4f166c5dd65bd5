"""The fix for values pasted into SQL: a parameter in the text, and the value beside it.

Only where the whole text is put together in one expression of this function; else the author must
see how the parts come together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.finding import Applicability, Edit, Import, Replace, Rewrite
from sqla_lint.ir import Arg, Const, Op, Operand, Ref
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import NAME
from sqla_lint.regex import pattern
from sqla_lint.sqltext import HOLE
from sqla_lint.views.function import Call
from sqla_lint.views.sql import SqlText, reader, spot

_PERCENT = pattern(r"%%|%(?:\((\w+)\))?s")
_BRACES = pattern(r"\{\{|\}\}|\{(\w*)\}")
_PLACE = pattern(r"[A-Za-z_][\w.]*")
_WILD = frozenset("%_")
# A parameter may follow these; after a word such as DATE or INTERVAL only a literal may, and what
# touches a colon or a letter is no parameter to `text()`.
_MAY_FOLLOW = pattern(
    r"(?:[=<>(,|+]|\b(?:I?LIKE|AND|OR|BETWEEN|SELECT|THEN|ELSE|WHEN|LIMIT|OFFSET|IN))\s*$", re.I
)
_NOT_BINDABLE = frozenset({"ddl", "session-setting", "transaction"})
# Statements of which PostgreSQL takes no parameter, whatever the driver sends.
_UNPREPARED = frozenset({"CLUSTER", "COMMENT", "LISTEN", "NOTIFY", "UNLISTEN", "VACUUM"})
_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars"})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
LINE_LENGTH = 100  # a text that was written over several lines would not fit in one


class _Piece(NamedTuple):
    """An expression in the text."""

    spot: Spot
    conversion: str = ""


class _Value(NamedTuple):
    """A parameter: its name, and a template and refs for its value."""

    name: str
    template: str
    refs: tuple[Ref, ...]
    expanding: bool = False


def bound(call: Call, sql: SqlText) -> Rewrite | None:
    """`text(f"... = '{x}'")` as `text("... = :x")`, with the values where the text is executed."""
    made = _text_call(call, sql)
    if made is None:
        return None
    frame, at, op = made
    pieces = _pieces(frame, at, op)
    if pieces is None:
        return None
    found = _with_parameters(call, pieces)
    if found is None:
        return None
    literal, literal_refs, values = found
    template, refs = _joined(literal, literal_refs)
    here = op.at
    if here != sql.argument.at and _is_inside(call, sql, op):  # text(dedent(f"..."))
        template = f"{{{len(refs)}}}({template})"
        refs, here = (*refs, sql.argument.at + 1), sql.argument.at
    if "\n" not in literal and len(literal) > LINE_LENGTH:
        return None
    edits = _placed(call, sql, here, template, refs, values)
    if edits is None:
        return None
    if any(value.expanding for value in values):
        edits = (*edits, Import("sqlalchemy", "bindparam"))
    return Rewrite("bind the value", Applicability.UNSAFE, edits)


def _text_call(call: Call, sql: SqlText) -> tuple[Frame, tuple[int, int], Op] | None:
    """The expression that puts the text together, when the call is `text()` of it alone."""
    named = call.library_name.rpartition(".")[2] or (call.name or "")
    if named != "text" or len(call.op.args) != 1 or call.op.args[0].keyword:
        return None
    start = spot(call, sql.argument, call.arg_kinds[0])
    makers = list(reader(call.function.project).origins.makers(start)) if start else []
    if len(makers) != 1 or makers[0].frame.label != call.function.label:
        return None
    frame, at = makers[0].frame, makers[0].at
    op = frame.op(at)
    if op.do == "call" and len(op.args) == 1 and op.name in (None, "dedent"):
        inner = _made(frame, op.args[0].value)  # textwrap.dedent(f"...")
        if inner is not None:
            return frame, inner, frame.op(inner)
    return frame, at, op


def _is_inside(call: Call, sql: SqlText, op: Op) -> bool:
    """The text is an argument of the call that is written as the argument of `text()`."""
    made = call.function.maker(sql.argument.value)
    inside = made is not None and made.op.do == "call" and made.op.at == sql.argument.at
    return inside and made is not None and [arg.at for arg in made.op.args] == [op.at]


def _pieces(frame: Frame, at: tuple[int, int], op: Op) -> list[str | _Piece] | None:
    """The text as constants and expressions, all of them written in one expression."""
    spots = frame.args(at)
    if op.do == "format":
        return [
            str(arg.value.value)
            if isinstance(arg.value, Const) and arg.keyword is None
            else _Piece(one, (arg.keyword or "").replace("!s", ""))
            for arg, one in zip(op.args, spots, strict=True)
        ]
    if op.do == "binop" and op.name == "+" and len(spots) == 2:
        out: list[str | _Piece] = []
        for one in spots:
            inner = _made(frame, one.operand)
            if isinstance(one.operand, Const) and isinstance(one.operand.value, str):
                out.append(one.operand.value)
            elif inner is not None and _is_text(frame.op(inner)):
                below = _pieces(frame, inner, frame.op(inner))
                if below is None:
                    return None
                out += below
            else:
                out.append(_Piece(one))
        return out
    if op.do == "binop" and op.name == "%" and len(spots) == 2:
        left, right = spots
        if not isinstance(left.operand, Const) or not isinstance(left.operand.value, str):
            return None
        inner = _made(frame, right.operand)
        pack = frame.op(inner) if inner is not None else None
        if inner is not None and pack is not None and pack.do == "pack":
            args = frame.args(inner)
            if pack.name == "tuple":
                return _filled(left.operand.value, _PERCENT, args, {})
            if pack.name == "dict" and not any(arg.star for arg in pack.args):
                words = {
                    str(k.operand.value): v
                    for k, v in zip(args[::2], args[1::2], strict=True)
                    if isinstance(k.operand, Const)
                }
                return _filled(left.operand.value, _PERCENT, [], words)
            return None
        return _filled(left.operand.value, _PERCENT, [right], {})
    if op.do == "call" and op.name == "format" and isinstance(op.on, Const):
        if any(arg.star for arg in op.args):
            return None
        pairs = list(zip(op.args, spots, strict=True))
        return _filled(
            str(op.on.value),
            _BRACES,
            [one for arg, one in pairs if not arg.keyword],
            {arg.keyword: one for arg, one in pairs if arg.keyword},
        )
    return None


def _is_text(op: Op) -> bool:
    return op.do == "format" or (op.do == "binop" and op.name == "+")


def _made(frame: Frame, operand: Operand) -> tuple[int, int] | None:
    if not isinstance(operand, str) or operand[0] != "%":
        return None
    positions = frame.graph.makers.get(operand, [])
    return positions[0] if len(positions) == 1 else None


def _filled(
    template: str, pattern: re.Pattern[str], values: list[Spot], words: dict[str, Spot]
) -> list[str | _Piece] | None:
    """The text of a template with its fields filled in; None for fields with a format."""
    out: list[str | _Piece] = []
    given = iter(values)
    end = 0
    for match in pattern.finditer(template):
        out.append(template[end : match.start()])
        end = match.end()
        if match[0] in ("%%", "{{", "}}"):
            out.append(match[0][0])
            continue
        name = match[1] or ""
        if name.isdigit():
            value = values[int(name)] if int(name) < len(values) else None
        else:
            value = words.get(name) if name else next(given, None)
        if value is None:
            return None
        out.append(_Piece(value))
    rest = template[end:]
    if pattern is _PERCENT and "%" in "".join(p for p in [*out, rest] if isinstance(p, str)):
        return None  # a conversion with a width, or a doubled sign: LIKE
    if pattern is _BRACES and "{" in rest:
        return None
    return [*out, rest]


def _with_parameters(
    call: Call, pieces: list[str | _Piece]
) -> tuple[str, list[Ref], list[_Value]] | None:
    """The literal with `:name` for values, and a mark for what stays in it; refs of the latter."""
    texts = [piece if isinstance(piece, str) else HOLE for piece in pieces]
    whole = "".join(texts)
    if sqltext.kind(whole) in _NOT_BINDABLE or sqltext.verb(whole) in _UNPREPARED:
        return None
    positions: Iterator[sqltext.Position] = iter(sqltext.holes(whole))
    taken = set(sqltext.bind_names(whole))
    values: list[_Value] = []
    refs: list[Ref] = []
    out = ""
    skip = False
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            out += piece[1:] if skip else piece
            skip = False
            continue
        position = next(positions, None) or "other"
        texts_of = reader(call.function.project).texts(piece.spot)
        holes = [hole for text in texts_of for hole in text.holes]
        if all(hole.harmless for hole in holes):
            refs.append(piece.spot.ref)
            out += f"{HOLE}{piece.conversion}{HOLE}"
            continue
        before, after = out, texts[number + 1] if number + 1 < len(texts) else ""
        value = _value(piece, position, before, after, taken)
        outer = before.rpartition("'")[0] if position == "quoted" else before
        behind = after.partition("'")[2] if position == "quoted" else after
        if value is None or behind[:1] in (":", "[") or not _MAY_FOLLOW.search(outer):
            return None
        taken.add(value.name)
        values.append(value)
        if position == "quoted":
            left = before.rpartition("'")[0]
            right = after.partition("'")[2]
            out = f"{left}:{value.name}"
            pieces[number + 1] = right
            texts[number + 1] = right
        elif position == "list":
            out = f"{before.rstrip()[:-1]}:{value.name}"
            pieces[number + 1] = after.lstrip()[1:]
            texts[number + 1] = str(pieces[number + 1])
        else:
            out += f":{value.name}"
    return (out, refs, values) if values else None


def _value(
    piece: _Piece, position: sqltext.Position, before: str, after: str, taken: set[str]
) -> _Value | None:
    operand, ref = piece.spot.operand, piece.spot.ref
    place = operand if isinstance(operand, str) and _PLACE.fullmatch(operand) else ""
    name = free_name(place.rpartition(".")[2] or "value", taken)
    if position == "value" and piece.conversion in ("", "!r"):
        made = _made(piece.spot.frame, operand)
        of = _collection(piece.spot.frame, made) if made is not None else None
        if before.rstrip().upper().endswith(" IN"):
            return None if of is None else of._replace(name=free_name(of.name, taken))
        return _Value(name, "{}", (ref,))
    if position == "quoted" and piece.conversion == "":
        prefix, suffix = before.rpartition("'")[2], after.partition("'")[0]
        if "'" not in before or "'" not in after or HOLE in prefix + suffix:
            return None
        if not prefix and not suffix:
            return _Value(name, "{}", (ref,))
        if place and set(prefix + suffix) <= _WILD:
            return _Value(name, f'f"{prefix}{{{{{place}}}}}{suffix}"', ())
        return None
    if position == "list" and piece.conversion == "":
        made = _made(piece.spot.frame, operand)
        of = _collection(piece.spot.frame, made) if made is not None else None
        opened, closed = before.rstrip().endswith("("), after.lstrip().startswith(")")
        if of is None or not opened or not closed:
            return None
        return of._replace(name=free_name(of.name, taken))
    return None


def _collection(frame: Frame, at: tuple[int, int]) -> _Value | None:
    """The collection whose elements `", ".join(...)` or `tuple(...)` pastes in."""
    op = frame.op(at)
    args = frame.args(at)
    if op.do != "call" or len(args) != 1:
        return None
    one = args[0]
    if op.name is None and one.kind.known is not None:
        label = frame.on(at).kind
        if label.name != NAME or label.label != "builtins.tuple":
            return None
        return _listed(one.operand, one.ref)
    if op.name != "join":
        return None
    inner = _made(frame, one.operand)
    if inner is None:
        return _listed(one.operand, one.ref)
    pack = frame.op(inner)
    if pack.do == "call" and pack.name is None and len(pack.args) == 2 and pack.on == "map":
        if pack.args[0].value in ("str", "repr"):
            return _listed(pack.args[1].value, pack.args[1].at)
        return None
    if pack.do != "pack" or pack.name not in ("gen", "listcomp") or len(pack.args) != 1:
        return None
    return _comprehended(frame, inner, pack)


def _comprehended(frame: Frame, at: tuple[int, int], pack: Op) -> _Value | None:
    """`f"'{x}'" for x in xs`: ``xs``."""
    element = pack.args[0].value
    made = _made(frame, element)
    variable: Operand = element
    if made is not None:
        op = frame.op(made)
        held = [arg.value for arg in op.args if not isinstance(arg.value, Const)]
        quotes = [str(arg.value.value) for arg in op.args if isinstance(arg.value, Const)]
        plain = op.do == "format" and set("".join(quotes)) <= {"'"}
        plain = plain or (op.do == "call" and op.name is None and op.on in ("str", "repr"))
        if len(held) != 1 or not plain:
            return None
        variable = held[0]
    if not isinstance(variable, str) or "@" not in variable:
        return None
    for number, i in frame.graph.makers.get(variable, ()):
        source = frame.op((number, i))
        if source.do == "next" and source.on is not None:
            return _listed(source.on, -1)
    return None


def _listed(operand: Operand, ref: Ref) -> _Value | None:
    if not isinstance(operand, str) or not _PLACE.fullmatch(operand):
        return None
    return _Value(operand.rpartition(".")[2], f"list({operand})", (), expanding=True)


def free_name(name: str, taken: set[str]) -> str:
    """A name for a parameter that no other one has."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _joined(literal: str, refs: list[Ref]) -> tuple[str, tuple[Ref, ...]]:
    """The template of a string literal; expressions that stay in it make it an f-string."""
    parts = literal.split(HOLE)
    body, number = "", 0
    for index, part in enumerate(parts):
        if index % 2:
            body += f"{{{{{{{number}}}{part}}}}}"
            number += 1
        else:
            text = part.replace("\\", "\\\\")
            text = text.replace("{", "{{").replace("}", "}}") if refs else text
            body += text.replace("{", "{{").replace("}", "}}")
    prefix = "f" if refs else ""
    if "\n" in literal:
        return f'{prefix}"""{body}"""', tuple(refs)
    if '"' in body:
        if "'" in body:
            body = body.replace('"', '\\"')
        else:
            return f"{prefix}'{body}'", tuple(refs)
    return f'{prefix}"{body}"', tuple(refs)


def literal(text: str) -> str | None:
    """The template of a string literal; None for one that would not fit in a line."""
    if "\n" not in text and len(text) > LINE_LENGTH:
        return None
    return _joined(text, [])[0]


def _placed(
    call: Call,
    sql: SqlText,
    at: Ref,
    template: str,
    refs: tuple[Ref, ...],
    values: list[_Value],
) -> tuple[Edit, ...] | None:
    """Where the values go: into the dictionary of the call that executes the text, or, when the
    text is part of something else, into `bindparams()` of it."""
    inline = sql.argument.at == at
    expanding = [value for value in values if value.expanding]
    after = "".join(f'.bindparams({{bindparam}}("{v.name}", expanding=True))' for v in expanding)
    callee = call.op.at + 1
    runner = _runner(call)
    first = _first_of(runner) if runner is not None else None
    if runner is None or first is None:
        named, all_refs = _numbered(values, len(refs) + 1)
        if not inline or expanding:
            return None
        listed = ", ".join(f"{name}={value}" for name, value in named)
        text = f"{{{len(refs)}}}({template}).bindparams({listed})"
        return (Replace(call.op.at, text, (*refs, callee, *all_refs)),)
    direct = first.at == call.op.at
    edits: list[Edit] = []
    whole = f"{{{len(refs)}}}({template}){after}"
    statement = "{0}" + (after if direct else "")
    begin: tuple[Ref, ...] = (first.at,)
    if direct and inline:
        statement, begin = whole, (*refs, callee)
    elif inline:
        edits.append(Replace(call.op.at, whole, (*refs, callee)))
    else:
        edits.append(Replace(at, template, refs))
        if after and not direct:
            edits.append(Replace(call.op.at, "{0}" + after, (call.op.at,)))
    named, all_refs = _numbered(values, len(begin))
    pairs = [f'"{name}": {value}' for name, value in named]
    dictionary = _dictionary(runner, pairs)
    if dictionary is None:
        return None
    target, text = dictionary
    if target is None:  # there is none yet
        edits.append(Replace(first.at - 1, f"{statement}, {text}", (*begin, *all_refs)))
        return tuple(edits)
    if inline or (after and first.at == call.op.at):
        edits.append(Replace(first.at, statement, begin))
    named, all_refs = _numbered(values, len(target.refs))
    pairs = [f'"{name}": {value}' for name, value in named]
    listed = ", ".join([*target.old, *pairs])
    edits.append(Replace(target.at, f"{{{{{listed}}}}}", (*target.refs, *all_refs)))
    return tuple(edits)


def _numbered(values: list[_Value], start: int) -> tuple[list[tuple[str, str]], tuple[Ref, ...]]:
    """Names with the templates of their values, whose refs are numbered from ``start``."""
    out: list[tuple[str, str]] = []
    refs: list[Ref] = []
    for value in values:
        text = value.template
        if value.refs:
            text = f"{{{start + len(refs)}}}"
            refs += value.refs
        out.append((value.name, text))
    return out, tuple(refs)


class _Target(NamedTuple):
    """A dictionary of parameters that is written in place, as it was."""

    at: Ref
    old: tuple[str, ...]
    refs: tuple[Ref, ...]


def _dictionary(runner: Call, pairs: list[str]) -> tuple[_Target | None, str] | None:
    """The dictionary that the values are added to, or the text of a new one; None: neither."""
    given = runner.parameters()
    if given.given == "none":
        return None, f"{{{{{', '.join(pairs)}}}}}"
    if given.given != "names":
        return None
    others = [arg for arg in runner.op.args if arg.at == given.at]
    pack = runner.function.maker(others[0].value) if others else None
    if pack is None:
        return None
    refs = tuple(arg.at for arg in pack.op.args)
    old = tuple(f"{{{n}}}: {{{n + 1}}}" for n in range(0, len(refs), 2))
    return _Target(given.at, old, refs), ""


def _first_of(runner: Call) -> Arg | None:
    first = runner.op.args[0] if runner.op.args else None
    return first if first is not None and not first.keyword and not first.star else None


def _runner(call: Call) -> Call | None:
    """The one call that executes the text."""
    known = {call.op.dst}
    found: list[Call] = []
    for block in call.function.typed.function.blocks:
        for op in block.ops:
            if op.do == "move" and op.on in known:
                known.add(op.dst)
    for other in call.function.calls():
        if any(arg.value in known for arg in other.op.args):
            runs = other.name in _RUNS and other.on.name in _RUNNERS
            if not runs or other.op.args[0].value not in known:
                return None
            found.append(other)
    others = [
        op
        for block in call.function.typed.function.blocks
        for op in block.ops
        if op.on in known and op.do != "move"
    ]
    return found[0] if len(found) == 1 and not others else None
