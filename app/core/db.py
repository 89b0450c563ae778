"""Two ways to the database: sessions that write in one transaction, and connections that only read.

Reads run in autocommit: no BEGIN and ROLLBACK round a single statement, which is a third of
the cost of a page (docs/adr/0003). Relations are never loaded behind the reader's back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import event, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

DIALECT: Dialect = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]
CONNECTION_OPTIONS = (
    "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c timezone=UTC"
)


class Database:
    """The engines of one process: `writer` for transactions, `reader` for autocommit reads.

    A process holds at most `pool_size` connections: half for SQLAlchemy, half lent to `Reader.fetch`.
    """

    def __init__(self, url: str, *, pool_size: int = 10, options: str = CONNECTION_OPTIONS) -> None:
        self.url = url
        self._plain_url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._size = max(2, pool_size // 2)
        self._lent: AsyncConnectionPool[psycopg.AsyncConnection[Any]] | None = None
        self.writer: AsyncEngine = create_async_engine(
            url,
            pool_size=self._size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={"options": options, "prepare_threshold": 2, "connect_timeout": 5},
        )
        self.reader: AsyncEngine = self.writer.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions = async_sessionmaker(self.writer, expire_on_commit=False, autoflush=False)

    async def lend(self) -> psycopg.AsyncConnection[Any]:
        """An autocommit connection of the driver, for `Reader.fetch`."""
        if self._lent is None:
            self._lent = AsyncConnectionPool(
                self._plain_url,
                kwargs={
                    "autocommit": True,
                    "row_factory": namedtuple_row,
                    "prepare_threshold": 1,
                    "options": CONNECTION_OPTIONS,
                    "connect_timeout": 5,
                },
                min_size=1,
                max_size=self._size,
                timeout=5,
                open=False,
                check=None,
            )
            await self._lent.open()
        return await self._lent.getconn()

    async def take_back(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Return what `lend` gave."""
        if self._lent is not None:
            await self._lent.putconn(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """An autocommit connection for a few reads."""
        async with self.reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.writer.dispose()
        if self._lent is not None:
            await self._lent.close()
            self._lent = None


class Question:
    """A `select` built and compiled once, asked many times with other parameters.

    SQLAlchemy writes the statement; the driver runs it. Building and compiling the feed's statement
    for each request costs ten times its execution, and rows that need no conversion need no other hands.
    """

    def __init__(self, statement: Any) -> None:
        compiled = statement.compile(dialect=DIALECT)
        self.sql = str(compiled)
        self.fixed: dict[str, Any] = dict(compiled.params)
        """Values that the statement itself holds; the parameters of `bindparam(...)` are None until asked."""

    @classmethod
    def of(cls, sql: str) -> Question:
        """A statement written by hand, with parameters as `%(name)s`."""
        question = cls.__new__(cls)
        question.sql, question.fixed = sql, {}
        return question


class Reader:
    """The reading connection of one request: taken at the first statement, given back before the answer is rendered.

    `fetch` asks a `Question` on the driver's own connection (the pages that everybody opens);
    `execute` takes any SQLAlchemy statement.
    """

    __slots__ = ("_connection", "_database", "_driver", "statements")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._driver: psycopg.AsyncConnection[Any] | None = None
        self.statements = 0

    async def fetch(self, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
        """The rows of `question`, as named tuples."""
        if self._driver is None:
            self._driver = await self._database.lend()
        self.statements += 1
        cursor = await self._driver.execute(question.sql, {**question.fixed, **parameters})
        return await cursor.fetchall()

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Run one statement; the connection stays with the request until `release`."""
        if self._connection is None:
            self._connection = await self._database.reader.connect()
        self.statements += 1
        return await self._connection.execute(statement, parameters)

    async def release(self) -> None:
        """Give the connections back; another statement would take one again."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await self._database.take_back(driver)
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def fetch(handle: Handle, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
    """Ask `question` on whatever one has: a request that only reads, or the transaction of one that writes."""
    if isinstance(handle, Reader):
        return await handle.fetch(question, parameters)
    connection = await handle.connection() if isinstance(handle, AsyncSession) else handle
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    async with driver.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(question.sql, {**question.fixed, **parameters})
        return await cursor.fetchall()


Handle = AsyncSession | AsyncConnection | Reader
"""Whatever a query can run on."""


ADVISORY = 1_095_518_273
"""The first half of the key of an initiative's advisory lock; the second is a hash of its id."""


async def lock_shared(db: AsyncSession, initiative_id: UUID) -> None:
    """Held by whoever submits, edits or withdraws: many at once, none while somebody publishes."""
    lock = text("SELECT pg_advisory_xact_lock_shared(:space, hashtext(:id))")
    await db.execute(lock, {"space": ADVISORY, "id": str(initiative_id)})


async def lock_exclusive(db: AsyncSession, initiative_id: UUID) -> None:
    """Held while publishing: nothing lands under the cut-off after the check."""
    lock = text("SELECT pg_advisory_xact_lock(:space, hashtext(:id))")
    await db.execute(lock, {"space": ADVISORY, "id": str(initiative_id)})


def count_statements(engine: AsyncEngine, counter: list[str]) -> None:
    """Append each statement sent to `counter` (tests assert the number for each page)."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _count(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counter.append(statement)
