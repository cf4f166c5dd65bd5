"""The loader option that loads an attribute with its objects, and the statement to put it into."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.finding import Applicability, Import, Replace, Rewrite
from sqla_lint.flow.attributes import Mapped
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.ir import Ref
from sqla_lint.project.kind import class_name
from sqla_lint.project.loading import beyond, may_be_loaded
from sqla_lint.views.function import Function, Operation

# Steps from a result back to the statement it is of.
CHAIN_LIMIT = 24

_GATHERERS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted"})
_GETTERS = frozenset({"get", "get_one"})
# What a statement with one more join means something else with, or is refused with.
_NO_JOINS = frozenset({"with_for_update", "group_by", "distinct", "from_statement", "union"})
_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.FLASK_DB})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})


def option_text(origin: Origin, reach: Reach) -> str:
    """The option, as it is written: `selectinload(Order.lines).joinedload(Line.book)`."""
    before = origin.before
    loaders, models, steps = loaders_of(origin, reach), reach.models, reach.steps
    if before is not None:
        first = "defaultload" if before.step.load == "eager" else loader(before.step)
        loaders, models = (first, *loaders), (before.model, *models)
        steps = (before.step, *steps)
    options = [
        f"{name}({class_name(model)}.{step.name})"
        for name, model, step in zip(loaders, models, steps, strict=True)
    ]
    if reach.heir:
        base = "" if options[:-1] else f"{class_name(models[-1])}, "
        options[-1] = f"selectin_polymorphic({base}[{class_name(reach.heir)}])"
    return ".".join(options)


def eager_option(function: Function, origin: Origin, reach: Reach) -> Rewrite | None:
    """The statement of an origin with a loader option for an attribute; None when the statement is
    not written in this function, a join would change what it means, or a class on the way has no
    name here."""
    if reach.rounds > 1 or reach.heir:
        return None  # a tree: how deep it is nobody knows; heirs: which of them are wanted
    made = _statement(function, origin)
    names = [_named_here(function, model) for model in reach.models[1:]]
    if made is None or not all(names):
        return None
    loaders = loaders_of(origin, reach)
    if "joinedload" in loaders and made.calls & _NO_JOINS:
        return None
    if reach.last.role == "column" and reach.last.load == "eager":
        return None  # another option leaves it out
    where = _place(function, made.operation, origin.model)
    if where is None:
        return None
    owner, refs, template = where
    option = ".".join(
        f"{_brace(loader, n)}({name}.{step.name})"
        for n, (loader, name, step) in enumerate(
            zip(loaders, (owner, *names), reach.steps, strict=True)
        )
    )
    return Rewrite(
        f"load it with the objects: `{loaders[-1]}()`",
        Applicability.UNSAFE,
        (Import("sqlalchemy.orm", loaders[0]), Replace(refs[0], template.format(option), refs)),
    )


def _place(
    function: Function, made: Operation, model: str
) -> tuple[str, tuple[Ref, ...], str] | None:
    """How the class is written there, the node to replace with what the template needs, and the
    template, with a hole for the option."""
    op = made.op
    if op.do == "getattr":  # Model.query
        return str(op.on), (op.at,), "{{0}}.options({})"
    for arg, kind in zip(op.args, made.arg_kinds, strict=False):
        if kind.name == kinds.MAPPED_CLASS and kind.label == model and not arg.star:
            options = next((a.value for a in op.args if a.keyword == "options"), None)
            if options is not None:
                listed = _definition(function, options)
                if listed is None or listed.op.do != "pack" or listed.op.name != "list":
                    return None
                if any(a.star for a in listed.op.args):
                    return None
                given = [a.at for a in listed.op.args]  # after ours: what they say stays
                others = "".join(f", {{{{{n}}}}}" for n in range(2, 2 + len(given)))
                return "{1}", (listed.op.at, arg.at, *given), f"[{{}}{others}]"
            if made.on.name in _RUNNERS and op.name in _GETTERS:
                return "{1}", (op.args[-1].at, arg.at), "{{0}}, options=[{}]"
            return "{1}", (op.at, arg.at), "{{0}}.options({})"
    return None


def _brace(loader: str, position: int) -> str:
    """The first option of a chain is imported, the others are its methods."""
    return loader if position else f"{{{loader}}}"


def _named_here(function: Function, model: str) -> str:
    """The name by which the function's module knows a class; "" when it does not."""
    name = class_name(model)
    kind = function.project.knowledge.global_name(function.typed.module, name)
    return name if kind.name == kinds.MAPPED_CLASS and kind.label == model else ""


def loaders_of(origin: Origin, reach: Reach) -> tuple[str, ...]:
    """The options that lead to an attribute and load it: what is loaded already stays as it is."""
    found = []
    loaded = origin.entity.loaded
    for step in reach.steps[:-1]:
        there = step.load == "eager" or may_be_loaded(loaded, step.name)
        found.append("defaultload" if there else loader(step))
        loaded = beyond(loaded, step.name)
    return (*found, loader(reach.last))


def loader(attribute: Mapped) -> str:
    """The option that fits."""
    if attribute.role == "column":
        return "undefer"
    return "joinedload" if attribute.many is False else "selectinload"


class Written(NamedTuple):
    """What makes a statement, and the methods that are called on it or its result."""

    operation: Operation
    calls: frozenset[str]


def _statement(function: Function, origin: Origin) -> Written | None:
    """The call of `select()`, `session.query()` or `session.get()`, or the `Model.query`, that an
    origin goes back to."""
    if origin.how != "loaded":
        return None
    root = function.op(origin.root.position)
    operation = next((o for o in function.operations() if o.op is root), None)
    calls: set[str] = set()
    for _ in range(CHAIN_LIMIT):
        if operation is None:
            return None
        op = operation.op
        calls.add(op.name or "")
        if op.do in ("await", "move", "next", "unpack", "getitem"):
            operation = _definition(function, op.on)
        elif op.do == "getattr" and operation.result.name == kinds.QUERY and op.name == "query":
            plain = isinstance(op.on, str) and op.on.isidentifier()
            whole = operation.on.label == origin.model
            return Written(operation, frozenset(calls)) if plain and whole else None
        elif op.do == "getattr" and op.name == "items":  # of a page
            operation = _definition(function, op.on)
        elif op.do != "call":
            return None
        elif op.name is None and operation.on.label in _GATHERERS and op.args:
            operation = _definition(function, op.args[0].value)
        elif operation.on.name in _RUNNERS and op.name == "query":
            return Written(operation, frozenset(calls))
        elif operation.on.name in _RUNNERS and op.name in _GETTERS:
            starred = any(arg.star for arg in op.args)
            return None if starred or not op.args else Written(operation, frozenset(calls))
        elif operation.on.name in _RUNNERS and operation.result.name != kinds.SELECT:
            first = operation.arg_kinds[:1]
            if not first or first[0].name not in _STATEMENTS:
                return None
            operation = _definition(function, op.args[0].value)
        elif operation.result.name == kinds.SELECT and operation.on.name != kinds.SELECT:
            return Written(operation, frozenset(calls)) if operation.arg_kinds else None
        else:
            operation = _definition(function, op.on)
    return None


def _definition(function: Function, operand: object) -> Operation | None:
    """The one operation that binds a place."""
    found = [o for o in function.operations() if o.op.dst == operand]
    return found[0] if len(found) == 1 else None
