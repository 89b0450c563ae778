"""What happened, written in the transaction of the change itself; everything else reads it from here.

Audit, activity, mail and live updates are projections of `events`. A row holds ids and codes,
never a text or an address. A reader that advanced by `id` alone would miss the event of a
slow transaction whose id was taken first: `read_after` advances by (xid, id), and only below
the oldest transaction still running (`pg_snapshot_xmin`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Row, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core.clock import now
from app.core.model import Access, Base, access, one_of

if TYPE_CHECKING:
    from app.policy.actor import Actor


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction number, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "XID8"

    def result_processor(self, _dialect: Any, _coltype: Any) -> Any:
        return lambda value: None if value is None else int(value)


class Audience(StrEnum):
    """Who may read that something happened, beside those who may read its object."""

    SPACE = "space"
    """Whoever reads the space inside."""
    INITIATIVE = "initiative"
    """Whoever takes part in the initiative."""
    PILOTS = "pilots"
    """The initiative's co-pilots."""
    ORGANISATION = "organisation"
    """The organisation's own people."""
    PERSON = "person"
    """The person alone."""
    ADMINISTRATOR = "administrator"
    """Administrators alone: sign-ins, accounts."""
    EVERYBODY = "everybody"
    """Published: visitors too."""


UPON = (
    "verb IN ('contribution.moderated', 'contribution.restored', 'contribution.withdrawn', 'contribution.erased', "
    "'reply.moderated', 'reply.restored', 'reply.withdrawn', 'reply.erased')"
)
"""Done to words, perhaps by others than those who said them: rare, so that an index of their own costs a post nothing."""


class Event(Base):
    """Somebody did something, once."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime] = mapped_column(default=now)
    verb: Mapped[str]
    """Past tense, `noun.verbed`."""
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    initiative_id: Mapped[UUID | None]
    space_id: Mapped[UUID | None]
    audience: Mapped[str]
    person_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    capacity: Mapped[str | None]
    login_id: Mapped[UUID | None]
    quiet: Mapped[bool] = mapped_column(default=False)
    """Imports: kept for the audit, sent to nobody."""
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    __table_args__ = (
        Index("ix_events_horizon", "xid", "id"),
        Index("ix_events_object", "object_type", "object_id", "id"),
        Index("ix_events_space", "space_id", "id", postgresql_where=text("space_id IS NOT NULL")),
        Index("ix_events_initiative", "initiative_id", "id", postgresql_where=text("initiative_id IS NOT NULL")),
        Index(
            "ix_events_organisation",
            "organisation_id",
            "id",
            postgresql_where=text("organisation_id IS NOT NULL"),
        ),
        Index("ix_events_person", "person_id", "id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_events_public", "id", postgresql_where=text("audience = 'everybody'")),
        Index(
            "ix_events_wide",
            "initiative_id",
            "id",
            postgresql_where=text("space_id IS NULL OR audience = 'initiative'"),
        ),
        Index("ix_events_upon", "space_id", "id", postgresql_where=text(UPON)),
        one_of("audience", Audience),
        access(Access.APPEND),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nothing reads back what was just written


class EventCursor(Base):
    """How far a reader of events has come."""

    __tablename__ = "event_cursors"

    reader: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger, default=0)
    event_id: Mapped[int] = mapped_column(BigInteger, default=0)
    highest_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    """The largest id among the events dealt with."""
    floor_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    """Events up to this id were dealt with before or at the restoration of a dump, whatever their numbers say."""
    cluster: Mapped[int | None] = mapped_column(BigInteger)
    """The identifier of the database cluster whose transaction numbers these are."""

    __table_args__ = (access(Access.KEEP),)


def record(db: AsyncSession, actor: Actor, verb: str, thing: Any, *, audience: Audience, **said: Any) -> None:
    """Say that `actor` did `verb` to the row `thing`; `said` is what `event_of` takes.

    `initiative_id` and `space_id` are read from the thing, so that an event is never
    readable further than its object.
    """
    table = thing.__tablename__
    place: dict[str, Any] = {
        "initiative_id": thing.id if table == "initiatives" else getattr(thing, "initiative_id", None),
        "space_id": thing.id if table == "spaces" else getattr(thing, "space_id", None),
    }
    db.add(Event(**event_of(actor, verb, table.removesuffix("s"), thing.id, audience=audience, **place, **said)))


def event_of(
    actor: Actor,
    verb: str,
    object_type: str,
    object_id: UUID,
    *,
    audience: Audience,
    initiative_id: UUID | None,
    space_id: UUID | None,
    organisation_id: UUID | None = None,
    capacity: str | None = None,
    quiet: bool = False,
    **data: Any,
) -> dict[str, Any]:
    """The columns of an event, for those who write it together with its object; `data` holds codes, counts and ids only."""
    return {
        "at": now(),
        "verb": verb,
        "object_type": object_type,
        "object_id": object_id,
        "initiative_id": initiative_id,
        "space_id": space_id,
        "audience": audience,
        "person_id": actor.person_id,
        "organisation_id": organisation_id,
        "capacity": capacity,
        "login_id": actor.login_id,
        "quiet": quiet or actor.is_import,
        "data": data,
    }


async def read_after(db: AsyncConnection | AsyncSession, reader: str, limit: int = 500) -> Sequence[Row[Any]]:
    """The next events for `reader`, in commit-safe order, at most `limit`; keep a batch under two seconds.

    A dump restored into another cluster brings the numbers of the old one, below which new events would be passed
    over for ever. The cursor says of which cluster it speaks: in another one, `anchor_cursor` gives at once whatever
    the reader had not dealt with, each event once, and goes on with the new numbers.
    """
    # Two workers that both found no cursor would both read from the start: the row is there before it is locked.
    await db.execute(
        text(
            "INSERT INTO event_cursors (reader, xid, event_id, cluster) "
            "SELECT :reader, 0, 0, system_identifier FROM pg_control_system() ON CONFLICT DO NOTHING"
        ),
        {"reader": reader},
    )
    ours = EventCursor.cluster.is_not_distinct_from(text("(SELECT system_identifier FROM pg_control_system())"))
    cursor = (
        await db.execute(
            select(EventCursor.xid, EventCursor.event_id, EventCursor.floor_id, ours.label("is_of_this_cluster"))
            .where(EventCursor.reader == reader)
            .with_for_update()
        )
    ).one()
    table = Event.__table__
    if not cursor.is_of_this_cluster:
        anchor = text(f"SELECT {', '.join(table.c.keys())} FROM anchor_cursor(:reader)").columns(*table.c)  # noqa: S608 - our columns
        return (await db.execute(anchor, {"reader": reader})).all()
    rows = await db.execute(
        select(table)
        .where(
            tuple_(table.c.xid, table.c.id)
            > tuple_(
                text("CAST(CAST(:after_xid AS text) AS xid8)").bindparams(after_xid=str(cursor.xid)), cursor.event_id
            ),
            table.c.id > cursor.floor_id,
            text("events.xid < pg_snapshot_xmin(pg_current_snapshot())"),
        )
        .order_by(table.c.xid, table.c.id)
        .limit(limit)
    )
    return rows.all()


async def advance(db: AsyncConnection | AsyncSession, reader: str, rows: Sequence[Row[Any]]) -> None:
    """Remember that `reader` has dealt with these rows, as `read_after` gave them in this transaction.

    What was read while the cursor found its place again (below its floor) is remembered already.
    """
    if not rows:
        return
    await db.execute(
        text(
            "UPDATE event_cursors SET xid = :xid, event_id = :event_id, highest_id = greatest(highest_id, :highest) "
            "WHERE reader = :reader AND floor_id < :event_id"
        ),
        {
            "reader": reader,
            "xid": rows[-1].xid,
            "event_id": rows[-1].id,
            "highest": max(row.id for row in rows),
        },
    )
