"""`/metrics` for Prometheus, on an address of its own: nobody meets it on the public one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from prometheus_client.exposition import choose_encoder
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool
from starlette.types import Receive, Scope, Send

from app.core.db import Database
from app.core.metrics import CONNECTIONS, DATABASE_UP, QUEUE_AGE, QUEUED, REGISTRY
from app.settings import Settings, UnsafeSettings

log = structlog.get_logger()
LATE = 60
"""Seconds after which a job that is due and not begun is late."""
PATIENCE = 3.0

QUEUE_SQL = text(
    """
    WITH waiting AS (
      SELECT status, extract(epoch FROM now() - greatest(scheduled_at,
        (SELECT max(at) FROM procrastinate_events e
         WHERE e.job_id = j.id AND e.type IN ('deferred', 'deferred_for_retry', 'retried')))) AS age
      FROM procrastinate_jobs j)
    SELECT count(*) FILTER (WHERE status = 'todo') AS todo, count(*) FILTER (WHERE status = 'doing') AS doing,
      count(*) FILTER (WHERE status = 'failed') AS failed,
      count(*) FILTER (WHERE status = 'todo' AND age > :late) AS late,
      coalesce(greatest(max(age) FILTER (WHERE status = 'todo'), 0), 0) AS age
    FROM waiting
    """
)


class _Beside(uvicorn.Server):
    """A server inside another's process: signals are the other's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def metrics_beside(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Serve the metrics of this process while the block runs, where `metrics_address` is set."""
    if settings.metrics_address is None:
        yield
        return
    listening = _listen(settings.metrics_address)
    config = uvicorn.Config(
        Metrics(database),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=8,
        timeout_graceful_shutdown=1,
    )
    server = _Beside(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
        listening.close()


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        return socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as failure:
        raise UnsafeSettings(
            f"ALLIAGE_METRICS_ADDRESS : on ne peut pas écouter sur {address} ({failure.strerror}). "
            "Chaque processus qui la lit a la sienne."
        ) from None


class Metrics:
    """ASGI application of one page."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer `GET /metrics` with what is counted, and what the database says now; nothing else is here."""
        assert scope["type"] == "http"
        status, kind, body = 404, "text/plain; charset=utf-8", b""
        if scope["path"] == "/metrics" and scope["method"] in {"GET", "HEAD"}:
            await self._look()
            accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), "")
            encode, kind = choose_encoder(accept)
            status, body = 200, encode(REGISTRY)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _look(self) -> None:
        """Read what is not counted as it happens."""
        pool = self.database.writer.pool
        assert isinstance(pool, QueuePool)
        for name, size, used in (
            ("transactions", pool.size(), pool.checkedout()),
            ("reads", self.database.lender.size, self.database.lender.lent),
        ):
            CONNECTIONS.labels(name, "allowed").set(size)
            CONNECTIONS.labels(name, "used").set(used)
        try:
            async with asyncio.timeout(PATIENCE), self.database.reading() as connection:
                row = (await connection.execute(QUEUE_SQL, {"late": LATE})).one()
        except (SQLAlchemyError, TimeoutError, OSError):
            DATABASE_UP.set(0)
            return
        DATABASE_UP.set(1)
        for state in ("todo", "doing", "failed", "late"):
            QUEUED.labels(state).set(getattr(row, state))
        QUEUE_AGE.set(float(row.age))
