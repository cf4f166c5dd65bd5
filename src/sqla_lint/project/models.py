"""Which classes of a project are mapped, to which tables, with which attributes.

`Models` is made once per linked project, when somebody asks for it (`Project.models`), and costs
little where nothing is mapped. A rule that holds an entity of kind ``ENTITY`` or a class of kind
``MAPPED_CLASS`` takes its label to `Models.of`; then

    `attributes(model)`      every attribute along its bases, mixins and backrefs, by name,
    `attribute(model, name)` one of them; None means "there is none" only where `exhaustive(model)`,
    `relation(model, name)`  a relationship with its target, direction, and the reverse side,
    `table_of(model)`        its table, `columns_of(model)` its columns, parents' included,
    `referred(key, ...)`     where a foreign key leads.

What is not known is None, "" or False, never a guess: a model with a base that nobody knows is not
`complete`, a table that is reflected is `open`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqla_lint.ir import Module
from sqla_lint.project.bodies import may_say
from sqla_lint.project.imports import Imports
from sqla_lint.project.mapping import (
    Attribute,
    Base,
    Column,
    Direction,
    ForeignKey,
    Mixin,
    Model,
    Relation,
    Relationship,
    Table,
)
from sqla_lint.project.mentions import mentioned
from sqla_lint.project.surroundings import defined_elsewhere
from sqla_lint.project.values import Scopes, Value

_OPPOSITE: Mapping[Direction, Direction] = {
    "many-to-one": "one-to-many",
    "one-to-many": "many-to-one",
    "many-to-many": "many-to-many",
    "": "",
}


class Keys(NamedTuple):
    """Foreign keys, each as the columns it takes. ``whole``: there are no others."""

    columns: tuple[tuple[str, ...], ...]
    whole: bool


@dataclass(slots=True)
class Models:
    """All mapped classes and tables of a project, and questions about them."""

    scopes: Scopes
    models: dict[str, Model] = field(default_factory=dict)
    mixins: dict[str, Mixin] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    untabled: list[Mixin] = field(default_factory=list)  # declarative, but nothing names a table
    aliases: dict[str, str] = field(default_factory=dict)  # other names of bases
    named_by_code: set[str] = field(default_factory=set)  # have backrefs with computed names
    loose: set[str] = field(default_factory=set)  # backrefs to classes that are not known
    _attributes: dict[str, dict[str, Attribute]] = field(default_factory=dict)
    _backrefs: dict[str, dict[str, Attribute]] = field(default_factory=dict)
    _by_name: dict[str, list[Model]] = field(default_factory=dict)
    _by_table: dict[str, list[Table]] = field(default_factory=dict)
    _by_label: dict[str, Table] = field(default_factory=dict)
    _heirs: dict[str, list[Model]] = field(default_factory=dict)
    _reflects: bool | None = None
    _imports: Imports | None = None
    _set_names: frozenset[str] | None = None
    _mentioned: dict[str, frozenset[str]] | None = None

    # --- lookups -------------------------------------------------------------------------------

    def of(self, label: str) -> Model | None:
        """The model of a class, by ``module:qualname``."""
        return self.models.get(label)

    def named(self, name: str, base: str = "") -> list[Model]:
        """The models that a string in `relationship("…")` may mean, in the registry of ``base``."""
        plain = name.strip()
        last = plain.rpartition(".")[2]
        found = [m for m in self._by_name.get(last, []) if _answers_to(m, plain)]
        if base:
            same = [m for m in found if m.base == base]
            found = same or [m for m in found if not m.base or not self.base_known(m.base)]
        return found

    def anywhere(self, name: str) -> bool:
        """Some mapped class of the project has that name, whatever its base."""
        return name.rpartition(".")[2] in self._by_name

    def base_known(self, label: str) -> bool:
        """A base of the project's own: all its models can be seen."""
        base = self.bases.get(label)
        return base is not None and base.known

    def tables_named(self, name: str, schema: str | None = None) -> list[Table]:
        """The tables of that name; one whose schema is not known answers to any."""
        return [
            t
            for t in self._by_table.get(name, [])
            if schema is None or t.schema is None or t.schema == schema
        ]

    def table_of(self, model: Model) -> Table | None:
        """The table of a model: its own, or that of the parent it shares."""
        seen: set[str] = set()
        at: Model | None = model
        while at is not None and at.label not in seen:
            if at.table is not None:
                return at.table
            seen.add(at.label)
            at = self.models.get(at.parent)
        return None

    def lineage(self, model: Model) -> list[Model]:
        """The model and the mapped classes it inherits from, nearest first."""
        found = [model]
        while (parent := self.models.get(found[-1].parent)) is not None and parent not in found:
            found.append(parent)
        return found

    def heirs(self, model: Model) -> list[Model]:
        """The mapped classes that inherit from a model directly."""
        return self._heirs.get(model.label, [])

    def tables_of(self, model: Model) -> list[Table]:
        """The tables of a model and its parents."""
        found: list[Table] = []
        for one in self.lineage(model):
            table = self.table_of(one)
            if table is not None and table not in found:
                found.append(table)
        return found

    def columns_of(self, model: Model) -> dict[str, Column]:
        """The columns of a model by attribute name, parents' included."""
        return {
            name: attribute.column
            for name, attribute in self.attributes(model).items()
            if attribute.column is not None
        }

    def attributes(self, model: Model) -> dict[str, Attribute]:
        """Every attribute that can be seen, by name: of its class, its bases, and backrefs."""
        known = self._attributes.get(model.label)
        if known is not None:
            return known
        found: dict[str, Attribute] = {}
        for label in (model.label, *model.mixins):
            own = self._own(label)
            for attribute in own:
                if attribute.name not in found or (
                    found[attribute.name].owner == label and attribute.role != "opaque"
                ):
                    found[attribute.name] = attribute
            for name, attribute in self._backrefs.get(label, {}).items():
                found.setdefault(name, attribute)
        for name, attribute in self._table_attributes(model).items():
            found.setdefault(name, attribute)
        parent = self.models.get(model.parent)
        if parent is not None and parent is not model:
            for name, attribute in self.attributes(parent).items():
                found.setdefault(name, attribute)
        self._attributes[model.label] = found
        return found

    def _own(self, label: str) -> tuple[Attribute, ...]:
        model = self.models.get(label)
        if model is not None:
            return model.attributes
        mixin = self.mixins.get(label)
        return mixin.attributes if mixin is not None else ()

    def _table_attributes(self, model: Model) -> dict[str, Attribute]:
        """Columns of a ``__table__`` or an imperative mapping are attributes by themselves."""
        table = model.table
        if table is None or table.label == model.label:
            return {}
        return {
            c.name: Attribute(c.name, "column", c.at, c.path, model.label, c) for c in table.columns
        }

    def attribute(self, model: Model, name: str) -> Attribute | None:
        """One attribute of a model."""
        return self.attributes(model).get(name)

    def exhaustive(self, model: Model) -> bool:
        """Nothing but `attributes` exists: every base is known, nothing is made dynamically."""
        lineage = self.lineage(model)
        if not model.complete or any(m.dynamic or m.label in self.named_by_code for m in lineage):
            return False
        tables = self.tables_of(model)
        return bool(tables) and not any(t.open and t.label not in self.models for t in tables)

    def hidden(self, word: str, near: str) -> bool:
        """A name may be defined where this run has not looked: bound by something that is no
        class of the project's, or in a file that was not read."""
        index = self.scopes.index
        for module in index.modules.values():
            if word in module.body.locals:
                return True
            if any(name.rpartition(".")[2] == word for name in module.classes):
                return True
        paths = {module.path for module in index.modules.values() if module.is_read}
        return defined_elsewhere(word, near, paths)

    def reflects(self) -> bool:
        """Some tables are read from a database: any name may exist."""
        if self._reflects is None:
            self._reflects = any(b.style == "automap" for b in self.bases.values()) or any(
                op.do == "call" and op.name == "reflect"
                for module in self.scopes.index.modules.values()
                for function in module.functions.values()
                if may_say(function, "reflect")
                for block in function.blocks
                for op in block.ops
            )
        return self._reflects

    @property
    def imports(self) -> Imports:
        """The import graph of the project."""
        if self._imports is None:
            self._imports = Imports(self.scopes.index)
        return self._imports

    def is_migration(self, module: str) -> bool:
        """A migration script: its models are stubs of what the tables were then."""
        found = self.scopes.index.modules.get(module)
        if found is None:
            return False
        return {"revision", "down_revision"} <= found.body.locals

    def has_migrations(self) -> bool:
        """Some migration script was written."""
        return any(map(self.is_migration, self.scopes.index.modules))

    def is_set_on(self, model: Model, name: str) -> bool:
        """Some code of the project sets an attribute of that name on something, or by a name that
        is computed (`setattr`)."""
        if self._set_names is None:
            index = self.scopes.index
            found: set[str] = set()
            for module in index.modules.values():
                found |= index.facts.of(module, "set", _set_in)
            self._set_names = frozenset(found)
        return name in self._set_names or name in self.loose

    def is_read(self, name: str) -> bool:
        """Some function reads a thing of that name."""
        return name in self._all_mentioned()

    def _all_mentioned(self) -> dict[str, frozenset[str]]:
        if self._mentioned is None:
            index = self.scopes.index
            self._mentioned = mentioned(index.modules.values(), index.facts)
        return self._mentioned

    def is_mentioned(self, model: Model) -> bool:
        """Some code beside the mappings has the name of a class, and may make objects of it; or no
        code that has the name of any was read."""
        said = self._all_mentioned()
        where = said.get(model.name, frozenset())
        if len(self.named(model.name)) > 1:  # which of them is meant, the import tells
            modules = {one: self.scopes.index.modules[one] for one in where}
            where = frozenset(
                one
                for one, module in modules.items()
                if self.scopes.resolve(module, module.body, model.name) == model.label
            )
        if where:
            return True
        if not any(one.name in said for one in self.models.values()):
            return True
        paths = {m.path for m in self.scopes.index.modules.values() if m.is_read}
        return defined_elsewhere(model.name, model.path, paths)

    def metadata_of(self, base: Base) -> str:
        """What names the MetaData of a base."""
        return (base.metadata or base.label).removesuffix(".metadata")

    def is_metadata(self, name: str) -> bool:
        """A MetaData that the project defines, by its variable or its base."""
        if self.base_known(name):
            return True
        value = self.scopes.value(name) if ":" in name else None
        return value is not None and value.library == "MetaData"

    def elsewhere(self, key: ForeignKey, metadata: str) -> Table | None:
        """The table a foreign key names, when it hangs on another MetaData for sure."""
        *where, _ = key.target.split(".")
        if ":" in key.target or not where:
            return None
        found = [t for t in self.tables_named(where[-1]) if not self.is_migration(t.module)]
        if not found or (
            self.tables_named("")
            and any(t.metadata in ("", metadata) for t in self.tables_named(""))
        ):
            return None
        for table in found:
            if table.metadata == metadata or not self.is_metadata(table.metadata):
                return None
            if "<locals>" in table.label:
                return None
        return found[0]

    # --- foreign keys --------------------------------------------------------------------------

    def referred(self, key: ForeignKey) -> tuple[Table | None, str]:
        """The table a foreign key leads to, and the column's name in the database ("" unknown)."""
        if not key.target:
            return None, ""
        if ":" in key.target:
            return self._referred_object(key.target)
        *where, column = key.target.split(".")
        if not where:
            return None, ""
        schema = ".".join(where[:-1]) or None
        found = self.tables_named(where[-1], schema)
        return (found[0] if len({t.label for t in found}) >= 1 else None), column

    def leads_to(self, key: ForeignKey, target: Table) -> bool:
        """A foreign key leads to a table, or to one of its name: that of another MetaData may be
        called the same."""
        where = key.target.split(".")[:-1]
        if ":" in key.target or not where:
            table, _ = self.referred(key)
            return table is not None and same_table(table, target)
        named = self.tables_named(where[-1], ".".join(where[:-1]) or None)
        return any(same_table(table, target) for table in named)

    def _referred_object(self, name: str) -> tuple[Table | None, str]:
        owner, _, attribute = name.rpartition(".")
        owner = owner.removesuffix(".c").removesuffix(".columns").removesuffix(".__table__")
        model = self.models.get(owner)
        if model is not None:
            column = self.columns_of(model).get(attribute)
            return self.table_of(model), column.db_name if column is not None else ""
        return self._by_label.get(owner), attribute

    def keys_between(self, source: Table, target: Table) -> Keys:
        """The foreign keys from one table to another."""
        found: list[tuple[str, ...]] = []
        whole = not source.open
        for column in source.columns:
            whole &= not column.opaque
            for key in column.foreign_keys:
                if self.leads_to(key, target):
                    found.append((column.db_name,))
                elif (not key.target or ":" in key.target) and self.referred(key)[0] is None:
                    whole = False
        for constraint in source.constraints:
            if constraint.library != "ForeignKeyConstraint":
                whole &= bool(constraint.library)
                continue
            local = constraint.argument(0, "columns")
            away = constraint.argument(1, "refcolumns")
            if local is None or away is None or not away.args:
                whole = False
                continue
            first = away.args[0]
            key = ForeignKey(first.text or first.name, first.at)
            if self.leads_to(key, target):
                found.append(tuple(a.text or a.name.rpartition(".")[2] for a in local.args))
            elif first.text is None and self.referred(key)[0] is None:
                whole = False
        return Keys(tuple(dict.fromkeys(found)), whole)  # one that is said twice is one

    def keys_of(self, source: Model, target: Model) -> Keys:
        """The foreign keys from the tables of one model to those of another."""
        own, away = self.tables_of(source), self.tables_of(target)
        if not own or not away:
            return Keys((), False)
        parts = [self.keys_between(a, b) for a in own for b in away]
        every = tuple(columns for part in parts for columns in part.columns)
        return Keys(every, all(part.whole for part in parts))

    # --- relationships -------------------------------------------------------------------------

    def target(self, model: Model, relation: Relationship) -> Model | None:
        """The model a relationship leads to."""
        found = self.targets(model, relation)
        return found[0] if len(found) == 1 else None

    def targets(self, model: Model, relation: Relationship) -> list[Model]:
        """The models a relationship may lead to: none when its target is not known."""
        name = target_name(self.scopes, relation)
        if not name:
            return []
        if ":" in name:
            one = self.models.get(name)
            return [one] if one is not None else []
        return self.named(name, model.base)

    def words(self, relation: Relationship) -> set[str]:
        """The keywords of a relationship: of its call, or of the `backref()` that made it."""
        if relation.call is not None:
            return {word for word, _ in relation.call.words}
        owner, _, name = relation.backref_of.rpartition(".")
        origin = self.models.get(owner)
        made = self.attribute(origin, name) if origin is not None else None
        first = made.relationship if made is not None else None
        if first is None or first.backref is None:
            return set()
        return {word for word, _ in first.backref.words}

    def secondary(self, relation: Relationship) -> Table | None:
        """The association table of a relationship."""
        value = relation.secondary
        if value is None:
            return None
        if value.do == "function":
            value = self.scopes.returned(value.name) or value
        if value.text is not None:
            *where, name = value.text.split(".")
            found = self.tables_named(name, ".".join(where) or None)
            return found[0] if len({t.label for t in found}) == 1 else None
        if value.do != "name" or ":" not in value.name:
            return None
        name = value.name.removesuffix(".__table__")
        model = self.models.get(name)
        return self._by_label.get(name) or (self.table_of(model) if model is not None else None)

    def mapping(self, table: Table) -> list[Model]:
        """The models of a table."""
        return [m for m in self.models.values() if m.table is not None and m.table is table]

    def relation(self, model: Model, name: str) -> Relation | None:
        """A relationship of a model, resolved; None when the attribute is no relationship."""
        attribute = self.attribute(model, name)
        if attribute is None or attribute.relationship is None:
            return None
        return self.resolved(model, attribute.relationship)

    def resolved(self, model: Model, relation: Relationship) -> Relation:
        """A relationship with its target, direction and the reverse side."""
        target = self.target(model, relation)
        direction = self._direction(model, relation, target)
        many = relation.many
        if many is None and direction:
            many = direction != "many-to-one"
        elif many and direction == "many-to-one" and "uselist" not in self.words(relation):
            many = False  # whatever the annotation says: only `uselist` is stronger than the keys
        reverse = relation.back_populates or ""
        if not reverse and relation.backref is not None:
            reverse = backref_name(relation.backref)
        if relation.backref_of:
            reverse = relation.backref_of.rpartition(".")[2]
        return Relation(target, direction, many, reverse)

    def _direction(self, model: Model, relation: Relationship, target: Model | None) -> Direction:
        if relation.secondary is not None:
            return "many-to-many"
        if relation.backref_of:
            owner, _, name = relation.backref_of.rpartition(".")
            origin = self.models.get(owner)
            first = self.relation(origin, name) if origin is not None else None
            return _OPPOSITE[first.direction] if first is not None else ""
        if relation.opaque or target is None:
            return ""
        remote = relation.word("remote_side")
        primaryjoin = relation.word("primaryjoin")
        if self._is_self(model, target):
            between = self._between_heirs(model, target, relation)
            if between is not None:
                return between
            if primaryjoin is not None and remote is None:
                return ""
            if remote is not None:
                return self._by_remote_side(model, remote)
            return "one-to-many"
        chosen = self._chosen(model, target, relation)
        if chosen is not None:
            return chosen
        out, back = self.keys_of(model, target), self.keys_of(target, model)
        leads, led = bool(out.columns), bool(back.columns)
        whole = out.whole and back.whole
        if leads and not led and (whole or relation.many is False):
            return "many-to-one"
        if led and not leads and (whole or relation.many is True):
            return "one-to-many"
        return ""

    def _chosen(self, model: Model, target: Model, relation: Relationship) -> Direction | None:
        """What ``foreign_keys=`` says: the side that has them; None when it does not tell."""
        sides = set()
        for label, column in column_names(relation.word("foreign_keys"), model.label):
            owner = self.models.get(label) or next(iter(self.named(label, model.base)), None)
            if owner is None or not column:
                return None
            on = {one.label for one in self.lineage(owner)}
            if on & {one.label for one in self.lineage(model)}:
                sides.add("many-to-one")
            elif on & {one.label for one in self.lineage(target)}:
                sides.add("one-to-many")
            else:
                return None
        return sides.pop() if len(sides) == 1 else None  # type: ignore[return-value]

    def _between_heirs(
        self, model: Model, target: Model, relation: Relationship
    ) -> Direction | None:
        """What ``foreign_keys=`` says of two classes below one, each with a table of its own
        beside that of the parent; None when it does not tell, or they are others."""
        own, others = self.table_of(model), self.table_of(target)
        apart = own not in self.tables_of(target) and others not in self.tables_of(model)
        labels = {label for label, _ in column_names(relation.word("foreign_keys"), model.label)}
        named = [one for label in labels if (one := self.models.get(label)) is not None]
        if not apart or any(self.table_of(one) not in (own, others) for one in named):
            return None
        return self._chosen(model, target, relation)

    def _is_self(self, model: Model, target: Model) -> bool:
        shared = {t.label for t in self.tables_of(model)} & {
            t.label for t in self.tables_of(target)
        }
        return bool(shared)

    def _by_remote_side(self, model: Model, remote: Value) -> Direction:
        """``remote_side=[id]``: the primary key is over there, so this side holds the key."""
        text = remote.text
        names = [text] if text else [a.name or a.text or "" for a in (remote.args or (remote,))]
        columns = self.columns_of(model)
        # a key may be written beside its columns: `ForeignKeyConstraint`
        keys = {column for key in self.keys_of(model, model).columns for column in key}
        found = set()
        for name in names:
            last = (name or "").strip("[]() ").rpartition(".")[2].rpartition(":")[2]
            column = columns.get(last)
            if column is None:
                return ""
            found.add(bool(column.foreign_keys) or column.db_name in keys)
        if found == {False}:
            return "many-to-one"
        return "one-to-many" if found == {True} else ""


def _set_in(module: Module) -> set[str]:
    return {
        op.name
        for function in module.functions.values()
        for block in function.blocks
        for op in block.ops
        if op.do == "setattr" and op.name is not None and op.on != "self"
    }


def target_name(scopes: Scopes, relation: Relationship) -> str:
    """The class a relationship names: its label, or the string as written; "" when unknown."""
    value = relation.target
    if value is None:
        return relation.annotated
    if value.do == "function":
        value = scopes.returned(value.name) or value
    if value.text is not None:
        return value.text
    if value.do == "name":
        return value.name if ":" in value.name and not value.name.endswith(":") else ""
    return ""


def column_names(value: Value | None, owner: str) -> Iterator[tuple[str, str]]:
    """The columns of ``foreign_keys=`` and its like: class (label or name) and attribute, "" where
    it cannot be told. ``[id]`` in a class body, ``"[Post.author_id]"``, ``lambda: Post.id``."""
    if value is None:
        return
    if value.text is not None:
        for part in value.text.strip("[]() ").split(","):
            label, _, column = part.strip().rpartition(".")
            yield label.removesuffix(".c").rpartition(".")[2], column if label else ""
        return
    for one in value.args if value.do in ("list", "tuple", "set") else (value,):
        label, _, column = (one.name if one.do == "name" else "").rpartition(".")
        label = label.removesuffix(".__table__.c").removesuffix(".c")
        yield (label, column) if ":" in label else (owner, "")


def backref_name(value: Value) -> str:
    """The name in ``backref="x"`` or ``backref=backref("x", …)``."""
    if value.text is not None:
        return value.text
    if value.do == "call" and value.args:
        return value.args[0].text or ""
    return ""


def _answers_to(model: Model, name: str) -> bool:
    if "." not in name:
        return True
    full = f"{model.module}.{model.name}"
    return full == name or full.endswith("." + name)


def same_table(a: Table, b: Table) -> bool:
    """Two descriptions of one table."""
    return a.label == b.label or (bool(a.name) and a.name == b.name and a.schema == b.schema)
