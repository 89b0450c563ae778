"""HTTP/1.1 below the application: how long, how large and how many, before any of our code is called.

uvicorn calls the application when the headers are complete and not before: it holds a half-sent head for
ever, answers a head of 300 kB, appends the trailers of a chunked body to the headers that the
application reads, and takes one that leaves its answer unread. httptools is kept (h11 costs about
three times its time a request); llhttp refuses by itself both framings at once, obsolete folding and bare
line feeds, and what it lets through is refused in `_head_fault`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.web.refusals import (
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    MALFORMED_REQUEST,
    TOO_MANY_CONNECTIONS,
    UNSUPPORTED_VERSION,
    Refusal,
    new_request_id,
    on_the_wire,
)

log = structlog.get_logger("alliage.protocol")

_LEFTOVER_BYTES = 1_048_576
_LINGER_SECONDS = 1.0
_LINGERING_AT_MOST = 64
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one connection, and all of them in one process, may cost. Sizes in bytes, times in seconds."""

    head_bytes: int = 32_768
    head_fields: int = 100
    head_seconds: float = 10.0
    unread_seconds: float = 30.0
    connections: int = 512


class _HeadRefused(Exception):
    pass


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's httptools protocol with bounds, taken from `config.connection_limits` (`app.web.server`)."""

    lingering: ClassVar[int] = 0
    """Refused connections of this process that are being given time to read why."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits: ConnectionLimits = getattr(config, "connection_limits", ConnectionLimits())
        self.idle_since = self.loop.time()
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._fault: Refusal | None = None
        self._deaf = False
        self._lingers = False
        self._in_head = True
        self._heads = 0
        self._head_bytes = 0
        self._head_fields = 0
        self._open_bytes = 0
        self._leftover_bytes = 0

    @property
    def is_idle(self) -> bool:
        """No request is being answered: the connection is new, kept alive, or in the middle of a head."""
        return self.cycle is None or self.cycle.response_complete

    # Connections: how many, and what they owe us

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, make room for it, or say that there is none."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._take_place_of_idle():
            self.connections.discard(self)
            self._refuse(TOO_MANY_CONNECTIONS)
            return
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget every timer with the connection."""
        self._disarm()
        self._watch_reader(False)
        # uvicorn leaves this one running when the connection ends by an error.
        self._unset_keepalive_if_required()
        if self._lingers:
            self._lingers = False
            BoundedProtocol.lingering -= 1
        super().connection_lost(exc)

    def _take_place_of_idle(self) -> bool:
        """Drop the connection that has been idle longest: holding many of them must not lock others out."""
        idle = [
            other
            for other in self.connections
            if isinstance(other, BoundedProtocol) and other is not self and other.is_idle
        ]
        oldest = min(idle, key=lambda other: other.idle_since, default=None)
        if oldest is None or self.loop.time() - oldest.idle_since < _GRACE_SECONDS:
            return False
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True

    def _arm(self) -> None:
        if self._deadline is None and not self._deaf:
            self._deadline = self.loop.call_later(self.limits.head_seconds, self._on_deadline)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if self._in_head and (self._head_bytes or self._open_bytes):
            self._refuse(HEAD_TOO_SLOW)
        else:
            # Nothing was asked, or the rest of a body that was already answered: nobody waits for a word.
            self.transport.close()

    # What arrives

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and count what it has not yet made a head of."""
        if self._deaf:
            self._discard(len(data))
            return
        self._unset_keepalive_if_required()
        heads, in_head = self._heads, self._in_head
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # no other protocol is spoken here; the request was answered as plain HTTP
        except httptools.HttpParserError:
            self._refuse(self._fault or MALFORMED_REQUEST)
            return
        if in_head and self._in_head and self._heads == heads:
            # A field that never ends reaches no callback: what was fed is all there is to count.
            self._open_bytes += len(data)
            if self._open_bytes > self.limits.head_bytes:
                self._refuse(HEAD_TOO_LARGE)
                return
        if self.is_idle and not self.transport.is_closing():
            self._arm()

    def on_message_begin(self) -> None:
        """A new head."""
        super().on_message_begin()
        self._head_bytes = 0
        self._head_fields = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; trailers are counted and dropped, for nothing that guards us has seen them."""
        self._head_fields += 1
        self._count(len(name) + len(value) + 4)
        if self._in_head:
            super().on_header(name, value)

    def _count(self, length: int) -> None:
        self._head_bytes += length
        if self._head_bytes > self.limits.head_bytes or self._head_fields > self.limits.head_fields:
            self._stop_parser(HEAD_TOO_LARGE)

    def _stop_parser(self, refusal: Refusal) -> None:
        self._fault = refusal
        raise _HeadRefused(refusal.slug)

    def on_headers_complete(self) -> None:
        """The head is whole: from here on time belongs to the application."""
        fault = self._head_fault()
        if fault is not None:
            self._stop_parser(fault)
        super().on_headers_complete()
        self._disarm()
        self._in_head = False
        self._heads += 1
        self._open_bytes = 0
        self._leftover_bytes = 0

    def _head_fault(self) -> Refusal | None:
        """What llhttp accepts and a proxy in front of us might read otherwise (RFC 9112, 3.2 and 6.1)."""
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            return UNSUPPORTED_VERSION
        hosts = codings = 0
        chunked = True
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                codings += 1
                chunked = value.strip().lower() == b"chunked"
        if codings > 1 or not chunked or (codings and version == "1.0"):
            return MALFORMED_REQUEST
        return MALFORMED_REQUEST if hosts > 1 or (hosts == 0 and version == "1.1") else None

    def on_body(self, body: bytes) -> None:
        """A piece of the body; of a body whose answer is already given, only so much is swallowed."""
        if self.cycle.response_complete:
            self._leftover_bytes += len(body)
            if self._leftover_bytes > _LEFTOVER_BYTES:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; what follows is another head."""
        super().on_message_complete()
        self._disarm()
        self._in_head = True
        self._head_bytes = 0
        self._head_fields = 0

    def on_response_complete(self) -> None:
        """The answer is given: silence is now uvicorn's keep-alive to time, and whatever comes arms ours."""
        self.idle_since = self.loop.time()
        super().on_response_complete()

    # What leaves

    def pause_writing(self) -> None:
        """The client does not read: it has `unread_seconds` to go on."""
        super().pause_writing()
        self._watch_reader(True)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._watch_reader(False)

    def _watch_reader(self, stalled: bool) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if stalled:
            self._unread = self.loop.call_later(self.limits.unread_seconds, self.transport.abort)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer below the application, in the only order that the client can understand, and hang up."""
        self._disarm()
        request_id = new_request_id()
        log.info("connection.refused", reason=refusal.slug, status=refusal.status, request_id=request_id)
        if self.is_idle:
            self._last_words(on_the_wire(refusal, request_id))
        elif self._in_head:
            # A pipelined request is at fault: the ones before it keep their answers, then the door closes.
            self._deaf = True
            self.cycle.keep_alive = False
        elif self.cycle.response_started or self.pipeline:
            self.transport.abort()
        else:
            # The body of the request being answered is at fault: the application learns that the client left.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._last_words(on_the_wire(refusal, request_id))

    def _last_words(self, payload: bytes) -> None:
        # Closing on unread data resets the connection, and the client may never read why.
        self._deaf = True
        if self.transport.is_closing():
            return
        self.transport.write(payload)
        if BoundedProtocol.lingering >= _LINGERING_AT_MOST:
            self.transport.close()
            return
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._lingers = True
        BoundedProtocol.lingering += 1
        self._deadline = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _discard(self, length: int) -> None:
        self._leftover_bytes += length
        if self._leftover_bytes > _LEFTOVER_BYTES:
            if self._lingers:
                self.transport.abort()
            else:
                self.flow.pause_reading()
