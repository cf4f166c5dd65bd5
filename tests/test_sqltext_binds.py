"""The parameters of a string are those the installed SQLAlchemy finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqla_lint.sqltext import bind_names

sqlalchemy = pytest.importorskip("sqlalchemy")
MAJOR, MINOR = (int(part) for part in sqlalchemy.__version__.split(".")[:2])

PIECES = st.sampled_from(
    [":", "::", "\\:", "\\", "a", "b1", "_", "$", "é", " ", "'", "\n", ":a", "\u0663"]
)


def found_by_sqlalchemy(sql: str) -> tuple[str, ...]:
    return tuple(sqlalchemy.text(sql)._bindparams)


@pytest.mark.parametrize(
    "sql",
    [
        "a = :a and b=:b and c = :a",
        "x::int = :y::int",
        r"\:no and '\:no' and :yes",
        "':inside a string' and -- :inside a comment",
        ":1 :_x :ünïcode",
        "a[1:2] and a[:x] and t:u",
        ":a$b :a: :abc:",
        "::a:b",
    ],
)
def test_each_way_to_write_a_colon(sql: str) -> None:
    assert bind_names(sql, (MAJOR, MINOR)) == found_by_sqlalchemy(sql)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30))
def test_any_text(sql: str) -> None:
    assert bind_names(sql, (MAJOR, MINOR)) == found_by_sqlalchemy(sql)
