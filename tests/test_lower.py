"""The stories of tests/lower: prose, a piece of code, and the graph it becomes.

Each ``##`` section is a test. With SQLA_LINT_UPDATE=1 the graphs are written anew, to be read
before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from sqla_lint.syntax import lower
from sqla_lint.syntax.show import show

FOLDER = Path(__file__).parent / "lower"
_STORY = re.compile(
    r"^## (?P<title>[^\n]+)\n(?P<prose>.*?)```python\n(?P<code>.*?)```\n+"
    r"```graph\n(?P<graph>.*?)```\n",
    re.DOTALL | re.MULTILINE,
)


class Story(NamedTuple):
    file: str
    title: str
    code: str
    graph: str


def graphs(code: str) -> str:
    module = lower(code.encode(), "story.py", "story")
    return "\n".join(show(function) for function in module.functions.values())


def _update(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    def renew(match: re.Match[str]) -> str:
        head = match[0][: match.start("graph") - match.start()]
        return f"{head}{graphs(match['code'])}```\n"

    path.write_text(_STORY.sub(renew, text), encoding="utf-8")


def _stories() -> list[Story]:
    found: list[Story] = []
    for path in sorted(FOLDER.glob("*.md")):
        if os.environ.get("SQLA_LINT_UPDATE"):
            _update(path)
        text = path.read_text(encoding="utf-8")
        stories = [
            Story(path.stem, match["title"], match["code"], match["graph"])
            for match in _STORY.finditer(text)
        ]
        assert len(stories) == text.count("\n## "), f"a story of {path.name} is incomplete"
        found.extend(stories)
    return found


@pytest.mark.parametrize("story", _stories(), ids=lambda story: f"{story.file}: {story.title}")
def test_the_graph_is_the_one_told(story: Story) -> None:
    assert graphs(story.code) == story.graph
