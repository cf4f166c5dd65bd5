"""Modules that are there and were not read."""

from __future__ import annotations

from sqla_lint.catalog import load
from sqla_lint.ir import Module
from sqla_lint.project.link import link
from sqla_lint.project.values import Scopes
from sqla_lint.syntax import lower


def test_a_name_of_an_unread_module_has_no_known_value() -> None:
    source = b"from conf import URL\nengine = create_engine(URL)\n"
    module = lower(source, "db.py", "db", False)
    project = link([module, Module("conf.py", "conf")], load((2, 0)))
    assert Scopes(project.knowledge).global_name(module, "URL") == ""
