"""What a reader of pages is shown when something is refused: their form again with every word of it, or a page that says why."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
from fastapi import Request, Response
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message

from app.core.errors import Problem
from app.web.auth import SignedOut
from app.web.away import FOR_READERS, Away
from app.web.forms import OURS, Refused, texts
from app.web.framing import bare_frame
from app.web.templates import render
from app.web.told import words_of
from app.web.waiting import Waiting, waiting_in

AGAIN = {400, 401, 403, 409, 412, 413, 422, 428, 429, 503}
"""Refusals after which the form is shown anew."""


def wants_page(request: Request) -> bool:
    """Whether who asked reads pages; an address of the API that is opened in a browser answers in words too."""
    reads = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return reads and (request.method == "GET" or not request.url.path.startswith("/api/"))


async def shown(request: Request, problem: Problem, said: dict[str, Any]) -> Response:
    """The page of a refusal."""
    if isinstance(problem, Away):
        return _away(request, said["request_id"])
    where: str | None = getattr(request.state, "again", None)
    form = getattr(request.state, "form", None)
    values = texts(form) if form is not None else {}
    # A login that is over is answered by the sign-in, which carries the form along; a wrong password by its own form.
    over = "hx-request" in request.headers
    if (
        where
        and problem.status in AGAIN
        and not isinstance(problem, SignedOut)
        and not (over and problem.status == 401)
    ):
        again = await _form_again(request, _shown_on(request, where, values), Refused(problem, values))
        if again is not None and _holds(again, problem, _waiting(request, values)):
            return again
    if problem.status == 401 and request.method == "GET" and "hx-request" not in request.headers:
        return _to_sign_in(request)
    frame = getattr(request.state, "frame", None) or bare_frame(request)
    answer = render(
        "errors/signed_out.html" if problem.status == 401 else "errors/problem.html",
        {
            "frame": frame,
            "words": words_of(problem),
            "problem": problem,
            "request_id": said["request_id"],
            "wait": _waiting(request, values),
            "new_key": lambda: str(uuid4()),
            "over": over,
            "space_id": _asks_for(request),
            "back": int(problem.headers.get("Retry-After", 0)),
        },
        block="dialog" if over else "",
        status=problem.status,
    )
    answer.headers.update({"Cache-Control": "no-store", **problem.headers})
    return answer


def _shown_on(request: Request, again: str, values: dict[str, list[str]]) -> str:
    """The page of the form: the one that it was sent from, where its route takes its word for it."""
    came = (values.get("vers") or [""])[0].partition("#")[0]
    known: str = getattr(request.state, "sent_from", None) or ""
    return came if known and re.fullmatch(known, came) else again.format(**request.path_params)


def _holds(page: Response, problem: Problem, wait: Waiting) -> bool:
    """Whether a page made anew still shows every word that was sent: what was closed meanwhile shows no form any more."""
    if problem.status not in (403, 409):
        return True
    shown = bytes(page.body).decode()
    return all(str(escape(words)) in shown for words in wait.words)


def _away(request: Request, request_id: str | None) -> Response:
    """The page of a service whose database is away: it needs none, and holds what was sent, to be sent again."""
    form = getattr(request.state, "form", None)
    values = texts(form) if form is not None else {}
    over = "hx-request" in request.headers
    answer = render(
        "errors/away.html",
        {
            "frame": bare_frame(request),
            "wait": _waiting(request, values),
            "resend": _whole(request, values),
            "method": request.method,
            "request_id": request_id,
            "over": over,
        },
        block="dialog" if over else "",
        status=Away.status,
    )
    answer.headers.update({"Cache-Control": "no-store", "Retry-After": FOR_READERS})
    return answer


def _whole(request: Request, values: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
    """The fields of a form as they were sent, token and key too; none where one is a password or a file, which no page repeats."""
    secret = any("password" in name for name in values)
    with_file = request.headers.get("content-type", "").startswith("multipart/")
    return () if secret or with_file else tuple((name, value) for name, sent in values.items() for value in sent)


def _waiting(request: Request, values: dict[str, list[str]]) -> Waiting:
    """The form that was refused, to be carried along; never a password."""
    if request.url.path.startswith("/connexion"):
        return waiting_in(values)
    query = f"?{request.url.query}" if request.url.query else ""
    left_out = {name for name in values if name in OURS or "password" in name}
    return Waiting(
        tuple((name, value) for name, sent in values.items() if name not in left_out for value in sent),
        f"{request.url.path}{query}",
        values.get("idempotency_key", [""])[0],
    )


def _asks_for(request: Request) -> str:
    """The space of the address, where its reader sees it from outside and may ask to be let in."""
    space_id, actor = request.path_params.get("space_id"), getattr(request.state, "actor", None)
    outside = actor is not None and actor.signed_in and str(space_id) in map(str, actor.outer_spaces)
    return str(space_id) if outside else ""


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
        except (Problem, SQLAlchemyError, psycopg.Error):
            return None
    if start.get("status") != 200:
        return None
    headers_made = {name.decode(): value.decode() for name, value in start["headers"] if name != b"content-length"}
    return Response(bytes(body), status_code=refused.problem.status, headers=headers_made | refused.problem.headers)
