"""Bodies that the application reads itself: which addresses, and what a client that is refused early is told."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.web.limits import BodyLimit, Limits

STREAMED = {"/api/things/*/files": BodyLimit(5_000_000, streamed=True)}


class Asked:
    """One request with a body of many pieces: what the application does with it, and what the client is sent."""

    def __init__(self, path: str, pieces: int = 8) -> None:
        headers = [(b"content-type", b"multipart/form-data"), (b"transfer-encoding", b"chunked")]
        self.scope: Scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
        self.left, self.sent = pieces, list[dict[str, Any]]()

    async def receive(self) -> Message:
        self.left -= 1
        return {"type": "http.request", "body": b"a" * 300_000, "more_body": self.left > 0}

    async def send(self, message: Message) -> None:
        self.sent.append(dict(message))


async def _answers_at_once(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"nothing here"})


async def _reads_all(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await _answers_at_once(_scope, receive, send)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/things/1/files", 404),
        ("/api/things/a-b-c/files", 404),
        ("/api/things/1/2/files", 413),
        ("/api/things//files", 413),
        ("/api/things/1/notes", 413),
        ("/else/api/things/1/files", 413),
    ],
)
async def test_a_star_is_one_segment(path: str, status: int) -> None:
    asked = Asked(path)
    await Limits(_reads_all, by_prefix=STREAMED)(asked.scope, asked.receive, asked.send)
    assert asked.sent[0]["status"] == status


async def test_one_who_is_refused_early_reads_the_answer_before_the_connection_ends() -> None:
    asked = Asked("/api/things/1/files")
    await Limits(_answers_at_once, by_prefix=STREAMED)(asked.scope, asked.receive, asked.send)
    start, body, end = asked.sent
    assert (b"connection", b"close") in start["headers"]
    assert (body["body"], body["more_body"]) == (b"nothing here", True)
    assert (end["body"], end["more_body"]) == (b"", False)
    assert asked.left <= 0, "what was on its way was taken in"


async def test_one_whose_body_was_read_keeps_the_connection() -> None:
    asked = Asked("/api/things/1/files")
    await Limits(_reads_all, by_prefix=STREAMED)(asked.scope, asked.receive, asked.send)
    assert asked.sent[0]["headers"] == []
    assert len(asked.sent) == 2
