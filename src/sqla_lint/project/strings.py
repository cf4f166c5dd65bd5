"""What a string is made of: constant parts, and holes where values of the running program go.

One place may hold several such texts, one for each way the program can get there. A loop that adds
to a text counts as one turn of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from sqla_lint import sqltext
from sqla_lint.ir import Operand, Ref
from sqla_lint.regex import pattern
from sqla_lint.sqltext import HOLE

# Longer texts, or texts that can be put together in more ways, are followed no further: the rest
# is one hole that nothing is claimed of.
MAX_PARTS = 32
MAX_ALTERNATIVES = 8


class Hole(NamedTuple):
    """A value put into a text: which one, as written, where, and how it is converted."""

    name: str
    at: Ref
    function: str  # the label of the function that it stands in
    operand: Operand
    conversion: str = ""  # "!r", ":d", "%d"; "" for str()
    harmless: bool = False  # no SQL can hide in it: a number, a constant, one that was allowed
    set_up: bool = False  # only whoever sets the program up chooses it
    outside: bool = False  # whoever uses the program chooses it: a request, the command line
    many: bool = False  # the elements of a collection, joined
    far: bool = False  # put in by a helper's helper: only what stands in quotes is surely a value
    own: bool = False  # a helper's own calls made it: its caller has nothing to do with it
    stored: bool = False  # the database itself gave it: a name, or a number unless it is quoted
    part: bool = False  # an attribute of something unknown
    named: bool = False  # what a table, a column or a schema of an unknown object is called
    by_default: bool = False  # an option of an object that the program leaves at its default
    words: bool = False  # a text, by annotation or conversion
    likely: bool = True  # a way is known, or open, on which foreign text gets there


Part: TypeAlias = "str | Hole"


class Text(NamedTuple):
    """One text, from left to right; adjacent constants are one part."""

    parts: tuple[Part, ...] = ()

    @property
    def constant(self) -> str | None:
        """All of it, when it has no hole."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Its holes, from left to right."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def sql(self) -> str:
        """The text with `HOLE` for each hole."""
        return "".join(part if isinstance(part, str) else HOLE for part in self.parts)

    def positions(self) -> tuple[tuple[Hole, sqltext.Position], ...]:
        """Each hole with the position in the SQL where it stands."""
        return tuple(zip(self.holes, sqltext.holes(self.sql), strict=False))


Texts: TypeAlias = tuple[Text, ...]  # the alternatives; none when nothing is known


def constant(text: str) -> Texts:
    """A text without holes."""
    return (Text((text,) if text else ()),)


def holding(hole: Hole) -> Texts:
    """A text that is one hole."""
    return (Text((hole,)),)


_REST = Hole("...", -1, "", "", harmless=True)
UNCLAIMED = Text((_REST,))  # nothing is known of it


def _merged(parts: Sequence[Part]) -> Text:
    out: list[Part] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    if len(out) > MAX_PARTS:
        out = [*out[: MAX_PARTS - 1], _REST]
    return Text(tuple(out))


def concatenated(pieces: Sequence[Texts]) -> Texts:
    """The pieces one after the other, in every combination that the bound allows."""
    found: list[tuple[Part, ...]] = [()]
    for piece in pieces:
        found = [left + right.parts for left in found for right in piece or (UNCLAIMED,)]
        del found[MAX_ALTERNATIVES:]
    return alternatives([(_merged(parts),) for parts in found])


def alternatives(ways: Sequence[Texts]) -> Texts:
    """What a place holds that is each of these on some way."""
    found = dict.fromkeys(text for way in ways for text in way)
    return tuple(found)[:MAX_ALTERNATIVES]


def converted(texts: Texts, conversion: str) -> Texts:
    """The texts as a format puts them in: one that only numbers and dates take lets nothing else
    through."""
    if not conversion:
        return texts
    harmless = conversion[-1:] in "dfxXeEgGibno%" and "!" not in conversion and conversion != "%%"
    harmless = harmless or "%Y" in conversion or "," in conversion
    return tuple(
        Text(
            tuple(
                part
                if isinstance(part, str)
                else part._replace(conversion=conversion, harmless=part.harmless or harmless)
                for part in text.parts
            )
        )
        for text in texts
    )


_PERCENT = pattern(r"%(?:%|(?:\((?P<name>[^)]*)\))?[-+ #0]*\d*(?:\.\d+)?(?P<sort>[a-zA-Z]))")


def percent(template: Texts, values: Sequence[Texts], words: Mapping[str, Texts]) -> Texts:
    """``template % values`` or ``template % words``."""
    ways: list[Texts] = []
    for text in template:
        pieces: list[Texts] = []
        given = iter(values)
        for part in text.parts:
            if isinstance(part, Hole):
                pieces.append(holding(part))
                continue
            end = 0
            for match in _PERCENT.finditer(part):
                pieces.append(constant(part[end : match.start()]))
                end = match.end()
                if match[0] == "%%":
                    pieces.append(constant("%"))
                    continue
                name = match["name"]
                value = next(given, ()) if name is None else words.get(name, ())
                sort = match["sort"]
                pieces.append(converted(value, "" if sort in "s" else f"%{sort}"))
            pieces.append(constant(part[end:]))
        ways.append(concatenated(pieces))
    return alternatives(ways)


_BRACES = pattern(r"\{\{|\}\}|\{(?P<field>[^{}!:]*)(?P<conversion>![rsa])?(?P<spec>:[^{}]*)?\}")


def braces(template: Texts, values: Sequence[Texts], words: Mapping[str, Texts]) -> Texts:
    """``template.format(*values, **words)``."""
    ways: list[Texts] = []
    for text in template:
        pieces: list[Texts] = []
        number = 0
        for part in text.parts:
            if isinstance(part, Hole):
                pieces.append(holding(part))
                continue
            end = 0
            for match in _BRACES.finditer(part):
                pieces.append(constant(part[end : match.start()]))
                end = match.end()
                if match[0] in ("{{", "}}"):
                    pieces.append(constant(match[0][0]))
                    continue
                field = match["field"]
                if field == "":
                    field, number = str(number), number + 1
                value: Texts = ()
                if field.isdigit():
                    value = values[int(field)] if int(field) < len(values) else ()
                else:
                    value = words.get(re.split(r"[.\[]", field)[0], ())
                conversion = (match["conversion"] or "") + (match["spec"] or "")
                pieces.append(converted(value, conversion.replace("!s", "")))
            pieces.append(constant(part[end:]))
        ways.append(concatenated(pieces))
    return alternatives(ways)


_DOLLARS = pattern(r"\$\$|\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")


def dollars(template: Texts, words: Mapping[str, Texts]) -> Texts:
    """``Template(template).substitute(words)``."""
    ways: list[Texts] = []
    for text in template:
        pieces: list[Texts] = []
        for part in text.parts:
            if isinstance(part, Hole):
                pieces.append(holding(part))
                continue
            end = 0
            for match in _DOLLARS.finditer(part):
                pieces.append(constant(part[end : match.start()]))
                end = match.end()
                name = match["name"] or match["braced"]
                pieces.append(words.get(name, ()) if name else constant("$"))
            pieces.append(constant(part[end:]))
        ways.append(concatenated(pieces))
    return alternatives(ways)


def named(template: Texts) -> set[str]:
    """The names that the fields of a template may have."""
    parts = [part for text in template for part in text.parts if isinstance(part, str)]
    return {name for part in parts for name in _NAMED.findall(part)}


_NAMED = pattern(r"[({]([A-Za-z_]\w*)")


def joined(separator: Texts, elements: Sequence[Texts]) -> Texts:
    """``separator.join(elements)``."""
    pieces: list[Texts] = []
    for number, element in enumerate(elements):
        if number:
            pieces.append(separator)
        pieces.append(element)
    return concatenated(pieces)


def replaced(texts: Texts, old: Texts, new: Texts) -> Texts:
    """``text.replace(old, new)`` of a constant word."""
    word = old[0].constant if len(old) == 1 else None
    if not word:
        return texts
    ways: list[Texts] = []
    for text in texts:
        pieces: list[Texts] = []
        for part in text.parts:
            if isinstance(part, Hole):
                pieces.append(holding(part))
                continue
            for number, between in enumerate(part.split(word)):
                if number:
                    pieces.append(new)
                pieces.append(constant(between))
        ways.append(concatenated(pieces))
    return alternatives(ways)


def mapped(texts: Texts, method: str) -> Texts:
    """The constant parts of texts after ``strip``, ``upper`` and the like; holes stay."""
    if method not in ("upper", "lower"):
        return texts
    change = str.upper if method == "upper" else str.lower
    return tuple(
        Text(tuple(change(part) if isinstance(part, str) else part for part in text.parts))
        for text in texts
    )
