"""One line of log for each request, and one answer for what nobody foresaw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.metrics import count_request
from app.web.answering import answer
from app.web.refusals import INTERNAL_ERROR

log = structlog.stdlib.get_logger("alliage.access")

CLIENT_LEFT = 499
"""What the line says when the client left before any answer (nginx's number; never sent)."""


class Access:
    """ASGI middleware, just inside `SafeHeaders`, which names the request.

    The line holds the method, the template of the route (never the path, which holds identifiers, nor
    the query), the status, the time in milliseconds, the request identifier, and `caller`: what the
    authentication left in `scope["state"]["caller_kind"]` ("visitor" or "person"; "-" where nobody asked).
    An exception that reaches this point becomes a 500 that says its identifier and nothing else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, answer for it where it fails, and write the line."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = scope["state"]["request_id"]
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = CLIENT_LEFT

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            pass  # a client that leaves in the middle of its body is nobody's error; the line says 499
        except Exception:
            log.exception("request.failed", route=route_template(scope), answered=status != CLIENT_LEFT)
            # Once an answer has begun it cannot be replaced: returning makes the server cut the connection.
            if status == CLIENT_LEFT:
                await answer(watched, INTERNAL_ERROR, scope)
        except asyncio.CancelledError:
            log.warning("request.cancelled", route=route_template(scope))
            raise
        finally:
            seconds = time.perf_counter() - started
            count_request(scope["method"], route_template(scope), status, seconds)
            log.info(
                "request",
                method=scope["method"],
                route=route_template(scope),
                status=status,
                ms=round(seconds * 1000, 1),
                caller=scope["state"].get("caller_kind", "-"),
            )


def route_template(scope: Mapping[str, Any]) -> str:
    """`/api/v1/spaces/{space_id}` for the route that answered, "-" where none did.

    FastAPI leaves in `scope["route"]` the route as it was declared, without the prefixes under which its
    router was included; the whole template is in what it calls the effective context.
    """
    effective = scope.get("fastapi", {}).get("effective_route_context")
    template = getattr(effective, "path_format", None) or getattr(scope.get("route"), "path", None)
    if template is None and scope.get("root_path"):
        return f"{scope['root_path']}/*"
    return str(template or "-")
