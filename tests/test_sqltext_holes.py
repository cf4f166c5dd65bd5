"""Where a hole stands in a SQL text."""

from __future__ import annotations

import pytest

from sqla_lint.sqltext import HOLE, holes


@pytest.mark.parametrize(
    ("sql", "positions"),
    [
        ("select 1 from t where a = '{}' and b = {}", ("quoted", "value")),
        ("select 1 from t where a in ({}, {}) limit {}", ("list", "list", "value")),
        ("select 1 from t where a between {} and {}", ("value", "value")),
        ("insert into t ({}) values (:{}, :p_{})", ("identifier", "bind", "bind")),
        ('select a, {} from t where b = "{}"', ("identifier", "quoted")),
        ("grant select on t to {}", ("identifier",)),
        ("select 1 from t where a like '%{}%'", ("quoted",)),
        ("insert into t (a, b) values (1, {})", ("value",)),
        ("insert into t values (1, 2), ({}, 3)", ("value",)),
        ("select {} from {} order by {}", ("identifier",) * 3),
        ("select 1 from t where {} = 1", ("identifier",)),
        ("select 1 from t_{} join s.{} on a = {}.b", ("identifier",) * 3),
        ('select "{}", `{}` from t', ("identifier", "identifier")),
        ("select 1 from t where {}", ("other",)),
        ('create trigger "t" {} on u', ("other",)),
        ('select 1 from t order by "a" {}', ("other",)),
        ("select 1 from t -- {}\nwhere a = {}", ("other", "value")),
        ("select 1 from t where a = '{}", ("quoted",)),
        ("select 1 from t where a = 'it''s {}'", ("quoted",)),
    ],
)
def test_a_hole_is_where_the_text_before_and_after_it_says(
    sql: str, positions: tuple[str, ...]
) -> None:
    assert holes(sql.replace("{}", HOLE)) == positions
