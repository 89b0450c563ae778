"""What each person has seen, and when they were here last.

Two things make "new" exact though transactions commit in another order than they begin.

A visit keeps the database's snapshot of its last request: what a later page may call new is what that snapshot did not
hold, whatever its id and hour (`pg_visible_in_snapshot`). Hours alone would lose the event of a slow transaction.

A statement has a number (`Arrival`), given when it is first shown; what a person has seen of a space is a multirange of
numbers. Only numbers that were on a page are marked, so that a statement that commits late, under a lower number than its
neighbours, stands in a hole, and is new. Holes that nothing can fill any more are closed, or there would be one range for
each statement. A post holds a shared lock of its space from before its number is taken until it commits; a reader who finds
that lock free knows that every number below those that it reads is settled: taken and committed, or never. (No snapshot
tells this: its upper end is the last transaction that ended, not the last that began.)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core.model import Access, Base, access

ARRIVALS = 1_095_518_274
"""The first half of the key of a space's lock (the trigger names it too); the second is a hash of its id."""


class PgSnapshot(UserDefinedType[str]):
    """Which transactions were over at an instant."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "PG_SNAPSHOT"


class Arrival(Base):
    """A statement became readable in its space; written by a trigger, in the transaction that shows it.

    No foreign key: statements are never deleted, and a post is not to pay for the check.
    """

    __tablename__ = "arrivals"

    statement_id: Mapped[UUID] = mapped_column(primary_key=True)
    space_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    """Rises through all spaces; never used twice."""

    __table_args__ = (UniqueConstraint("space_id", "number"), access(Access.READ))


class Reading(Base):
    """The statements of a space that a person has seen, from inside or from outside: two readings, as they show different things."""

    __tablename__ = "readings"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True)
    space_id: Mapped[UUID] = mapped_column(ForeignKey("spaces.id"), primary_key=True)
    inside: Mapped[bool] = mapped_column(primary_key=True)
    seen: Mapped[Any] = mapped_column(INT8MULTIRANGE())
    settled: Mapped[int] = mapped_column(BigInteger)
    """Up to which number holes have been closed."""

    __table_args__ = (access(Access.FULL),)


class Visit(Base):
    """When a person was last in an initiative, and where their visit before ended."""

    __tablename__ = "visits"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"), primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """The last request of the visit that runs."""
    seen: Mapped[str] = mapped_column(PgSnapshot())
    cluster: Mapped[int] = mapped_column(BigInteger)
    """The database cluster whose transactions `seen` speaks of: after a restoration elsewhere hours alone count."""
    since_at: Mapped[datetime | None]
    """The last request of the visit before; empty in the first one."""
    since: Mapped[str | None] = mapped_column(PgSnapshot())
    since_cluster: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (access(Access.FULL),)
