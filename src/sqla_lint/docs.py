"""The pages about rules and settings, made from the rules and the settings table themselves.

``python -m sqla_lint.docs FOLDER`` writes them; a test holds the committed ones against this.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqla_lint.settings import KEYS, PATHS, Key, Settings

if TYPE_CHECKING:
    from sqla_lint.rule import RuleInfo

GROUP_WORDS = {
    "on": "on by default",
    "pedantic": "only with `--pedantic` or when selected",
    "preview": "only with `--preview`",
}
FIX_WORDS = {
    "safe": "safe",
    "unsafe": "unsafe",
    "display": "suggested, not applied",
    "none": "none",
}


def registry() -> dict[str, RuleInfo]:
    """All rules, by code."""
    import sqla_lint.rules  # noqa: F401  # importing the package registers them
    from sqla_lint.rule import rules

    return dict(sorted(rules().items()))


def page(info: RuleInfo) -> str:
    """The page of a rule, in Markdown."""
    facts = [
        info.severity.value,
        GROUP_WORDS[info.group],
        f"fix: {FIX_WORDS[info.fix]}",
        f"SQLAlchemy {info.versions}",
    ]
    text = f"# {info.name} ({info.code})\n\n*{' · '.join(facts)}*\n\n{info.doc}\n"
    proof = outcomes().get(info.code)
    return f"{text}\n{_proof(proof)}" if proof else text


@cache
def outcomes() -> dict[str, dict[str, str]]:
    """What the proof of each rule saw on each SQLAlchemy, as it was last written down."""
    place = files("sqla_lint.rules") / "outcomes.json"
    if not place.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(place.read_text(encoding="utf-8"))
    return found


def _proof(seen: dict[str, str]) -> str:
    rows = "\n".join(
        f"| {version.replace('-future', ', `future=True`')} | {_quoted(what)} |"
        for version, what in sorted(seen.items())
    )
    return (
        "## Proof\n"
        "The fixture's bad program, run on the real library; the corrected one shows nothing of"
        " this.\n\n"
        f"| SQLAlchemy | what happened |\n| --- | --- |\n{rows}\n"
    )


def _quoted(text: str) -> str:
    """Code for a table of Markdown."""
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def record(info: RuleInfo) -> dict[str, object]:
    """A rule as data."""
    return {
        "code": info.code,
        "name": info.name,
        "group": info.group,
        "severity": info.severity.value,
        "summary": info.summary,
        "fix": info.fix,
        "versions": info.versions.split(", "),
        "explanation": info.doc,
    }


def pages() -> Iterator[tuple[str, str]]:
    """Every generated file: its path below the folder, and its text."""
    rules = registry()
    yield "rules/README.md", _index(list(rules.values()))
    for info in rules.values():
        yield f"rules/{info.code}-{info.name}.md", page(info)
    yield "settings.md", _settings()
    yield "sqla-lint.schema.json", json.dumps(schema(), indent=2) + "\n"


def generate(folder: Path) -> list[Path]:
    """Write all pages; files of rules that are gone are removed."""
    wanted = {folder / name: text for name, text in pages()}
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    for stale in set((folder / "rules").glob("*.md")) - set(wanted):
        stale.unlink()
    return list(wanted)


def _index(rules: list[RuleInfo]) -> str:
    rows = "\n".join(
        f"| [{info.code}]({info.code}-{info.name}.md) | {info.name} | {_cell(info.summary)} "
        f"| {info.group} | {info.fix} |"
        for info in rules
    )
    return (
        "# Rules\n\n"
        "`on` rules run by default, `pedantic` ones with `--pedantic` or when selected, "
        "`preview` ones with `--preview`.\n"
        "A `safe` fix is applied by `--fix`, an `unsafe` one by `--fix --unsafe-fixes`.\n\n"
        "| code | name | what it finds | group | fix |\n| --- | --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def _settings() -> str:
    defaults = Settings()

    def row(key: Key) -> str:
        value = getattr(defaults, key.field)
        if isinstance(value, tuple) and len(value) > 6:
            shown = "see below"
        elif key.kind == "codes by pattern":
            shown = "`{}`"
        elif key.kind == "overrides":
            shown = "none"
        elif value is None:
            shown = "not set"
        else:
            shown = f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"
        choices = f" ({', '.join(f'`{choice}`' for choice in key.choices)})" if key.choices else ""
        return f"| `{key.name}` | {_cell(key.help)}{choices} | {shown} |"

    rows = "\n".join(map(row, KEYS))
    excluded = "\n".join(defaults.exclude)
    return (
        "# Settings\n\n"
        "They stand in the table `[tool.sqla-lint]` of `pyproject.toml`, or at the top of "
        "`sqla-lint.toml`.\n"
        "`sqla-lint --show-settings PATH` prints what is in use.\n\n"
        "| key | meaning | default |\n| --- | --- | --- |\n"
        f"{rows}\n\n"
        "[A JSON schema](sqla-lint.schema.json) tells editors the same.\n\n"
        f"{_SCOPES.format(keys=_and(f'`{key.name}`' for key in KEYS if key.by_file))}"
        "What `exclude` holds by default:\n\n"
        f"```\n{excluded}\n```\n"
    )


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}"


_SCOPES = """\
## Which file holds

For each linted file the settings file nearest above it holds, whole: in a repository of several
packages each may have its own, and what it does not say has its default, not what a file further up
says. `extend = "../pyproject.toml"` starts from another file. A `pyproject.toml` without our table
is passed over; within a folder `sqla-lint.toml` goes before `pyproject.toml`. Patterns are relative
to the folder of the settings file.

What concerns the whole run (`output-format`, `jobs`, `unsafe-fixes`, `cache-dir`) is read from the
file that is nearest to all paths of the command line. The names of session types and factories, and
of committing decorators, are known to the whole run. `baseline` is that of each file's settings.

What the command line says goes over all files. `--config FILE` reads that file for all, and
`--no-config` none.

## Some files only

```toml
[tool.sqla-lint]
ignore = ["SAL301"]

[[tool.sqla-lint.overrides]]
paths = ["legacy/", "scripts/*.py"]
target-version = "1.4"
ignore = ["SAL9"]

[[tool.sqla-lint.overrides]]
paths = ["billing/"]
preview = true
require-reasons = true
```

An override takes {keys}. It speaks as the
command line does: `select` starts anew, `ignore` and `extend-select` add to what is said above,
every other key takes the place of what is said there. Of several that match, the later goes
over the earlier. Files for different releases of SQLAlchemy, or different databases, are looked at
as programs of their own. Where rules are only to be left out, `per-file-ignores` is shorter.

"""


def schema() -> dict[str, object]:
    """The JSON schema of `sqla-lint.toml`, for editors; also that of `[tool.sqla-lint]`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sqla-lint",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {"description": key.help, **_schema_type(key)} for key in KEYS},
    }


def _override_schema() -> dict[str, object]:
    rows = (PATHS, *(key for key in KEYS if key.by_file))
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [PATHS.name],
        "properties": {key.name: {"description": key.help, **_schema_type(key)} for key in rows},
    }


def _schema_type(key: Key) -> dict[str, object]:
    words: dict[str, object] = {"type": "array", "items": {"type": "string"}}
    match key.kind:
        case "strings" | "codes":
            return words
        case "codes by pattern":
            return {"type": "object", "additionalProperties": words}
        case "overrides":
            return {"type": "array", "items": _override_schema()}
        case "flag":
            return {"type": "boolean"}
        case "count":
            return {"type": "integer", "minimum": 0}
        case "choice":
            return {"enum": list(key.choices)}
        case "path":
            return {"type": "string", "minLength": 1}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    print(f"{len(generate(Path(sys.argv[1])))} pages")
