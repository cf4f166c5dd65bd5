"""Which files hold tests."""

from __future__ import annotations

import pytest

from sqla_lint.project.testfiles import is_test_file


@pytest.mark.parametrize(
    "path",
    ["tests/db.py", "app/test_users.py", "app/users_test.py", "app/conftest.py", "app/tests.py"],
)
def test_names_of_tests(path: str) -> None:
    assert is_test_file(path)


@pytest.mark.parametrize("path", ["app/users.py", "app/latest.py", "app/contests.py", "testing.py"])
def test_other_names(path: str) -> None:
    assert not is_test_file(path)
