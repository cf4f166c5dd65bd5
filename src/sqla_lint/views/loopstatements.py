"""Statements that a loop runs once for each of its elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import read_as_attribute
from sqla_lint.flow.effects import statement_event
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.views.behind import Definitions, definitions, maker, statement_chain
from sqla_lint.views.dynamic import dynamic_value
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.paths import Note
from sqla_lint.views.slices import slice_length
from sqla_lint.views.steps import is_step

# Operations behind one value that are looked at.
VALUE_LIMIT = 60
NAMES = 12  # names of names
# Elements that are asked for one by one without harm.
FEW = 3
# A route asks a service, which asks a repository.
CALL_DEPTH = 2

_READS = frozenset({kinds.SELECT, kinds.QUERY})
_WRITES = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_RUNNERS = _SESSIONS | {kinds.CONNECTION}
_NO_VALUES = _RUNNERS | {kinds.ENGINE, kinds.GENERATOR, kinds.CONTEXT_MANAGER, kinds.CLASS}
_OBJECTS = frozenset({kinds.ENTITY})
_RUNS = frozenset({"execute", "scalar", "scalars", "exec"})
# Methods of a session that ask for one object: by its key, or again.
_BY_KEY = frozenset({"get", "get_one"})
_AGAIN = "refresh"
_ONE_OBJECT = _BY_KEY | {_AGAIN}
# Operations that give a part of what they are done with: the user of a pair, an order's customer.
_PARTS = frozenset({"move", "next", "unpack", "getitem", "getattr"})
PARTS_LIMIT = 4
_FETCHING = frozenset({"all", "first", "one", "one_or_none", "scalar", "count", "get"})
_CRITERIA = frozenset({"where", "filter", "filter_by", "values", "get"})
# A criterion with one of these asks for many values at once.
_BATCHED = frozenset({"in_", "not_in", "notin_", "between", "any_", "all_"})
_MIGRATIONS = frozenset({"migrations", "alembic"})
_WAITING = frozenset({"sleep", "wait"})
_ENDING = frozenset({"commit", "rollback", "begin_nested", "begin"})
_PAGES = frozenset({"builtins.range", "itertools.count", "itertools.batched"})


class InLoop(NamedTuple):
    """A statement that asks for, or writes, what one element of a loop says."""

    op: Op
    statement: Kind
    verb: str  # select, get, get_one, refresh, query, insert, update, delete
    inside: Note | None = None  # the statement, when a called function runs it


def statements_in_loops(function: Function) -> Iterator[InLoop]:
    """Statements that `for` loops and comprehensions run for each element."""
    blocks = function.typed.function.blocks
    if not any(block.loops for block in blocks) or in_migration(function):
        return
    defined = definitions(function)
    elements = _elements(function, defined)
    meant = {loop for loop in elements if _is_meant(function, loop)}
    for operation in function.operations() if elements else ():
        sent = _sent(operation)
        if sent is None and operation.op.do in ("call", "getattr"):
            yield from _through(function, defined, operation, elements, meant)
        counted = _asks_dynamic(operation)
        if counted is not None:
            loops = _loops_of(function, operation.op)
            if loops and loops[-1] not in meant and elements.get(loops[-1]) == counted:
                yield InLoop(operation.op, Kind(kinds.SELECT), "query")
            continue
        if sent is None or (sent[0].name in _WRITES and _is_asked(function, operation.op)):
            continue
        if _runs_beside(operation):
            continue
        loops = _loops_of(function, operation.op)
        element = elements.get(loops[-1]) if loops and loops[-1] not in meant else None
        if element is None or _is_carried(function, defined, operation, loops[-1]):
            continue
        if _depends(defined, operation, element):
            yield InLoop(operation.op, *sent)


def _asks_dynamic(operation: Operation) -> Operand | None:
    """The object whose dynamic relationship a call asks: `user.posts.count()`."""
    op = operation.op
    if op.do != "call" or op.name not in _FETCHING or dynamic_value(operation, op.on) is None:
        return None
    made = operation.function.reader_of(op.on)
    return made.op.on if made is not None else None


def _loops_of(function: Function, op: Op) -> tuple[int, ...]:
    position = function.position(op)
    return function.typed.function.blocks[position[0]].loops if position is not None else ()


def _through(
    function: Function,
    defined: Definitions,
    operation: Operation,
    elements: dict[int, Place],
    meant: set[int],
) -> Iterator[InLoop]:
    """A function of the project that is called for each element, and asks for its row."""
    op = operation.op
    loops = _loops_of(function, op)
    element = elements.get(loops[-1]) if loops and loops[-1] not in meant else None
    if element is None or _runs_beside(operation):
        return
    label = _runs(function, operation)
    typed = function.project.typed.get(label)
    if typed is None or label == function.label:
        return
    for value, name in _passed(function, operation, typed):
        if not _stands_on(defined, value, element)[0]:
            continue
        found = _asks_for(function.of(typed), name)
        if found is not None:
            runs = found.function.typed
            path = "" if runs.module is function.typed.module else runs.module.path
            note = Note(f"`{runs.function.qualname}` runs it", found.op.at, path)
            yield InLoop(op, *_sent_by(found), note)
            return


def _runs(function: Function, operation: Operation) -> str:
    """The function of the project that a call calls, or that the read of an attribute does; ""
    when a decorator has made something else of it."""
    knowledge, op, on = function.project.knowledge, operation.op, operation.on
    if op.do == "getattr":
        method = knowledge.classes.method(on.label, op.name or "") if on.name in _OBJECTS else None
        return read_as_attribute(knowledge, method) if method is not None else ""
    label = called(knowledge, op, on).label
    return "" if knowledge.decorators.get(label) else label


def _passed(
    function: Function, operation: Operation, typed: Typed
) -> Iterator[tuple[Operand, Place]]:
    """What a function is given, with the parameters it is for; also the object whose method or
    property it is."""
    op, on, params = operation.op, operation.on, typed.function.params
    if on.name in _OBJECTS and op.name is not None and op.on is not None and params:
        yield op.on, params[0].name
    if op.do == "call":
        knowledge = function.project.knowledge
        for arg, name in parameters(knowledge, op, called(knowledge, op, on)):
            if name is not None:
                yield arg.value, name


def _runs_beside(operation: Operation) -> bool:
    """A coroutine that the loop does not wait for: it is run together with the others."""
    readers = operation.function.readers.get(operation.op.dst or "", ())
    waited = any(op.do == "await" for op in readers)
    return operation.result.name == kinds.COROUTINE and not waited


def _sent_by(operation: Operation) -> tuple[Kind, str]:
    sent = _sent(operation)
    return sent if sent is not None else (Kind(kinds.SELECT), "select")


def _asks_for(helper: Function, name: Place, depth: int = CALL_DEPTH) -> Operation | None:
    """The one statement of a function, or of one that it calls, when it does nothing else with the
    database than to ask, at every call, for what a parameter says, and to add what is not there."""
    known: dict[tuple[str, Place, int], Operation | None]
    known = helper.effects.kept.setdefault("asks for", {})  # type: ignore[assignment]
    key = (helper.label, name, depth)
    if key not in known:
        known[key] = None  # of one that calls itself
        known[key] = _asks(helper, name, depth)
    return known[key]


def _asks(helper: Function, name: Place, depth: int) -> Operation | None:
    code = helper.typed.function
    if (
        code.is_generator
        or helper.is_module
        or any(op.dst == name for _, _, op in helper.positions)
    ):
        return None
    defined = definitions(helper)
    asked: Operation | None = None
    asking: Operation | None = None  # what asks here: the statement, or the call of who runs it
    decided = False
    for operation in helper.operations():
        op = operation.op
        decided = decided or (op.do == "test" and asked is None)
        if op.do in ("catch", "closure") or (op.do == "call" and op.name in _WORKING):
            return None
        sent = _sent(operation)
        inner = _asked_by(helper, defined, operation, name, depth) if sent is None else None
        if sent is None and inner is None:
            continue
        if asked is not None or decided or _loops_of(helper, op):
            return None
        if sent is not None and (sent[1] not in _ASKING or not _depends(defined, operation, name)):
            return None
        asked, asking = inner or operation, operation
    adds = any(op.name in _ADDING and op.do == "call" for _, _, op in helper.positions)
    others = [one for one in helper.operations() if asking is None or one.op is not asking.op]
    return None if adds and not all(map(_is_of_database, others)) else asked


def _asked_by(
    helper: Function, defined: Definitions, operation: Operation, name: Place, depth: int
) -> Operation | None:
    """The one statement of a function that is called with what a parameter says: a service asks its
    repository."""
    if operation.op.do not in _RUNNING or not depth or _runs_beside(operation):
        return None
    label = _runs(helper, operation)
    typed = helper.project.typed.get(label)
    if typed is None or label == helper.label:
        return None
    for value, param in _passed(helper, operation, typed):
        if _stands_on(defined, value, name)[0]:
            found = _asks_for(helper.of(typed), param, depth - 1)
            if found is not None:
                return found
    return None


def _is_of_database(operation: Operation) -> bool:
    """It calls nothing but SQLAlchemy and mapped classes: who only finds or makes a row."""
    op, on = operation.op, operation.on
    known = on.name in _RUNNERS | _READS | _OF_ROWS or on.label.startswith("sqlalchemy.")
    return op.do != "call" or known


_RUNNING = frozenset({"call", "getattr"})
_ASKING = frozenset({"select", "get", "get_one", "query", _AGAIN})
# A helper may make the row that it does not find: who has asked for all of them can, too.
_WORKING = frozenset({"merge", "delete", "commit"})
_ADDING = frozenset({"add", "add_all", "flush"})
_OF_ROWS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPED_CLASS, kinds.COLUMN_EXPR})


def in_migration(function: Function) -> bool:
    """A migration runs once, and is given the time it takes."""
    module = function.typed.module
    if is_step(function):
        return True
    if _MIGRATIONS & set(module.path.replace("\\", "/").split("/")):
        return True
    return any(
        op.do == "import" and (op.name or "").partition(".")[0] == "alembic"
        for block in module.body.blocks
        for op in block.ops
    )


def _is_asked(function: Function, op: Op) -> bool:
    """The result of a write is looked at: how many rows it reached, which keys it made."""
    known = {op.dst} - {None}
    asked = False
    for operation in function.operations():
        if operation.op.on in known:
            if operation.op.do in ("await", "move"):
                known.add(operation.op.dst)
            else:
                asked = True
        asked = asked or any(arg.value in known for arg in operation.op.args)
    return asked


def _elements(function: Function, defined: Definitions) -> dict[int, Place]:
    """The element of each loop over a collection of values."""
    found: dict[int, Place] = {}
    for number, block in enumerate(function.typed.function.blocks):
        if not block.loops or not any(edge.when == "item" for edge in block.edges):
            continue
        for i, op in enumerate(block.ops):
            if op.do != "next" or op.dst is None or op.name == "async" or op.on is None:
                continue
            on = function.typed.on[number][i]
            over = on.name
            if (over in _NO_VALUES and not _gives_objects(on)) or _is_short(defined, op.on):
                continue
            if over == kinds.QUERY or not function.is_global(op.on):  # `User.query`
                found[block.loops[-1]] = op.dst
    return found


def _gives_objects(on: Kind) -> bool:
    """A generator of mapped objects; those of other things may give many at once."""
    return on.name == kinds.GENERATOR and bool(on.of) and on.of[0].name in _OBJECTS


def _is_short(defined: Definitions, operand: Operand, depth: int = NAMES) -> bool:
    """A display of a few values that is written here, a short slice, pages, or partitions."""
    for made in defined.get(operand, []) if isinstance(operand, str) else []:
        op = made.op
        if op.do == "pack" and op.name in ("list", "tuple", "set", "dict"):
            return bool(op.args) and not any(arg.star for arg in op.args)
        if op.do == "call" and (made.on.label in _PAGES or op.name == "partitions"):
            return True
        length = slice_length(defined, made)
        if length is not None and length <= FEW:
            return True
        if op.do == "move" and op.on is not None and depth:
            return _is_short(defined, op.on, depth - 1)
    return False


def _is_meant(function: Function, loop: int) -> bool:
    """The loop waits, is a search that ends with a hit, handles the failure of one element, or
    makes a transaction of each turn."""
    blocks = function.typed.function.blocks
    inside = {n for n, block in enumerate(blocks) if loop in block.loops}
    for number in inside:
        block = blocks[number]
        header = any(edge.when == "item" for edge in block.edges)
        if not header and any(edge.to not in inside for edge in block.edges):
            return True
        for op in block.ops:
            name = op.name or str(op.on).rpartition(".")[2]
            if op.do in ("enter", "yield", "catch", "return"):
                return True
            if op.do == "call" and (name in _WAITING or op.name in _ENDING):
                return True
    return False


def _sent(operation: Operation) -> tuple[Kind, str] | None:
    """The statement that an operation sends, and what it is called."""
    op, on = operation.op, operation.on
    if op.do != "call" or op.name is None:
        return None
    if on.name in _SESSIONS and op.name in _ONE_OBJECT and operation.arg_kinds:
        if any(arg.keyword == "with_for_update" for arg in op.args):
            return None  # each is locked in its turn
        return Kind(kinds.SELECT, of=operation.arg_kinds[:1]), op.name
    if on.name == kinds.QUERY and op.name in ("update", "delete"):
        return Kind(op.name.upper(), of=on.of), op.name
    if on.name == kinds.QUERY:
        return (on, "query") if op.name in _FETCHING else None
    if on.name not in _RUNNERS or op.name not in _RUNS or not operation.arg_kinds:
        return None
    statement = operation.arg_kinds[0]
    if statement.name in _READS | _WRITES:
        return statement, statement.name.lower()
    if statement.name == kinds.TEXT and statement_event(statement) == "write":
        verb = statement.label.split(None, 1)[0].lower() if statement.label.strip() else ""
        known = verb in ("insert", "update", "delete")
        return (Kind(verb.upper(), label=statement.label), verb) if known else None
    return None


def _depends(defined: Definitions, operation: Operation, element: Place) -> bool:
    """The element stands in a criterion or value of the statement, one value at a time."""
    if operation.op.name == _AGAIN and operation.on.name in _SESSIONS:
        return any(_is_of(defined, operand, element) for operand in _given(defined, operation))
    if any(_stands_on(defined, operand, element)[0] for operand in _subjects(defined, operation)):
        return False  # another table each time
    found = False
    for operand in _given(defined, operation):
        of_it, batched = _stands_on(defined, operand, element)
        if batched or _is_rows(defined, operand):
            return False
        found = found or of_it
    return found


def _is_of(defined: Definitions, operand: Operand, element: Place) -> bool:
    """A value is the element, or hangs on it: it is nothing that the turn itself makes or finds."""
    for _ in range(PARTS_LIMIT):
        if operand == element:
            return True
        made = defined.get(operand, []) if isinstance(operand, str) else []
        if len(made) != 1 or made[0].op.do not in _PARTS or made[0].op.on is None:
            return False
        operand = made[0].op.on
    return False


def _is_rows(defined: Definitions, operand: Operand) -> bool:
    """``values([...])``: many rows at once."""
    made = defined.get(operand, []) if isinstance(operand, str) else []
    return any(o.op.do == "pack" and o.op.name in ("list", "listcomp") for o in made)


def _is_carried(function: Function, defined: Definitions, operation: Operation, loop: int) -> bool:
    """What is asked depends on what an earlier turn has found: a way from parent to child."""
    blocks = function.typed.function.blocks
    inside = {id(op) for block in blocks if loop in block.loops for op in block.ops}
    waiting = list(_given(defined, operation))
    seen: set[str] = set()
    while waiting and len(seen) < VALUE_LIMIT:
        value = waiting.pop()
        if not isinstance(value, str) or value in seen:
            continue
        seen.add(value)
        made = [o.op for o in defined.get(value, []) if o.op.do != "next"]
        here = [op for op in made if id(op) in inside]
        if here and len(here) < len(made):
            return True
        for op in made:
            waiting += [op.on] if op.on is not None else []
            waiting += [arg.value for arg in op.args]
    return False


def _subjects(defined: Definitions, operation: Operation) -> Iterator[Operand]:
    """What a statement is about: the arguments of `select()`, `query()`, `update()`."""
    op, start = operation.op, operation
    if operation.on.name in _RUNNERS:
        if op.name in _ONE_OBJECT:
            yield from (arg.value for arg in op.args[:1] if op.name in _BY_KEY)
            return
        made = maker(defined, op.args[0].value, operation)
        if made is None:
            return
        start = made
    for call in statement_chain(defined, start):
        made_here = call.result.name in _READS | _WRITES and call.on.name not in _READS | _WRITES
        if made_here or call.op.name in ("select_from", "join", "query"):
            yield from (arg.value for arg in call.op.args)


def _given(defined: Definitions, operation: Operation) -> Iterator[Operand]:
    """The operands of the criteria, values and parameters of a statement."""
    op = operation.op
    if operation.on.name in _RUNNERS and op.name not in _ONE_OBJECT:
        parameters = [arg.value for arg in op.args[1:] if arg.keyword in (None, "params")]
        for value in parameters:
            made = defined.get(value, []) if isinstance(value, str) else []
            if len(made) == 1 and made[0].op.do == "pack" and made[0].op.name == "dict":
                yield value
        made_by = maker(defined, op.args[0].value, operation)
        calls = statement_chain(defined, made_by) if made_by is not None else iter(())
    elif op.name in _ONE_OBJECT and operation.on.name in _SESSIONS:
        place = 1 if op.name in _BY_KEY else 0
        yield from (arg.value for arg in op.args[place : place + 1])
        return
    else:
        calls = statement_chain(defined, operation)
    for call in calls:
        if call.op.name in _CRITERIA:
            yield from (arg.value for arg in call.op.args)


def _stands_on(
    defined: Definitions, operand: Operand, element: Place, starred: set[Operand] | None = None
) -> tuple[bool, bool]:
    """Whether a value is made from the element, and whether it asks for many at once. What is
    ``starred`` is a question of its own, asked once: a value may be made from itself."""
    found, seen = False, set[str]()
    starred = set() if starred is None else starred
    waiting = [operand]
    while waiting and len(seen) < VALUE_LIMIT:
        value = waiting.pop()
        if not isinstance(value, str) or value in seen:
            continue
        seen.add(value)
        if value == element or value.startswith(element + "."):
            found = True
            continue
        for made in defined.get(value, []):
            op = made.op
            if op.do == "call" and op.name in _BATCHED:
                return False, True
            for arg in op.args:
                if arg.star and arg.value not in starred:
                    starred.add(arg.value)
                    if _stands_on(defined, arg.value, element, starred)[0]:
                        return False, True  # `or_(*criteria)`
            if op.do == "next":
                if op.on == element:  # a part of it
                    found = True
                continue
            if op.on is not None:
                waiting.append(op.on)
            waiting += [arg.value for arg in op.args]
    return found, False
