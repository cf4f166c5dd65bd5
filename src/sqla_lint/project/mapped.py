"""From the classes of a linked project to its `Models`: which are mapped, and to what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Class, Function, Module, Op
from sqla_lint.project.classes import PLAIN_BASES, SQLMODEL_BASES
from sqla_lint.project.declared import COLUMN_MAKERS, Reader
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.mapping import Attribute, Base, Column, Mixin, Model, Relationship, Table
from sqla_lint.project.models import Models, backref_name
from sqla_lint.project.values import Binding, Scopes, Value

# Metaclasses from here add nothing but what every declarative class has.
_PLAIN_METACLASSES = ("abc.", "flask_sqlalchemy.", "sqlalchemy.", "sqlmodel.")
_BASE_CALLS = frozenset({"declarative_base", "automap_base", "generate_base"})
_BASE_DECORATORS = frozenset({"as_declarative", "as_declarative_base"})
_MAPPED_DECORATORS = frozenset({"mapped", "mapped_as_dataclass"})
_IMPERATIVE = frozenset({"map_imperatively", "mapper"})
_ROOTS = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta"})
# Bases that add attributes nobody sees here, or take them from the database.
_DYNAMIC_BASES = frozenset({"DeferredReflection", "AbstractConcreteBase", "ConcreteBase"})
_HARMLESS_MODULES = ("typing.", "typing_extensions.", "abc.", "enum.", "collections.abc.")
# Mixins of well-known libraries that have methods only.
_HARMLESS_BASES = PLAIN_BASES | {
    "flask_login.UserMixin",
    "flask_login.mixins.UserMixin",
    "builtins.Exception",
    "builtins.str",
}
_REFLECTION = frozenset({"autoload", "autoload_with"})
_HARMLESS_DECORATORS = frozenset(
    {"dataclass", "total_ordering", "final", "unique", "runtime_checkable", "deprecated"}
    | {*_BASE_DECORATORS}
)
_TABLE_MAKERS = frozenset({"__init_subclass__", "__table_cls__"})


class _Root(NamedTuple):
    base: Base
    presumed: bool = False  # by its looks: the base class itself is not known


def _makes_table(op: Op) -> bool:
    return op.do == "call" and (op.name == "Table" or str(op.on).endswith("Table"))


def _maps(op: Op) -> bool:
    return op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in _IMPERATIVE


def models_of(knowledge: Knowledge) -> Models:
    """All models of a linked project."""
    return _Builder(knowledge).build()


class _Builder:
    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.index = knowledge.index
        self.scopes = Scopes(knowledge)
        self.reader = Reader(self.scopes)
        self.nodes: dict[str, tuple[Module, Class]] = {}
        self.models = Models(self.scopes)
        self._roots: dict[str, _Root | None] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._read: dict[str, tuple[Attribute, ...]] = {}
        self._status: dict[str, str] = {}
        self._roots_here: set[str] = set()  # classes that are a declarative base themselves
        self._given: frozenset[str] | None = None  # classes that are given attributes by setattr()
        self._sets: dict[str, list[tuple[str, Value, int, Module]]] | None = None

    def build(self) -> Models:
        for module in self.knowledge.index.modules.values():
            for qualname, node in module.classes.items():
                self.nodes[f"{module.name}:{qualname}"] = (module, node)
        found: list[Model] = []
        for label in self.nodes:
            if self.root(label) is None:
                continue
            if self.status(label) == "mapped":
                found.append(self._model(label))
                self._note_mixins(label)
            else:
                self._note_mixin(label)
        found += self._imperative()
        models = self.models
        for model in found:
            models.models[model.label] = model
        self._open_bases()
        self._core_tables()
        self._share_tables()
        self._index()
        self._make_backrefs()
        return models

    # --- classes -------------------------------------------------------------------------------

    def bases(self, label: str) -> tuple[str, ...]:
        """The bases of a class, resolved."""
        known = self._bases.get(label)
        if known is None:
            module, node = self.nodes[label]
            scope = module.functions.get(node.qualname)
            parent = module.functions.get(scope.parent or "") if scope is not None else None
            names = []
            for ann in node.bases:
                while ann.kind == "item":
                    ann = ann.args[0]
                if ann.kind == "call" and ann.args[0].kind == "name" and parent is not None:
                    made = self.scopes.resolve(module, parent, ann.args[0].name)
                    last = made.rpartition(".")[2]
                    names.append(f"{made}()" if last in _BASE_CALLS else "")
                elif ann.kind == "name" and parent is not None:
                    names.append(self.scopes.resolve(module, parent, ann.name))
                else:
                    names.append("")
            known = self._bases[label] = tuple(names)
        return known

    def root(self, label: str) -> _Root | None:
        """The declarative base a class descends from."""
        if label in self._roots:
            return self._roots[label]
        self._roots[label] = None  # an inheritance cycle has none
        found = self._decorated(label)
        for name in self.bases(label):
            if found is not None:
                break
            found = self._root_of(name, label)
        if found is None and self._looks_mapped(label):
            outside = [b for b in self.bases(label) if ":" not in b and not _harmless(b)]
            if outside:
                base = Base(outside[0], known=False)
                found = _Root(base, True)
        if found is not None:
            self.models.bases.setdefault(found.base.label, found.base)
        self._roots[label] = found
        return found

    def _root_of(self, name: str, heir: str) -> _Root | None:
        if not name:
            return None
        if name in self.nodes:
            return self.root(name)
        if name.endswith(".Model") and self.scopes.is_flask(name.removesuffix(".Model")):
            base = self._flask_base(name.removesuffix(".Model"))
            return _Root(base if self._stands_in(name) is None else base._replace(known=False))
        if not heir:
            return self._variable_base(name)
        module, node = self.nodes[heir]
        if name.startswith("sqlalchemy.") and name.rpartition(".")[2] in _ROOTS:
            return self._own_base(heir)
        if name.endswith("()"):
            style = "automap" if "automap" in name else "sqlalchemy"
            self._roots_here.add(heir)
            return _Root(Base(heir, node.at, module.path, style=style))  # type: ignore[arg-type]
        if name in SQLMODEL_BASES:
            if any(keyword == "registry" for keyword, _ in node.keywords):
                return _Root(Base(heir, node.at, module.path, style="sqlmodel"))
            return _Root(Base("sqlmodel.SQLModel", style="sqlmodel"))
        return self._variable_base(name) if ":" in name else None

    def _own_base(self, label: str) -> _Root:
        """``class Base(DeclarativeBase)``; with a registry of its own, or the one it names."""
        module, node = self.nodes[label]
        self._roots_here.add(label)
        given = {b.name: b.value for b in self._bound(label) if b.value is not None}
        named = given.get("registry")
        shared = named.name if named is not None and named.do == "name" else ""
        metadata = given.get("metadata")
        own = metadata.name if metadata is not None and metadata.do == "name" else ""
        if ":" in shared:
            self.models.aliases[label] = shared
        return _Root(
            Base(
                shared if ":" in shared else label,
                node.at,
                module.path,
                metadata=own or (f"{label}.metadata" if metadata is not None else ""),
            )
        )

    def _bound(self, label: str) -> list[Binding]:
        """What a class body really binds: not what it only annotates."""
        module, node = self.nodes[label]
        return [
            b
            for b in self.scopes.body(module, node.qualname).bindings
            if (b.value is not None or b.closure) and not b.typing_only
        ]

    def _binds(self, label: str, *names: str) -> bool:
        return any(b.name in names for b in self._bound(label))

    def _flask_base(self, name: str) -> Base:
        value = self.scopes.value(name)
        module = self.knowledge.index.modules.get(name.partition(":")[0])
        path = module.path if module is not None else ""
        metadata = ""
        if value is not None and value.do == "call":
            given = value.word("metadata")
            metadata = _named_object(given)
            of = value.word("model_class")
            shared = self._root_of(of.name, "") if of is not None and ":" in of.name else None
            if shared is not None:  # models of the class itself are in the same registry
                self.models.aliases[name] = shared.base.label
                return shared.base._replace(
                    metadata=metadata or shared.base.metadata, style="flask"
                )
        return Base(name, value.at if value else -1, path, metadata=metadata, style="flask")

    def _stands_in(self, name: str) -> Value | None:
        """``db.Model = declarative_base(cls=Common)``: what is put in the place of the model class
        of Flask-SQLAlchemy."""
        holder = name.removesuffix(".Model")
        module = self.knowledge.index.modules.get(holder.partition(":")[0])
        if module is None or "<module>" not in module.functions:
            return None
        sets = self.scopes.body(module, "<module>").sets
        return next((v for on, what, v, _ in sets if (on, what) == (holder, "Model")), None)

    def _variable_base(self, name: str) -> _Root | None:
        value = self.scopes.value(name)
        module = self.knowledge.index.modules.get(name.partition(":")[0])
        path = module.path if module is not None else ""
        if value is not None and value.do == "call":
            last = value.name.rpartition(".")[2]
            if last in _BASE_CALLS:
                style = "automap" if last == "automap_base" else "sqlalchemy"
                given = value.word("metadata")
                return _Root(
                    Base(name, value.at, path, metadata=_named_object(given), style=style)  # type: ignore[arg-type]
                )
        owner, _, variable = name.partition(":")
        kind = self.knowledge.globals.get(owner, {}).get(variable)
        if kind is not None and kind.name == kinds.DECLARATIVE_BASE:
            return _Root(Base(name, value.at if value else -1, path, known=False))
        return None

    def _decorators(self, label: str) -> tuple[Value, ...]:
        module, node = self.nodes[label]
        function = module.functions.get(node.qualname)
        if not node.decorators or function is None or function.parent is None:
            return ()
        for one in self.scopes.body(module, function.parent).bindings:
            if one.closure == node.qualname:
                return one.decorators
        return ()

    def _decorated(self, label: str) -> _Root | None:
        module, node = self.nodes[label]
        for decorator in self._decorators(label):
            owner, _, last = decorator.name.rpartition(".")
            if last in _BASE_DECORATORS:
                self._roots_here.add(label)
                return _Root(Base(label, node.at, module.path))
            if last in _MAPPED_DECORATORS and ":" in owner:
                value = self.scopes.value(owner)
                if value is not None and value.library == "registry":
                    there = self.knowledge.index.modules[owner.partition(":")[0]]
                    return _Root(Base(owner, value.at, there.path))
        return None

    def _looks_mapped(self, label: str) -> bool:
        """``__tablename__`` and a column: mapped by a base that is not the project's."""
        module, node = self.nodes[label]
        function = module.functions.get(node.qualname)
        if function is None or not {"__tablename__", "__table__"} & function.locals:
            return False
        return self._binds(label, "__tablename__", "__table__") and any(
            b.value is not None and b.value.do == "call" and b.value.library
            for b in self._bound(label)
        )

    def chain(self, label: str) -> list[str]:
        """The class and its project bases in the order of Python's attribute lookup."""
        linear = self._linear(label, ())
        if linear is not None:
            return linear
        found: dict[str, None] = {}
        waiting = [label]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.nodes:
                found[name] = None
                waiting.extend(reversed(self._parents(name)))
        return list(found)

    def _parents(self, label: str) -> list[str]:
        found = [b for b in self.bases(label) if b in self.nodes]
        for name in self.bases(label):
            given = self._given_class(name)
            if given is not None and given in self.nodes:
                found.append(given)
        return found

    def _given_class(self, name: str) -> str | None:
        """Common of ``declarative_base(cls=Common)``, ``SQLAlchemy(model_class=Common)``; "" when
        it cannot be told, None when there is none."""
        if ":" not in name or name in self.nodes:
            return None
        flask = name.endswith(".Model")
        value = self.scopes.value(name.removesuffix(".Model") if flask else name)
        instead = self._stands_in(name) if flask else None
        value = instead or value
        if value is None or value.do != "call":
            return None
        given = value.word("model_class" if flask and instead is None else "cls")
        return None if given is None else given.name

    def _linear(self, label: str, below: tuple[str, ...]) -> list[str] | None:
        """C3; None where Python itself would refuse."""
        if label in below:
            return None
        parents = self._parents(label)
        rows: list[list[str]] = []
        for parent in parents:
            row = self._linear(parent, (*below, label))
            if row is None:
                return None
            rows.append(list(row))
        rows.append(list(parents))
        out = [label]
        while any(rows):
            for row in rows:
                if row and not any(row[0] in other[1:] for other in rows):
                    head = row[0]
                    break
            else:
                return None
            out.append(head)
            for row in rows:
                if row and row[0] == head:
                    row.pop(0)
        return out

    def complete(self, label: str) -> bool:
        """Every class it inherits from is known."""
        for one in self.chain(label):
            for name in self.bases(one):
                if name in self.nodes or _harmless(name):
                    continue
                given = self._given_class(name)
                if given is not None and given not in self.nodes:
                    return False
                if self._root_of(name, one) is None:
                    return False
                if not self.models.bases.get(name, Base(name)).known:
                    return False
        return True

    def status(self, label: str) -> str:
        """ "base", "abstract", "mapped", "untabled", or "plain" for what is not declarative."""
        known = self._status.get(label)
        if known is None:
            self._status[label] = "plain"
            known = self._status[label] = self._decide(label)
        return known

    def _decide(self, label: str) -> str:
        root = self.root(label)
        module, node = self.nodes[label]
        function = module.functions.get(node.qualname)
        if root is None or function is None:
            return "plain"
        if label in self._roots_here:
            return "base"
        if root.base.style == "sqlmodel":
            is_table = any(k == "table" and ann.name == "True" for k, ann in node.keywords)
            return "mapped" if is_table else "abstract"
        if self._binds(label, "__abstract__"):
            return "abstract"
        if self._binds(label, "__tablename__", "__table__"):
            return "mapped"
        for above in self.chain(label)[1:]:
            if self.status(above) == "mapped":
                return "mapped"
            _, its = self.nodes[above]
            if self._binds(above, "__tablename__", "__table__", *_TABLE_MAKERS):
                return "mapped"
            if any(k == "metaclass" for k, _ in its.keywords):
                return "mapped"
        if root.base.style in ("flask", "automap"):
            return "mapped"
        if root.presumed or not self.complete(label):
            return "abstract"
        return "untabled"

    # --- attributes ----------------------------------------------------------------------------

    def attributes(self, label: str) -> tuple[Attribute, ...]:
        """What the body of a class declares, and what is set on it afterwards."""
        known = self._read.get(label)
        if known is not None:
            return known
        module, node = self.nodes[label]
        root = self.root(label)
        sqlmodel = root is not None and root.base.style == "sqlmodel"
        if root is None:
            sqlmodel = any(
                b in SQLMODEL_BASES for one in self.chain(label) for b in self.bases(one)
            )
        body = self.scopes.body(module, node.qualname)
        found: dict[str, Attribute] = {}
        for one in body.bindings:
            if one.typing_only:
                continue
            attribute = self.reader.attribute(module, label, one, sqlmodel)
            before = found.get(one.name)
            if before is not None and attribute.role == "opaque" and attribute.declared:
                continue  # `@x.setter def x`
            if before is not None and before.role != attribute.role and one.conditional:
                attribute = attribute._replace(role="opaque")
            if one.conditional and attribute.column is not None:
                attribute = attribute._replace(column=replace(attribute.column, opaque=True))
            found[one.name] = attribute
        for name, value, at, where in self._set_on().get(label, ()):
            binding = Binding(name, at, value)
            found[name] = self.reader.attribute(where, label, binding, False)
        known = self._read[label] = tuple(found.values())
        return known

    def _computed(self) -> frozenset[str]:
        """The classes that get attributes by `setattr()`, whose names nobody sees here."""
        if self._given is None:
            found = set()
            for module, function in self._doing(lambda op: op.on == "setattr", "setattr"):
                for call in self.scopes.body(module, function.qualname).calls:
                    if call.name == "builtins.setattr" and call.args:
                        found.add(call.args[0].name)
                        scope = function.parent or ""  # `cls` is the class around it
                        if call.args[0].do == "name" and not call.args[0].name:
                            found.add(f"{module.name}:{scope}")
            self._given = frozenset(found)
        return self._given

    def _doing(self, which: Callable[[Op], bool], *words: str) -> Iterator[tuple[Module, Function]]:
        """The functions that have such an operation, which says one of these words."""
        modules = self.knowledge.index.modules.values()
        for module, function in self.knowledge.sayings.where(modules, *words):
            if any(which(op) for block in function.blocks for op in block.ops):
                yield module, function

    def _decorated_by_unknown(self, label: str) -> bool:
        """A decorator may add attributes."""
        for one in self._decorators(label):
            if one.library or one.name.startswith(_HARMLESS_MODULES):
                continue
            if one.name.rpartition(".")[2] in _HARMLESS_DECORATORS | _MAPPED_DECORATORS:
                continue
            return True
        return False

    def _set_on(self) -> dict[str, list[tuple[str, Value, int, Module]]]:
        """``User.posts = relationship(...)`` after the class, at module level."""
        if self._sets is None:
            self._sets = {}
            for module in self.knowledge.index.modules.values():
                body = module.functions.get("<module>")
                if body is None or not any(
                    op.do == "setattr" for block in body.blocks for op in block.ops
                ):
                    continue
                for on, name, value, at in self.scopes.body(module, "<module>").sets:
                    if on in self.nodes:
                        self._sets.setdefault(on, []).append((name, value, at, module))
        return self._sets

    # --- models --------------------------------------------------------------------------------

    def _note_mixins(self, label: str) -> None:
        for one in self.chain(label)[1:]:
            if self.status(one) != "mapped":
                self._note_mixin(one)

    def _note_mixin(self, label: str) -> None:
        if label in self.models.mixins:
            return
        module, node = self.nodes[label]
        attributes = self.attributes(label)
        root = self.root(label)
        mixin = Mixin(
            label,
            node.at,
            module.path,
            attributes,
            self.complete(label),
            root.base.label if root is not None else "",
            _named(attributes, "__table_args__"),
            _named(attributes, "__mapper_args__"),
        )
        self.models.mixins[label] = mixin
        if self.status(label) == "untabled":
            self.models.untabled.append(mixin)

    def _model(self, label: str) -> Model:
        module, node = self.nodes[label]
        root = self.root(label)
        assert root is not None
        chain = self.chain(label)
        parent = next((c for c in chain[1:] if self.status(c) == "mapped"), "")
        above_parent = set(self.chain(parent)) if parent else set()
        mixins = tuple(c for c in chain[1:] if self.status(c) != "mapped" and c not in above_parent)
        attributes = self.attributes(label)
        table_args = self._inherited("__table_args__", (label, *mixins))
        mapper_args = self._inherited("__mapper_args__", (label, *mixins))
        table = self._table(label, mixins, parent, root.base, table_args)
        concrete = False
        if mapper_args is not None and mapper_args.value is not None:
            concrete = "concrete" in {k.text for k in mapper_args.value.args[::2]}
        inheritance = "" if not parent else "concrete" if concrete else "joined"
        if parent and table is None:
            inheritance = "single"
        every = [*chain, *(b for c in chain for b in self.bases(c))]
        dynamic = root.base.style == "automap" or any(
            b.rpartition(".")[2] in _DYNAMIC_BASES for b in every
        )
        changed = any(self._has_metaclass(b) for b in every)  # may have got columns from elsewhere
        for one in chain:
            there, its = self.nodes[one]
            bound = there.functions[its.qualname].locals
            dynamic |= bool({"__getattr__", "__getattribute__"} & bound)
            changed |= "__init_subclass__" in bound
            changed |= any(k == "metaclass" and self._changes(there, a) for k, a in its.keywords)
            changed |= one in self._computed() or self._decorated_by_unknown(one)
        if changed and table is not None:
            table = table._replace(open=True)
        dynamic |= changed
        style = root.base.style if root.base.style in ("flask", "sqlmodel") else "declarative"
        return Model(
            label,
            node.qualname.rpartition(".")[2].partition("#")[0],
            node.at,
            module.path,
            module.name,
            root.base.label,
            self.bases(label),
            self.complete(label) and not root.presumed,
            parent,
            inheritance,  # type: ignore[arg-type]
            table,
            attributes,
            mixins,
            table_args,
            mapper_args,
            self._is_dataclass(label),
            dynamic,
            style,
        )

    def _changes(self, module: Module, metaclass: Ann) -> bool:
        """A metaclass other than SQLAlchemy's own may add anything to a class."""
        dotted = metaclass.name if metaclass.kind == "name" else ""
        name = self.scopes.resolve(module, module.body, dotted) if dotted else ""
        return not name.startswith(_PLAIN_METACLASSES)

    def _has_metaclass(self, name: str) -> bool:
        """``Base = declarative_base(metaclass=Meta)``: such a class may answer to any name."""
        value = self.scopes.value(name) if ":" in name and name not in self.nodes else None
        given = value.word("metaclass") if value is not None and value.do == "call" else None
        return given is not None and not given.library

    def _is_dataclass(self, label: str) -> bool:
        if any("dataclass" in d.name for d in self._decorators(label)):
            return True
        bases = {b.rpartition(".")[2] for one in self.chain(label) for b in self.bases(one)}
        return "MappedAsDataclass" in bases

    def _inherited(self, name: str, labels: Iterable[str]) -> Attribute | None:
        for label in labels:
            found = _named(self.attributes(label), name)
            if found is not None:
                return found
        return None

    def _table(
        self, label: str, mixins: tuple[str, ...], parent: str, base: Base, args: Attribute | None
    ) -> Table | None:
        module, node = self.nodes[label]
        own = _named(self.attributes(label), "__table__")
        if own is None and not parent:
            own = self._inherited("__table__", mixins)
        if own is not None and own.value is not None:
            return self._given_table(own.value, label, base)
        named = _named(self.attributes(label), "__tablename__")
        if named is None and not parent:
            named = self._inherited("__tablename__", mixins)
        elif named is None:
            named = self._inherited("__tablename__", mixins)
            if named is not None and not named.declared:
                named = None  # a constant name of a mixin is the parent's table
        columns: list[Column] = []
        opened = not self.complete(label)
        for one in (label, *mixins):
            for attribute in self.attributes(one):
                if attribute.column is not None and all(c.name != attribute.name for c in columns):
                    columns.append(attribute.column)
                opened |= may_be_column(attribute)
        name = ""
        if named is None:
            if base.style == "flask" and (not parent or any(c.primary_key for c in columns)):
                name = _flask_name(node.qualname.rpartition(".")[2])
            elif base.style == "sqlmodel":
                name = node.qualname.rpartition(".")[2].lower()
            elif parent:
                return None
        elif named.value is not None and not (named.declared and parent):
            if named.value.do == "const" and named.value.const is None:
                return None
            name = named.value.text or ""
        schema, constraints, known = _table_args(args)
        if args is not None and args.value is None:
            known = False
        if schema is None and known:
            schema = self._default_schema(base)
        reflected = any(w in _REFLECTION for w in _table_words(args))
        bound = self._inherited("__bind_key__", self.chain(label))
        bind = bound.value if bound is not None else None
        return Table(
            name,
            schema,
            node.at,
            module.path,
            module.name,
            label,
            _of_bind((base.metadata or base.label).removesuffix(".metadata"), bind),
            tuple(columns),
            constraints if known else (*constraints, Value("unknown", node.at)),
            opened or reflected,
        )

    def _default_schema(self, base: Base) -> str | None:
        """The schema of the base's MetaData: "" for none, None when it cannot be told."""
        if not base.metadata:
            return "" if base.known else None
        value = self.scopes.value(base.metadata)
        if value is None or value.library != "MetaData":
            return None
        given = value.argument(1, "schema")
        return "" if given is None else given.text

    def _given_table(self, value: Value, label: str, base: Base) -> Table:
        module, node = self.nodes[label]
        made = value
        name = f"{label}.__table__"
        if value.do == "name" and ":" in value.name:
            name = value.name
            made = self.scopes.value(value.name) or value
        if made.do == "call" and made.library == "Table":
            table = self._core_table(made, name)
            if table is not None:
                return table
        return Table("", None, node.at, module.path, module.name, label, base.label, open=True)

    # --- Core ----------------------------------------------------------------------------------

    def _core_tables(self) -> None:
        """``users = Table("users", metadata, ...)`` anywhere in the project."""
        known = {m.table.label for m in self.models.models.values() if m.table is not None}
        for model in self.models.models.values():
            if model.table is not None:
                self.models.tables.append(model.table)
        for module, function in self._doing(_makes_table, "Table"):
            qualname = function.qualname
            body = self.scopes.body(module, qualname)
            bound = {
                b.value.at: b.name
                for b in body.bindings
                if b.value is not None and b.value.do == "call"
            }
            for call in body.calls:
                if call.library != "Table":
                    continue
                variable = bound.get(call.at, f"{call.at}")
                scope = "" if function.kind == "module" else f"{qualname}."
                if function.kind in ("def", "lambda"):
                    scope = f"{qualname}.<locals>."
                label = f"{module.name}:{scope}{variable}"
                if label in known:
                    continue
                table = self._core_table(call, label)
                if table is not None:
                    self.models.tables.append(table)

    def _core_table(self, call: Value, label: str) -> Table | None:
        module = self.knowledge.index.modules.get(call.module)
        name = call.argument(0, "name")
        if module is None or name is None:
            return None
        columns: list[Column] = []
        constraints: list[Value] = []
        opened = call.starred or any(w in _REFLECTION for w, _ in call.words)
        metadata = call.argument(1, "metadata")
        items = call.args[2:]
        owner = ""
        if metadata is not None:
            owner = metadata.name.removesuffix(".metadata") if metadata.do == "name" else ""
        if call.on is not None and self.scopes.is_flask(call.on.name):
            given = call.word("metadata")
            if metadata is None or (given is None and metadata.do == "call"):
                # `db.Table("x", db.Column(...))`: in the MetaData of the bind
                items = call.args[1:]
                owner = _of_bind(call.on.name, call.word("bind_key"))
                metadata = None
        for one in items:
            if one.do == "name" and ":" in one.name:
                one = self.scopes.value(one.name) or one
            if one.do == "call" and one.library in COLUMN_MAKERS:
                column = self.reader.column(one, "", module)
                columns.append(replace(column, name=column.db_name))
            elif one.do == "call" and one.library:
                constraints.append(one)
            else:
                opened = True
        given = call.word("schema")
        schema = given.text if given is not None else None
        return Table(
            name.text or "",
            schema if given is not None else self._metadata_schema(owner),
            call.at,
            module.path,
            module.name,
            label,
            owner,
            tuple(columns),
            tuple(constraints),
            opened,
        )

    def _metadata_schema(self, metadata: str) -> str | None:
        if not metadata:
            return None
        value = self.scopes.value(metadata)
        if value is not None and value.library == "MetaData":
            given = value.argument(1, "schema")
            return "" if given is None else given.text
        base = self.models.bases.get(metadata)
        return self._default_schema(base) if base is not None else None

    # --- imperative mappings -------------------------------------------------------------------

    def _imperative(self) -> Iterator[Model]:
        for module, function in self._doing(_maps, *_IMPERATIVE):
            for call in self.scopes.body(module, function.qualname).calls:
                model = self._mapped_by(call, module)
                if model is not None:
                    yield model

    def _mapped_by(self, call: Value, module: Module) -> Model | None:
        owner, _, last = call.name.rpartition(".")
        if last not in _IMPERATIVE or (last == "mapper" and not call.library):
            return None
        cls = call.argument(0, "class_")
        given = call.argument(1, "local_table")
        if cls is None or cls.name not in self.nodes or given is None:
            return None
        label = cls.name
        there, node = self.nodes[label]
        base = Base(owner if ":" in owner else "sqlalchemy.orm.mapper", known=":" in owner)
        self.models.bases.setdefault(base.label, base)
        table = self._given_table(given, label, base)
        # annotations alone are for type checkers here
        found = {a.name: a for a in self.attributes(label) if a.ann is None or a.value is not None}
        properties = call.word("properties")
        opened = False
        if properties is not None and properties.do == "dict" and not properties.starred:
            for key, value in zip(properties.args[::2], properties.args[1::2], strict=False):
                if key.text is not None:
                    one = Binding(key.text, value.at, value)
                    found[key.text] = self.reader.attribute(module, label, one, False)
        elif properties is not None:
            opened = True
        inherits = call.word("inherits")
        return Model(
            label,
            node.qualname.rpartition(".")[2],
            node.at,
            there.path,
            there.name,
            base.label,
            self.bases(label),
            self.complete(label),
            inherits.name if inherits is not None else "",
            "joined" if inherits is not None else "",
            table,
            tuple(found.values()),
            tuple(self.chain(label)[1:]),
            dynamic=opened or call.starred,
            style="imperative",
        )

    # --- afterwards ----------------------------------------------------------------------------

    def _open_bases(self) -> None:
        """A model that relates to a class from outside has a base with models outside."""
        models = self.models
        for model in models.models.values():
            base = models.bases.get(model.base)
            relations = (a.relationship for a in model.attributes)
            if base is not None and any(r is not None and r.outside for r in relations):
                models.bases[model.base] = base._replace(known=False)

    def _share_tables(self) -> None:
        """Columns that single-table heirs add to the table of their parent."""
        models = self.models
        added: dict[str, list[Column]] = {}
        opened: set[str] = set()
        for model in models.models.values():
            if model.table is not None or not model.parent:
                continue
            table = models.table_of(model)
            if table is None:
                continue
            for label in (model.label, *model.mixins):
                for attribute in self.attributes(label):
                    if attribute.column is not None:
                        added.setdefault(table.label, []).append(attribute.column)
            if not model.complete:
                opened.add(table.label)
        if not added and not opened:
            return
        changed: dict[str, Table] = {}
        for table in models.tables:
            if table.label in added or table.label in opened:
                names = {c.name for c in table.columns}
                more = [c for c in added.get(table.label, ()) if c.name not in names]
                changed[table.label] = table._replace(
                    columns=(*table.columns, *more),
                    open=table.open or table.label in opened,
                )
        models.tables[:] = [changed.get(t.label, t) for t in models.tables]
        for label, model in list(models.models.items()):
            if model.table is not None and model.table.label in changed:
                models.models[label] = model._replace(table=changed[model.table.label])

    def _index(self) -> None:
        models = self.models
        for model in models.models.values():
            models._by_name.setdefault(model.name, []).append(model)
            if model.parent:
                models._heirs.setdefault(model.parent, []).append(model)
        for table in models.tables:
            models._by_label.setdefault(table.label, table)
            models._by_table.setdefault(table.name, []).append(table)

    def _make_backrefs(self) -> None:
        models = self.models
        for model in list(models.models.values()):
            for label in (model.label, *model.mixins):
                for attribute in models._own(label):
                    relation = attribute.relationship
                    if relation is None or relation.backref is None:
                        continue
                    name = backref_name(relation.backref)
                    target = models.target(model, relation)
                    if name and target is None and not relation.outside:
                        models.loose.add(name)
                    if not name and target is not None:
                        models.named_by_code.add(target.label)
                    elif name and target is not None:
                        made = _reverse(model, attribute, relation, name)
                        models._backrefs.setdefault(target.label, {}).setdefault(name, made)


def _reverse(model: Model, attribute: Attribute, relation: Relationship, name: str) -> Attribute:
    """The attribute that a backref makes on the other class."""
    assert relation.backref is not None
    words: Mapping[str, Value] = dict(relation.backref.words)
    uselist = words.get("uselist")
    lazy = words.get("lazy")
    cascade = words.get("cascade")
    many = uselist.truth if uselist is not None else None
    made = Relationship(
        name,
        relation.backref.at,
        relation.path,
        Value("name", relation.backref.at, model.label, module=model.module),
        many=many,
        lazy=(lazy.text or "?") if lazy is not None else "select",
        cascade=cascade.text if cascade is not None else None,
        secondary=relation.secondary,
        call=None,
        backref_of=f"{model.label}.{attribute.name}",
        # a join written out, or remote sides, are the other side's
        opaque=bool(
            {"primaryjoin", "remote_side", "foreign_keys"} & {w for w, _ in _words(relation)}
        ),
    )
    return Attribute(
        name, "relationship", relation.backref.at, relation.path, model.label, relationship=made
    )


def _words(relation: Relationship) -> tuple[tuple[str, Value], ...]:
    return relation.call.words if relation.call is not None else ()


def may_be_column(attribute: Attribute) -> bool:
    """Nobody knows what it is, and a column is not excluded."""
    if attribute.role != "opaque" or attribute.name in ("metadata", "registry"):
        return False
    made = [d.name for d in attribute.decorators]
    return not attribute.declared or any("declared_attr" in name for name in made)


def _named(attributes: Iterable[Attribute], name: str) -> Attribute | None:
    return next((a for a in attributes if a.name == name), None)


def _named_object(value: Value | None) -> str:
    """The name of an object of the project that is handed over; "" for any other expression."""
    return value.name if value is not None and value.do == "name" and ":" in value.name else ""


def _of_bind(metadata: str, key: Value | None) -> str:
    """What names the MetaData of one of Flask-SQLAlchemy's binds: each has its own."""
    if key is None or (key.do == "const" and key.const is None):
        return metadata
    return "" if key.text is None else f"{metadata}@{key.text}"


def _harmless(name: str) -> bool:
    return name in _HARMLESS_BASES or name.startswith(_HARMLESS_MODULES)


def _table_words(args: Attribute | None) -> Iterator[str]:
    value = args.value if args is not None else None
    if value is None:
        return
    for one in (value, *value.args):
        if one.do == "dict":
            yield from (k.text for k in one.args[::2] if k.text is not None)


def _table_args(args: Attribute | None) -> tuple[str | None, tuple[Value, ...], bool]:
    """Schema (None: not said), constraints, and whether that is all."""
    if args is None:
        return None, (), True
    value = args.value
    if value is None:
        return None, (), False
    if value.do == "dict":
        found, known = _schema(value)
        return found, (), known
    if value.do not in ("tuple", "list"):
        return None, (), False
    schema: str | None = None
    known = not value.starred
    constraints = []
    for one in value.args:
        if one.do == "dict":
            schema, whole = _schema(one)
            known &= whole
        elif one.do == "call":
            constraints.append(one)
        else:
            known = False
    return schema, tuple(constraints), known


def _schema(words: Value) -> tuple[str | None, bool]:
    for key, value in zip(words.args[::2], words.args[1::2], strict=False):
        if key.text == "schema":
            return value.text, value.text is not None
    return None, not words.starred


def _flask_name(name: str) -> str:
    """The table name that Flask-SQLAlchemy derives from a class name."""
    joined = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return joined.lower().lstrip("_")
