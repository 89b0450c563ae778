"""A tiny application to attack, with the shell or, for the negative controls, without it.

`python -m tests.web.attacked PORT guarded|naked`; the limits are short so that the tests are.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from app.web.client_address import client_address
from app.web.limits import BodyLimit
from app.web.protocol import ConnectionLimits
from app.web.server import run
from app.web.shell import add_shell

HEAD_SECONDS = 1.0
BODY_SECONDS = 1.0
CONNECTIONS = 260
LIMITS = ConnectionLimits(head_seconds=HEAD_SECONDS, unread_seconds=1.0, connections=CONNECTIONS)

router = APIRouter(prefix="/api")
nested = APIRouter(prefix="/things/{thing_id}")


@nested.get("/parts/{part}")
async def read_part(thing_id: str, part: str) -> str:
    return thing_id + part


@router.get("/ping")
async def ping() -> str:
    return "pong"


@router.post("/json")
async def read_json(payload: dict[str, Any] | list[Any], request: Request) -> dict[str, Any]:
    return {"length": len(payload), "headers": sorted(request.headers.keys())}


@router.post("/form")
async def read_form(a: Annotated[list[str], Form()]) -> int:
    return len(a)


@router.post("/upload")
async def upload(request: Request) -> int:
    return sum([len(piece) async for piece in request.stream()])


@router.post("/upload/careless")
async def careless(request: Request) -> str:
    try:
        await request.body()
    except Exception:  # noqa: BLE001 - what frameworks do
        return "swallowed"
    return "read"


@router.post("/deaf")
async def deaf() -> str:
    """Answers without reading its body."""
    return "done"


@router.get("/slow")
async def slow(seconds: float = 0.3) -> str:
    await asyncio.sleep(seconds)
    return "slow"


@router.get("/big")
async def big() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(800):
            yield b"x" * 65536

    return StreamingResponse(pieces())


@router.get("/fail")
async def fail() -> None:
    local_secret = "alg_pat_" + "A" * 49
    structlog.get_logger().info("about to fail", email="camille@exemple.fr", note=f"with {local_secret}")
    raise RuntimeError("row of camille@exemple.fr", local_secret)


@router.get("/fail-late")
async def fail_late() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("too late")

    return StreamingResponse(pieces())


@router.get("/page")
async def page() -> HTMLResponse:
    return HTMLResponse("<p>bonjour</p>", headers={"Content-Security-Policy": "default-src 'self'"})


@router.get("/who")
async def who(request: Request) -> Response:
    request.state.caller_kind = "visitor"
    return PlainTextResponse(client_address(request.scope, frozenset({"127.0.0.1"})))


def create_naked() -> FastAPI:
    """The application alone."""
    app = FastAPI()
    app.include_router(nested, prefix="/api/v1")
    app.include_router(router)
    return app


def create_guarded() -> FastAPI:
    """The application behind the shell."""
    app = create_naked()
    add_shell(
        app,
        body=BodyLimit(seconds=BODY_SECONDS),
        by_prefix={"/api/upload": BodyLimit(8_388_608, BODY_SECONDS, streamed=True)},
    )
    return app


def main(port: int, kind: str) -> None:
    if kind == "naked":
        uvicorn.run(create_naked(), port=port, http="httptools", loop="uvloop", ws="none", log_level="warning")
    else:
        run("tests.web.attacked:create_guarded", port=port, connection_limits=LIMITS, keep_alive_seconds=2)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
