"""Which values cannot carry SQL into a text: numbers, dates, constants, names of one's own tables.

Nothing is claimed of a value that cannot be followed.
"""

from __future__ import annotations

import re

from sqla_lint.catalog import kinds
from sqla_lint.ir import MODULE_BODY, Ann, Const, Module, Op
from sqla_lint.project.kind import COLUMNS, FOREIGN, NAME, Kind
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.reexports import imported_name, made_in
from sqla_lint.regex import pattern

# What SQLAlchemy itself writes into SQL, with names quoted and values bound or escaped.
_RENDERED = frozenset(
    {kinds.INT, kinds.FLOAT, kinds.BOOL, kinds.NONE, kinds.MAPPED_CLASS, kinds.TABLE, COLUMNS}
    | {kinds.COLUMN_EXPR, kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.QUERY}
    | {kinds.TEXT, kinds.FROM_CLAUSE, kinds.METADATA, kinds.INSPECTOR, kinds.TYPE, kinds.URL}
    | {kinds.MAPPER, kinds.ENGINE, kinds.SCHEMA_ITEM, kinds.DDL, kinds.CLASS, kinds.MODULE}
)

# Calls of other libraries that give a number, a date, an identifier made up at random, a digest,
# or a name quoted by whoever knows how.
_MADE = pattern(
    r"builtins\.(?:int|len|float|bool|round|abs|sum|hash|ord|id|hex|oct|bin|range)\(\)"
    r"|(?:uuid|datetime|decimal|time|random|secrets|hashlib|itertools|zoneinfo|calendar)\..*\(\).*"
    r"|.*\bquoted_name\(\)"
    r"|(?:django\.utils\.timezone|pendulum|arrow)\..*"
)
_QUOTING = pattern(
    r"^(?:compile|strftime|isoformat|hex|hexdigest|timestamp|total_seconds)$|quote|url_?encode|ident(?:ifier)?s?$|format_(?:table|column|schema)|_validate|sanitize"
)

# Annotations of values without any text that could be SQL.
_PLAIN = frozenset(
    {"int", "float", "bool", "UUID", "UUID1", "UUID4", "Decimal", "date", "datetime", "time"}
    | {"timedelta", "Literal", "None", "complex", "PositiveInt", "NonNegativeInt", "StrictInt"}
    | {"PositiveFloat", "conint", "IPv4Address", "IPv6Address", "Integer", "BigInteger"}
    | {"SmallInteger", "Numeric", "Float", "Boolean", "Date", "DateTime", "Time", "Uuid"}
    | {"Interval", "Double", "INTEGER", "BIGINT", "UUIDType", "quoted_name", "INT", "BOOLEAN"}
)
_AROUND = frozenset(
    {"Optional", "Union", "Annotated", "Mapped", "list", "List", "Sequence", "Iterable", "set"}
    | {"Set", "frozenset", "tuple", "Tuple", "Collection", "Final", "ClassVar", "Iterator"}
)

# What a request or the command line brings in, as the names of libraries say it.
_OUTSIDE = pattern(
    r"(?:flask|quart|bottle)\.request\b(?!\.(?:method|scheme|endpoint)).*"
    r"|builtins\.input\(\).*|sys\.argv.*"
    r"|(?:fastapi|starlette\.requests)\.(?:Query|Path|Form|Body|Header|Cookie)\(\).*"
)

_OWN_NAMES = frozenset(
    {"__tablename__", "__name__", "__qualname__", "__table__", "__module__", "__class__"}
    | {"__mapper_args__", "__table_args__"}
)
# The keys that an INSERT gave its rows, of a result or a cursor.
NEW_KEYS = frozenset({"inserted_primary_key", "inserted_primary_key_rows", "lastrowid"})
# Names that the database tells, through an Inspector.
_INSPECTED = pattern(
    r"get_(?:\w*_)?(?:names|foreign_keys|pk_constraint|indexes|unique_constraints"
    r"|check_constraints|columns|sequences|enums)|_load_(?:enums|domains)"
)


def is_harmless(kind: Kind) -> bool:
    """No value of this kind can hold SQL."""
    if kind.name in _RENDERED:
        return True
    last = kind.label.rpartition(".")[2]
    if kind.name == NAME and (last.isupper() or last[:1].isupper()):
        return True  # a constant or class of another library, or of a part that is not here
    if kind.name == kinds.UNKNOWN and kind.label:
        last = kind.label.rpartition(":")[2]  # a name of a module that is not read
        return last[:1].isupper()
    return kind.name in (FOREIGN, NAME) and _MADE.fullmatch(kind.label) is not None


def is_from_outside(kind: Kind) -> bool:
    """A value that whoever uses the program chooses."""
    return kind.name in (FOREIGN, NAME) and _OUTSIDE.fullmatch(kind.label) is not None


def quotes(op: Op) -> bool:
    """A call of something that renders a statement, quotes or checks names, or that leaves only
    certain characters of a text: ``re.sub(r"[^a-z]", "", text)``."""
    if op.name == "sub" and len(op.args) == 3:
        pattern, by = op.args[0].value, op.args[1].value
        kept = isinstance(pattern, Const) and _ALL_BUT.match(str(pattern.value)) is not None
        return kept and isinstance(by, Const)
    if op.name is not None and _INSPECTED.fullmatch(op.name):
        return True
    if op.name == "replace" and len(op.args) == 2:
        return doubles_quotes(op)
    name = op.name or (op.on if isinstance(op.on, str) else "") or ""
    return _QUOTING.search(name.rpartition(".")[2]) is not None


_ALL_BUT = pattern(r"\[\^|\[?\\[WD]")  # what is replaced is all but certain characters


def doubles_quotes(op: Op) -> bool:
    """``text.replace("'", "''")``, or without them: whatever it was, it stays inside its quotes."""
    if op.name != "replace" or len(op.args) != 2:
        return False
    old, new = (arg.value.value if isinstance(arg.value, Const) else None for arg in op.args)
    if old not in ("'", '"', "`", "]") or not isinstance(new, str):
        return False
    return new == "" or (old in new and len(new) == 2)


def lets_words_through(pattern: str) -> bool:
    """What the groups of a pattern match is words, numbers, spaces and signs that end no text: in
    ``'(\\d+-\\d+)'`` no quote can be."""
    first, last = pattern.find("("), pattern.rfind(")")
    inner = pattern[first : last + 1] if 0 <= first < last else pattern
    return _LETS_ANYTHING.search(re.sub(r"\\[.dws+*?/()\-]", "", inner)) is None


_LETS_ANYTHING = pattern(r"""[.'"`;\\]|\[\^""")


def is_constant_name(name: str) -> bool:
    """``MAX_ROWS``: what a constant is called."""
    return name.isupper()


def names_fields(op: Op, on: Kind) -> bool:
    """The keys of what a call gives are the fields of a class: ``asdict(row)``,
    ``form.model_dump()`` of a class of the project."""
    if on.label in ("dataclasses.asdict", "attrs.asdict", "attr.asdict"):
        return True
    own = on.name in (kinds.INSTANCE, kinds.ENTITY)
    return own and op.name in ("model_dump", "dict", "_asdict")


def is_own_name(op: Op) -> bool:
    """Reads what the program itself calls a class or table."""
    return op.do == "getattr" and op.name in _OWN_NAMES


def plain(ann: Ann | None, knowledge: Knowledge, module: str) -> bool:
    """An annotation, or the type of a column, of values that cannot hold SQL."""
    if ann is None:
        return False
    if ann.kind in ("const", "tuple"):
        return all(plain(arg, knowledge, module) for arg in ann.args)
    if ann.kind == "name":
        if ann.name.rpartition(".")[2] in _PLAIN or is_enum(ann.name, knowledge, module):
            return True
        return _is_new_type(ann.name, knowledge, module)
    if ann.kind == "union":
        return all(plain(arg, knowledge, module) for arg in ann.args)
    if ann.kind == "call":
        return plain(ann.args[0], knowledge, module)
    if ann.kind != "item":
        return False
    head, *rest = ann.args
    last = head.name.rpartition(".")[2]
    if last == "Annotated":
        return plain(rest[0], knowledge, module)
    if last in _AROUND:
        return all(plain(arg, knowledge, module) for arg in rest if arg.kind != "other")
    return last in _PLAIN


def _is_new_type(name: str, knowledge: Knowledge, module: str) -> bool:
    """``UserId = NewType("UserId", int)``, ``Way = Literal["up", "down"]``, here or where it is
    imported from."""
    there = knowledge.index.modules.get(module)
    made = _bound(there, name) if there is not None else []
    if there is not None and len(made) == 1 and made[0].do == "import":
        dotted = imported_name(there, made[0])
        found = made_in(knowledge.index, dotted, there) if dotted is not None else None
        there, name = found if found is not None else (None, name)
        made = _bound(there, name) if there is not None else []
    if there is not None and len(made) == 1 and made[0].do == "move":
        made = _bound(there, str(made[0].on))
    return len(made) == 1 and _is_plain_new_type(made[0])


def _is_plain_new_type(op: Op) -> bool:
    if op.do == "getitem":
        return str(op.on).rpartition(".")[2] == "Literal"
    called = op.name or str(op.on)
    given = op.args[1].value if op.do == "call" and len(op.args) == 2 else None
    return called == "NewType" and str(given).rpartition(".")[2] in _PLAIN


def _bound(module: Module, name: str) -> list[Op]:
    body = module.functions.get(MODULE_BODY)
    return [op for block in body.blocks for op in block.ops if op.dst == name] if body else []


def is_enum(name: str, knowledge: Knowledge, module: str) -> bool:
    """A name of a module means an enumeration of the project."""
    there = knowledge.index.modules.get(module)
    if there is None:
        return False
    first, *rest = name.split(".")
    kind = knowledge.global_name(there, first)
    for part in rest:
        kind = knowledge.attribute(kind, part)
    return kind.name == kinds.CLASS and is_enum_class(kind.label, knowledge)


def is_enum_class(label: str, knowledge: Knowledge) -> bool:
    """A class of the project, by label, is an enumeration."""
    return any(
        base.label.rpartition(".")[2].endswith(("Enum", "Flag", "TextChoices", "IntegerChoices"))
        for info in knowledge.classes.ancestry(label)
        for base in info.bases
    )


def _is_made_up(column: Op) -> bool:
    """``Column(String, primary_key=True, default=new_id)``"""
    words = {arg.keyword: arg.value for arg in column.args if arg.keyword}
    makes = any(isinstance(words.get(name), str) for name in _MAKING_KEYS)
    return makes and words.get("primary_key") == Const(True)


_MAKING_KEYS = ("default", "default_factory", "insert_default")


def is_plain_attribute(label: str, name: str, knowledge: Knowledge) -> bool:
    """An attribute of a class of the project is declared as a number, date or the like: by its
    annotation, or as a column of such a type; or it is a primary key that a function makes up."""
    for info in knowledge.classes.ancestry(label):
        body = info.module.functions.get(info.node.qualname)
        for block in body.blocks if body is not None else ():
            made: dict[str, Op] = {}
            for op in block.ops:
                if op.do == "call" and op.dst is not None:
                    made[op.dst] = op
                if op.dst != name:
                    continue
                if op.ann is not None and plain(op.ann, knowledge, info.module.name):
                    return True
                column = made.get(op.on) if op.do == "move" and isinstance(op.on, str) else None
                if column is not None and _is_made_up(column):
                    return True
                for arg in column.args if column is not None else ():
                    named = arg.value if isinstance(arg.value, str) else ""
                    typed = made.get(named)
                    if typed is not None:
                        named = typed.name or str(typed.on)
                    if named.rpartition(".")[2] in _PLAIN:
                        return True
    return False
