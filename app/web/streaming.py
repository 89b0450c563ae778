"""Server-sent events: an answer that lasts, behind the same shell as the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from app.web.headers import ASKED_FOR_ITS_HEAD

HEARTBEAT = 15  # seconds
PATIENCE = 20.0  # seconds that a client may take to read what waits for it
HEADERS = {"Cache-Control": "no-store", "Vary": "Authorization, Cookie", "X-Accel-Buffering": "no"}


class LiveResponse(EventSourceResponse):
    """The events of one page, with a comment every `HEARTBEAT` seconds; `close` is called whatever ends it."""

    def __init__(self, events: AsyncIterator[dict[str, Any]], close: Callable[[], None]) -> None:
        super().__init__(
            events,
            headers=HEADERS,
            ping=HEARTBEAT,
            ping_message_factory=lambda: ServerSentEvent(comment="ici"),
            sep="\n",
            send_timeout=PATIENCE,
        )
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the events end, the client leaves or reads no more, or the service stops."""
        try:
            if scope.get(ASKED_FOR_ITS_HEAD):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": b""})
                return
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            return  # the server cuts the connection: an answer that ends before its end
        finally:
            self._close()
