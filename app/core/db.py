"""Two ways to the database: sessions that write in one transaction, and connections that only read.

Reads run in autocommit: no BEGIN and ROLLBACK round a single statement, which is a third of
the cost of a page (docs/adr/0003). Relations are never loaded behind the reader's back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

CONNECTION_OPTIONS = (
    "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c timezone=UTC"
)


class Database:
    """The engines of one process: `writer` for transactions, `reader` for autocommit reads.

    Both share one pool, so a process holds at most `pool_size` connections.
    """

    def __init__(self, url: str, *, pool_size: int = 10, options: str = CONNECTION_OPTIONS) -> None:
        self.url = url
        self.writer: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={"options": options, "prepare_threshold": 2, "connect_timeout": 5},
        )
        self.reader: AsyncEngine = self.writer.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions = async_sessionmaker(self.writer, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """An autocommit connection for a few reads."""
        async with self.reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.writer.dispose()


class Reader:
    """The reading connection of one request: taken at the first statement, given back before the answer is rendered."""

    __slots__ = ("_connection", "_database", "statements")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self.statements = 0

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Run one statement; the connection stays with the request until `release`."""
        if self._connection is None:
            self._connection = await self._database.reader.connect()
        self.statements += 1
        return await self._connection.execute(statement, parameters)

    async def release(self) -> None:
        """Give the connection back; another statement would take one again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


Handle = AsyncSession | AsyncConnection | Reader
"""Whatever a query can run on."""


async def lock_shared(db: AsyncSession, initiative_id: UUID) -> None:
    """Held by whoever submits, edits or withdraws: many at once, none while somebody publishes."""
    await db.execute(
        text("SELECT pg_advisory_xact_lock_shared(1095518273, hashtext(:id))"), {"id": str(initiative_id)}
    )


async def lock_exclusive(db: AsyncSession, initiative_id: UUID) -> None:
    """Held while publishing: nothing lands under the cut-off after the check."""
    await db.execute(
        text("SELECT pg_advisory_xact_lock(1095518273, hashtext(:id))"), {"id": str(initiative_id)}
    )


def count_statements(engine: AsyncEngine, counter: list[str]) -> None:
    """Append each statement sent to `counter` (tests assert the number for each page)."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _count(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counter.append(statement)
