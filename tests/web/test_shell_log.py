"""Every answer has its name and its headers; every request its line; neither holds what it should not."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import time
import uuid
from io import StringIO
from pathlib import Path

import pytest
import structlog

from app.core.log import HIDDEN, configure_logging, hide_private, is_private_key, masked
from app.web.refusals import REFUSALS
from tests.web.conftest import Server, serving
from tests.web.wire import connect, exchange, log_lines, parse, read_all, request

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
SECRET = "alg_pat_" + "B" * 49


@pytest.mark.parametrize("target", ["/api/ping", "/nowhere", "/api/fail", "/api/%00"])
def test_every_answer_is_guarded(guarded: Server, target: str) -> None:
    headers = parse(exchange(guarded.port, request(target))).headers
    assert uuid.UUID(headers["x-request-id"]).version == 4
    assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


def test_a_page_keeps_its_own_policy(guarded: Server) -> None:
    data = exchange(guarded.port, request("/api/page"))
    assert data.lower().count(b"content-security-policy") == 1
    assert parse(data).headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("6f1c2a0e-5b0a-4a53-9d7c-0d6f8a1b2c3d", True),
        ("abcDEF12", True),
        ("short", False),
        ("a" * 65, False),
        ('x" onload="1234', False),
    ],
)
def test_the_callers_identifier_is_kept_where_harmless(guarded: Server, given: str, kept: bool) -> None:
    answer = parse(exchange(guarded.port, request("/api/ping", f"X-Request-Id: {given}")))
    assert (answer.headers["x-request-id"] == given) is kept


def test_an_unforeseen_error_says_its_identifier_and_nothing_else(guarded: Server) -> None:
    answer = parse(exchange(guarded.port, request("/api/fail")))
    assert (answer.status, answer.problem()) == (500, "internal-error")
    document = json.loads(answer.body)
    assert set(document) == {"type", "title", "status", "detail", "request_id"}
    assert document["request_id"] == answer.headers["x-request-id"]
    lines = [line for line in log_lines(guarded.log) if line.get("request_id") == document["request_id"]]
    assert [line["event"] for line in lines] == ["about to fail", "request.failed", "request"]
    failed = lines[1]["exception"][0]
    assert failed["type"] == "builtins.RuntimeError"
    assert failed["at"][-1].endswith(" fail")


def test_an_answer_that_fails_half_way_is_cut(guarded: Server) -> None:
    data = exchange(guarded.port, request("/api/fail-late"))
    assert b"begun" in data
    assert not data.endswith(b"0\r\n\r\n")


def test_one_line_for_each_request(guarded: Server) -> None:
    name = f"line-{uuid.uuid4()}"
    exchange(guarded.port, request("/api/v1/things/42/parts/camille?token=abc", f"X-Request-Id: {name}"))
    (line,) = [line for line in log_lines(guarded.log, "request") if line["request_id"] == name]
    assert line.pop("ms") >= 0
    assert line.pop("at")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/api/v1/things/{thing_id}/parts/{part}",
        "status": 200,
        "caller": "-",
        "request_id": name,
    }
    exchange(guarded.port, request("/api/who", f"X-Request-Id: {name}-2"))
    (line,) = [line for line in log_lines(guarded.log, "request") if line["request_id"] == f"{name}-2"]
    assert line["caller"] == "visitor"


def test_nothing_private_reaches_the_log(guarded: Server) -> None:
    """Markers in every place that a client fills: path, query, headers, cookie, body, exception."""
    for data in (
        request(f"/api/zqmarker1/{SECRET}?zqmarker2={TOKEN}&mail=zqmarker3@exemple.fr"),
        request("/api/fail", f"Authorization: Bearer {TOKEN}", "Cookie: a=zqmarker4", "X-Zqmarker5: 1"),
        request("/api/json", "Content-Type: application/json", method="POST", body=b'{"zqmarker6": "'),
        b"GET /zqmarker7 HTTP/1.1\r\nHost: zqmarker8\r\nHost: b\r\n\r\n",
        request("/api/%00zqmarker9"),
    ):
        exchange(guarded.port, data)
    text = guarded.log.read_text()
    assert '"status": 500' in text
    for private in (
        "zqmarker",
        "Zqmarker",
        SECRET,
        TOKEN,
        "exemple.fr",
        "127.0.0.1:",
        "local_secret",
        "A" * 20,
    ):
        if private == "127.0.0.1:":
            assert text.count(private) == text.count("Uvicorn running on http://127.0.0.1:")
        else:
            assert private not in text, private


def test_forwarded_for_is_read_behind_the_proxy_only(guarded: Server) -> None:
    answer = parse(exchange(guarded.port, request("/api/who", "X-Forwarded-For: 1.2.3.4, 198.51.100.7")))
    assert answer.body == b"198.51.100.7"


def test_shutdown_lets_a_request_end(tmp_path: Path) -> None:
    with serving("guarded", tmp_path) as server:
        with connect(server.port) as sock:
            sock.sendall(request("/api/slow?seconds=1"))
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            assert parse(read_all(sock)).body == b'"slow"'
        try:
            server.process.wait(5)
        except subprocess.TimeoutExpired:
            pytest.fail("the server outlived its last request")


@pytest.mark.parametrize(
    "text",
    [
        "camille.durand+x@exemple.fr",
        "camille%40exemple.fr",
        TOKEN,
        SECRET,
        "Bearer abcdef0123456789",
        "Basic Y2FtaWxsZTpzZWNyZXQ=",
        "postgresql://alliage:motdepasse@db.test/alliage",
        "$argon2id$v=19$m=19456,t=2,p=1$c2Vs$aGFzaA",
    ],
)
def test_what_looks_private_is_masked(text: str) -> None:
    result = masked(f"before {text} after")
    assert result.startswith("before ")
    assert HIDDEN in result
    for part in ("camille", "motdepasse", "eyJ", "BBBB", "abcdef", "Y2Ft", "c2Vs"):
        assert part not in result


@pytest.mark.parametrize("key", ["password", "access_token", "refreshToken", "Authorization", "set-cookie", "mail_to"])
def test_private_keys(key: str) -> None:
    assert is_private_key(key)
    assert hide_private(None, "", {"event": "x", key: "v", "deep": [{key: {"a": 1}}]}) == {
        "event": "x",
        key: HIDDEN,
        "deep": [{key: HIDDEN}],
    }


@pytest.mark.parametrize(
    "key", ["status", "route", "request_id", "initiative_id", "ms", "caller", "monkeys", "context"]
)
def test_public_keys(key: str) -> None:
    assert not is_private_key(key)


def test_the_standard_library_goes_the_same_way() -> None:
    stream = StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    try:
        configure_logging("info", json=True, stream=stream)
        try:
            int("camille@exemple.fr")
        except ValueError:
            logging.getLogger("sqlalchemy.pool").exception("lost %s", "camille@exemple.fr")
        logging.getLogger("uvicorn.access").info("GET /secret")
        structlog.get_logger().debug("unseen")
    finally:
        root.handlers[:], level, config = before
        root.setLevel(level)
        structlog.configure(**config)
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert line["event"] == f"lost {HIDDEN}"
    assert line["logger"] == "sqlalchemy.pool"
    assert line["exception"][0]["type"] == "builtins.ValueError"
    assert "camille" not in stream.getvalue()


def test_refusals_are_documented() -> None:
    assert len({refusal.slug for refusal in REFUSALS}) == len(REFUSALS) >= 14
    assert all(refusal.meaning and refusal.detail for refusal in REFUSALS)
