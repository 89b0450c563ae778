"""Bound what one request may cost, before anything of it is parsed or anybody is authenticated.

Pure ASGI on purpose: an error raised under `BaseHTTPMiddleware` turns into a 500, and a `Request`
subclass would bound only the routes that use it, after their dependencies have opened a transaction.

A body is *collected* here, whole, within its limits, before the application is called: a client that
sends one byte a second holds no transaction and no task of ours but this one, and JSON can be looked
at once for every route (`bounded_json`). Prefixes declared `streamed` (uploads) are counted and timed
while the application reads them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings
from app.web.answering import answer
from app.web.bounded_json import bounded_json
from app.web.refusals import (
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    MALFORMED_REQUEST,
    MALFORMED_URI,
    TOO_MANY_BODIES,
    URI_TOO_LONG,
    Refusal,
)

_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")
_DRAIN_SECONDS = 1.0
_DRAIN_BYTES = 4_194_304
_DRAIN_PAUSE = 0.01  # seconds between two reads: whoever floods is read slowly, and the others meanwhile


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """What a body may cost: `size` in bytes, `seconds` to arrive in; `streamed` bodies are not held here."""

    size: int = 1_048_576
    seconds: float = 30.0
    streamed: bool = False


def uploads(settings: Settings) -> BodyLimit:
    """What a form with one file may cost: the file, and the fields beside it."""
    return BodyLimit(settings.attachment_bytes + settings.body_limit_bytes, settings.attachment_seconds, streamed=True)


@dataclass(slots=True)
class _Announced:
    """What the headers say of the body that follows."""

    length: bytes | None = None
    chunked: bool = False
    json: bool = False
    expects_continue: bool = False
    scope: Scope = field(default_factory=dict)


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.slug)
        self.refusal = refusal


class Limits:
    """ASGI middleware: size, pace and shape of the body, length and spelling of the address."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        body: BodyLimit = BodyLimit(),
        by_prefix: Mapping[str, BodyLimit] | None = None,
        query_bytes: int = 8192,
        json_depth: int = 32,
        held_bytes: int = 16_777_216,
    ) -> None:
        """`by_prefix`: path prefix (`*` is any one segment) to its limit, the longest wins; `held_bytes`: all collected bodies."""
        self.app = app
        self.body = body
        longest_first = sorted((by_prefix or {}).items(), key=lambda pair: -len(pair[0]))
        self.by_prefix = [(_pattern(prefix), limit) for prefix, limit in longest_first]
        self.query_bytes = query_bytes
        self.json_depth = json_depth
        self.held_bytes = held_bytes
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or call the application with a body that keeps its bounds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = _announced(scope)
        limit = self._limit_for(scope["path"], announced)
        refusal = self._refused_address(scope) or _refused_length(announced, limit)
        if refusal is not None:
            await _refuse(refusal, announced, receive, send)
        elif not _has_body(announced):
            await self.app(scope, receive, send)
        elif limit.streamed:
            await _Streamed(limit, announced, receive, send).run(self.app, scope)
        else:
            await self._collected(limit, announced, scope, receive, send)

    def _limit_for(self, path: str, announced: _Announced) -> BodyLimit:
        for prefix, limit in self.by_prefix:
            if prefix.match(path):
                # JSON is always looked at, so it is never streamed past, whatever the prefix allows.
                return self.body if limit.streamed and announced.json else limit
        return self.body

    def _refused_address(self, scope: Scope) -> Refusal | None:
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope["query_string"]
        if len(path) > self.query_bytes or len(query) > self.query_bytes:
            return URI_TOO_LONG
        if not path.startswith(b"/") or b"\0" in path or b"%00" in query or b"\0" in query:
            return MALFORMED_URI
        return MALFORMED_URI if b"%" in path and not _is_utf8_path(path) else None

    async def _collected(
        self, limit: BodyLimit, announced: _Announced, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = bytearray()
        held_before = 0
        try:
            try:
                async with asyncio.timeout(limit.seconds):
                    while True:
                        message = await receive()
                        if message["type"] == "http.disconnect":
                            return
                        body += message.get("body", b"")
                        self._held += len(body) - held_before
                        held_before = len(body)
                        refusal = self._refused_so_far(len(body), limit)
                        if refusal is not None or not message.get("more_body", False):
                            break
            except TimeoutError:
                refusal = BODY_TOO_SLOW
            arrived = bytes(body)
            del body
            if refusal is None and announced.json:
                refusal = bounded_json(arrived, depth=self.json_depth)
                if refusal is not None:
                    await answer(send, refusal, scope)
                    return
            if refusal is not None:
                await _refuse(refusal, announced, receive, send)
                return
            await self.app(scope, _replay(arrived, receive), send)
        finally:
            self._held -= held_before

    def _refused_so_far(self, length: int, limit: BodyLimit) -> Refusal | None:
        if length > limit.size:
            return BODY_TOO_LARGE
        return TOO_MANY_BODIES if self._held > self.held_bytes else None


class _Streamed:
    """One request whose body the application reads itself, counted and timed as it does."""

    def __init__(self, limit: BodyLimit, announced: _Announced, receive: Receive, send: Send) -> None:
        self.limit = limit
        self.announced = announced
        self.receive = receive
        self.send = send
        self.deadline = asyncio.get_running_loop().time() + limit.seconds
        self.length = 0
        self.complete = False
        self.refusal: Refusal | None = None
        self.answered = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._counted, self._swapped)
        except _Refused:
            if self.answered:
                raise
        if self.refusal is not None and not self.answered:
            await _refuse(self.refusal, self.announced, self.receive, self.send)

    async def _counted(self) -> Message:
        if self.complete:
            return await self.receive()
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            raise self._refused(BODY_TOO_SLOW) from None
        self.length += len(message.get("body", b""))
        if self.length > self.limit.size:
            raise self._refused(BODY_TOO_LARGE)
        self.complete = not message.get("more_body", False)
        return message

    def _refused(self, refusal: Refusal) -> _Refused:
        self.refusal = refusal
        return _Refused(refusal)

    async def _swapped(self, message: Message) -> None:
        # A framework that catches every exception while it reads would answer 400 in our place.
        if self.refusal is not None and not self.answered:
            return
        self.answered = True
        if self.complete:
            await self.send(message)
        elif message["type"] == "http.response.start":
            # Refused before all of it was read: nothing else can be said on this connection.
            await self.send({**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]})
        elif message.get("more_body", False) or self.announced.expects_continue:
            await self.send(message)
        else:
            await self.send({**message, "more_body": True})
            await _drain(self.receive)
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})


def _pattern(prefix: str) -> re.Pattern[str]:
    return re.compile(re.escape(prefix).replace(r"\*", "[^/]+"))


def _announced(scope: Scope) -> _Announced:
    announced = _Announced(scope=scope)
    for name, value in scope["headers"]:
        if name == b"content-length":
            announced.length = value
        elif name == b"transfer-encoding":
            announced.chunked = True
        elif name == b"content-type":
            announced.json = announced.json or b"json" in value.lower()
        elif name == b"expect":
            announced.expects_continue = True
    return announced


def _has_body(announced: _Announced) -> bool:
    return announced.chunked or (announced.length is not None and announced.length.strip(b"0") != b"")


def _refused_length(announced: _Announced, limit: BodyLimit) -> Refusal | None:
    if announced.length is None:
        return None
    if not announced.length.isdigit() or len(announced.length) > 18:
        return BODY_TOO_LARGE if announced.length.isdigit() else MALFORMED_REQUEST
    return BODY_TOO_LARGE if int(announced.length) > limit.size else None


def _is_utf8_path(path: bytes) -> bool:
    if _BAD_PERCENT.search(path):
        return False
    try:
        unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """`receive` that gives `body` in one message, then waits for the client to leave."""
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


async def _refuse(refusal: Refusal, announced: _Announced, receive: Receive, send: Send) -> None:
    """Answer and close, without reading the rest of the body but for what politeness needs."""
    polite = _has_body(announced) and not announced.expects_continue
    await answer(send, refusal, announced.scope, close=True, before_end=partial(_drain, receive) if polite else None)


async def _drain(receive: Receive) -> None:
    """Closing on unread data resets the connection, and the client may lose the answer: read on for a moment,
    within bounds, while the client notices. One that waits for "100 Continue" sends nothing.
    """
    left = _DRAIN_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))
                await asyncio.sleep(_DRAIN_PAUSE)
