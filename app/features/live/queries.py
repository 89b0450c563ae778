"""What a live page asks: may I still read this, until when, what did I miss, and who is writing here?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, func, or_, select, text

from app.core.db import Handle, Question, fetch
from app.core.errors import NotFound, WrongState
from app.core.events import Event
from app.core.live import Change
from app.features.deliverables.models import Deliverable, Passage, Section
from app.features.deliverables.queries.outline import NOT_FOUND, SECTION_NOT_FOUND
from app.features.deliverables.queries.passages import PASSAGE_NOT_FOUND
from app.features.identity.models import Person
from app.features.initiatives.models import Initiative, InitiativeState
from app.features.live.models import Presence
from app.features.live.schemas import PresenceOut
from app.features.sessions.models import Session
from app.features.sessions.queries import MISSING as SESSION_NOT_FOUND
from app.features.sessions.queries import SessionLocked
from app.features.spaces.models import Space
from app.features.spaces.queries import MISSING as SPACE_NOT_FOUND
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible

E = Event.__table__
PR = Presence.__table__
PERSONS = Person.__table__
MOST_MISSED = 200
"""Changes that somebody who was away is told one by one; beyond, they read the page again."""
MOST_WRITERS = 200


@dataclass(frozen=True, slots=True)
class Followed:
    """A kind of page that can be followed: who reads it, and who may know who is writing there."""

    question: Callable[[Actor, UUID], Executable]
    missing: str
    write: Action | None
    wrong: type[WrongState] = WrongState


def _deliverable(actor: Actor, thing: UUID) -> Executable:
    return select(Deliverable.id, Deliverable.initiative_id, Deliverable.state).where(
        Deliverable.id == thing, visible(actor, Deliverable, Action.DELIVERABLE_READ)
    )


def _session(actor: Actor, thing: UUID) -> Executable:
    return select(Session.id, Session.initiative_id, Session.space_id, Session.state).where(
        Session.id == thing, visible(actor, Session, Action.SESSION_READ)
    )


def _space(actor: Actor, thing: UUID) -> Executable:
    return select(Space.id, Space.initiative_id, Space.state).where(
        Space.id == thing, visible(actor, Space, Action.SPACE_READ)
    )


def _passage(actor: Actor, thing: UUID) -> Executable:
    return (
        select(Deliverable.id, Deliverable.initiative_id, Deliverable.state)
        .join(Passage, Passage.deliverable_id == Deliverable.id)
        .where(Passage.id == thing, Passage.removed_at.is_(None), visible(actor, Passage, Action.DELIVERABLE_READ))
    )


def _section(actor: Actor, thing: UUID) -> Executable:
    return (
        select(Deliverable.id, Deliverable.initiative_id, Deliverable.state)
        .join(Section, Section.deliverable_id == Deliverable.id)
        .where(Section.id == thing, Section.removed_at.is_(None), visible(actor, Section, Action.DELIVERABLE_READ))
    )


FOLLOWED = {
    "deliverable": Followed(_deliverable, NOT_FOUND, Action.DELIVERABLE_WRITE),
    "session": Followed(_session, SESSION_NOT_FOUND, Action.NOTE_WRITE, SessionLocked),
    "space": Followed(_space, SPACE_NOT_FOUND, None),
}
"""What a stream is about."""
PLACES = {
    "passage": Followed(_passage, PASSAGE_NOT_FOUND, Action.DELIVERABLE_WRITE),
    "section": Followed(_section, SECTION_NOT_FOUND, Action.DELIVERABLE_WRITE),
    "notes": Followed(_session, SESSION_NOT_FOUND, Action.NOTE_WRITE, SessionLocked),
    "minutes": Followed(_session, SESSION_NOT_FOUND, Action.MINUTES_WRITE, SessionLocked),
}
"""Where somebody can be writing: each question gives the row of the deliverable or the session that holds the place."""


async def is_archived(read: Handle, initiative_id: UUID) -> bool:
    """Whether the initiative changes no more; nothing is held, since nothing that stays is written."""
    found = await read.execute(select(Initiative.state).where(Initiative.id == initiative_id))
    return bool(found.scalar_one() == InitiativeState.ARCHIVED)


async def find_followed(read: Handle, actor: Actor, kind: Followed, thing: UUID) -> Any | None:
    """The row that the caller's rights are asked of, or None."""
    return (await read.execute(kind.question(actor, thing))).first()


async def get_followed(read: Handle, actor: Actor, kind: Followed, thing: UUID) -> Any:
    """The same, or NotFound."""
    if (row := await find_followed(read, actor, kind, thing)) is None:
        raise NotFound(kind.missing)
    return row


_STANDING = Question("""
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark, now() AS asked_at, least(
  (SELECT l.expires_at FROM logins l WHERE l.id = %(login)s),
  (SELECT t.expires_at FROM api_tokens t WHERE t.id = %(login)s),
  (SELECT min(upper(m.during)) FROM mandates m WHERE m.person_id = %(person)s AND upper(m.during) > now()),
  (SELECT min(upper(f.during)) FROM facilitators f WHERE f.person_id = %(person)s AND upper(f.during) > now()),
  (SELECT min(upper(g.during)) FROM access_grants g WHERE g.person_id = %(person)s AND upper(g.during) > now()),
  (SELECT min(upper(p.during)) FROM participations p
   WHERE p.organisation_id = ANY (%(organisations)s::uuid[]) AND upper(p.during) > now()),
  (SELECT min(upper(s.during)) FROM space_members s
   WHERE s.organisation_id = ANY (%(organisations)s::uuid[]) AND upper(s.during) > now())) AS ends_at
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the log of changes is now, and in how many seconds a right of the caller ends by its date."""

    mark: int
    ends_in: float | None


async def get_standing(read: Handle, actor: Actor) -> Standing:
    """One statement."""
    parameters = {
        "login": actor.login_id,
        "person": actor.person_id,
        "organisations": sorted(actor.organisations),
    }
    [row] = await fetch(read, _STANDING, parameters)
    ends_in = None if row.ends_at is None else max((row.ends_at - row.asked_at).total_seconds(), 0.0)
    return Standing(row.mark, ends_in)


async def list_missed(read: Handle, actor: Actor, scope: str, thing: UUID, mark: int) -> list[Change] | None:
    """What was recorded about the page by transactions from `mark` on, as far as the caller may know; None: too much.

    Some of it may have been told already: a change may be told twice, never not at all.
    """
    topics = [E.c.object_id == thing]
    topics.append(E.c.space_id == thing if scope == "space" else E.c.data[f"{scope}_id"].astext == str(thing))
    question = (
        select(E)
        .where(
            text("events.xid >= CAST(CAST(:mark AS text) AS xid8)").bindparams(bindparam("mark", str(mark))),
            E.c.quiet.is_(False),
            or_(*topics),
            visible(actor, Event, Action.EVENT_READ),
        )
        .order_by(E.c.xid, E.c.id)
        .limit(MOST_MISSED + 1)
    )
    rows = (await read.execute(question)).all()
    return None if len(rows) > MOST_MISSED else [_change(row, mark) for row in rows]


def _change(row: Any, mark: int) -> Change:
    return Change(
        verb=row.verb,
        object_type=row.object_type,
        object_id=row.object_id,
        mark=mark,
        audience=row.audience,
        initiative_id=row.initiative_id,
        space_id=row.space_id,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        version=row.data.get("version"),
    )


def place_of(kind: str, thing: UUID) -> str:
    """How a place is named."""
    return f"{kind}:{thing}"


async def list_writers_of(read: Handle, actor: Actor, scope: str, thing: UUID, at: datetime) -> Sequence[PresenceOut]:
    """Who writes where in a deliverable or a session; names are for those who may write there: else 404, 403 or 409."""
    followed = FOLLOWED[scope]
    row = await get_followed(read, actor, followed, thing)
    assert followed.write is not None
    require(actor, followed.write, row, followed.wrong)
    return await list_writers(read, actor, scope_id=row.id, at=at)


async def list_writers(
    read: Handle, actor: Actor, *, scope_id: UUID, at: datetime, place: str | None = None
) -> Sequence[PresenceOut]:
    """Who writes there at this instant, for somebody who was found to write there too."""
    question = (
        select(PR, PERSONS.c.name)
        .join(PERSONS, PERSONS.c.id == PR.c.person_id)
        .where(PR.c.scope_id == scope_id, PR.c.until > at)
        .order_by(PR.c.since, func.lower(PERSONS.c.name), PR.c.person_id)
        .limit(MOST_WRITERS)
    )
    if place is not None:
        question = question.where(PR.c.place == place)
    return [
        PresenceOut.model_construct(
            place=row.place,
            person_id=row.person_id,
            person=row.name,
            mine=row.person_id == actor.person_id,
            since=row.since,
            until=row.until,
        )
        for row in await read.execute(question)
    ]
