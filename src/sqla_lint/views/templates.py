"""What templates read of the objects that a function renders them with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from sqla_lint.flow.reads import Reads
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.project.jinja import TemplateReads, template_reads
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.project.surroundings import text_of
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function
from sqla_lint.views.written import only_binding

# Functions and methods that render a template by its name, and at which argument the name stands;
# the context is in the keywords, or in a dictionary after the name.
# Source: the docs of Flask, Quart, FastAPI ("Templates") and Starlette ("Templates").
_RENDERERS = {
    "flask.render_template": 0,
    "flask.templating.render_template": 0,
    "flask.stream_template": 0,
    "quart.render_template": 0,
    "fastapi.templating.Jinja2Templates().TemplateResponse": 0,
    "starlette.templating.Jinja2Templates().TemplateResponse": 0,
}
_RENDER = ".get_template().render"  # of an environment of jinja2
_FOLDER = "templates"
# Folders above a module in which templates are looked for: a package in a package in a project.
_FOLDERS_LIMIT = 6
_STARSTAR = 2


class Rendered(NamedTuple):
    """A template that is rendered with some value, and what it reads of that."""

    template: str
    reads: Reads
    call: Op


@per_function
def rendered(function: Function) -> dict[tuple[int, Place], Rendered]:
    """By the id of the operation that hands an object to a template, and the name of the object."""
    found: dict[tuple[int, Place], Rendered] = {}
    for operation in function.operations():
        op = operation.op
        name = _template(function, op, operation.on) if op.do == "call" else None
        if name is None:
            continue
        given = list(_context(function, op))
        reads = _reads(function, name) if given else {}
        for holder, word, value in given:
            if word in reads and isinstance(value, str):
                found[id(holder), value] = Rendered(name, reads[word], op)
    return found


def _template(function: Function, op: Op, on: Kind) -> str | None:
    """The name of the template that a call renders."""
    if on.name not in (NAME, FOREIGN):
        return None
    label = dotted_label(on, op.name)
    if label.endswith(_RENDER) and label.startswith("jinja2."):
        return _name(_maker(function, op.on), 0)
    position = _RENDERERS.get(label)
    if position is None:
        return None
    return _name(op, position) or (_name(op, 1) if op.name == "TemplateResponse" else None)


def _maker(function: Function, place: Operand | None) -> Op | None:
    """The operation that made a value, or what a name was once bound to."""
    if isinstance(place, str) and place[0] != "%":
        bound = only_binding(function.typed.function, place)
        place = bound.on if bound is not None and bound.do == "move" else None
    made = function.maker(place)
    return made.op if made is not None else None


def _name(op: Op | None, position: int) -> str | None:
    if op is None:
        return None
    for arg in op.args:
        if arg.keyword in ("name", "template_name_or_list"):
            return _text(arg.value)
    plain = [arg for arg in op.args if arg.keyword is None]
    if len(plain) <= position or any(arg.star for arg in plain[: position + 1]):
        return None
    return _text(plain[position].value)


def _text(value: Operand) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _context(function: Function, op: Op) -> Iterator[tuple[Op, str, Operand]]:
    """What a template is given: the operation that names it, its name there, its value."""
    for arg in op.args:
        if arg.keyword and arg.keyword not in ("context", "request", "name"):
            yield op, arg.keyword, arg.value
        elif arg.star in (0, _STARSTAR):
            pack = _maker(function, arg.value)
            if pack is None or pack.do != "pack" or pack.name != "dict":
                continue
            if not any(one.star for one in pack.args):
                for key, value in zip(pack.args[::2], pack.args[1::2], strict=False):
                    word = _text(key.value)
                    if word is not None:
                        yield pack, word, value.value


def _reads(function: Function, name: str) -> dict[str, Reads]:
    """What a template of the project reads, by the names of its context."""
    folders = list(_folders(function.typed.module.path))

    def find(one: str) -> str | None:
        if one.startswith(("/", ".")) or ".." in PurePath(one).parts:
            return None
        texts = (text_of(os.path.join(folder, one)) for folder in folders)
        return next((text for text in texts if text is not None), None)

    text = find(name)
    return {} if text is None else {w: _frozen(r) for w, r in template_reads(text, find).items()}


def _frozen(reads: TemplateReads) -> Reads:
    return Reads(frozenset(reads.surely), frozenset(reads.maybe), each=frozenset(reads.each))


def _folders(path: str) -> Iterator[str]:
    """The folders of templates beside a module, and beside the packages that it lies in."""
    folder = os.path.dirname(os.path.abspath(path))
    for _ in range(_FOLDERS_LIMIT):
        yield os.path.join(folder, _FOLDER)
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above


def template_of(function: Function, op: Op) -> Rendered | None:
    """The template to which an operation hands an object; None when it is none."""
    known = rendered(function)
    return next((one for (holder, _), one in known.items() if holder == id(op)), None)
