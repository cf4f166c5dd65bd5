"""SAL624: a name of the mapping is misspelt, and silently means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Attribute, Mapped, Project, Report, Severity, Value, near, rule

_NAMES = {
    "tablename": "__tablename__",
    "tablenames": "__tablename__",
    "tabelname": "__tablename__",
    "tableargs": "__table_args__",
    "tablearg": "__table_args__",
    "tableargss": "__table_args__",
    "tabelargs": "__table_args__",
    "tablearguments": "__table_args__",
    "mapperargs": "__mapper_args__",
    "mapperarg": "__mapper_args__",
    "mapargs": "__mapper_args__",
    "abstract": "__abstract__",
    "abstrac": "__abstract__",
}
_RIGHT = frozenset(_NAMES.values())
_CONSTRAINTS = frozenset({"UniqueConstraint", "Index", "PrimaryKeyConstraint"})


@rule("SAL624", "misspelt-mapping", severity=Severity.ERROR)
def misspelt_mapping(project: Project) -> Iterator[Report]:
    """`__tableargs__`, `__table_arg__`, `tabel=True`: a misspelt name is ignored.

    ## What it does
    Reports attributes of declarative classes that look like `__tablename__`, `__table_args__`,
    `__mapper_args__` or `__abstract__` and are not, a misspelt `table=True` of SQLModel, and
    constraints and indexes that stand in the class body instead of `__table_args__`.

    ## Why is this bad?
    Nothing complains about a name it does not know. The constraint is never made, the schema never
    used, the class never mapped; it is noticed when the data is wrong.

    ## Example
    ```python
    __tableargs__ = (UniqueConstraint("email"),)
    ```

    ## Use instead
    ```python
    __table_args__ = (UniqueConstraint("email"),)
    ```

    ## Fix safety
    No fix: the table changes when the name is right.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A constraint in the body whose columns are given as objects is attached to the table, and fine.
    A name that some function of the project reads (`cls._table_args`) is silent: it is one's own.

    ## References
    SQLAlchemy docs, "Declarative Table Configuration".
    """
    for one in project.classes():
        if not one.base:
            continue
        for attribute in one.attributes:
            for report in _misspelt(attribute, {a.name for a in one.attributes}):
                if _says_the_same(attribute, one):
                    continue
                dunder = attribute.name.startswith("__") and attribute.name.endswith("__")
                if (one.complete or dunder) and not project.models.is_read(attribute.name):
                    yield report
            yield from _in_body(attribute)
        for call in project.statements(one.label):
            if _detached(call):
                yield _body(call, one.path)
    for path, at, keyword in project.class_words():
        close = near(keyword.lower(), ["table"])
        if close and keyword != "table":
            yield Report(
                at,
                f"`{keyword}=True` is no option of SQLModel: the class is no table",
                help="did you mean `table=True`?",
                path=path,
            )


def _misspelt(attribute: Attribute, others: set[str]) -> Iterator[Report]:
    name = attribute.name
    if name.startswith("_") and name not in _RIGHT:
        meant = _NAMES.get(name.replace("_", "").lower())
        single = name.startswith("__") or name.endswith("__") or meant != "__abstract__"
        if meant is not None and meant not in others and single and _looks(meant, attribute.value):
            yield Report(
                attribute.at,
                f"`{name}` means nothing to SQLAlchemy: it is ignored",
                help=f"did you mean `{meant}`?",
                path=attribute.path,
            )


def _says_the_same(attribute: Attribute, one: object) -> bool:
    """The name of a table that Flask-SQLAlchemy or SQLModel derives from the class all the same."""
    table = one.table if isinstance(one, Mapped) else None
    text = attribute.value.text if attribute.value is not None else None
    return table is not None and bool(text) and table.name == text


def _in_body(attribute: Attribute) -> Iterator[Report]:
    value = attribute.value
    if attribute.name in _RIGHT or attribute.declared or value is None:
        return
    if value.do == "call" and _detached(value):
        yield _body(value, attribute.path)


def _looks(meant: str, value: Value | None) -> bool:
    if value is None:
        return False
    if meant == "__tablename__":
        return value.text is not None
    if meant == "__abstract__":
        return value.truth is not None
    return value.do in ("tuple", "dict", "call", "list")


def _detached(call: Value) -> bool:
    """A constraint over column names alone, which nothing attaches to the table."""
    if call.library == "CheckConstraint":
        return bool(call.args) and call.args[0].text is not None
    if call.library == "ForeignKeyConstraint":
        columns = call.argument(0, "columns")
        return columns is not None and all(c.text is not None for c in columns.args)
    if call.library not in _CONSTRAINTS:
        return False
    names = call.args[1:] if call.library == "Index" else call.args
    return bool(names) and all(one.text is not None for one in names)


def _body(call: Value, path: str) -> Report:
    return Report(
        call.at,
        f"`{call.library}` stands in the class body: no table knows it, and it is never made",
        help="put it into `__table_args__ = (...,)`",
        path=path,
    )
