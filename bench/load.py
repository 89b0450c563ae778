"""A small HTTP/1.1 load generator: keep-alive connections on 127.0.0.1, a bounded time, latencies in milliseconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Shot:
    """What a window measured."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Requests answered with the wanted status."""
        return len(self.latencies)

    def quantile(self, q: float) -> float:
        """A latency, in ms; the worst when there are few."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * q), len(ordered) - 1)] if ordered else float("nan")


class _Client(asyncio.Protocol):
    """One connection that sends the next request as soon as the answer is complete."""

    def __init__(self, make: Callable[[], bytes], status: bytes, shot: Shot, until: float) -> None:
        self.make, self.status, self.shot, self.until = make, status, shot, until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.started = time.perf_counter()
        if self.started >= self.until:
            self.transport.close()
            return
        self.transport.write(self.make())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self.buffer[:head_end]).lower()
        mark = head.find(b"content-length:")
        length = (
            int(head[mark + 15 : head.find(b"\r\n", mark) if head.find(b"\r\n", mark) > 0 else len(head)])
            if mark > 0
            else 0
        )
        if len(self.buffer) < head_end + 4 + length:
            return
        if head[9:12] == self.status:
            self.shot.latencies.append((time.perf_counter() - self.started) * 1000)
            self.shot.bytes += head_end + 4 + length
        else:
            self.shot.errors += 1
        self.buffer.clear()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.shot.errors += 1
        if not self.done.done():
            self.done.set_result(None)


async def shoot(port: int, make: Callable[[], bytes], *, clients: int, seconds: float, status: int = 200) -> Shot:
    """`clients` connections for `seconds`; each sends what `make` gives, one request after the other."""
    shot = Shot()
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    protocols = [
        (
            await loop.create_connection(
                lambda: _Client(make, str(status).encode(), shot, began + seconds), "127.0.0.1", port
            )
        )[1]
        for _ in range(clients)
    ]
    await asyncio.wait([p.done for p in protocols], timeout=seconds + 30)
    for protocol in protocols:
        if not protocol.done.done():
            shot.errors += 1
            protocol.transport.abort()
    shot.seconds = time.perf_counter() - began
    return shot


def get(path: str, token: str | None) -> bytes:
    """A GET as bytes."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}Accept: application/json\r\n\r\n".encode()


def post(path: str, token: str | None, key: str | None, body: bytes) -> bytes:
    """A POST of JSON as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
