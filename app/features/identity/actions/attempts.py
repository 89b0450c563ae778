"""How often something guessable may be tried, counted in PostgreSQL so that every process counts alike (R10).

Windows are fixed: a count that begins with the window needs one statement, and an attacker gains at most twice
the number at the seam. An attempt counts before its password is checked, and at once (autocommit): a hundred
attempts sent together would all pass a limit that is written afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import TooManyRequests
from app.core.richtext.typography import counted as noun
from app.core.security.secrets import fingerprint
from app.features.identity.models import Attempt

_T = Attempt.__table__.c


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts under one key in one window."""

    name: str
    most: int
    window: timedelta


FIVE_MINUTES = timedelta(minutes=5)
BY_ACCOUNT_AND_ADDRESS = Limit("sign-in-pair", 10, FIVE_MINUTES)
BY_ACCOUNT = Limit("sign-in-account", 30, FIVE_MINUTES)
BY_ADDRESS = Limit("sign-in-address", 100, FIVE_MINUTES)
PASSWORD_CHANGES = Limit("password", 10, FIVE_MINUTES)
ADDRESS_CHANGES = Limit("address", 10, timedelta(hours=1))
FORGOTTEN_BY_ACCOUNT = Limit("forgotten-account", 5, timedelta(hours=1))
FORGOTTEN_BY_ADDRESS = Limit("forgotten-address", 50, timedelta(hours=1))
INVITATIONS = Limit("invitation", 100, timedelta(hours=1))


class TooManyAttempts(TooManyRequests):
    """Too many attempts at the same account, or from the same address. Wait until `Retry-After`; others are not affected."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One attempt under one key, as it was counted."""

    key: str
    window_start: datetime
    ends_at: datetime
    most: int


def _counted(limit: Limit, subject: str, at: datetime) -> Counted:
    """The key holds a hash: the table tells nobody who tries to sign in from where."""
    length = limit.window.total_seconds()
    start = datetime.fromtimestamp(at.timestamp() // length * length, UTC)
    return Counted(f"{limit.name}:{fingerprint(subject).hex()[:32]}", start, start + limit.window, limit.most)


async def count(handle: Handle, *attempts: tuple[Limit, str]) -> Sequence[Counted]:
    """Count one attempt under each (limit, subject); `TooManyAttempts` when one of them has had enough."""
    at = now()
    # In one order for everybody: two attempts that share rows never wait for each other.
    counted = sorted((_counted(limit, subject, at) for limit, subject in attempts), key=lambda one: one.key)
    rows = [{"key": one.key, "window_start": one.window_start, "count": 1} for one in counted]
    statement = (
        insert(Attempt)
        .values(rows)
        .on_conflict_do_update(index_elements=["key", "window_start"], set_={"count": _T["count"] + 1})
        .returning(_T.key, _T["count"].label("tries"))
    )
    counts = {row.key: row.tries for row in await handle.execute(statement)}
    full = [one for one in counted if counts[one.key] > one.most]
    if full:
        seconds = max(1, int(max((one.ends_at - at).total_seconds() for one in full)) + 1)
        raise TooManyAttempts(
            f"Trop de tentatives : recommencez dans {noun(max(1, round(seconds / 60)), 'minute')}.",
            headers={"Retry-After": str(seconds)},
        )
    return counted


async def give_back(db: AsyncSession, counted: Sequence[Counted]) -> None:
    """An attempt that succeeded was no guess: it is counted no more."""
    window = counted[0].window_start
    mine = (
        select(_T.key)
        .where(_T.key.in_([one.key for one in counted]), _T.window_start == window)
        .order_by(_T.key)
        .with_for_update()
    )
    await db.execute(
        update(Attempt)
        .where(_T.key.in_(mine.scalar_subquery()), _T.window_start == window, _T["count"] > 0)
        .values(count=_T["count"] - 1)
    )


async def forget_attempts_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the counts of windows that began before `instant` (the worker calls it); how many."""
    done = await db.execute(delete(Attempt).where(_T.window_start < instant))
    return int(getattr(done, "rowcount", 0))
