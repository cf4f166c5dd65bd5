"""SQL cut into tokens: the words, signs and names of a statement, without comments and blanks.

sqlparse's lexer does the cutting. It was chosen over sqlglot's because it takes any text (an
unclosed quote or a half statement is the rule here, not the exception; sqlglot raises), takes a
sixth of the time to import (15 ms against 90), and is in every Django installation. It is imported
when the first string is looked at, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

HOLE = "\ue000"  # stands where an f-string, `%` or `.format` puts a value; Unicode's private use

# Of a string that is looked at: longer ones are dumps. The lexer takes 1.5 µs a character, and time
# in the square of the length on unclosed comments.
MAX_LENGTH = 10_000

Sort: TypeAlias = Literal["word", "name", "string", "sign", "hole", "number"]


class Token(NamedTuple):
    """``text`` is as written; of a "word" it is upper case and the first word of a phrase."""

    sort: Sort
    text: str
    start: int


def _lex(sql: str) -> Iterator[tuple[Collection[object], str]]:
    """sqlparse's (token type, text); a type is in those it is a subtype of: ``kind in Comment``."""
    from sqlparse import lexer

    tokenize: Callable[[str], Iterator[tuple[Collection[object], str]]] = lexer.tokenize
    return tokenize(sql[:MAX_LENGTH])


@lru_cache(maxsize=512)
def tokens(sql: str) -> tuple[Token, ...]:
    """All tokens but comments and blanks; of a longer text, those of its first `MAX_LENGTH`."""
    from sqlparse import tokens as t

    out: list[Token] = []
    position = 0
    for kind, text in _lex(sql):
        start, position = position, position + len(text)
        if kind in t.Whitespace or kind in t.Comment:
            continue
        if kind in t.Literal.String:
            # "a.b" and `a` are strings to the lexer when double-quoted: names here
            out.append(Token("name" if text[:1] in '"`[' else "string", text, start))
        elif kind in t.Literal.Number:
            out.append(Token("number", text, start))
        elif kind in t.Keyword:
            out.append(Token("word", text.split()[0].upper(), start))
        elif kind in t.Name and text[:1] not in '"`[' and text.isidentifier():
            out.append(Token("word", text.upper(), start))
        elif HOLE in text:
            out.append(Token("hole", text, start))
        elif kind in t.Name:
            out.append(Token("name", text, start))
        else:
            out.append(Token("sign", text, start))
    return tuple(out)


@lru_cache(maxsize=512)
def outside_strings(sql: str) -> str:
    """The text with comments, strings (also PostgreSQL's ``$$...$$``) and quoted names blanked out;
    same length."""
    from sqlparse import tokens as t

    out: list[str] = []
    for kind, text in _lex(sql):
        hidden = kind in t.Comment or kind in t.Literal.String or text[:1] in '"`'
        hidden = hidden or (text[:1] == "$" == text[-1:])
        out.append(" " * len(text) if hidden else text)
    return "".join(out)
