"""R7: bodies are bounded in size, in time and in shape, before anything of them is parsed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.web.attacked import BODY_SECONDS, HEAD_SECONDS
from tests.web.conftest import Server
from tests.web.flooding import CHUNK, CHUNKED, MIB, PIECE
from tests.web.wire import (
    connect,
    exchange,
    flood,
    latencies,
    log_lines,
    p95,
    parse,
    post_json,
    read_all,
    request,
    watched_memory,
)


def announced(length: int, target: str = "/api/json") -> bytes:
    return request(target, "Content-Type: application/json", f"Content-Length: {length}", method="POST")


def test_300_mb_of_json_cost_nothing(guarded: Server) -> None:
    latencies(guarded.port, 20)
    with watched_memory(guarded.pid) as memory, connect(guarded.port) as sock:
        sock.sendall(announced(300 * MIB) + b'{"a": "')
        sent = flood(sock, PIECE, 300)
        answer = parse(read_all(sock))
    assert (answer.status, answer.problem()) == (413, "body-too-large")
    assert answer.headers["connection"] == "close"
    assert sent < 300
    assert memory.grown_mib < 20


def test_endless_chunks_cost_nothing(guarded: Server) -> None:
    latencies(guarded.port, 20)
    with watched_memory(guarded.pid) as memory, connect(guarded.port) as sock:
        sock.sendall(CHUNKED)
        sent = flood(sock, CHUNK, 300)
        answer = parse(read_all(sock))
    assert (answer.status, answer.problem()) == (413, "body-too-large")
    assert sent < 300
    assert memory.grown_mib < 20


def test_what_is_refused_is_read_slowly(guarded: Server) -> None:
    """Read as fast as it comes, a flood takes the time of the others."""
    with connect(guarded.port) as sock:
        sock.sendall(CHUNKED)
        begun = time.monotonic()
        flood(sock, CHUNK, 300)
        assert time.monotonic() - begun > 0.1


def test_control_without_the_shell_the_body_is_held(naked: Server) -> None:
    latencies(naked.port, 20)
    with watched_memory(naked.pid) as memory:
        answer = parse(exchange(naked.port, announced(60 * MIB) + b'{"a": "', PIECE * 60))
    assert answer.status == 422
    assert memory.grown_mib > 60


def test_others_are_served_while_bodies_flood(guarded: Server) -> None:
    calm, disturbed = [], []
    with watched_memory(guarded.pid) as memory:
        for _ in range(3):
            calm += latencies(guarded.port, 100)
            with attacked(guarded.port):
                disturbed += latencies(guarded.port, 100)
    # Seen with `pytest -s`.
    sys.stdout.write(
        f"p95 {p95(calm):.2f} ms calm, {p95(disturbed):.2f} under two floods: {p95(disturbed) / p95(calm):.1f} times\n"
    )
    # Alone on two cores the ratio is below 2 (docs/reliability.md); the slack is for the other workers of the suite.
    # Without the shell the server holds 600 MB, and the client waits for seconds.
    assert p95(disturbed) <= 2 * p95(calm) + 40
    assert memory.grown_mib < 20


@contextmanager
def attacked(port: int) -> Iterator[None]:
    """Two attackers beside, from the first bytes that they sent until they are stopped."""
    command = [sys.executable, "-m", "tests.web.flooding", str(port), "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as attackers:
        assert attackers.stdout is not None
        attackers.stdout.readline()
        try:
            yield
        finally:
            attackers.terminate()


def test_many_bodies_together_are_bounded(guarded: Server) -> None:
    """64 clients that each hold back the last byte of 1 MiB: together they hold 16 MiB at most."""
    whole = announced(MIB) + b"[" + b" " * (MIB - 2)

    def hold_back(_: int) -> int:
        with connect(guarded.port) as sock:
            flood(sock, whole, 1)
            return parse(read_all(sock)).status

    with watched_memory(guarded.pid) as memory, ThreadPoolExecutor(64) as pool:
        statuses = list(pool.map(hold_back, range(64)))
    assert set(statuses) <= {408, 503}
    assert 503 in statuses
    assert memory.grown_mib < 64
    assert parse(exchange(guarded.port, post_json("/api/json", b"{}"))).status == 200


@pytest.mark.parametrize("target", ["/api/json", "/api/upload", "/api/upload/careless", "/api/deaf"])
def test_a_slow_body_is_cut(guarded: Server, target: str) -> None:
    with connect(guarded.port) as sock:
        begun = time.monotonic()
        sock.sendall(request(target, "Content-Length: 100", "Content-Type: text/plain", method="POST"))
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.1):
                if flood(sock, b"1", 1) == 0:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            answer = parse(read_all(sock))
        finally:
            dripping.set()
            thread.join()
    assert (answer.status, answer.problem()) == (408, "body-too-slow")
    assert time.monotonic() - begun < BODY_SECONDS + 1.5


def test_control_without_the_shell_a_slow_body_is_awaited(naked: Server) -> None:
    with connect(naked.port, timeout=BODY_SECONDS + 1) as sock:
        sock.sendall(announced(100) + b"1")
        with pytest.raises(TimeoutError):
            sock.recv(100)


def test_a_prefix_has_its_own_limit(guarded: Server) -> None:
    accepted = request("/api/upload", "Content-Type: image/png", method="POST", body=b"a" * 3 * MIB)
    assert parse(exchange(guarded.port, accepted)).body == b"3145728"
    refused = request("/api/upload", "Content-Type: image/png", method="POST", body=b"a" * 9 * MIB)
    assert parse(exchange(guarded.port, refused)).status == 413
    # JSON is looked at wherever it goes, so there it keeps the common limit.
    json_there = request("/api/upload", "Content-Type: application/json", method="POST", body=b"[" * 3 * MIB)
    assert parse(exchange(guarded.port, json_there)).status == 413


@pytest.mark.parametrize("target", ["/api/upload", "/api/upload/careless"])
def test_a_streamed_body_is_counted(guarded: Server, target: str) -> None:
    """Even by an application that swallows what its reading raised and would answer 200."""
    with connect(guarded.port) as sock:
        sock.sendall(request(target, "Transfer-Encoding: chunked", method="POST"))
        flood(sock, CHUNK, 300)
        answer = parse(read_all(sock))
    assert (answer.status, answer.problem()) == (413, "body-too-large")


def test_5000_fields_are_refused(guarded: Server) -> None:
    body = b"&".join([b"a=1"] * 5000)
    form = "Content-Type: application/x-www-form-urlencoded"
    answer = parse(exchange(guarded.port, request("/api/form", form, method="POST", body=body)))
    assert 400 <= answer.status < 500
    answer = parse(exchange(guarded.port, request("/api/form", form, method="POST", body=body[:399])))
    assert (answer.status, answer.body) == (200, b"100")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"[" * 100_000, "json-too-deep"),
        (b'{"n": ' + b"9" * 5000 + b"}", "json-number-too-large"),
        (b'{"n": NaN}', "json-number-too-large"),
        (b'{"t": "\\ud800"}', "text-not-unicode"),
    ],
)
def test_hostile_json_is_a_422(guarded: Server, body: bytes, slug: str) -> None:
    answer = parse(exchange(guarded.port, post_json("/api/json", body)))
    assert (answer.status, answer.problem()) == (422, slug)


def test_an_ordinary_body_goes_through(guarded: Server) -> None:
    answer = parse(exchange(guarded.port, post_json("/api/json", b'{"a": [1, 2], "b": "\xc3\xa9"}')))
    assert answer.status == 200
    whole = b'{"a": "' + b"x" * (MIB - 9) + b'"}'
    assert parse(exchange(guarded.port, post_json("/api/json", whole))).status == 200
    assert parse(exchange(guarded.port, post_json("/api/json", whole + b" "))).status == 413


UNREAD = (
    b"POST /api/upload/nothing-here HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def test_the_flood_after_an_answer_ends_the_connection(guarded: Server) -> None:
    """The route answers without reading: what still comes is bounded in size."""
    with connect(guarded.port) as sock:
        sock.sendall(UNREAD)
        assert flood(sock, CHUNK, 300) < 100


def test_the_drip_after_an_answer_ends_the_connection(guarded: Server) -> None:
    """And in time, though each byte puts uvicorn's own keep-alive off."""
    with connect(guarded.port) as sock:
        sock.sendall(UNREAD)
        assert sock.recv(12) == b"HTTP/1.1 404"
        begun = time.monotonic()
        while flood(sock, b"1\r\n1\r\n", 1) and time.monotonic() - begun < HEAD_SECONDS + 3:
            time.sleep(0.1)
        assert time.monotonic() - begun < HEAD_SECONDS + 1


def test_a_client_that_leaves_is_not_an_error(guarded: Server) -> None:
    name = f"left-{uuid.uuid4()}"
    with connect(guarded.port) as sock:
        sock.sendall(request("/api/upload", "Content-Length: 50", f"X-Request-Id: {name}", method="POST") + b"1")
        time.sleep(0.1)
    time.sleep(0.2)
    lines = [line for line in log_lines(guarded.log) if line.get("request_id") == name]
    assert [(line["event"], line["status"]) for line in lines] == [("request", 499)]


def test_expect_continue(guarded: Server) -> None:
    """A body that will be refused is never asked for; another is."""
    with connect(guarded.port) as sock:
        sock.sendall(announced(300 * MIB).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert parse(read_all(sock)).status == 413
    with connect(guarded.port) as sock:
        sock.sendall(announced(2).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"{}")
        assert parse(read_all(sock)).status == 200
