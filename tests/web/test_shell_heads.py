"""R7: heads are bounded in size and in time, and connections in number, below the application."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from tests.web.attacked import CONNECTIONS, HEAD_SECONDS
from tests.web.conftest import Server
from tests.web.wire import Answer, connect, exchange, flood, latencies, p95, parse, read_all, request

HALF = b"GET /api/ping HTTP/1.1\r\nHost: a\r\nX-Half: "
WHOLE = b"GET /api/ping HTTP/1.1\r\nHost: a\r\n\r\n"


def one_answer(sock: socket.socket) -> Answer:
    """The next answer on a connection that stays open."""
    data = b""
    while not data.endswith(b'"pong"'):
        piece = sock.recv(65536)
        assert piece, f"closed after {data!r}"
        data += piece
    return parse(data)


def seconds_until_closed(sock: socket.socket) -> tuple[float, bytes]:
    begun = time.monotonic()
    data = read_all(sock)
    return time.monotonic() - begun, data


def test_a_half_sent_head_is_cut(guarded: Server) -> None:
    with connect(guarded.port) as sock:
        sock.sendall(HALF)
        waited, data = seconds_until_closed(sock)
    assert parse(data).problem() == "headers-too-slow"
    assert HEAD_SECONDS * 0.8 < waited < HEAD_SECONDS + 1


def test_control_without_the_shell_a_half_sent_head_is_held(naked: Server) -> None:
    with connect(naked.port, timeout=HEAD_SECONDS + 1.5) as sock:
        sock.sendall(HALF)
        with pytest.raises(TimeoutError):
            sock.recv(100)


@pytest.mark.parametrize("piece", [b"a", b"\r\n"])
def test_a_dripping_head_is_cut(guarded: Server, piece: bytes) -> None:
    """Each byte restarts nothing: the deadline is for the whole head, empty lines before it included."""
    with connect(guarded.port) as sock:
        sock.settimeout(0.1)
        begun = time.monotonic()
        if piece == b"a":
            sock.sendall(HALF)
        while time.monotonic() - begun < HEAD_SECONDS + 2:
            if flood(sock, piece, 1) == 0:
                break
            try:
                if b"408" in sock.recv(1000):
                    break
            except TimeoutError:
                continue
    assert time.monotonic() - begun < HEAD_SECONDS + 1


def test_a_silent_connection_is_closed(guarded: Server) -> None:
    with connect(guarded.port) as sock:
        waited, data = seconds_until_closed(sock)
    assert data == b""
    assert waited < HEAD_SECONDS + 1


def test_keep_alive_is_served_then_closed(guarded: Server) -> None:
    """Several requests on one connection, a pause shorter than the limit, then the idle connection ends."""
    with connect(guarded.port) as sock:
        for _ in range(3):
            sock.sendall(WHOLE)
            assert one_answer(sock).body == b'"pong"'
            time.sleep(0.3)
        waited, data = seconds_until_closed(sock)
    assert data == b""
    assert waited < 3


def test_a_half_sent_second_head_is_cut(guarded: Server) -> None:
    with connect(guarded.port) as sock:
        sock.sendall(WHOLE)
        assert one_answer(sock).status == 200
        sock.sendall(HALF)
        waited, data = seconds_until_closed(sock)
    assert parse(data).status == 408
    assert waited < HEAD_SECONDS + 1


def test_a_slow_answer_is_not_cut(guarded: Server) -> None:
    """The deadline is the client's, not the application's."""
    target = f"/api/slow?seconds={HEAD_SECONDS * 1.5}"
    assert parse(exchange(guarded.port, request(target))).body == b'"slow"'


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\nX-Large: " + b"a" * 300_000 + b"\r\n\r\n",
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\nX-Large: " + b"a" * 33_000 + b"\r\n\r\n",
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\nX-Endless: " + b"a" * 300_000,
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
        b"GET /api/ping?" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["300kB", "33kB", "endless", "101 fields", "target"],
)
def test_a_large_head_is_refused(guarded: Server, head: bytes) -> None:
    answer = parse(exchange(guarded.port, head))
    assert (answer.status, answer.problem()) == (431, "headers-too-large")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


def test_control_without_the_shell_a_large_head_is_answered(naked: Server) -> None:
    head = request("/api/ping", "X-Large: " + "a" * 300_000)
    assert parse(exchange(naked.port, head)).status == 200


def test_a_head_below_the_limit_and_a_large_body_in_one_piece(guarded: Server) -> None:
    """What counts is the head, not what comes in the same segment."""
    body = b"[" + b" " * 200_000 + b"]"
    head = ["X: " + "a" * 30_000, "Content-Type: application/json"]
    answer = parse(exchange(guarded.port, request("/api/json", *head, method="POST", body=body)))
    assert answer.status == 200


def test_200_half_sent_heads_disturb_nobody(guarded: Server) -> None:
    calm = p95(latencies(guarded.port, 200))
    with ExitStack() as held:
        socks = [held.enter_context(connect(guarded.port)) for _ in range(200)]
        for sock in socks:
            sock.sendall(HALF)
        disturbed = p95(latencies(guarded.port, 200))
        for sock in socks:
            assert b" 408 " in read_all(sock)
    assert disturbed <= 2 * calm + 5


def test_beyond_the_cap_says_503(guarded: Server) -> None:
    time.sleep(HEAD_SECONDS + 0.2)
    with ExitStack() as held:
        socks = [held.enter_context(connect(guarded.port)) for _ in range(CONNECTIONS + 5)]
        refused = [parse(read_all(sock)) for sock in socks[-5:]]
    assert {(answer.status, answer.problem()) for answer in refused} == {(503, "too-many-connections")}
    assert refused[0].headers["retry-after"] == "5"
    time.sleep(0.2)
    assert parse(exchange(guarded.port, request("/api/ping"))).status == 200


def test_held_connections_lock_nobody_out(guarded: Server) -> None:
    """At the cap, the connection that has been idle longest gives its place; kept alive, it had 2 s."""
    time.sleep(HEAD_SECONDS + 0.2)
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            sock = held.enter_context(connect(guarded.port))
            sock.sendall(WHOLE)
            assert one_answer(sock).status == 200
        time.sleep(1.1)
        assert [parse(exchange(guarded.port, request("/api/ping"))).status for _ in range(5)] == [200] * 5


def test_a_client_that_does_not_read_is_cut(guarded: Server) -> None:
    with connect(guarded.port) as sock:
        sock.sendall(request("/api/big"))
        time.sleep(2.5)
        assert len(read_all(sock)) < 800 * 65536
    whole = exchange(guarded.port, request("/api/big"))
    assert len(whole) > 800 * 65536
