"""How a function is reached: as a route, a task, a command, a test, or by other functions."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import frameworks
from sqla_lint.ir import Function, Module
from sqla_lint.project.kind import MODULE, NAME
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.spoken import is_said

# Decorators that make a function an entry point: what the decorated object was made by, and the
# attribute. A framework is a row here, not code.
_ROUTES = frozenset(
    {"route", "get", "post", "put", "delete", "patch", "head", "options", "websocket"}
)
_HANDLERS = {
    "aiogram.Dispatcher()": frozenset({"callback_query", "message"}),
    "aiogram.Router()": frozenset({"callback_query", "message"}),
    "aiohttp.web.RouteTableDef()": _ROUTES | {"view"},
    "bottle.Bottle()": _ROUTES,
    "discord.Client()": frozenset({"event"}),
    "discord.ext.commands.Bot()": frozenset({"command", "event", "hybrid_command", "listen"}),
    "flask_socketio.SocketIO()": frozenset({"event", "on"}),
    "sanic.Blueprint()": _ROUTES,
    "sanic.Sanic()": _ROUTES,
    "slack_bolt.App()": frozenset({"action", "command", "event", "message", "shortcut", "view"}),
    "socketio.AsyncServer()": frozenset({"event", "on"}),
    "socketio.Server()": frozenset({"event", "on"}),
    "telebot.TeleBot()": frozenset({"callback_query_handler", "message_handler"}),
    "telebot.async_telebot.AsyncTeleBot()": frozenset(
        {"callback_query_handler", "message_handler"}
    ),
}
_MAKERS = {
    "flask.Flask()": ("route", _ROUTES),
    "flask.Blueprint()": ("route", _ROUTES),
    "fastapi.FastAPI()": ("route", _ROUTES),
    "fastapi.APIRouter()": ("route", _ROUTES),
    "celery.Celery()": ("task", frozenset({"task"})),
    "quart.Quart()": ("route", _ROUTES),
    frameworks.COMMAND_GROUP: ("command", frozenset({"command"})),
    "flask.cli.AppGroup()": ("command", frozenset({"command"})),
    "typer.Typer()": ("command", frozenset({"command"})),
    "flask.Flask().cli": ("command", frozenset({"command"})),
    "flask.Blueprint().cli": ("command", frozenset({"command"})),
}
_PLAIN = {
    "celery.shared_task": "task",
    "dramatiq.actor": "task",
    "click.command": "command",
    "click.group": "command",
    "click.argument": "command",
    "click.option": "command",
    "flask.cli.with_appcontext": "command",
    "discord.app_commands.command": "handler",
    "discord.ext.commands.command": "handler",
    "pyramid.view.view_config": "handler",
    **{f"bottle.{method}": "handler" for method in sorted(_ROUTES)},
    **{
        f"{module}.{method}": "handler"
        for module in ("litestar", "litestar.handlers", "starlite")
        for method in sorted({*_ROUTES, "websocket_listener", "websocket_stream"})
    },
    "pytest.fixture": "fixture",
    "pytest_asyncio.fixture": "fixture",
}
# What runs a function as the one command of a command line, or is one that calls it.
_RUNNING = {
    **dict.fromkeys(("argh.dispatch_command", "clize.run", "defopt.run"), "click.command"),
    **dict.fromkeys(("fire.Fire", "plac.call", "typer.run"), "click.command"),
    **dict.fromkeys((f"click.{name}" for name in ("Command", "Group")), "click.command"),
    **dict.fromkeys((f"click.core.{name}" for name in ("Command", "Group")), "click.command"),
}
# What the first parameter of a registered function is handed for each request.
_REQUESTS = frozenset(frameworks.CALLBACKS.values()) - {"aiohttp.web.Application()"}

# Classes whose methods serve requests: their base, in the documentation of its framework.
_VIEWS = frozenset(
    {
        "aiohttp.web.View",
        "flask.views.MethodView",
        "flask_restful.Resource",
        "flask_restx.Resource",
        "flask_smorest.MethodView",
        "starlette.endpoints.HTTPEndpoint",
        "tornado.web.RequestHandler",
    }
)
# Classes of which each is a command: their base, and the method that runs it.
_COMMANDS = {
    "cliff.command.Command": "take_action",
    "django.core.management.BaseCommand": "handle",
    "django.core.management.base.BaseCommand": "handle",
    "flask_script.Command": "run",
}
# Falcon's resources have no base: `on_get(self, req, resp, …)` in a module that imports falcon.
_RESPONDERS = frozenset(f"on_{verb}" for verb in _ROUTES)
_RESPONDER_PARAMETERS = 3


def entry(module: Module, function: Function, knowledge: Knowledge) -> str:
    """ "route", "task", "command", "fixture", "test", or "" when other code calls it; "handler" for
    what runs like a route, where what becomes of parameters and sessions is not known so well."""
    name = function.qualname.rpartition(".")[2]
    for label in _marks(f"{module.name}:{function.qualname}", knowledge):
        if label in _PLAIN:
            return _PLAIN[label]
        maker, _, attribute = label.rpartition(".")
        known = _MAKERS.get(maker)
        if known is not None and attribute in known[1]:
            return known[0]
        if attribute in _HANDLERS.get(maker, ()):
            return "handler"
    if name.startswith("test_") or knowledge.told.is_test(module.path):
        return "test"
    if _serves(module, function, name, knowledge):
        return "route"
    if _commands(module, function, name, knowledge):
        return "command"
    if function.params:
        given = knowledge.arguments.get(
            (f"{module.name}:{function.qualname}", function.params[0].name)
        )
        if given is not None and given.label in _REQUESTS:
            return "handler"
    return ""


def _marks(label: str, knowledge: Knowledge) -> Iterator[str]:
    """What stands before a function, and what a call hands it to."""
    for decorator in knowledge.decorators.get(label, ()):
        yield decorator.label.removesuffix("()")
    for call in knowledge.announced.get(label, {}).values():
        yield _RUNNING.get(call, call.removesuffix("()"))


def _serves(module: Module, function: Function, name: str, knowledge: Knowledge) -> bool:
    """A method of a view class of a framework that is called for each request."""
    if function.parent is None or function.parent not in module.classes:
        return False
    if name in _RESPONDERS and len(function.params) >= _RESPONDER_PARAMETERS:
        known = knowledge.globals.get(module.name, {}).values()
        return any(k.name in (NAME, MODULE) and k.label.split(".")[0] == "falcon" for k in known)
    return name in _ROUTES and any(
        base.name == NAME and base.label in _VIEWS
        for info in knowledge.classes.ancestry(f"{module.name}:{function.parent}")
        for base in info.bases
    )


def _commands(module: Module, function: Function, name: str, knowledge: Knowledge) -> bool:
    """The method of a command's class that the command line runs."""
    if name not in _COMMANDS.values() or function.parent not in module.classes:
        return False
    return any(
        base.name == NAME and _COMMANDS.get(base.label) == name
        for info in knowledge.classes.ancestry(f"{module.name}:{function.parent}")
        for base in info.bases
    )


def entries_beside(knowledge: Knowledge) -> frozenset[str]:
    """The packages, or modules, that have routes, commands or tasks: they are programs, whose
    functions nobody else calls. What a function makes that nobody calls here is a library's:
    ``def make_router()``."""
    found: set[str] = set()
    for module, code in knowledge.functions.values():
        root = module.name.partition(".")[0]
        if root in found or not code.decorators or knowledge.told.is_test(module.path):
            continue
        if entry(module, code, knowledge) and _is_made_here(module, code, knowledge):
            found.add(root)
    return frozenset(found)


def _is_made_here(module: Module, code: Function, knowledge: Knowledge) -> bool:
    """It stands in no function, or in one that something says."""
    outer = module.functions.get(code.qualname.partition(".<locals>.")[0], code)
    if outer is code or outer.kind != "def":
        return True
    own = [one for one in knowledge.index.modules.values() if not knowledge.told.is_test(one.path)]
    return is_said(own, outer.qualname.rpartition(".")[2], outer)


def is_own(function: Function) -> bool:
    """Nobody outside of the program is meant to call it."""
    last = function.qualname.rpartition(".")[2]
    return "<locals>" in function.qualname or (last[:1] == "_" and not last.endswith("__"))


def is_script(module: Module) -> bool:
    """``if __name__ == "__main__":``"""
    return any(
        op.do == "compare" and op.on == "__name__"
        for block in module.body.blocks
        for op in block.ops
    )
