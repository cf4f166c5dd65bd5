"""From the value a body binds to what it declares: a column, a relationship, another attribute."""

from __future__ import annotations

from dataclasses import replace

from sqla_lint.catalog import packs
from sqla_lint.ir import Ann, Module
from sqla_lint.project.mapping import Attribute, Column, ForeignKey, Relationship, Role, Type
from sqla_lint.project.values import Binding, Scopes, Value, of_library

COLUMN_MAKERS = frozenset({"Column", "mapped_column"})
RELATIONSHIP_MAKERS = frozenset({"relationship", "relation", "dynamic_loader", "Relationship"})
_OTHER_MAKERS: dict[str, Role] = {
    "synonym": "synonym",
    "association_proxy": "proxy",
    "AssociationProxy": "proxy",
    "composite": "composite",
    "query_expression": "expression",
    "column_property": "expression",
    "hybrid_property": "hybrid",
}
_SCHEMA_ITEMS = frozenset({"ForeignKey", "CheckConstraint", "Constraint", "UniqueConstraint"})
_COMPUTED = frozenset({"Computed", "Identity", "Sequence", "FetchedValue"})
_MAPPED = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped"})
_LISTS = frozenset(
    {"list", "List", "set", "Set", "dict", "Dict", "Sequence", "Collection", "Mapping"}
    | {"MutableSequence", "MutableSet", "MutableMapping", "Iterable", "AppenderQuery"}
)
_WRAPPERS = frozenset({"Optional", "Required", "InitVar", "Annotated"})

# Names of these modules are types and nothing more.
_PLAIN_MODULES = frozenset(
    {
        "builtins",
        "datetime",
        "decimal",
        "uuid",
        "typing",
        "enum",
        "ipaddress",
        "pathlib",
        "collections",
    }
)

_OUTSIDE = "<outside>"  # in place of the name of a class of somebody else's

# How many functions of the project that hand a column on are looked into.
INLINE_LIMIT = 3


class Reader:
    """Reads the attributes of class bodies and the columns of tables."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.index = scopes.index

    # --- attributes ----------------------------------------------------------------------------

    def attribute(self, module: Module, owner: str, one: Binding, sqlmodel: bool) -> Attribute:
        """What one binding of a class body declares."""
        if one.closure:
            return self._function(module, owner, one)
        made = self._inlined(one.value)
        return self.declared(module, owner, one, made, sqlmodel)

    def declared(
        self, module: Module, owner: str, one: Binding, value: Value | None, sqlmodel: bool
    ) -> Attribute:
        """What a value, with or without an annotation, declares."""
        role: Role = "plain"
        column: Column | None = None
        relation: Relationship | None = None
        path = module.path
        called = value.library if value is not None and value.do == "call" else ""
        deferred = value is not None and called == "deferred"
        if value is not None and called == "deferred" and value.args:
            value = value.args[0]
            called = value.library if value.do == "call" else ""
        if value is not None and called == "column_property" and value.args:
            inner = value.args[0]
            if inner.do == "call" and inner.library in COLUMN_MAKERS:
                value, called = inner, inner.library
        ann = one.ann
        if value is not None and called in COLUMN_MAKERS:
            role, column = "column", self.column(value, one.name, module, owner, ann)
            column = replace(column, deferred=True) if deferred else column
        elif value is not None and called in RELATIONSHIP_MAKERS:
            role = "relationship"
            relation = self.relationship(value, one.name, module, owner, ann)
        elif value is not None and called == "Field" and value.name.startswith("sqlmodel."):
            column = self.field(value, one.name, module, owner, ann)
            role = "column"
            inner_relation = value.word("sa_column")
            if inner_relation is not None and not column.call:
                role = "opaque"
        elif called in _OTHER_MAKERS:
            role = _OTHER_MAKERS[called]
        elif ann is not None and (_is_mapped(ann) or self._is_alias(ann, module, owner)):
            role, column = "column", self.column(None, one.name, module, owner, ann, one.at)
            if value is not None and value.do in ("call", "unknown"):
                role = "opaque"  # a maker of somebody else's
        elif ann is not None and sqlmodel and one.name[0] != "_" and not _is_class_variable(ann):
            role, column = "column", self.column(None, one.name, module, owner, ann, one.at)
            column = replace(column, default=value)
        elif value is not None and self._may_be_anything(value):
            role = "opaque"
        return Attribute(one.name, role, one.at, path, owner, column, relation, value, ann)

    def _may_be_anything(self, value: Value) -> bool:
        if value.do in ("unknown", "item", "attr"):
            return True
        if value.do == "name":
            target = self.scopes.value(value.name)
            return not value.name or (target is not None and target.do == "call")
        if value.do != "call":
            return False
        return not value.name.startswith(("builtins.", "sqlalchemy.", "datetime.", "logging."))

    def _inlined(self, value: Value | None, depth: int = 0) -> Value | None:
        """A call of a function of the project as what it returns."""
        if value is None or depth > INLINE_LIMIT or ":" not in value.name:
            return value
        if value.do == "call":
            returned = self.scopes.returned(value.name)
            if returned is not None and returned.do in ("call", "name"):
                inner = self._inlined(returned, depth + 1)
                if inner is not None and inner.do == "call" and inner.library:
                    star = Value("star", inner.at, module=inner.module)
                    return inner._replace(args=(*inner.args, star), at=value.at)
        if value.do == "name":
            bound = self.scopes.value(value.name)
            if bound is not None and bound.do == "call" and bound.library in RELATIONSHIP_MAKERS:
                return bound
        return value

    def _function(self, module: Module, owner: str, one: Binding) -> Attribute:
        names = [d.name if d.do in ("name", "call") else "" for d in one.decorators]
        last = [name.rpartition(".")[2] for name in names]
        label = f"{module.name}:{one.closure}"
        role: Role = "method"
        if any("declared_attr" in name for name in names):
            returned = self.scopes.returned(label)
            made = self._inlined(returned)
            function = module.functions.get(one.closure)
            ann = function.returns if function is not None else None
            inner = self.declared(module, owner, one._replace(ann=ann, closure=""), made, False)
            role = inner.role if made is not None else "opaque"
            return Attribute(
                one.name,
                "opaque" if role == "plain" else role,
                one.at,
                module.path,
                owner,
                inner.column,
                inner.relationship,
                made,
                ann,
                True,
                one.decorators,
                label,
            )
        if any(name.startswith("hybrid") for name in last):
            role = "hybrid"
        elif any(name in ("property", "cached_property") for name in last):
            role = "property"
        elif any(
            name in ("setter", "getter", "deleter", "expression", "comparator", "inplace")
            or name == "update_expression"
            for name in last
        ):
            role = "opaque"  # more of the property or hybrid of the same name
        elif last and not all(
            n
            in (
                "staticmethod",
                "classmethod",
                "validates",
                "reconstructor",
                "abstractmethod",
                "overload",
                "override",
                "wraps",
                "lru_cache",
                "contextmanager",
            )
            for n in last
        ):
            role = "opaque"  # a decorator may make anything of it
        return Attribute(
            one.name,
            role,
            one.at,
            module.path,
            owner,
            declared=True,
            decorators=one.decorators,
            function=label,
        )

    # --- columns -------------------------------------------------------------------------------

    def column(
        self,
        call: Value | None,
        name: str,
        module: Module,
        owner: str = "",
        ann: Ann | None = None,
        at: int = -1,
    ) -> Column:
        """A column by its call, its annotation, or both."""
        shared = self._annotated_call(ann, module, owner)
        opaque = False
        db_name = name
        type_: Type | None = None
        keys: list[ForeignKey] = []
        computed = False
        for made in (shared, call):
            if made is None:
                continue
            opaque |= made.starred or any(not word for word, _ in made.words)
            rest = list(made.args)
            given = made.word("name") or made.word("__name_pos")
            if rest and rest[0].text is not None:
                given = rest.pop(0)
            if given is not None:
                db_name = given.text or ""
                opaque |= not db_name
            typed = made.word("type_")
            for one in (*rest, *((typed,) if typed is not None else ())):
                item = self._item(one)
                if isinstance(item, ForeignKey):
                    keys.append(item)
                elif isinstance(item, Type):
                    type_ = item
                elif item == "computed":
                    computed = True
                elif item == "unknown":
                    opaque = True
        words = dict((*(shared.words if shared else ()), *(call.words if call else ())))
        default = (
            words.get("default") or words.get("insert_default") or words.get("default_factory")
        )
        primary = _flag(words, "primary_key", False)
        nullable = _flag(words, "nullable", None)
        if nullable is None and ann is not None and "nullable" not in words:
            nullable = self.optional(ann, module, owner)
        opaque |= self._unknown_alias(ann, module, owner)
        return Column(
            name,
            db_name,
            call.at if call is not None else at,
            module.path,
            type_,
            nullable,
            primary,
            _flag(words, "unique", False),
            _flag(words, "index", False),
            tuple(keys),
            default,
            words.get("onupdate"),
            words.get("server_default"),
            words.get("server_onupdate"),
            computed,
            bool(words.get("deferred") and words["deferred"].truth),
            opaque,
            call,
        )

    def field(self, call: Value, name: str, module: Module, owner: str, ann: Ann | None) -> Column:
        """A column that SQLModel's ``Field()`` describes."""
        inner = call.word("sa_column")
        if inner is not None:
            inner = self._inlined(inner)
        words = dict(call.words)
        default = words.get("default_factory") or words.get("default")
        if default is None and call.args and call.args[0].do != "star":
            default = call.args[0]
        if inner is not None and inner.do == "call" and inner.library in COLUMN_MAKERS:
            column = self.column(inner, name, module, owner)
            return replace(column, default=default or column.default)
        keys: tuple[ForeignKey, ...] = ()
        key = words.get("foreign_key")
        if key is not None:
            deleted = words.get("ondelete")
            gone = (deleted and deleted.text) or ""
            keys = (ForeignKey(key.text or "", key.at, gone, named_at=key.at),)
        typed = words.get("sa_type")
        type_ = None if typed is None else self.type(typed)
        nullable = _flag(words, "nullable", None)
        if nullable is None and ann is not None:
            nullable = self.optional(ann, module, owner)
        opaque = bool({"sa_column_args", "sa_column_kwargs", "sa_column"} & words.keys())
        return Column(
            name,
            name,
            call.at,
            module.path,
            type_,
            nullable,
            _flag(words, "primary_key", None if opaque else False),
            _flag(words, "unique", False),
            _flag(words, "index", False),
            keys,
            default,
            opaque=opaque or call.starred,
            call=call,
        )

    def _item(self, value: Value) -> ForeignKey | Type | str:
        """A positional argument of ``Column``."""
        if value.do == "star":
            return "unknown"
        value = self._inlined(value) or value
        if value.do == "const" and value.const is None:
            return ""
        last = value.library
        if value.do == "call" and last == "ForeignKey":
            return self.foreign_key(value)
        if last in _COMPUTED:
            return "computed"
        if last in _SCHEMA_ITEMS or last.endswith("Constraint"):
            return ""
        found = self.type(value)
        return found if found is not None else "unknown"

    def foreign_key(self, value: Value) -> ForeignKey:
        """``ForeignKey("users.id", ondelete="CASCADE")``."""
        target = value.argument(0, "column")
        name = ""
        if target is not None:
            name = target.text or (target.name if target.do == "name" else "")
            if target.text is None and ":" not in name:
                name = ""  # the column of somebody else's table is no text that names one
        deleted = value.word("ondelete")
        alter = value.word("use_alter")
        return ForeignKey(
            name,
            value.at,
            (deleted and deleted.text) or "",
            bool(alter and alter.truth),
            target.at if target is not None else value.at,
        )

    def type(self, value: Value) -> Type | None:
        """A type expression; None when it is none."""
        if value.do == "name" and value.name:
            bound = self.scopes.value(value.name) if ":" in value.name else None
            if bound is not None and bound.do in ("call", "name") and bound.name != value.name:
                inner = self.type(bound)
                return None if inner is None else inner._replace(at=value.at)
            return Type(value.name.replace(":", ".").rpartition(".")[2], _dotted(value), value.at)
        if value.do != "call":
            return None
        if value.name.endswith((".as_mutable", ".associate_with")) and value.args:
            inner = self.type(value.args[0])
            tracker = value.name.rpartition(".")[0]
            return None if inner is None else inner._replace(mutable=True, tracker=tracker)
        on = value.on
        if value.name.rpartition(".")[2] in ("with_variant", "evaluates_none") and on is not None:
            inner = self.type(on)
            return None if inner is None else inner._replace(varies=True, at=value.at)
        if on is not None and on.do not in ("name",):
            return None
        if not value.name:
            return None
        last = value.name.replace(":", ".").rpartition(".")[2]
        return Type(last, _dotted(value), value.at, value.args, value.words)

    def _annotated_call(self, ann: Ann | None, module: Module, owner: str) -> Value | None:
        """``Mapped[pk]`` with ``pk = Annotated[int, mapped_column(primary_key=True)]``."""
        inner = _inside(ann)
        if inner is None or inner.kind != "name":
            return None
        name = self.scopes.annotation(module, owner.partition(":")[2], inner.name)
        bound = self._inside_alias(self.scopes.value(name) if ":" in name else None)
        if bound is None or bound.do != "item":
            return None
        for one in bound.args[1:]:
            if one.do == "call" and one.library in ("mapped_column", "Column"):
                return one
        return None

    def _is_alias(self, ann: Ann, module: Module, owner: str) -> bool:
        """``id: Key`` with ``Key = Mapped[X]``."""
        if ann.kind != "name":
            return False
        name = self.scopes.annotation(module, owner.partition(":")[2], ann.name)
        bound = self.scopes.value(name) if ":" in name else None
        return self._inside_alias(bound) is not bound

    def _inside_alias(self, bound: Value | None) -> Value | None:
        """``X`` of ``Key = Mapped[X]``, where the alias is the whole annotation of an attribute."""
        if bound is None or bound.do != "item" or of_library(bound.args[0].name) not in _MAPPED:
            return bound
        inner = bound.args[1] if len(bound.args) == 2 else None
        named = inner is not None and inner.do == "name" and ":" in inner.name
        return self.scopes.value(inner.name) if inner is not None and named else inner

    def _unknown_alias(self, ann: Ann | None, module: Module, owner: str) -> bool:
        """``Mapped[Key]`` with a name that may stand for a whole column (Annotated)."""
        inner = _inside(ann)
        if inner is None or inner is ann or inner.kind != "name":
            return (
                inner is not None
                and inner is not ann
                and inner.kind == "item"
                and (inner.args[0].name.rpartition(".")[2] == "Annotated")
            )
        name = self.scopes.annotation(module, owner.partition(":")[2], inner.name)
        if ":" in name:
            bound = self.scopes.value(name)
            return name not in self.scopes.knowledge.classes.by_label and (
                bound is None or bound.do not in ("item",)
            )
        return name.partition(".")[0] not in _PLAIN_MODULES

    def optional(self, ann: Ann, module: Module, owner: str) -> bool | None:
        """Whether an annotation allows None; None when it does not tell."""
        inner = _inside(ann) or ann
        if inner.kind == "union":
            return any(one.name == "None" for one in inner.args)
        if inner.kind == "item":
            head = inner.args[0].name.rpartition(".")[2]
            if head == "Optional":
                return True
            if head == "Union":
                return any(one.name == "None" for one in inner.args[1:])
            return None if head == "Annotated" else False
        if inner.kind == "name":
            name = self.scopes.annotation(module, owner.partition(":")[2], inner.name)
            if name.startswith(("builtins.", "datetime.", "decimal.", "uuid.")):
                return False
            return False if name in self.scopes.knowledge.classes.by_label else None
        return None

    # --- relationships -------------------------------------------------------------------------

    def relationship(
        self, call: Value, name: str, module: Module, owner: str, ann: Ann | None
    ) -> Relationship:
        """A relationship by its call and annotation."""
        sqlmodel = call.name.startswith("sqlmodel.")
        words = dict(call.words)
        more = words.get("sa_relationship_kwargs")
        opaque = call.starred or "sa_relationship" in words or "sa_relationship_args" in words
        if more is not None:
            if more.do == "dict" and not more.starred:
                keys = more.args[::2]
                values = more.args[1::2]
                found = zip(keys, values, strict=False)
                words.update({k.text: v for k, v in found if k.text is not None})
            else:
                opaque = True
        call = call._replace(words=tuple(words.items()))
        target = None if sqlmodel else call.argument(0, "argument")
        annotated, many = self._related(ann, module, owner)
        named = "" if annotated == _OUTSIDE else annotated
        if sqlmodel and "link_model" in words:
            words["secondary"] = words["link_model"]
        uselist = words.get("uselist")
        if uselist is not None and uselist.const is not None:
            many = uselist.truth
        elif uselist is not None and uselist.do != "const":
            many = None
        elif "collection_class" in words:
            many = True
        lazy = words.get("lazy")
        told = "select"
        if lazy is not None:
            told = lazy.text or {True: "select", False: "joined", None: "noload"}.get(
                lazy.const if lazy.do == "const" else "?",
                "?",  # type: ignore[call-overload]
            )
        if call.library == "dynamic_loader":
            told = "dynamic"
        if ann is not None:
            head = _head(ann)
            told = {"DynamicMapped": "dynamic", "WriteOnlyMapped": "write_only"}.get(head, told)
            if head in ("DynamicMapped", "WriteOnlyMapped"):
                many = True
        cascade = self._bound(words.get("cascade"))
        told_cascade = cascade.text if cascade is not None else None
        deletes = words.get("cascade_delete") if sqlmodel and cascade is None else None
        if deletes is not None and deletes.const is None:
            opaque = True
        elif deletes is not None and deletes.truth:
            told_cascade = "all, delete-orphan"  # what SQLModel hands on
        back = words.get("back_populates")
        if back is not None and back.text is None:
            opaque = True
        secondary = words.get("secondary") or (None if sqlmodel else call.argument(1, "secondary"))
        return Relationship(
            name,
            call.at,
            module.path,
            target,
            named,
            many,
            told,
            told_cascade,
            back.text if back is not None else None,
            words.get("backref"),
            secondary,
            call,
            opaque,
            outside=annotated == _OUTSIDE or _is_outside(target),
        )

    def _bound(self, value: Value | None) -> Value | None:
        """What a name of a module stands for; all else is itself."""
        if value is None or value.do != "name" or ":" not in value.name:
            return value
        return self.scopes.value(value.name) or value

    def _related(self, ann: Ann | None, module: Module, owner: str) -> tuple[str, bool | None]:
        """The class that an annotation names, and whether it says a collection of it."""
        if ann is None:
            return "", None
        many = False
        while ann.kind in ("item", "union"):
            if ann.kind == "union":
                rest = [one for one in ann.args if one.name != "None"]
            else:
                head = ann.args[0].name.rpartition(".")[2]
                rest = [one for one in ann.args[1:] if one.name != "None"]
                if head in _LISTS:
                    many = True
                    rest = rest[-1:]
                elif head == "Annotated":
                    rest = rest[:1]
                elif head not in _MAPPED and head not in ("Optional", "Union"):
                    name = self.scopes.annotation(module, owner.partition(":")[2], head)
                    if ":" not in name:  # a collection class of somebody else's
                        return "", None
                    return name, many  # a generic class
            if len(rest) != 1:
                return "", None
            ann = rest[0]
        if ann.kind != "name":
            return "", many if many else None
        name = self.scopes.annotation(module, owner.partition(":")[2], ann.name)
        if name and ":" not in name:
            return _OUTSIDE, many
        return name or ann.name, many


# --- parts ---------------------------------------------------------------------------------------


def _is_outside(target: Value | None) -> bool:
    return (
        target is not None and target.do == "name" and bool(target.name) and ":" not in target.name
    )


def _dotted(value: Value) -> str:
    """The name of a type as SQLAlchemy's, which SQLModel passes on."""
    return packs.forwarded(value.name) or value.name


def _flag(words: dict[str, Value], name: str, unsaid: bool | None) -> bool | None:
    value = words.get(name)
    return unsaid if value is None else value.truth


def _head(ann: Ann) -> str:
    return ann.args[0].name.rpartition(".")[2] if ann.kind == "item" else ""


def _is_mapped(ann: Ann) -> bool:
    return _head(ann) in _MAPPED


def _is_class_variable(ann: Ann) -> bool:
    return _head(ann) == "ClassVar" or ann.name.rpartition(".")[2] == "ClassVar"


def _inside(ann: Ann | None) -> Ann | None:
    """``X`` of ``Mapped[X]``; the annotation itself when it is not wrapped."""
    if ann is not None and _is_mapped(ann) and len(ann.args) == 2:
        return ann.args[1]
    return ann
