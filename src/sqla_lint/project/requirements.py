"""What the files of a project require, as the texts of requirements: ``SQLAlchemy>=1.4,<2``.

Two forms say more than that: ``-r other.txt`` leads to another file, and ``python <3.7`` says which
Python the project is for.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqla_lint.project import conda

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Longer strings of a `setup.py` are descriptions.
_STRING_LIMIT = 4000


class Reader(NamedTuple):
    """How files of some names are read, and what a pin in them means."""

    names: re.Pattern[str]
    read: Callable[[str], Iterator[str]]
    pins: bool = False  # what is installed, whatever range another file admits
    newest: bool = False  # it may name several releases, of which all are used


# --- one requirement -----------------------------------------------------------------------------

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?\s*([^;#)]*)(.*)", re.S)
_ADDRESS = re.compile(r"@ .*?-(\d[\w.]*?)(\.tar\.gz|\.zip|-[^/]*\.whl)")
_OPERATOR = re.compile(r"[<>=!~^]")


def split(requirement: str) -> tuple[str, str, bool]:
    """Name and specifier of ``SQLAlchemy[asyncio]>=1.4,<2 ; extra == "x"``, and whether it holds
    only under some condition."""
    found = _REQUIREMENT.match(_ADDRESS.sub(r"== \1", requirement))
    if found is None:
        return "", "", False
    name = re.sub(r"[-_.]+", "-", found[1]).lower()
    return name, found[2].strip(), ";" in found[3]


def from_poetry(specifier: str) -> str:
    """Poetry's ``^1.4`` and ``~1.4`` as ranges; a bare version is a pin."""
    specifier = specifier.strip()
    if specifier in ("", "*"):
        return ""
    caret = re.fullmatch(r"\^\s*(\d+)(\.\d+)*", specifier)
    if caret:
        return f">={specifier[1:].strip()},<{int(caret[1]) + 1}"
    tilde = re.fullmatch(r"~\s*(\d+)\.(\d+)(\.\d+)*", specifier)
    if tilde:
        return f">={specifier[1:].strip()},<{tilde[1]}.{int(tilde[2]) + 1}"
    if re.fullmatch(r"\d+(\.\d+)*(\.\*)?", specifier):
        return f"=={specifier}"
    return specifier


# --- readers -------------------------------------------------------------------------------------


def _locked(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    for key in ("package", "packages"):
        for package in _list(data.get(key)):
            if isinstance(package, dict):
                yield f"{package.get('name', '')}=={package.get('version', '')}"


def _pipfile_lock(text: str) -> Iterator[str]:
    data = json.loads(text)
    for section in ("default", "develop"):
        packages = data.get(section, {}) if isinstance(data, dict) else {}
        for name, package in packages.items() if isinstance(packages, dict) else ():
            if isinstance(package, dict):
                yield f"{name}{package.get('version', '')}"


def _pyproject(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    project = _dict(data.get("project"))
    tools = {name: _dict(tool) for name, tool in _dict(data.get("tool")).items()}
    uv, pdm, poetry = (tools.get(name, {}) for name in ("uv", "pdm", "poetry"))
    yield from _texts(uv.get("override-dependencies"))
    yield from _table(_dict(pdm.get("resolution")).get("overrides"))
    yield from _texts(project.get("dependencies"))
    yield from _texts(uv.get("constraint-dependencies"))
    python = project.get("requires-python")
    if isinstance(python, str):
        yield f"python {python}"
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += conda.pixi(tools.get("pixi", {}))
    tables += [_dict(g).get("dependencies") for g in _dict(poetry.get("group")).values()]
    for table in tables:
        yield from _table(table)
    flit = _dict(tools.get("flit", {}).get("metadata"))
    groups = [
        *_dict(project.get("optional-dependencies")).values(),
        *_dict(data.get("dependency-groups")).values(),
        *_dict(pdm.get("dev-dependencies")).values(),
        uv.get("dev-dependencies"),
        tools.get("rye", {}).get("dev-dependencies"),
        flit.get("requires"),
        *_dict(flit.get("requires-extra")).values(),
    ]
    hatch = tools.get("hatch", {})
    for one in _dict(hatch.get("envs")).values():
        groups += [_dict(one).get("dependencies"), _dict(one).get("extra-dependencies")]
    for group in groups:
        yield from _texts(group)
    yield from _elsewhere(_dict(tools.get("setuptools", {}).get("dynamic")))
    yield from _elsewhere(_dict(_dict(hatch.get("metadata")).get("hooks")))


def _elsewhere(table: dict[str, Any]) -> Iterator[str]:
    """``dependencies = {file = ["requirements.txt"]}``."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _elsewhere(value)
        elif key in ("file", "files", "filename"):
            yield from (f"-r {one}" for one in ([value] if isinstance(value, str) else value))


def _pipfile(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    for section in ("packages", "dev-packages"):
        yield from _table(data.get(section))
    python = _dict(data.get("requires")).get("python_version")
    if isinstance(python, str):
        yield f"python {from_poetry(python)}"


def _table(table: object) -> Iterator[str]:
    for name, several in _dict(table).items():
        for wanted in several if isinstance(several, list) else [several]:
            if isinstance(wanted, dict):
                wanted = wanted.get("version", "")
            if isinstance(wanted, str):
                yield from (f"{name} {from_poetry(one)}" for one in wanted.split("||"))


def _setup_py(text: str) -> Iterator[str]:
    """Strings anywhere in it, and what it puts together of them: read, never run. Those of tests
    and extras come last."""
    tree = ast.parse(text)
    known = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    last: list[str] = []
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    for node, is_extra in waiting:
        is_extra = is_extra or _is_extra(node)
        if isinstance(node, ast.keyword) and node.arg == "python_requires":
            yield f"python {_text(node.value, known)}"
            continue
        if isinstance(node, ast.expr):
            said = _text(node, known)
            texts = said.splitlines() if len(said) < _STRING_LIMIT else []
            texts = [f"-r {one}" if _LISTED.search(one) else one for one in texts]
            if is_extra:
                last += texts
            else:
                yield from texts
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                spec = _text(value, known)
                if key is not None and _OPERATOR.match(spec):
                    yield _text(key, known) + spec
        waiting += [(child, is_extra) for child in ast.iter_child_nodes(node)]
    yield from last


_LISTED = re.compile(r"(req|dep|constraint|install)[\w./-]*\.(txt|in)$")


def _is_extra(node: ast.AST) -> bool:
    names: list[str] = []
    if isinstance(node, ast.keyword):
        names = [node.arg or ""]
    elif isinstance(node, ast.Assign):
        names = [one.id for one in node.targets if isinstance(one, ast.Name)]
    return any(re.search("test|dev|docs|extra", name.lower()) for name in names)


def _text(node: ast.expr, known: dict[str, str]) -> str:
    """``"SQLAlchemy" + SPEC``, ``f"SQLAlchemy{SPEC}"``; empty where it is not known."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one, known) for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, known) + _text(node.right, known)
    return ""


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        other = re.match(r"\s*(?:-[rc]|--requirement|--constraint)[\s=]\s*([^\s#]+)", line)
        if other:
            yield f"-r {other[1]}"
        elif not line.lstrip().startswith(("#", "-")):
            yield line.split(" --")[0].rstrip(" \t\\")  # `x==1 \` and its hashes below


def _setup_cfg(text: str) -> Iterator[str]:
    for line in text.splitlines():
        plain = re.sub(r"^\s*([\w.-]+)\s*=(?!=)\s*", "", line)
        if re.match(r"\s*python[_-]requires\s*=", line):
            yield f"python {plain}"
        elif plain.strip().startswith("file:"):
            yield from (f"-r {one.strip()}" for one in plain.strip()[5:].split(","))
        elif not line.lstrip().startswith("#"):
            yield line.strip()
            yield plain  # `install_requires = sqlalchemy<2`


def _metadata(text: str) -> Iterator[str]:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.lower() == "requires-dist":
            yield value
        elif key.lower() == "requires-python":
            yield f"python {value}"


def _egg_info(text: str) -> Iterator[str]:
    """A `requires.txt`: what stands below ``[extra]`` holds only with that."""
    extra = ""
    for line in text.splitlines():
        if line.startswith("["):
            extra = " ; extra"
        elif line.strip():
            yield line.strip() + extra


def _pixi(text: str) -> Iterator[str]:
    for table in conda.pixi(tomllib.loads(text)):
        yield from _table(table)


_NAMED = re.compile(
    r"(?<![\w.-])(?:flask[-_])?sqlalchemy(?:\[[^\]]*\])?\s*[<>=!~]=?\s*\d[\w.*]*"
    r"(?:\s*,\s*[<>=!~]=?\s*\d[\w.*]*)*",
    re.IGNORECASE,
)


def _commands(text: str) -> Iterator[str]:
    """What commands install, and environments hold: ``pip install 'sqlalchemy<2' flask``."""
    yield from (one[0] for one in _NAMED.finditer(text))


def _dockerfile(text: str) -> Iterator[str]:
    yield from _commands(text)
    for one in re.finditer(r"(?im)^FROM\s+python:(\d\.\d+)", text):
        yield f"python =={one[1]}.*"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [text for text in _list(value) if isinstance(text, str)]


def _reader(
    names: str,
    read: Callable[[str], Iterator[str]],
    *,
    pins: bool = False,
    newest: bool = False,
) -> Reader:
    return Reader(re.compile(names), read, pins, newest)


REQUIREMENTS = _reader(
    r"(.*[-_.])?(requirements?|reqs|constraints?)([-_.].*)?\.(txt|in)|base\.txt"
    r"|prod(uction)?\.txt|(deps|dependencies|install_requires)\.txt",
    _lines,
    pins=True,
)

# In this order they are asked. Locks come first.
READERS: tuple[Reader, ...] = (
    _reader(r"(uv|poetry|pdm)\.lock|pylock(\..+)?\.toml", _locked, pins=True, newest=True),
    _reader(r"pixi\.lock|conda-lock\.ya?ml", conda.locked, pins=True, newest=True),
    _reader(r"Pipfile\.lock", _pipfile_lock, pins=True),
    _reader(r"pyproject\.toml", _pyproject),
    _reader(r"setup\.cfg", _setup_cfg),
    _reader(r"setup\.py", _setup_py),
    REQUIREMENTS,
    _reader(r"Pipfile", _pipfile),
    _reader(r"pixi\.toml", _pixi),
    _reader(r"(environment|conda)([-_.].*)?\.ya?ml", conda.environment, pins=True),
    _reader(r"(Dockerfile|Containerfile)([-_.].*)?|.*\.[Dd]ockerfile", _dockerfile, pins=True),
    _reader(r"PKG-INFO|METADATA", _metadata),
    _reader(r"requires\.txt", _egg_info),
    _reader(r"tox\.ini|noxfile\.py", _commands, newest=True),
)
# Folders beside the code that hold nothing but such files, or what was read of them.
LISTS = re.compile(r"[._]?(requirements?|reqs|constraints)([._-]d)?")
FOLDERS = re.compile(rf"({LISTS.pattern}|.*\.dist-info|.*\.egg-info)")
