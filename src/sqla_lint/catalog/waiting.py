"""Calls of libraries that wait for somebody else, or that tell somebody else to work."""

from __future__ import annotations

# What is called, by dotted name; a prefix that ends in a dot stands for everything below it.
# Clients are named by how they are made: `requests.Session().get`.
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_CLIENTS = (
    "requests.Session()",
    "requests.sessions.Session()",
    "httpx.Client()",
    "httpx.AsyncClient()",
    "aiohttp.ClientSession()",
    "aiohttp.client.ClientSession()",
)
# What a client sends over a socket that stays open comes when the client likes, or never.
_SOCKETS = (
    "fastapi.WebSocket()",
    "fastapi.websockets.WebSocket()",
    "starlette.requests.Request()",  # as which a parameter is known, a WebSocket's, too
    "starlette.websockets.WebSocket()",
    "litestar.WebSocket()",
    "litestar.connection.WebSocket()",
    "quart.websocket",
    "aiohttp.web.WebSocketResponse()",
    "websockets.ServerConnection()",
    "websockets.WebSocketServerProtocol()",
    "websockets.server.WebSocketServerProtocol()",
)
_RECEIVING: tuple[str, ...] = (
    "receive",
    "recv",
    "receive_bytes",
    "receive_data",
    "receive_json",
    "receive_str",
)
_RECEIVING += ("receive_text", "iter_bytes", "iter_data", "iter_json", "iter_text")
SOCKETS: frozenset[str] = frozenset(f"{one}.{verb}" for one in _SOCKETS for verb in _RECEIVING)
SLOW: frozenset[str] = SOCKETS | frozenset(
    {f"{owner}.{verb}" for owner in ("requests", "httpx", *_CLIENTS) for verb in _VERBS}
    | {"httpx.AsyncClient().send", "httpx.Client().send", "requests.Session().send"}
    | {"httpx.stream", "httpx.AsyncClient().stream", "httpx.Client().stream"}
    | {"urllib.request.urlopen", "urllib.request.urlretrieve", "time.sleep", "asyncio.sleep"}
    | {f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "getoutput")}
    | {"os.system", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"}
    | {
        f"smtplib.{kind}().{name}"
        for kind in ("SMTP", "SMTP_SSL")
        for name in ("login", "send_message", "sendmail")
    }
    | {"paramiko.SSHClient().connect", "paramiko.SSHClient().exec_command"}
    | {"openai.chat.completions.create", "openai.ChatCompletion.create"}
    | {
        f"openai.{kind}().{path}.create"
        for kind in ("OpenAI", "AsyncOpenAI")
        for path in ("chat.completions", "completions", "embeddings", "responses")
    }
    | {f"anthropic.{kind}().messages.create" for kind in ("Anthropic", "AsyncAnthropic")}
)
SENDERS: frozenset[str] = frozenset({"delay", "apply_async", "send", "send_with_options"})
TASK_MAKERS: tuple[str, ...] = (
    "celery.",
    "dramatiq.",
    "huey.",
)
SENDING_CALLS: frozenset[str] = frozenset(
    {
        "celery.Celery().send_task",
        "rq.Queue().enqueue",
        "kafka.KafkaProducer().send",
        "aiokafka.AIOKafkaProducer().send_and_wait",
        "aiokafka.AIOKafkaProducer().send",
        "confluent_kafka.Producer().produce",
        "redis.Redis().publish",
        "redis.asyncio.Redis().publish",
    }
)
# Modules that import one of these may wait for somebody else, or give somebody else work.
WAITING: tuple[str, ...] = tuple(
    sorted(
        {name.partition(".")[0] for name in (*(SLOW - SOCKETS), *SENDING_CALLS, *TASK_MAKERS)}
        - {"asyncio", "os", "time"}
    )
)
