"""One live page: what it is told, and when it is told that it may no longer listen (R11).

The caller is known by a function (`who`), asked when the stream opens and again whenever their rights may have
changed: an ending that was recorded, one that was announced by a date, and every `PATIENCE` seconds for what nobody
said. No database connection is held between two of these questions.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import Database, Reader
from app.core.errors import TooManyRequests, Unauthenticated, Unavailable
from app.core.live import Change, Listener, Subscription, Word
from app.features.live.queries import FOLLOWED, Standing, find_followed, get_followed, get_standing, list_missed
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed

Who = Callable[[], Awaitable[Actor | None]]
"""Who is there now; None when nobody is signed in any more."""
Told = dict[str, str]
"""One event of the stream: `event`, `data` (JSON), `id` (where to go on)."""

MOST_OF_ONE, MOST = 12, 2_000
"""Streams of one person and of everybody, in one process."""
PATIENCE, DEAF_PATIENCE = 30.0, 2.0  # seconds between two questions about rights, with and without notifications
BREATH = 0.2  # seconds at least between two of them: what ends together is asked once
SETTLED = 10.0  # seconds after which a notification has arrived, or the connection is known to be lost
RESUMED_WITHIN = 600  # seconds; whoever was away for longer reads the page again
ABOUT_RIGHTS = frozenset(
    {"mandate", "participation", "space", "space_member", "facilitator", "access_grant", "initiative", "person"}
    | {"login", "api_token", "deliverable", "session"}
)
"""The objects whose changes may end or give a right."""


class TooManyStreams(TooManyRequests):
    """This account follows too many pages at once. Close some, or wait for `Retry-After` seconds."""

    title = "Trop de pages suivies à la fois"


class Stream:
    """What one client is told about one page."""

    def __init__(self, database: Database, listener: Listener, who: Who, scope: str, thing: UUID) -> None:
        """`scope`: a key of `FOLLOWED`; `thing`: its id."""
        self._database, self._listener, self._who = database, listener, who
        self._scope, self._thing = scope, thing
        self._followed = FOLLOWED[scope]
        self._actor = Actor()
        self._row: Any = None
        self._standing = Standing(0, None)
        self._asked = 0.0
        self._ask_at = 0.0
        self._held = ExitStack()

    async def open(self) -> None:
        """Subscribe, then look: Unauthenticated, NotFound, TooManyStreams or Unavailable. Then `events`, and `close`."""
        actor = await self._who()
        if actor is None or actor.person_id is None:
            raise Unauthenticated("Connectez-vous pour suivre cette page.")
        if self._listener.held_by(actor.person_id) >= MOST_OF_ONE:
            raise TooManyStreams("Vous suivez trop de pages à la fois : fermez-en.", headers={"Retry-After": "15"})
        if len(self._listener) >= MOST:
            raise Unavailable("Trop de pages sont suivies : réessayez plus tard.", headers={"Retry-After": "15"})
        self._actor = actor
        self._subscription: Subscription = self._held.enter_context(
            self._listener.subscribed(actor.person_id, self._wants)
        )
        read = Reader(self._database)
        try:
            self._row = await get_followed(read, actor, self._followed, self._thing)
            self._settle(await get_standing(read, actor))
        except BaseException:
            self.close()
            raise
        finally:
            await read.release()

    def close(self) -> None:
        """Be told nothing more."""
        self._held.close()

    async def events(self, after: str | None = None) -> AsyncIterator[Told]:
        """What to tell, until the rights end, the service stops or the client is too slow; from `after` on, if given."""
        try:
            for told in await self._missed(after):
                yield told
            # Last, and alone with a number: a client that is cut before it asks for the same again.
            yield self._told("ready", {self._scope: str(self._thing)}, self._standing.mark)
            while True:
                came = await self._subscription.next(self._ask_at - time.monotonic())
                if isinstance(came, Change) and self._unsettles(came):
                    self._ask_at = min(self._ask_at, max(time.monotonic(), self._asked + BREATH))
                if time.monotonic() >= self._ask_at:
                    before = self._standing.mark if came is None and time.monotonic() - self._asked > SETTLED else None
                    if (reason := await self._ask_again()) is not None:
                        yield self._told("closed", {"reason": reason})
                        return
                    if before is not None and self._listener.hears:
                        yield {"id": mark_at(before)}
                for told in self._told_of(came):
                    yield told
                if came in (Word.STOPPED, Word.DROPPED):
                    return
        finally:
            self.close()

    def _told_of(self, came: Change | Word | None) -> list[Told]:
        if isinstance(came, Word):
            self._ask_at = time.monotonic()
            return self._in_words(came)
        told = None if came is None else self._tell(came)
        return [] if told is None else [told]

    def _in_words(self, word: Word) -> list[Told]:
        if word is Word.STOPPED:
            return [self._told("closed", {"reason": "stopped"})]
        reload = self._told("reload", {"reason": word.value})
        return [reload] if word is Word.MISSED else [reload, self._told("closed", {"reason": "slow"})]

    async def _missed(self, after: str | None) -> list[Told]:
        """What happened since the client heard the event `after`; "read again" when that was too long ago, or too much."""
        if not after:
            return []
        number, _, second = after.partition("-")
        mark, at = _number(number), _number(second)
        if mark is None or at is None or mark > self._standing.mark or time.time() - at > RESUMED_WITHIN:
            return [self._told("reload", {"reason": "away"})]
        read = Reader(self._database)
        try:
            changes = await list_missed(read, self._actor, self._scope, self._thing, mark)
        finally:
            await read.release()
        if changes is None:
            return [self._told("reload", {"reason": "away"})]
        return [self._changed(change) for change in changes]

    async def _ask_again(self) -> str | None:
        """Whether the caller may still listen: None, or the reason why not."""
        read = Reader(self._database)
        try:
            actor = await self._who()
            if actor is None or actor.person_id != self._actor.person_id:
                return "signed_out"
            row = await find_followed(read, actor, self._followed, self._thing)
            if row is None:
                return "no_access"
            self._actor, self._row = actor, row
            self._settle(await get_standing(read, actor))
        except (psycopg.Error, SQLAlchemyError, OSError, Unavailable):
            # Nothing is told meanwhile either: what would be told comes from the same database.
            self._asked = time.monotonic()
            self._ask_at = self._asked + DEAF_PATIENCE
        finally:
            await read.release()
        return None

    def _settle(self, standing: Standing) -> None:
        self._standing = standing
        self._asked = time.monotonic()
        patience = PATIENCE if self._listener.hears else DEAF_PATIENCE
        ends_in = patience if standing.ends_in is None else standing.ends_in + 0.05
        self._ask_at = self._asked + min(patience, ends_in)

    def _wants(self, change: Change) -> bool:
        return self._is_here(change) or self._unsettles(change)

    def _is_here(self, change: Change) -> bool:
        """Whether it happened on this page."""
        if change.object_id == self._thing:
            return True
        return {"deliverable": change.deliverable_id, "session": change.session_id, "space": change.space_id}[
            self._scope
        ] == self._thing

    def _unsettles(self, change: Change) -> bool:
        """Whether it may have changed what the caller may read or write here."""
        if change.object_type not in ABOUT_RIGHTS:
            return False
        mine = {self._actor.person_id, self._actor.login_id}
        if {change.object_id, change.person, change.person_id} & mine or change.object_id == self._thing:
            return True
        if self._row is not None and change.initiative_id == self._row.initiative_id:
            return change.object_type not in ("deliverable", "session")
        return bool({change.member, change.organisation_id} & self._actor.organisations)

    def _tell(self, change: Change) -> Told | None:
        """What the client is told of it: nothing that the caller may not know."""
        if not self._is_here(change):
            return None
        if change.place is not None:
            write = self._followed.write
            if write is None or not allowed(self._actor, write, self._row):
                return None
            said = {"verb": change.verb, "place": change.place, "until": change.until}
            return self._told("presence", {**said, "person_id": str(change.person_id), "mine": self._is_mine(change)})
        return self._changed(change, change.mark) if allowed(self._actor, Action.EVENT_READ, change) else None

    def _changed(self, change: Change, mark: int | None = None) -> Told:
        said = {"verb": change.verb, "object_type": change.object_type, "object_id": str(change.object_id)}
        return self._told("changed", {**said, "version": change.version, "mine": self._is_mine(change)}, mark)

    def _is_mine(self, change: Change) -> bool:
        return change.person_id == self._actor.person_id

    @staticmethod
    def _told(event: str, data: dict[str, Any], mark: int | None = None) -> Told:
        told = {"event": event, "data": json.dumps(data, separators=(",", ":"))}
        return told if mark is None else told | {"id": mark_at(mark)}


def mark_at(mark: int) -> str:
    """Where a client goes on: the number of a transaction, and the second when it was said."""
    return f"{mark}-{int(time.time())}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None
