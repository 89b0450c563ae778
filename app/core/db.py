"""Two ways to the database: sessions that write in one transaction, and connections that only read.

Reads run in autocommit: no BEGIN and ROLLBACK round a single statement, which is a third of
the cost of a page (docs/adr/0003). Relations are never loaded behind the reader's back.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import namedtuple_row
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.core.lending import Driver, Lender, is_lost

SCHEMA = "0032"
"""The newest migration, which this code expects: a test holds the two together. Written here, since asking alembic would
cost each serving process 11 MB and a fifth of a second (docs/performance.md)."""
DIALECT: Dialect = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]
CONNECTION_OPTIONS = (
    "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c timezone=UTC"
)


def driver_address(url: str | URL) -> str:
    """The address as the driver itself reads it: a URL rendered again would write a space of the socket's folder as `+`."""
    _, arguments = DIALECT.create_connect_args(make_url(url))
    return make_conninfo(**arguments)


_PARAMETER = re.compile(r"%%|%\((\w+)\)s")


class Database:
    """The engines of one process: `writer` for transactions, `reader` for autocommit reads.

    A process holds at most `pool_size` connections: half for SQLAlchemy, half lent to `Reader.fetch`.
    """

    def __init__(self, url: str, *, pool_size: int = 10, options: str = CONNECTION_OPTIONS) -> None:
        self.url = url
        size = max(2, pool_size // 2)
        connecting = {"options": options, "connect_timeout": 5, "tcp_user_timeout": 10_000}
        self.writer: AsyncEngine = create_async_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={**connecting, "prepare_threshold": 2},
        )
        self.reader: AsyncEngine = self.writer.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions = async_sessionmaker(self.writer, expire_on_commit=False, autoflush=False)
        self.lender = Lender(
            driver_address(url),
            size,
            autocommit=True,
            prepare_threshold=1,
            **connecting,
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """An autocommit connection for a few reads."""
        async with self.reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.writer.dispose()
        await self.lender.close()


class Question:
    """A `select` built and compiled once, asked many times with other parameters.

    SQLAlchemy writes the statement; the driver runs it. Building and compiling the feed's statement
    for each request costs ten times its execution, and rows that need no conversion need no other hands.
    """

    def __init__(
        self, statement: Any, fixed: Mapping[str, Any] = MappingProxyType({}), *, planned_anew: bool = False
    ) -> None:
        """A `select`, or SQL written by hand with its parameters as `%(name)s` and the values of those that are `fixed`.

        The driver keeps the plan of what it sees twice, unless it is to be `planned_anew` for each set of values.
        """
        self.prepare = False if planned_anew else None
        if isinstance(statement, str):
            self.sql, self.fixed = statement, dict(fixed)
        else:
            compiled = statement.compile(dialect=DIALECT)
            self.sql, self.fixed = str(compiled), dict(compiled.params)
        # Numbered once: the driver would read a statement of over 4,096 characters anew each time it is asked.
        names: list[str] = []

        def number(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            if found[1] not in names:
                names.append(found[1])
            return f"${names.index(found[1]) + 1}"

        self.numbered = _PARAMETER.sub(number, self.sql).encode()
        self.names = tuple(names)

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The values of `numbered`, in order."""
        fixed = self.fixed
        return [parameters[name] if name in parameters else fixed[name] for name in self.names]


class Reader:
    """The reading connection of one request: taken at the first statement, given back before the answer is rendered.

    `fetch` asks a `Question` on the driver's own connection (the pages that everybody opens);
    `execute` takes any SQLAlchemy statement. Each asks once more on a new connection when the server ended
    the one it had: a read may be repeated, and PostgreSQL that restarts costs its readers nothing they see.
    """

    __slots__ = ("_connection", "_database", "_driver", "statements")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._driver: Driver | None = None
        self.statements = 0

    async def fetch(self, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
        """The rows of `question`, as named tuples."""
        self.statements += 1
        try:
            return await self._ask(question, parameters)
        except psycopg.Error as error:
            if self._driver is None or not is_lost(self._driver, error):
                raise
            driver, self._driver = self._driver, None
            await self._database.lender.discard(driver)
        return await self._ask(question, parameters)

    async def _ask(self, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
        if self._driver is None:
            self._driver = await self._database.lender.lend()
        return await _ask(self._driver, question, parameters)

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Run one statement; the connection stays with the request until `release`."""
        self.statements += 1
        if self._connection is None:
            self._connection = await self._database.reader.connect()
        try:
            return await self._connection.execute(statement, parameters)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # SQLAlchemy has just dropped every connection of the pool that is as old as the dead one.
        await self._connection.close()
        self._connection = None
        self._connection = await self._database.reader.connect()
        return await self._connection.execute(statement, parameters)

    async def release(self) -> None:
        """Give the connections back; another statement would take one again."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await self._database.lender.take_back(driver)
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def fetch(handle: Handle, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
    """Ask `question` on whatever one has: a request that only reads, or the transaction of one that writes.

    The rows as named tuples; none for a statement that returns none.
    """
    if isinstance(handle, Reader):
        return await handle.fetch(question, parameters)
    connection = await handle.connection() if isinstance(handle, AsyncSession) else handle
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    try:
        return await _ask(driver, question, parameters)
    except psycopg.OperationalError:
        if driver.closed:
            # SQLAlchemy has not seen it: let it find out, and drop every connection as old as this one.
            await connection.exec_driver_sql("SELECT 1")
        raise


async def _ask(driver: Driver, question: Question, parameters: Mapping[str, Any]) -> list[Any]:
    cursor = psycopg.AsyncRawCursor(driver, row_factory=namedtuple_row)
    await cursor.execute(question.numbered, question.values(parameters), prepare=question.prepare)
    return await cursor.fetchall() if cursor.description else []


Handle = AsyncSession | AsyncConnection | Reader
"""Whatever a query can run on."""


ADVISORY = 1_095_518_273
"""The first half of the key of an initiative's advisory lock; the second is a hash of its id."""


async def lock_shared(db: AsyncSession, initiative_id: UUID) -> None:
    """Held by whoever submits, edits or withdraws: many at once, none while somebody publishes."""
    lock = text("SELECT pg_advisory_xact_lock_shared(:space, hashtext(:id))")
    await db.execute(lock, {"space": ADVISORY, "id": str(initiative_id)})


QUOTA = 1_095_518_274
"""The first half of the key under which an organisation's files are counted."""


async def lock_quota(db: AsyncSession, organisation_id: UUID) -> None:
    """Held while room is taken for a file of the organisation, always last: two uploads never take the same room."""
    lock = text("SELECT pg_advisory_xact_lock(:space, hashtext(:id))")
    await db.execute(lock, {"space": QUOTA, "id": str(organisation_id)})


async def lock_exclusive(db: AsyncSession, initiative_id: UUID) -> None:
    """Held while publishing: nothing lands under the cut-off after the check."""
    lock = text("SELECT pg_advisory_xact_lock(:space, hashtext(:id))")
    await db.execute(lock, {"space": ADVISORY, "id": str(initiative_id)})
