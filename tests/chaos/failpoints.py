"""The real service, which kills its own process at the point that a request's `X-Failpoint` names.

before-commit   the work is done, nothing is committed
after-commit    the transaction is committed, the answer has not begun to leave
after-answer    the client has the whole answer
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextvars import ContextVar
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.main import create_app

POINTS = ("before-commit", "after-commit", "after-answer")
HEADER = "x-failpoint"

_wanted: ContextVar[str] = ContextVar("wanted", default="")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Failpoints:
    """Outermost: what it holds back has not left the process."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Remember what the request asks for, and die at its answer where that was asked."""
        headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        point = headers.get(HEADER.encode(), b"").decode()
        _wanted.set(point)

        async def watched(message: Message) -> None:
            if point == "after-commit" and message["type"] == "http.response.start":
                _die()
            await send(message)
            if point == "after-answer" and message["type"] == "http.response.body" and not message.get("more_body"):
                await asyncio.sleep(0.1)  # the bytes are on their way
                _die()

        await self.app(scope, receive, watched)


def create() -> FastAPI:
    """The application with its failpoints."""
    app = create_app()
    app.add_middleware(Failpoints)

    @event.listens_for(Session, "before_commit")
    def _before_commit(session: Any) -> None:
        if _wanted.get() == "before-commit":
            session.flush()
            _die()

    return app
