"""Requests that are ambiguous, malformed or old: one answer each, the same for everybody on the way."""

from __future__ import annotations

import pytest

from tests.web.conftest import Server
from tests.web.wire import connect, exchange, parse, read_all, request

POST = b"POST /api/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /api/fail HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "attack",
    [
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + SMUGGLED,
        POST + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
        POST + b"Content-Length: 2, 2\r\n\r\n{}" + SMUGGLED,
        POST + b"Content-Length: 0x2\r\n\r\n{}" + SMUGGLED,
        POST + b"Content-Length: 99999999999999999999999999\r\n\r\n{}",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"X: y\r\n folded\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n" + SMUGGLED,
        POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"GET /api/ping HTTP/1.1\nHost: a\n\n",
        b"GET /api/ping HTTP/1.1\r\n\r\n",
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /api/ping HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GET /api/\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/ping two HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://alliage.test HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET ?x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"BREW /coffee HTTP/1.1\r\nHost: a\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_one_400_and_the_connection_ends(guarded: Server, attack: bytes) -> None:
    """Nothing that follows an ambiguous request is read as another: `/api/fail` would answer 500."""
    data = exchange(guarded.port, attack)
    answer = parse(data)
    assert (answer.status, answer.problem()) == (400, "malformed-request")
    assert answer.headers["connection"] == "close"
    assert answer.rest == b""


@pytest.mark.parametrize("line", [b"GET /api/ping\r\n\r\n", b"GET /api/ping HTTP/2.0\r\nHost: a\r\n\r\n"])
def test_other_versions_are_refused(guarded: Server, line: bytes) -> None:
    assert parse(exchange(guarded.port, line)).problem() == "http-version"


def test_control_without_the_shell_both_codings_of_old_versions_pass(naked: Server) -> None:
    attack = POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert parse(exchange(naked.port, attack)).status == 200


@pytest.mark.parametrize("host", [b"", b"Host: a\r\n"])
def test_http_1_0_is_answered_and_closed(guarded: Server, host: bytes) -> None:
    answer = parse(exchange(guarded.port, b"GET /api/ping HTTP/1.0\r\n" + host + b"\r\n"))
    assert (answer.status, answer.body) == (200, b'"pong"')


def test_absolute_form(guarded: Server) -> None:
    answer = parse(exchange(guarded.port, request("http://elsewhere.test/api/ping?x=1")))
    assert (answer.status, answer.body) == (200, b'"pong"')


def test_asterisk_form(guarded: Server) -> None:
    assert parse(exchange(guarded.port, request("*", method="OPTIONS"))).problem() == "malformed-uri"


def test_pipelined_requests_are_answered_in_order(guarded: Server) -> None:
    slow = request("/api/slow?seconds=0.2").replace(b"Connection: close\r\n", b"")
    first = parse(exchange(guarded.port, slow + request("/api/ping")))
    assert first.body == b'"slow"'
    assert parse(first.rest).body == b'"pong"'


def test_a_malformed_pipelined_request_does_not_answer_in_place_of_the_first(guarded: Server) -> None:
    slow = request("/api/slow?seconds=0.2").replace(b"Connection: close\r\n", b"")
    first = parse(exchange(guarded.port, slow + b"nonsense\r\n\r\n"))
    assert (first.body, first.rest) == (b'"slow"', b"")


def test_an_upgrade_is_ignored(guarded: Server) -> None:
    """Java's client offers h2c with its first request; browsers a WebSocket where there is none."""
    for protocol in ("h2c", "websocket"):
        data = request("/api/ping", f"Upgrade: {protocol}").replace(b"tion: close", b"tion: upgrade, close")
        assert parse(exchange(guarded.port, data)).status == 200


def test_trailers_are_not_headers(guarded: Server) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
    answer = parse(exchange(guarded.port, head + b"Authorization: x\r\n\r\n"))
    assert answer.status == 200
    assert b"authorization" not in answer.body
    endless = parse(exchange(guarded.port, head + b"X: 1\r\n" * 101))
    assert endless.status == 431


def test_control_without_the_shell_trailers_are_headers(naked: Server) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
    assert b"authorization" in parse(exchange(naked.port, head + b"Authorization: x\r\n\r\n")).body


def test_a_client_that_leaves_in_the_middle_harms_nobody(guarded: Server) -> None:
    for _ in range(20):
        with connect(guarded.port) as sock:
            sock.sendall(POST + b"Content-Length: 100\r\n\r\n{")
    assert parse(exchange(guarded.port, request("/api/ping"))).status == 200


@pytest.mark.parametrize(
    ("target", "status", "slug"),
    [
        ("/api/%00", 400, "malformed-uri"),
        ("/api/%zz", 400, "malformed-uri"),
        ("/api/%", 400, "malformed-uri"),
        ("/api/%ff", 400, "malformed-uri"),
        ("/api/ping?q=%00", 400, "malformed-uri"),
        ("/api/ping?q=" + "a" * 8200, 414, "uri-too-long"),
        ("/" + "a" * 8200, 414, "uri-too-long"),
    ],
)
def test_addresses_that_no_page_has(guarded: Server, target: str, status: int, slug: str) -> None:
    answer = parse(exchange(guarded.port, request(target)))
    assert (answer.status, answer.problem()) == (status, slug)


def test_accents_in_addresses(guarded: Server) -> None:
    answer = parse(exchange(guarded.port, request("/api/v1/things/%C3%A9t%C3%A9/parts/1?q=%C3%A9")))
    assert answer.body.decode() == '"été1"'


def test_answers_do_not_mix_on_one_connection(guarded: Server) -> None:
    with connect(guarded.port) as sock:
        sock.sendall(POST + b"Content-Length: 2\r\n\r\n{}" + request("/api/ping"))
        first = parse(read_all(sock))
    assert first.body.startswith(b'{"length":0')
    assert parse(first.rest).body == b'"pong"'
