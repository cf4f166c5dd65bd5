"""Marshmallow schemas: the attributes that dumping an object reads of it, and what is behind."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.classes import ClassInfo
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.knowledge import Knowledge

# Source: the docs of marshmallow, flask-marshmallow and marshmallow-sqlalchemy.
_BASES = frozenset(
    {
        "flask_marshmallow.Marshmallow().Schema",
        "flask_marshmallow.Marshmallow().SQLAlchemySchema",
        "flask_marshmallow.Marshmallow().SQLAlchemyAutoSchema",
        "marshmallow.Schema",
        "marshmallow_sqlalchemy.SQLAlchemyAutoSchema",
        "marshmallow_sqlalchemy.SQLAlchemySchema",
    }
)
# Fields that a function of the schema fills, and those that take nothing.
_OWN_WAYS = frozenset({"Constant", "Function", "Method"})
_NESTING = frozenset({"Nested", "Pluck"})
_PARTIAL = frozenset({"exclude", "only"})
# Schemas in schemas are followed so far.
DEPTH = 3


def dumped(knowledge: Knowledge, label: str, depth: int = DEPTH) -> frozenset[str]:
    """What the fields of a schema read, with dots for what is behind; none when it is none."""
    ancestry = knowledge.classes.ancestry(label)
    based = any(
        b.name in (NAME, FOREIGN) and b.label in _BASES for info in ancestry for b in info.bases
    )
    if not based:
        return frozenset()
    found: set[str] = set()
    for info in ancestry:
        for name, call in _fields(info):
            path = _said(call, "attribute") or name
            if (call.name or "") in _OWN_WAYS:
                found |= {f"{name}()"}  # no attribute: see `filled`
                continue
            if _is_set(call, "load_only"):
                continue
            steps = path.split(".")
            found |= {".".join(steps[: n + 1]) for n in range(len(steps))}
            inner = _nested(knowledge, info, call) if depth > 1 else None
            if inner is not None:
                label, field = inner
                for one in dumped(knowledge, label, depth - 1):
                    if not field or one.partition(".")[0] == field:
                        found.add(f"{path}.{one}")
    for info in reversed(ancestry):
        meta = _meta(info)
        if meta is None:
            continue
        found |= _related(knowledge, info, meta)
        only, out = _names(meta, "fields"), _names(meta, "exclude")
        if only is None or out is None:
            return frozenset()
        if only:
            found = {path for path in found if path.partition(".")[0] in only} | only
        found = {path for path in found if path.partition(".")[0] not in out}
    return frozenset(found)


def filled(knowledge: Knowledge, label: str) -> Iterator[tuple[str, str]]:
    """The functions of the project that fill fields of a schema, with the parameter that is the
    object: ``Method("get_total")``, ``Function(lambda order: ...)``."""
    ancestry = knowledge.classes.ancestry(label) if dumped(knowledge, label) else ()
    metas = [meta for info in ancestry if (meta := _meta(info)) is not None]
    if any(_names(meta, option) != set() for meta in metas for option in ("fields", "exclude")):
        return
    for info in ancestry:
        closures = {op.dst: op.name for op in _body(info) if op.do == "closure"}
        for _, call in _fields(info):
            given = call.args[0].value if call.args and not call.args[0].keyword else None
            if call.name == "Method":
                named = given.value if isinstance(given, Const) else _said(call, "serialize")
                method = knowledge.classes.method(label, str(named)) if named else None
                yield from _parameter(knowledge, method, 1)
            elif call.name == "Function" and given in closures:
                inner = f"{info.module.name}:{closures[str(given)]}"
                yield from _parameter(knowledge, inner, 0)


def _parameter(knowledge: Knowledge, label: str | None, position: int) -> Iterator[tuple[str, str]]:
    entry = knowledge.functions.get(label or "")
    if label and entry is not None and len(entry[1].params) > position:
        yield label, entry[1].params[position].name


def _body(info: ClassInfo) -> list[Op]:
    body = info.module.functions.get(info.node.qualname)
    return [op for block in (body.blocks if body is not None else ()) for op in block.ops]


def _meta(info: ClassInfo) -> list[Op] | None:
    """What the options of a schema are bound to."""
    body = info.module.functions.get(f"{info.node.qualname}.Meta")
    return None if body is None else [op for block in body.blocks for op in block.ops]


def _names(meta: list[Op], option: str) -> set[str] | None:
    """The names in a tuple or list of the options; None when it is not written there."""
    bound = [op for op in meta if op.dst == option]
    if not bound:
        return set()
    made = [op for op in meta if op.dst == bound[0].on and op.do == "pack"]
    if len(bound) > 1 or not made:
        return None
    values = [arg.value.value for arg in made[0].args if isinstance(arg.value, Const)]
    names = {value for value in values if isinstance(value, str)}
    return names if len(names) == len(made[0].args) else None


def _related(knowledge: Knowledge, info: ClassInfo, meta: list[Op]) -> set[str]:
    """`include_relationships = True`: the keys of what the relationships of the model give."""
    bound = {op.dst: op.on for op in meta if op.do == "move"}
    name = bound.get("model")
    if bound.get("include_relationships") != Const(True) or not isinstance(name, str):
        return set()
    kind = knowledge.global_name(info.module, name)
    if kind.name != kinds.MAPPED_CLASS:
        return set()
    return {
        attribute
        for above in knowledge.classes.ancestry(kind.label)
        for attribute, held in above.attributes.items()
        if held.name == kinds.RELATIONSHIP
    }


def _fields(info: ClassInfo) -> Iterator[tuple[str, Op]]:
    """The fields of a schema's own body, with the calls that make them."""
    ops = _body(info)
    calls = {op.dst: op for op in ops if op.do == "call" and op.dst is not None}
    for op in ops:
        call = calls.get(op.on) if op.do == "move" and isinstance(op.on, str) else None
        if call is not None and op.dst is not None and not op.dst.startswith(("_", "%")):
            yield op.dst, call


def _said(call: Op, keyword: str) -> str:
    value = next((arg.value for arg in call.args if arg.keyword == keyword), None)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _is_set(call: Op, keyword: str) -> bool:
    return any(arg.keyword == keyword and arg.value != Const(False) for arg in call.args)


def _nested(knowledge: Knowledge, info: ClassInfo, call: Op) -> tuple[str, str] | None:
    """The schema that a field names, also in a list, and the one field of it that is asked, "" for
    all; none where something is left out."""
    body = _body(info)
    for _ in range(DEPTH):
        if call.name in _NESTING or not call.args or call.args[0].keyword:
            break
        inner = [op for op in body if op.do == "call" and op.dst == call.args[0].value]
        if len(inner) != 1:
            return None
        call = inner[0]
    if call.name not in _NESTING or not call.args or any(a.keyword in _PARTIAL for a in call.args):
        return None
    kind = _schema(knowledge, info, body, call.args[0].value)
    if kind is None or kind.name != kinds.CLASS or not kind.label:
        return None
    if call.name != "Pluck":
        return kind.label, ""
    field = call.args[1].value if len(call.args) > 1 else None
    return (kind.label, str(field.value)) if isinstance(field, Const) else None


def _schema(knowledge: Knowledge, info: ClassInfo, body: list[Op], operand: Operand) -> Kind | None:
    """A class, its name, an object of it, or a function without a name that gives one of these."""
    if isinstance(operand, Const):
        value = operand.value
        name = value.rpartition(".")[2] if isinstance(value, str) and value != "self" else ""
        return _of_name(knowledge, info, name) if name else None
    if operand.isidentifier():
        return knowledge.global_name(info.module, operand)
    made = [op for op in body if op.dst == operand]
    if len(made) != 1:
        return None
    if made[0].do == "closure":
        code = info.module.functions.get(str(made[0].name))
        ops = [op for block in (code.blocks if code is not None else ()) for op in block.ops]
        given = [op.on for op in ops if op.do == "return"]
        if code is None or code.kind != "lambda" or len(given) != 1 or given[0] is None:
            return None
        return _schema(knowledge, info, [op for op in ops if op.do != "closure"], given[0])
    called = made[0].do == "call" and made[0].name is None
    if not called or any(arg.star or arg.keyword in _PARTIAL for arg in made[0].args):
        return None
    if not isinstance(made[0].on, str) or not made[0].on.isidentifier():
        return None
    return knowledge.global_name(info.module, made[0].on)


def _of_name(knowledge: Knowledge, info: ClassInfo, name: str) -> Kind | None:
    """A schema may be named that another module has: by its name alone where no other has it."""
    here = knowledge.global_name(info.module, name)
    if here.name == kinds.CLASS:
        return here
    found = [label for label in knowledge.classes.by_label if label.rpartition(":")[2] == name]
    return Kind(kinds.CLASS, label=found[0]) if len(found) == 1 else None
