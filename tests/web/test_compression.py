"""Pages are compressed when they are whole; nothing else is."""

from __future__ import annotations

import gzip

import httpx
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.compression import Compression, accepts_gzip

LONG = "<p>" + "mot " * 1000


async def _get(answer: Response, accept: str = "gzip, br") -> tuple[httpx.Headers, bytes]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    inside: ASGIApp = Compression(app)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app=inside), base_url="http://test") as client,
        client.stream("GET", "/", headers={"Accept-Encoding": accept}) as got,
    ):
        return got.headers, b"".join([part async for part in got.aiter_raw()])


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br", False),
        ("", False),
        ("xgzip", False),
    ],
)
def test_what_the_caller_takes(header: str, taken: bool) -> None:
    assert accepts_gzip(header) is taken


async def test_a_page_is_compressed_and_says_so() -> None:
    headers, body = await _get(HTMLResponse(LONG, headers={"ETag": '"v1-abc"'}))
    assert gzip.decompress(body).decode() == LONG
    assert len(body) < 200
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(body))
    assert headers["etag"] == 'W/"v1-abc"'
    assert headers["vary"] == "Accept-Encoding"


async def test_whoever_does_not_take_it_gets_the_page_as_it_is() -> None:
    headers, body = await _get(HTMLResponse(LONG), accept="identity")
    assert body.decode() == LONG
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"


async def _parts() -> object:
    yield LONG
    yield LONG


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<p>court"),
        JSONResponse([LONG]),
        StreamingResponse(_parts(), media_type="text/html"),  # type: ignore[arg-type]
        StreamingResponse(_parts(), media_type="text/event-stream"),  # type: ignore[arg-type]
        HTMLResponse(gzip.compress(LONG.encode()), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["short", "json", "streamed page", "events", "compressed already"],
)
async def test_nothing_else_is(answer: Response) -> None:
    headers, body = await _get(answer)
    assert b"\x1f\x8b" not in body[:2] or headers.get("content-encoding") == "gzip"
    assert body.count(b"mot ") in {0, 1000, 2000}
    assert "content-encoding" not in headers or body == getattr(answer, "body", b"")


async def test_a_real_page_is_smaller_on_the_way(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/api", headers={"Accept-Encoding": "gzip"}) as got:
        sent = b"".join([part async for part in got.aiter_raw()])
    assert len(sent) < len(gzip.decompress(sent)) / 3
    assert int((await client.head("/api", headers={"Accept-Encoding": "gzip"})).headers["content-length"]) == len(sent)
