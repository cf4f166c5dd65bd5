"""Statement by statement refs are found where they are found in the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.finding import Span
from sqla_lint.syntax import index, locate, lower
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.parse import decode
from sqla_lint.syntax.places import places

ROOT = Path(__file__).parent.parent
OWN = sorted((ROOT / "src" / "sqla_lint").rglob("*.py"))[::12]
FIXTURES = sorted((ROOT / "fixtures").rglob("*.py"))[::25]

SOURCES = {
    "decorators": "@a(1)\n@b\nasync def f(x: int = 1) -> int:\n    '''doc'''\n    return x\n",
    "a decorator inside": "class C(B, m=1):\n\n    @a.b(\n  c)\n    def f(self): return g(self)\n",
    "elif and else": "if a:\n    b()\nelif c(d):\n    e()\nelse:\n    f()\n",
    "elif that is indented": "for x in y:\n  if a: b()\n  elif c(d): e()\n  else: f(\n1)\n",
    "handlers": "try:\n    a()\nexcept (B, c.D) as e:\n    f(e)\nexcept G: h()\nfinally: i()\n",
    "handlers inside": "def f():\n\ttry: a()\n\texcept* B as e:\n\t\tf(e)\n",
    "match": "match a(b):\n    case C(d=1) if e: f()\n    case [g, *h]:\n        i()\n",
    "semicolons": "a(); b = c(d) ;  e()\n",
    "with": "async def f():\n  async with a(b) as c, d:\n    while e(): f()\n    else: g()\n",
    "letters of several bytes": "é = 'ü€😀'; x = é(1)\nif ü(é): ß(é)\n",
    "windows newlines": "if a:\r\n\tb(c)\r\n\td(e)\r\n",
    "a continued line": "x = a \\\n    + b(c)\nfor i in d( # why\n  e):\n    # here\n    f(i)\n",
    "a form feed": "\fdef f():\n\f    g(h)\n",
    "types": "type A[T] = list[T]\nclass B[T: int](C): x: T = 1\n",
}


def spans(source: bytes) -> tuple[dict[int, Span], dict[int, Span]]:
    """Of all refs, piece by piece and in the whole file."""
    module = lower(source, "a.py", "a")
    located = index(source)
    refs = range(len(located))
    found = deeply(lambda: places(decode(source, ""), refs, module.starts))
    return found, {ref: located.span(ref) for ref in refs}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_every_place_is_the_same(source: str) -> None:
    found, whole = spans(source.encode())
    assert found == {ref: whole[ref] for ref in found}


@pytest.mark.parametrize("file", OWN + FIXTURES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_place_of_a_file_is_the_same(file: Path) -> None:
    found, whole = spans(file.read_bytes())
    assert found == {ref: whole[ref] for ref in found}
    assert 2 * len(found) >= len(whole)


def test_what_is_not_found_in_a_piece_is_found_in_the_file() -> None:
    source = b"if a:\n    b()\nelse:\n    c()\n"
    module = lower(source, "a.py", "a")
    located = index(source)
    refs = range(len(located))
    assert locate(source, refs, module.starts) == {ref: located.span(ref) for ref in refs}


def test_a_module_of_other_contents_is_not_trusted() -> None:
    source = b"a()\nb()\n"
    other = lower(b"a()\n", "a.py", "a")
    assert locate(source, [3], other.starts) == locate(source, [3])
