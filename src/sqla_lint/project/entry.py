"""How a function is reached: as a route, a task, a command, a test, or by other functions."""

from __future__ import annotations

from sqla_lint.ir import Function, Module
from sqla_lint.project.kind import MODULE, NAME
from sqla_lint.project.knowledge import Knowledge

# Decorators that make a function an entry point: what the decorated object was made by, and the
# attribute. A framework is a row here, not code.
_ROUTES = frozenset(
    {"route", "get", "post", "put", "delete", "patch", "head", "options", "websocket"}
)
_MAKERS = {
    "flask.Flask()": ("route", _ROUTES),
    "flask.Blueprint()": ("route", _ROUTES),
    "fastapi.FastAPI()": ("route", _ROUTES),
    "fastapi.APIRouter()": ("route", _ROUTES),
    "celery.Celery()": ("task", frozenset({"task"})),
    "quart.Quart()": ("route", _ROUTES),
    "flask.Flask().cli": ("command", frozenset({"command"})),
    "flask.Blueprint().cli": ("command", frozenset({"command"})),
}
_PLAIN = {
    "celery.shared_task": "task",
    "click.command": "command",
    "click.group": "command",
    "click.argument": "command",
    "click.option": "command",
    "flask.cli.with_appcontext": "command",
    "pytest.fixture": "fixture",
    "pytest_asyncio.fixture": "fixture",
}

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
# Falcon's resources have no base: `on_get(self, req, resp, …)` in a module that imports falcon.
_RESPONDERS = frozenset(f"on_{verb}" for verb in _ROUTES)
_RESPONDER_PARAMETERS = 3


def entry(module: Module, function: Function, knowledge: Knowledge) -> str:
    """ "route", "task", "command", "fixture", "test", or "" when other code calls it."""
    name = function.qualname.rpartition(".")[2]
    for decorator in knowledge.decorators.get(f"{module.name}:{function.qualname}", ()):
        label = decorator.label.removesuffix("()")
        if label in _PLAIN:
            return _PLAIN[label]
        maker, _, attribute = label.rpartition(".")
        known = _MAKERS.get(maker)
        if known is not None and attribute in known[1]:
            return known[0]
    if name.startswith("test_") or is_test_file(module.path):
        return "test"
    return "route" if _serves(module, function, name, knowledge) else ""


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


def is_test_file(path: str) -> bool:
    """A file of tests, by the names pytest and unittest look for."""
    parts = path.replace("\\", "/").split("/")
    stem = parts[-1]
    return (
        stem.startswith("test_")
        or stem.endswith("_test.py")
        or stem == "conftest.py"
        or "tests" in parts[:-1]
        or "test" in parts[:-1]
    )
