"""Connections of the driver itself, lent to one request at a time for its reads.

The driver's own pool spaces its attempts to reconnect by the length of the outage (1, 2, 4... s): half a
minute without PostgreSQL made reads fail for half a minute more. Here a dead connection is forgotten
when it is met, and whoever needs one connects at once, or is told at once that nobody answers.
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from app.core.errors import Unavailable

Driver = psycopg.AsyncConnection[Any]

PATIENCE = 5.0  # seconds that a request waits for a connection while others hold them all


def is_lost(connection: Driver, error: psycopg.Error) -> bool:
    """Whether the server ended the connection (or said that it is about to), as opposed to refusing one statement."""
    return connection.closed or (error.sqlstate or "").startswith(("57P", "08"))


class Lender:
    """At most `size` connections, made when first needed with the options of `psycopg.AsyncConnection.connect`."""

    def __init__(self, url: str, size: int, **options: Any) -> None:
        self._url, self._options = url, options
        self._idle: list[Driver] = []
        self._places = asyncio.Semaphore(size)
        self.size, self.lent = size, 0

    async def lend(self) -> Driver:
        """An idle connection or a new one; `Unavailable` when none is free, psycopg.OperationalError when nobody answers."""
        await self._take_a_place()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
            return await psycopg.AsyncConnection.connect(self._url, **self._options)
        except BaseException:
            self._free_a_place()
            raise

    async def take_back(self, connection: Driver) -> None:
        """Keep the connection for the next one; close it when it is in the middle of something, or dead."""
        try:
            if connection.info.transaction_status is TransactionStatus.IDLE:
                self._idle.append(connection)
            else:
                await connection.close()
        finally:
            self._free_a_place()

    async def discard(self, connection: Driver) -> None:
        """Take back a connection that the server ended, and forget those that wait: they led to the same server."""
        self._free_a_place()
        for dead in [connection, *self._idle]:
            await dead.close()
        self._idle.clear()

    async def close(self) -> None:
        """Close what is idle; what is lent is closed by whoever has it."""
        while self._idle:
            await self._idle.pop().close()

    def _free_a_place(self) -> None:
        self.lent -= 1
        self._places.release()

    async def _take_a_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            self.lent += 1
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(
                "Trop de demandes à la fois : renvoyez la même dans un instant.", headers={"Retry-After": "1"}
            ) from None
        self.lent += 1
