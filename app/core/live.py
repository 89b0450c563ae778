"""What happens elsewhere, told at once: one listening connection for each process, fanned out as ids.

The database says what was recorded (a trigger on `events`) in the order of the commits. A change holds ids and
codes; whoever is told asks again for what they may read. A subscriber that does not keep up is dropped with a word
(`DROPPED`) and never waited for; when the connection was lost, everybody is told to read again (`MISSED`), since
PostgreSQL keeps nothing for those who do not listen.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any
from uuid import UUID

import psycopg
import structlog

from app.core.db import driver_address
from app.core.metrics import LISTENING, STREAMS

CHANNEL = "alliage_live"
KEPT = 64
"""Changes that wait for one subscriber."""
PATIENCE = 15.0  # seconds without a word after which the connection is tried
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # seconds between two attempts to connect
CONNECTING = {
    "application_name": CHANNEL,
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
}

log = structlog.get_logger("alliage.live")


class Word(Enum):
    """What a subscriber is told that is no change."""

    MISSED = "missed"
    """The connection was lost for a while: what happened meanwhile was not heard."""
    DROPPED = "dropped"
    """Too many changes waited: nothing more will come."""
    STOPPED = "stopped"
    """The process listens no more."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened: where, to what, by whom. Never a word of anybody's."""

    verb: str
    object_type: str
    object_id: UUID
    mark: int = 0
    """Every transaction below this number had ended when this was written: where a reader that was away goes on."""
    audience: str = ""
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    deliverable_id: UUID | None = None
    session_id: UUID | None = None
    version: int | None = None
    person: UUID | None = None
    """Whom it was done to."""
    member: UUID | None = None
    """The organisation that it was done to."""
    place: str | None = None
    until: str | None = None


_IDS = frozenset(field.name for field in fields(Change) if "UUID" in str(field.type))
_NAMES = frozenset(field.name for field in fields(Change))


def change_of(payload: str) -> Change:
    """The change that a notification holds."""
    said: dict[str, Any] = json.loads(payload)
    known: dict[str, Any] = {
        name: UUID(value) if name in _IDS else value for name, value in said.items() if name in _NAMES
    }
    return Change(**known)


class Subscription:
    """What one subscriber has not been told yet, at most `KEPT` changes."""

    def __init__(self, wants: Callable[[Change], bool], *, kept: int = KEPT) -> None:
        self._wants = wants
        self._waiting: asyncio.Queue[Change | Word] = asyncio.Queue(kept)
        self._last: Word | None = None

    def tell(self, told: Change | Word) -> None:
        """Put it in the queue; a full one is emptied, and says so."""
        if self._last is not None or (isinstance(told, Change) and not self._wants(told)):
            return
        if isinstance(told, Change) and not self._waiting.full():
            self._waiting.put_nowait(told)
            return
        word = Word.DROPPED if isinstance(told, Change) else told
        if word is not Word.MISSED:
            self._last = word
        while not self._waiting.empty():  # a word is about everything: what waits is part of what must be read again
            self._waiting.get_nowait()
        self._waiting.put_nowait(word)

    async def next(self, seconds: float) -> Change | Word | None:
        """What comes next, or None when nothing came within `seconds`."""
        if not self._waiting.empty():
            return self._waiting.get_nowait()
        if self._last is not None:
            return self._last
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                return await self._waiting.get()
        return None


class Listener:
    """The listening connection of a process, and those who are told what it hears."""

    def __init__(self, url: str) -> None:
        self._address = driver_address(url)
        self._subscriptions: set[Subscription] = set()
        self._owners: Counter[UUID] = Counter()
        self.running = False
        self.hears = False
        """Whether the connection stands now."""

    def held_by(self, owner: UUID) -> int:
        """How many subscriptions somebody has in this process."""
        return self._owners[owner]

    def __len__(self) -> int:
        return len(self._subscriptions)

    @contextmanager
    def subscribed(self, owner: UUID, wants: Callable[[Change], bool]) -> Iterator[Subscription]:
        """Be told what `wants` says yes to, from now on."""
        subscription = Subscription(wants)
        self._subscriptions.add(subscription)
        self._owners[owner] += 1
        STREAMS.inc()
        if not self.running:
            subscription.tell(Word.STOPPED)
        try:
            yield subscription
        finally:
            STREAMS.dec()
            self._subscriptions.discard(subscription)
            self._owners[owner] -= 1
            if not self._owners[owner]:
                del self._owners[owner]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen until the block ends."""
        self.running = True
        listening = asyncio.create_task(self._listen_for_ever())
        try:
            yield
        finally:
            self.running = False
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            self._tell(Word.STOPPED)

    async def _listen_for_ever(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                if self.hears:
                    log.warning("live.lost", error=type(error).__name__)
                    pause = FIRST_PAUSE
            finally:
                self.hears = False
                LISTENING.set(0)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - so that processes do not knock together
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _listen(self) -> None:
        """Listen until the connection is lost (psycopg.Error)."""
        connecting = psycopg.AsyncConnection.connect(self._address, autocommit=True, **CONNECTING)  # type: ignore[arg-type]
        async with await connecting as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.hears = True
            LISTENING.set(1)
            self._tell(Word.MISSED)
            while True:
                async for notification in connection.notifies(timeout=PATIENCE):
                    self._heard(notification.payload)
                await connection.execute("SELECT 1")

    def _heard(self, payload: str) -> None:
        try:
            change = change_of(payload)
        except (ValueError, TypeError, AttributeError):
            # Whoever may connect may notify: what is not ours ends nobody's stream.
            log.warning("live.unreadable", length=len(payload))
            return
        self._tell(change)

    def _tell(self, told: Change | Word) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.tell(told)
