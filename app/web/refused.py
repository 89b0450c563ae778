"""What a reader of pages is shown when something is refused: their form again with every word of it, or a page that says why."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import Request, Response
from starlette.types import Message

from app.core.errors import Problem
from app.web.auth import SignedOut
from app.web.forms import OURS, Refused, texts
from app.web.framing import bare_frame
from app.web.templates import render

AGAIN = {400, 401, 403, 409, 412, 422, 428, 429, 503}
"""Refusals after which the form is shown anew."""


def wants_page(request: Request) -> bool:
    """Whether who asked reads pages; an address of the API that is opened in a browser answers in words too."""
    reads = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return reads and (request.method == "GET" or not request.url.path.startswith("/api/"))


async def shown(request: Request, problem: Problem, said: dict[str, Any]) -> Response:
    """The page of a refusal."""
    where: str | None = getattr(request.state, "again", None)
    form = getattr(request.state, "form", None)
    values = texts(form) if form is not None else {}
    # A login that is over is answered by the sign-in, which carries the form along; a wrong password by its own form.
    if where and problem.status in AGAIN and not isinstance(problem, SignedOut):
        again = await _form_again(request, where.format(**request.path_params), Refused(problem, values))
        if again is not None:
            return again
    if problem.status == 401 and request.method == "GET" and "hx-request" not in request.headers:
        return _to_sign_in(request)
    frame = getattr(request.state, "frame", None) or bare_frame(request)
    kept = [(name, value) for name, sent in values.items() if name not in OURS for value in sent]
    answer = render(
        "errors/signed_out.html" if problem.status == 401 else "errors/problem.html",
        {
            "frame": frame,
            "problem": said,
            "extensions": problem.extensions,
            "kept": kept,
            "action": f"{request.url.path}{'?' + request.url.query if request.url.query else ''}",
            "sent_key": values.get("idempotency_key", [""])[0],
            "new_key": lambda: str(uuid4()),
        },
        block="dialog" if "hx-request" in request.headers else "",
        status=problem.status,
    )
    answer.headers.update({"Cache-Control": "no-store", **problem.headers})
    return answer


def _to_sign_in(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    where = urlencode({"vers": f"{request.url.path}{query}"}, quote_via=quote)
    return Response(status_code=303, headers={"Location": f"/connexion?{where}", "Cache-Control": "no-store"})


async def _form_again(request: Request, address: str, refused: Refused) -> Response | None:
    """The page of the form as its GET makes it, with the refusal in hand; None where that page itself is refused.

    It has its own reading connection and learns anew who reads: the transaction of the refusal is undone by now.
    """
    path, _, query = address.partition("?")
    kept = {
        name: request.scope["state"][name] for name in ("request_id", "caller_kind") if name in request.scope["state"]
    }
    headers = [
        (name, value) for name, value in request.scope["headers"] if name not in (b"content-length", b"content-type")
    ]
    scope = {
        **{name: value for name, value in request.scope.items() if name not in ("path_params", "route", "endpoint")},
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "state": {**kept, "refused": refused},
    }
    start: dict[str, Any] = {}
    body = bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    async with AsyncExitStack() as stack:
        scope["fastapi_middleware_astack"] = stack
        try:
            await request.app.router(scope, receive, send)
        except Problem:
            return None
    if start.get("status") != 200:
        return None
    headers_made = {name.decode(): value.decode() for name, value in start["headers"] if name != b"content-length"}
    return Response(bytes(body), status_code=refused.problem.status, headers=headers_made | refused.problem.headers)
