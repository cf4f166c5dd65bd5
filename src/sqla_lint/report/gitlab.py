"""A GitLab code quality report (Code Climate's issue format)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from sqla_lint.baseline import key
from sqla_lint.finding import Severity
from sqla_lint.report.page import Page, shown_path, where
from sqla_lint.report.paint import Paint

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def render(page: Page, paint: Paint) -> Iterator[str]:
    yield json.dumps(
        [
            {
                "description": f"{finding.code}: {finding.message}",
                "check_name": finding.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[finding.severity],
                "location": {
                    "path": shown_path(finding.path),
                    "lines": {"begin": where(finding).line, "end": where(finding).end_line},
                },
            }
            for finding, fingerprint in zip(page.findings, fingerprints(page), strict=True)
        ],
        indent=2,
    )


def fingerprints(page: Page) -> list[str]:
    """One for each finding, the same from run to run while its code stays what it is."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in page.findings:
        own = key(finding, page.sources, shown_path)
        seen[own] += 1
        found.append(hashlib.sha256("\0".join((*own, str(seen[own]))).encode()).hexdigest()[:40])
    return found
