"""Raw sockets: requests that no decent client would send, and how to read what comes back."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes = b""

    def problem(self) -> str:
        """The slug of the problem document, checked for its shape on the way."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.headers["content-language"] == "fr"
        document = json.loads(self.body)
        assert document["status"] == self.status
        assert document["title"]
        assert document["detail"]
        kind: str = document["type"]
        assert kind.startswith("/problems/")
        return kind.removeprefix("/problems/")


def connect(port: int, timeout: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def read_all(sock: socket.socket) -> bytes:
    """Everything until the server closes; a reset ends it too, for the bytes before it count."""
    pieces = []
    with suppress(ConnectionError):
        while piece := sock.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def parse(data: bytes) -> Answer:
    """The first answer of `data`; the others stay in `rest`."""
    head, separator, rest = data.partition(b"\r\n\r\n")
    assert separator, f"no whole head in {data[:200]!r}"
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    status = int(status_line.split()[1])
    if status < 200:
        return Answer(status, headers, b"", rest)
    length = int(headers.get("content-length", len(rest)))
    return Answer(status, headers, rest[:length], rest[length:])


def exchange(port: int, *pieces: bytes, pause: float = 0.0, timeout: float = 10) -> bytes:
    """Send `pieces`, then read until the server closes. Send with `Connection: close` to end at once."""
    with connect(port, timeout) as sock:
        with suppress(ConnectionError):
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(pause)
        return read_all(sock)


def request(target: str, *headers: str, method: str = "GET", body: bytes | None = None) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: alliage.test", "Connection: close", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def post_json(target: str, value: bytes) -> bytes:
    return request(target, "Content-Type: application/json", method="POST", body=value)


def flood(sock: socket.socket, piece: bytes, count: int, seconds: float = 10) -> int:
    """Send `piece` up to `count` times, until the server hangs up or stops reading; how many went."""
    end = time.monotonic() + seconds
    sent = 0
    with suppress(OSError):
        while sent < count and time.monotonic() < end:
            sock.sendall(piece)
            sent += 1
    return sent


def latencies(port: int, count: int) -> list[float]:
    """Milliseconds of `count` requests of a polite client, each on its own connection."""
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        answer = parse(exchange(port, request("/api/ping")))
        found.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200
    return found


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


@dataclass
class Memory:
    before: int
    peak: int
    samples: list[int] = field(default_factory=list)

    @property
    def grown_mib(self) -> float:
        return (self.peak - self.before) / 1024


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


@contextmanager
def watched_memory(pid: int) -> Iterator[Memory]:
    """Sample the resident memory of `pid` every 10 ms while the block runs."""
    memory = Memory(before=resident_kib(pid), peak=0)
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.01):
            memory.samples.append(resident_kib(pid))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()
        memory.peak = max(memory.samples, default=resident_kib(pid))


def log_lines(path: Path, event: str | None = None) -> list[dict[str, Any]]:
    """The JSON lines that the server wrote, of one event or of all."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if event is None or line["event"] == event]
