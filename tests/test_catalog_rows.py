"""Every row of the catalog is true of the installed SQLAlchemy, whichever version that is."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import re
import sys
import types
from collections.abc import Iterable, Iterator

import pytest

from sqla_lint import catalog
from sqla_lint.catalog import generate, packs
from sqla_lint.catalog.member import decode, encode

sqlalchemy = pytest.importorskip("sqlalchemy")
VERSION = (int(sqlalchemy.__version__.split(".")[0]), int(sqlalchemy.__version__.split(".")[1]))
CATALOG = catalog.load(VERSION)
pytestmark = pytest.mark.skipif(
    CATALOG.release != sqlalchemy.__version__,
    reason=f"the catalog ships {sorted(catalog.SHIPPED.values())}",
)

# Modules that cannot be imported here: their database driver or plugin is missing.
_NEEDS_MORE = ("sqlalchemy.ext.mypy", "sqlalchemy.testing")
# Names that branches on the Python version or a compiler decide: nobody imports from there.
_INTERNAL = re.compile(r"\.util\.compat$|_cy$")
# Names that no source shows: classes made in loops, compiled modules, one set from another module,
# and SQLAlchemy's own test machinery.
_COMPUTED = re.compile(
    r"\.sql\.annotation\.Annotated|\.event\.base\.Joined|\.cyextension\.|\.testing\b|sqlalchemy\.c\w+$"
    r"|\.dialects\.\w+\.base\.dialect$|\.instrumentation_finders$|\.util\.preloaded\."
    r"|\.sql\.(coercions|type_api)\.|\.selectable\.elem$|\.util\.concurrency\.g"
)
_PARTS = ("fget", "fset", "__func__")  # of a property, of a class method
# Two implementations: one for compiled, one for plain Python; or with and without greenlet.
_TWOFOLD = re.compile(r"\._py_|anon_map$|greenlet_spawn$")


@pytest.fixture(scope="module")
def modules() -> dict[str, types.ModuleType]:
    out = {}
    for name in CATALOG._modules:
        if not name.startswith(_NEEDS_MORE):
            with contextlib.suppress(ImportError):
                out[name] = importlib.import_module(name)
    return out


@pytest.fixture(scope="module")
def classes(modules: dict[str, types.ModuleType]) -> dict[str, list[type]]:
    """kind ("!" for asyncio) -> its classes in the library."""
    out: dict[str, dict[type, None]] = {kind: {} for kind in CATALOG._members}
    for name, module in modules.items():
        for attribute in CATALOG._names_of(name):
            found = CATALOG.class_kind(f"{name}.{attribute}")
            cls = getattr(module, attribute, None)
            if found is not None and isinstance(cls, type):
                out.setdefault(found[0] + "!" * found[1], {})[cls] = None
    for path, kind in generate.classes.SHARED:
        module_name, _, attribute = path.rpartition(".")
        cls = getattr(importlib.import_module(module_name), attribute, None)
        if cls is not None:
            out.setdefault(kind, {})[cls] = None
    return {kind: list(found) for kind, found in out.items()}


def test_no_module_is_missing_or_made_up(modules: dict[str, types.ModuleType]) -> None:
    assert len(modules) > 0.9 * len(CATALOG._modules)


def test_each_module_has_the_names_the_catalog_says(modules: dict[str, types.ModuleType]) -> None:
    wrong = []
    for name, module in modules.items():
        for attribute in CATALOG._names_of(name) if not _INTERNAL.search(name) else ():
            if not attribute.startswith("_") and not hasattr(module, attribute):
                wrong.append(f"{name}.{attribute}")
    assert wrong == []


def test_each_public_name_of_a_module_is_known(modules: dict[str, types.ModuleType]) -> None:
    wrong = []
    for name, module in modules.items():
        for attribute in vars(module):
            if attribute.startswith("_") or _COMPUTED.search(f"{name}.{attribute}"):
                continue
            if not CATALOG.exists(f"{name}.{attribute}"):
                wrong.append(f"{name}.{attribute}")
    assert wrong == []


def test_one_thing_has_one_name_and_two_classes_never_share_one(
    modules: dict[str, types.ModuleType],
) -> None:
    named: dict[str, type] = {}
    wrong = []
    for name, module in modules.items():
        for attribute in CATALOG._names_of(name):
            cls = getattr(module, attribute, None)
            canonical = CATALOG.canonical(f"{name}.{attribute}")
            if isinstance(cls, type) and canonical and CATALOG.is_class(canonical):
                if _TWOFOLD.search(f"{name}.{attribute}"):
                    continue
                if named.setdefault(canonical, cls) is not cls:
                    wrong.append((canonical, f"{name}.{attribute}"))
    assert wrong == []


def test_bases_are_those_of_the_real_classes(modules: dict[str, types.ModuleType]) -> None:
    wrong = []
    for name, module in modules.items():
        for attribute in CATALOG._names_of(name):
            cls = getattr(module, attribute, None)
            dotted = f"{name}.{attribute}"
            if isinstance(cls, type) and CATALOG.is_class(dotted) and cls.__module__ == name:
                ancestors = {path.rpartition(".")[2] for path in CATALOG.ancestors(dotted)}
                ours = {base.__name__ for base in cls.__mro__ if "sqlalchemy" in base.__module__}
                missing = {
                    r for r in ours if r.endswith(("Error", "Session", "Result"))
                } - ancestors
                if missing:
                    wrong.append((dotted, missing))
    assert wrong == []


def test_every_kind_has_classes(classes: dict[str, list[type]]) -> None:
    unseen = set(generate.classes.UNSEEN_IN_1_4) if VERSION == (1, 4) else set()
    assert {kind for kind, found in classes.items() if not found} <= unseen


def _rows() -> Iterator[tuple[str, str, catalog.Member]]:
    for kind in CATALOG._members:
        for name in CATALOG.members(kind.rstrip("!"), kind.endswith("!")):
            member = CATALOG.member(kind.rstrip("!"), kind.endswith("!"), name)
            assert member is not None
            yield kind, name, member


@functools.cache
def _attributes(cls: type) -> dict[str, object]:
    """All attributes of a class, as its bases define them, unbound."""
    out: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        out.update(vars(base))
    return out


def _static(classes: list[type], name: str) -> Iterator[tuple[type, object]]:
    for cls in classes:
        attributes = _attributes(cls)
        if name in attributes:
            yield cls, attributes[name]


def _annotated(cls: type) -> Iterable[str]:
    if sys.version_info >= (3, 14):  # evaluated on demand, and these name what is not there
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return vars(cls).get("__annotations__", {})


@functools.cache
def _instance_names(cls: type) -> frozenset[str]:
    """What methods of the class store or load, and what its annotations promise."""
    out: set[str] = set()
    for base in cls.__mro__:
        out.update(_annotated(base))
        for value in vars(base).values():
            function = inspect.unwrap(value) if callable(value) else value
            for part in (function, *(getattr(function, p, None) for p in _PARTS)):
                out.update(getattr(getattr(part, "__code__", None), "co_names", ()))
    return frozenset(out)


def test_each_member_exists(classes: dict[str, list[type]]) -> None:
    wrong = []
    for kind, name, _ in _rows():
        nested = [
            comparator
            for cls in (classes["TYPE"] + classes["RELATIONSHIP"] + classes["COLUMN_EXPR"])
            if isinstance(comparator := getattr(cls, "Comparator", None), type)
        ]
        if VERSION == (1, 4) and kind in generate.classes.UNSEEN_IN_1_4:
            continue  # passed on to the driver; the calls are tested
        candidates = classes[kind] + (nested if kind == "COLUMN_EXPR" else [])
        if not any(_static(candidates, name)) and not any(
            name in _instance_names(cls) for cls in candidates
        ):
            wrong.append(f"{kind}.{name}")
    assert wrong == []


def test_what_is_a_coroutine_and_what_a_property_is_one(classes: dict[str, list[type]]) -> None:
    wrong = []
    for kind, name, member in _rows():
        if kind == "SCOPED_SESSION!" and VERSION == (1, 4):
            continue  # made by exec() as plain functions that return AsyncSession's coroutines
        found = [value for _, value in _static(classes[kind], name)]
        functions = [
            inspect.unwrap(getattr(value, "__func__", value))
            for value in found
            if isinstance(value, (types.FunctionType, classmethod, staticmethod))
        ]
        if functions:
            asynchronous = {inspect.iscoroutinefunction(function) for function in functions}
            only = len(functions) == len(found)
            if member.coroutine not in asynchronous or (only and member.property):
                wrong.append(f"{kind}.{name}")
        elif any(isinstance(value, property) for value in found) and not member.property:
            wrong.append(f"{kind}.{name} is a property")
    assert wrong == []


def test_what_is_decorated_as_generative_is_generative(classes: dict[str, list[type]]) -> None:
    """SQLAlchemy's decorator leaves its mark; of methods without it, real calls tell."""
    wrong = []
    for kind, name, member in _rows():
        values = [(cls, value) for cls, value in _static(classes[kind], name)]
        marked = [
            hasattr(value, "non_generative")
            and not any(base.__name__ == "InPlaceGenerative" for base in cls.__mro__)
            for cls, value in values
        ]
        if marked and all(marked) and not member.generative:
            wrong.append(f"{kind}.{name}")
    assert wrong == []


def test_what_with_takes_has_enter(classes: dict[str, list[type]]) -> None:
    wrong = []
    for kind in CATALOG._members:
        entered = CATALOG.entered(kind.rstrip("!"), kind.endswith("!"))
        name = "__aenter__" if kind.endswith("!") else "__enter__"
        unseen = VERSION == (1, 4) and kind in generate.classes.UNSEEN_IN_1_4
        if not unseen and bool(entered) != any(hasattr(cls, name) for cls in classes[kind]):
            wrong.append(kind)
    assert wrong == []


def test_context_managers_are_marked(classes: dict[str, list[type]]) -> None:
    wrong = []
    for kind, name, member in _rows():
        for _, value in _static(classes[kind], name):
            code = getattr(value, "__code__", None)
            is_one = code is not None and code.co_filename.endswith("contextlib.py")
            if is_one and (member.returns != "CONTEXT_MANAGER" or not member.enters):
                wrong.append(f"{kind}.{name}")
    assert wrong == []


def test_functions_are_callable_and_coroutines_where_said(
    modules: dict[str, types.ModuleType],
) -> None:
    wrong = []
    for name, module in modules.items():
        for attribute in CATALOG._names_of(name):
            function = getattr(module, attribute, None)
            canonical = CATALOG.canonical(f"{name}.{attribute}")
            text = CATALOG._functions.get(canonical or "")
            if text is None or not isinstance(function, types.FunctionType):
                continue
            if _TWOFOLD.search(attribute):
                continue
            if decode(text).coroutine != inspect.iscoroutinefunction(function):
                wrong.append(f"{name}.{attribute}")
    assert wrong == []


def test_the_committed_data_is_what_the_generator_makes() -> None:
    directory = generate.installed()
    assert directory is not None
    made = generate.make(directory)
    path = catalog.DATA / f"sqlalchemy-{VERSION[0]}.{VERSION[1]}.json"
    assert generate.as_text(made) == path.read_text(encoding="utf-8")


def test_a_member_survives_being_written() -> None:
    member = catalog.Member(
        "A", True, True, True, "B", ("x", "y"), "db", "1.4", True, "C", True, True
    )
    assert decode(encode(member)) == member
    assert decode(encode(catalog.Member())) == catalog.Member()


def test_packs_name_only_known_kinds() -> None:
    members = [*packs._FUNCTIONS.values(), *packs._FLASK_DB.values(), *packs._FLASK_QUERY.values()]
    for member in members:
        assert {member.returns, member.enters, member.of} - {""} <= catalog.kinds.ALL
