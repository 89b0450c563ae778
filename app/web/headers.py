"""Give every answer its request identifier and the headers that keep a browser on its guard."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.i18n import speak
from app.web.cookies import display_of, language_of
from app.web.refusals import SAFE_HEADERS, accepted_request_id

ASKED_FOR_ITS_HEAD = "alliage.head"
"""In the scope of a GET that is a HEAD: an answer that would last ends at once."""


class SafeHeaders:
    """ASGI middleware, the outermost: whatever answers inside, its answer leaves through here.

    The identifier is in `scope["state"]["request_id"]`. A header that the answer already carries is
    left alone, so a page sets its own Content-Security-Policy; one that forgets gets the strictest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = accepted_request_id(
            next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        )
        scope.setdefault("state", {})["request_id"] = request_id
        wanted = ((b"x-request-id", request_id.encode("ascii")), *SAFE_HEADERS)

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                present = {name.lower() for name, _ in headers}
                headers += [header for header in wanted if header[0] not in present]
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, completed)


class Languages:
    """ASGI middleware: a page is answered in the language of its reader; the API speaks French (docs/adr/0003)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose, for this request."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            speak("fr" if scope["path"].startswith("/api/") else language_of(connection, display_of(connection)))
        await self.app(scope, receive, send)


class Heads:
    """ASGI middleware: HEAD is answered wherever GET is, with its headers and no body. FastAPI answers 405."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as GET, and keep the body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked = {**scope, "method": "GET", ASKED_FOR_ITS_HEAD: True}  # the server itself reads the method of `scope`
        await self.app(asked, receive, without_body)
        scope.update(asked | {"method": "HEAD"})  # the log says which route it was
