"""SQL texts of any length: the end of a long one is not known, rather than not there."""

from __future__ import annotations

import pytest

from sqla_lint.api import lint_source
from sqla_lint.settings import Settings

PROGRAM = '''
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def owned(owner):
    sql = """
    SELECT {columns}
        id FROM t WHERE {criterion}
    """
    with engine.connect() as conn:
        return conn.execute(text(sql), {{"owner_id": owner}}).all()
'''


@pytest.mark.parametrize(
    ("columns", "criterion", "codes"),
    [
        (10, "owner_id = 1", ["SAL405"]),
        (300, "owner_id = 1", ["SAL405"]),
        (400, "owner_id = :owner_id", []),
        (2000, "owner_id = :owner_id", []),
    ],
)
def test_a_parameter_at_the_end_is_seen(columns: int, criterion: str, codes: list[str]) -> None:
    wide = "".join(f"a_wide_column_{i}, -- {i}\n" for i in range(columns))
    source = PROGRAM.format(columns=wide, criterion=criterion)
    settings = Settings(select=("SAL405",), target_version="2.0")
    assert [one.code for one in lint_source(source, settings=settings).findings] == codes
