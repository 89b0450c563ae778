"""Logs as JSON, one object a line, that hold no secret, no address and no text.

Two nets, because either alone has holes: keys whose name announces something private are hidden
whatever they hold, and strings are searched for what looks like a secret whatever their key. The
messages of exceptions are left out in JSON: a database error quotes the row, a validation error the input.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from functools import lru_cache
from json import JSONEncoder
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"

_PRIVATE_WORDS = frozenset(
    {
        "address",
        "addresses",
        "authorization",
        "body",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "csrf",
    }
    | {"email", "emails", "headers", "html", "ip", "jwt", "key", "mail", "markdown", "pass", "passphrase"}
    | {"password", "passwords", "passwd", "plain", "pwd", "query", "quote", "recipient", "secret", "secrets"}
    | {"signature", "text", "texts", "token", "tokens", "url"}
)
_PUBLIC_KEYS = frozenset({"idempotency_key_present", "storage_key", "primary_key"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST = 2000
_DEEPEST = 5

_PRIVATE_SHAPES: tuple[re.Pattern[str], ...] = (
    re.compile(r"[^\s@<>\"'(),;:=]{1,64}(?:@|%40)[^\s@<>\"'(),;:=/]{1,255}"),
    re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){0,4}"),
    re.compile(r"alg_[A-Za-z0-9]+_[\w-]{4,}"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{4,}"),
    re.compile(r"\$argon2\S+"),
)
_HINTS = re.compile(r"@|%40|eyJ|alg_|earer|asic|EARER|ASIC|\$argon2")
_ENCODER = JSONEncoder(ensure_ascii=False, default=repr)


def _written(event: EventDict, **_options: Any) -> str:
    """`event` as JSON; `json.dumps` would make a new encoder for each line."""
    return _ENCODER.encode(event)


def configure_logging(level: str, json: bool, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logs through one chain to `stream` (standard error).

    `json` false writes lines for a person, with the messages of exceptions, masked; it is for development.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        plain_traceback if json else structlog.processors.format_exc_info,
        hide_private,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_written) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    numeric = logging.getLevelNamesMapping()[level.upper()]
    output = stream or sys.stderr
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.WriteLoggerFactory(file=output),
        cache_logger_on_first_use=False,
    )
    _route_standard_library(numeric, shared, renderer, output)


def _route_standard_library(level: int, shared: list[Processor], renderer: Processor, output: TextIO) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        use_get_message=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # Our own line replaces uvicorn's, which holds the path, the query and the address.
    logging.getLogger("uvicorn.access").handlers.clear()
    logging.getLogger("uvicorn.access").propagate = False
    for name in ("httpx", "httpcore", "multipart", "python_multipart"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def hide_private(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide the values of keys that announce something private, and what looks private in any string."""
    return {key: _hidden(key, value, 0) for key, value in event.items()}


def masked(text: str) -> str:
    """`text` without what looks like a mail address, a token, a password hash or a key, and not too long."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    if _HINTS.search(text):
        for shape in _PRIVATE_SHAPES:
            text = shape.sub(HIDDEN, text)
    return text


@lru_cache(maxsize=1024)
def is_private_key(key: str) -> bool:
    """Whether a key announces a secret, an address or a text (`access_token`, `mailTo`, `body`)."""
    if key in _PUBLIC_KEYS:
        return False
    return not _PRIVATE_WORDS.isdisjoint(word.lower() for word in _WORDS.findall(key))


def _hidden(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if (key != "event" and is_private_key(key)) or depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {masked(str(inner)): _hidden(str(inner), item, depth + 1) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", item, depth + 1) for item in value]
    # Keys that begin with an underscore are structlog's own, taken away before anything is written.
    return value if isinstance(value, int | float) or key.startswith("_") else masked(str(value))


def plain_traceback(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by types and places of the chain of exceptions: no messages, no local values."""
    failure = _exception(event.pop("exc_info", None))
    chain: list[dict[str, Any]] = []
    while failure is not None and len(chain) < 5:
        link: dict[str, Any] = {
            "type": f"{type(failure).__module__}.{type(failure).__qualname__}",
            "at": _places(failure.__traceback__),
        }
        if isinstance(sqlstate := getattr(failure, "sqlstate", None), str):
            link["sqlstate"] = sqlstate
        chain.append(link)
        failure = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    if chain:
        event["exception"] = chain
    return event


def _exception(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        failure = exc_info[1]
        return failure if isinstance(failure, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-20:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
