"""Objects of other libraries that no mapper knows."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand
from sqla_lint.project.classes import SQLMODEL_BASES, Mapping
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.variables import is_some
from sqla_lint.views.function import Function
from sqla_lint.views.written import only_binding

_SCHEMAS = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "marshmallow.Schema"})
_JSON = frozenset(
    {
        "flask.request.get_json()",
        "flask.request.json",
        "flask.request.form",
        "flask.request.args",
        "flask.request.form.to_dict()",
        "flask.jsonify()",
        "json.loads()",
        "json.load()",
        "pydantic.BaseModel().dict()",
        "pydantic.BaseModel().model_dump()",
        "sqlmodel.SQLModel().model_dump()",
    }
)


def mapped_nowhere(function: Function, operand: Operand, kind: Kind) -> str:
    """What an object is, in the user's words, when it surely is no mapped one; else ""."""
    if kind.name in (FOREIGN, NAME) and kind.label in _JSON:
        return f"what `{kind.label.replace('().', '.')}` gives"
    if kind.name != kinds.INSTANCE or is_some(kind):
        return ""
    classes = function.project.knowledge.classes
    ancestry = classes.ancestry(kind.label)
    if not ancestry or ancestry[0].mapping is Mapping.YES:
        return ""
    if classes.has_mapped_heirs(kind.label) and not _is_made_here(function, operand, kind):
        return ""
    bases = {base.label for info in ancestry for base in info.bases if base.name == NAME}
    name = kind.label.rpartition(":")[2]
    if bases & SQLMODEL_BASES and not any("table" in info.keywords for info in ancestry):
        return f"a `{name}`, which has no table"
    if bases & _SCHEMAS:
        return f"a `{name}`, which is no mapped class"
    return ""


def _is_made_here(function: Function, operand: Operand, kind: Kind) -> bool:
    """An object of the class itself; of what is annotated or bounded by it, it may be an heir."""
    made = only_binding(function.typed.function, str(operand))
    on = function.typed.on
    return made is not None and any(
        op is made and op.do == "call" and on[number][i].label == kind.label
        for number, i, op in function.positions
    )
