"""Writes a graph as text, for tests and for the curious.

    f(conn)
      0  %1 = conn.begin()!
         t = enter %1!
         → 3 exc 4

Each block has its number, the loops it lies in, its operations and where it leads: its edges, and
after ``exc`` where its exceptions go. ``!`` marks the operations that may raise; the ends are
called ``exit`` and ``raised``.
"""

from __future__ import annotations

from typing import Final

from sqla_lint.ir import EXIT, RAISED, Ann, Arg, Block, Const, Edge, Function, Op, Operand, Param

_ENDS: Final = {EXIT: "exit", RAISED: "raised"}


def show(function: Function) -> str:
    """One function, without the names of its scope."""
    lines = [_heading(function)]
    for index, block in enumerate(function.blocks):
        if index not in _ENDS:
            lines.extend(_block(index, block))
    return "\n".join(lines) + "\n"


def _heading(function: Function) -> str:
    words = ["async"] if function.is_async else []
    if function.is_generator:
        words.append("generator")
    if function.kind in ("def", "lambda"):
        params = ", ".join(_param(one) for one in function.params)
        returns = "" if function.returns is None else f" -> {show_ann(function.returns)}"
        words.append(f"{function.qualname}({params}){returns}")
    else:
        words.append(f"{function.kind} {function.qualname}")
    captured = [f"{name} of {where}" for name, where in sorted(function.captures.items())]
    if captured:
        words.append("captures " + ", ".join(captured))
    return " ".join(words)


def _param(param: Param) -> str:
    prefix = {"star": "*", "starstar": "**", "positional": "/", "keyword": "="}.get(param.kind, "")
    ann = "" if param.ann is None else f": {show_ann(param.ann)}"
    default = "" if param.default is None else f" = {_operand(param.default)}"
    return f"{prefix}{param.name}{ann}{default}"


def _block(index: int, block: Block) -> list[str]:
    rows = [show_op(op) for op in block.ops]
    for handler in block.handlers:
        types = " | ".join(show_ann(one) for one in handler.types) or "anything"
        rows.append(f"except {types} → {_name(handler.to)}")
    leads = [_edge(edge) for edge in block.edges]
    if any(op.raises for op in block.ops):
        leads.append(f"exc {_name(block.exc)}")
    if leads:
        rows.append("→ " + ", ".join(leads))
    loops = "".join(f" loop {loop}" for loop in block.loops[-1:])
    head = f"  {index:<2} "
    if loops:
        return [f"{head}{loops.strip()}", *(f"     {row}" for row in rows)]
    return [(head if place == 0 else "     ") + row for place, row in enumerate(rows or ["–"])]


def _name(block: int) -> str:
    return _ENDS.get(block, str(block))


def _edge(edge: Edge) -> str:
    text = _name(edge.to) if edge.when == "next" else f"{edge.when} {_name(edge.to)}"
    test = edge.test
    if test is None:
        return text
    if test.is_ == "none":
        fact = f"{test.place} is None" if test.holds else f"{test.place} is not None"
    else:
        fact = test.place if test.holds else f"not {test.place}"
    return f"{text} [{fact}]"


def _operand(operand: Operand | None) -> str:
    if operand is None:
        return "–"
    if isinstance(operand, Const):
        return "..." if operand.value is ... else repr(operand.value)
    return operand


def _arg(arg: Arg) -> str:
    keyword = "" if arg.keyword is None else f"{arg.keyword}="
    return keyword + "*" * arg.star + _operand(arg.value)


def show_op(op: Op) -> str:
    """One operation: nearly Python."""
    dst = "" if op.dst is None else f"{op.dst} = "
    ann = "" if op.ann is None else f" : {show_ann(op.ann)}"
    tail = ann + ("!" if op.raises else "") + (" (discarded)" if op.discarded else "")
    args = ", ".join(_arg(one) for one in op.args)
    on, name = _operand(op.on), op.name or ""
    match op.do:
        case "call":
            text = f"{dst}{on}{'.' + name if name else ''}({args})"
        case "move":
            text = f"{dst}{on}"
        case "declare":
            text = f"declare {op.dst}"
        case "getattr":
            text = f"{dst}{on} . {name}"
        case "setattr":
            text = f"{on} . {name} = {args}"
        case "getitem":
            text = f"{dst}{on}[{args}]"
        case "setitem":
            indices = ", ".join(_arg(one) for one in op.args[:-1])
            text = f"{on}[{indices}] = {_arg(op.args[-1])}"
        case "binop":
            text = f"{dst}{_arg(op.args[0])} {name} {_arg(op.args[1])}"
        case "compare":
            text = f"{dst}{on} {name} {args}".rstrip()
        case "augassign":
            text = f"{dst}{on} {name}= {args}"
        case "boolop":
            joint = f" {name} "
            text = f"{dst}{joint.join(_arg(one) for one in op.args)}"
        case "ifelse":
            text = f"{dst}{_arg(op.args[0])} if {on} else {_arg(op.args[1])}"
        case "leave":
            text = f"leave {on} ({', '.join([name, *map(_arg, op.args)])})"
        case "raise":
            text = " ".join(["raise", *([on] if op.on is not None else []), name, args]).rstrip()
        case "closure" | "pack" | "format" | "import":
            text = f"{dst}{op.do} {name}({args})" if args else f"{dst}{op.do} {name}"
        case "unpack":
            text = f"{dst}{on}[{name}]"
        case "catch":
            text = f"{dst}catch"
        case "delete":
            text = f"delete {op.dst or f'{on}[{args}]'}"
        case _:
            words = [op.do, *([name] if name else []), *([on] if op.on is not None else [])]
            text = dst + " ".join(words)
    return text + tail


def show_ann(ann: Ann) -> str:
    """An annotation, nearly as it is written."""
    args = [show_ann(one) for one in ann.args]
    match ann.kind:
        case "item":
            return f"{args[0]}[{', '.join(args[1:])}]"
        case "call":
            return f"{args[0]}({', '.join(args[1:])})"
        case "union":
            return " | ".join(args)
        case "tuple":
            return f"({', '.join(args)})"
        case "other":
            return "?"
        case _:
            return ann.name
