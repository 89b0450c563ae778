"""Send pages compressed: a third of the bytes, for a millisecond of work.

Only whole HTML answers. JSON stays as it is (programs ask for little at a time), streams must arrive as they are
written, files of `/static` are compressed in advance. What is secret on a page (the token against forged requests) is
masked anew in every answer, or compression would let it be guessed from lengths (BREACH).
"""

from __future__ import annotations

import gzip
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 5
SMALLEST = 1000
"""Bytes: below, the answer fits one packet anyway."""

_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?P<q>[0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)
_WORTHLESS = re.compile(r"0(?:\.0*)?")


def accepts_gzip(header: str) -> bool:
    """Whether an `Accept-Encoding` takes gzip."""
    found = _GZIP.search(header)
    return found is not None and not _WORTHLESS.fullmatch(found["q"] or "1")


class Compression:
    """ASGI middleware, around the routes: compress a whole `text/html` answer for whoever takes gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the head of an HTML answer until its body says whether it is whole."""
        if scope["type"] != "http" or scope["path"].startswith(
            "/api/"
        ):  # files of editions are sent as they are stored
            await self.app(scope, receive, send)
            return
        accepted = accepts_gzip(",".join(v.decode("latin-1") for n, v in scope["headers"] if n == b"accept-encoding"))
        held: list[Message] = []

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                held.append(message)
                return
            if held and message["type"] == "http.response.body":
                start = held.pop()
                body = message.get("body", b"")
                if accepted and len(body) >= SMALLEST and not message.get("more_body", False):
                    body = gzip.compress(body, LEVEL, mtime=0)
                    message = {**message, "body": body}
                    start = {**start, "headers": _compressed(start["headers"], len(body))}
                await send({**start, "headers": [*start["headers"], (b"vary", b"Accept-Encoding")]})
            await send(message)

        await self.app(scope, receive, watched)


def _is_html(start: Message) -> bool:
    headers = dict(start.get("headers", ()))
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


def _compressed(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """The same, for the shorter bytes: an `ETag` of exact bytes becomes weak."""
    said = [(name, value) for name, value in headers if name not in {b"content-length", b"etag"}]
    said += [(n, v if v.startswith(b"W/") else b"W/" + v) for n, v in headers if n == b"etag"]
    return [*said, (b"content-length", str(length).encode()), (b"content-encoding", b"gzip")]
