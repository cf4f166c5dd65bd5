"""Findings as JSON objects, one a line, for programs that read a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqla_lint.report.json_report import records
from sqla_lint.report.page import Page
from sqla_lint.report.paint import Paint


def render(page: Page, paint: Paint) -> Iterator[str]:
    for record in records(page):
        yield json.dumps(record, ensure_ascii=False)
