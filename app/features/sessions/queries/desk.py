"""What sessions have for somebody in one initiative: what is awaited, the next ones, notes to take up; in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, func, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.clock import now
from app.core.db import Handle
from app.features.identity.models import Organisation
from app.features.sessions.models import Session, SessionNote, SessionState
from app.features.sessions.queries.cards import CARD, SessionRow
from app.features.sessions.queries.mine import AwaitedRow, UpcomingRow, awaiting, upcoming, voiced_by
from app.features.sessions.queries.page import as_json
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import both_among

_S, _N = Session.__table__.c, SessionNote.__table__.c
_CARD, _ANSWERS = TypeAdapter(SessionRow), TypeAdapter(dict[UUID, str])
NEXT = 3
MOST_TO_TAKE_UP = 20
PAST = 50


@dataclass(frozen=True, slots=True)
class ToTakeUp:
    """What an organisation said in a session, that nobody has made a contribution of yet."""

    organisation_id: UUID
    organisation_name: str
    notes: int
    session: SessionRow


@dataclass(frozen=True, slots=True)
class SessionsDesk:
    """What sessions have for their reader."""

    awaited: list[AwaitedRow]
    upcoming: list[UpcomingRow]
    to_take_up: list[ToTakeUp]


async def get_sessions_desk(read: Handle, actor: Actor, initiative_id: UUID) -> SessionsDesk:
    """In one initiative: what is awaited by deadline, the nearest sessions, the sessions with notes to take up."""
    voiced = voiced_by(actor, initiative_id)
    nearest = upcoming(actor).where(_S.initiative_id == initiative_id).order_by(_S.starts_at, _S.id).limit(NEXT)
    found = (
        await read.execute(
            select(
                as_json(awaiting(actor, voiced)) if voiced else null(),
                as_json(nearest),
                as_json(_to_take_up(actor, voiced)) if voiced else null(),
            )
        )
    ).one()
    return SessionsDesk(
        awaited=[_awaited(row) for row in found[0] or ()],
        upcoming=[_upcoming(row) for row in found[1] or ()],
        to_take_up=[
            ToTakeUp(UUID(row["organisation_id"]), row["organisation_name"], row["notes"], _CARD.validate_python(row))
            for row in found[2] or ()
        ],
    )


@dataclass(frozen=True, slots=True)
class SpaceSessions:
    """The sessions of a space: those to come, the nearest first, and those that were, the latest first."""

    upcoming: list[UpcomingRow]
    past: list[SessionRow]


async def list_space_sessions(read: Handle, actor: Actor, space_id: UUID) -> SpaceSessions:
    """In one statement, with what the caller's organisations answered; at most 50 of each."""
    coming = upcoming(actor).where(_S.space_id == space_id).order_by(_S.starts_at, _S.id).limit(PAST)
    over: ColumnElement[bool] = or_(_S.ends_at <= now(), _S.state != SessionState.PLANNED)
    past = (
        select(*CARD)
        .where(visible(actor, Session, Action.SESSION_READ), _S.space_id == space_id, over)
        .order_by(_S.starts_at.desc(), _S.id.desc())
        .limit(PAST)
    )
    found = (await read.execute(select(as_json(coming), as_json(past)))).one()
    return SpaceSessions([_upcoming(row) for row in found[0]], [_CARD.validate_python(row) for row in found[1]])


def _to_take_up(actor: Actor, voiced: frozenset[tuple[UUID, UUID]]) -> Select[Any]:
    """The sessions where the organisations were heard, that still take a contribution of it; the latest first."""
    waiting = and_(
        _N.session_id == _S.id,
        _N.removed_at.is_(None),
        _N.contribution_id.is_(None),
        _N.speaker_organisation_id == Organisation.id,
    )
    return (
        select(
            Organisation.id.label("organisation_id"),
            Organisation.name.label("organisation_name"),
            func.count().label("notes"),
            *CARD,
        )
        .select_from(Session)
        .join(SessionNote, SessionNote.session_id == Session.id)
        .join(Organisation, waiting)
        .where(
            both_among(Session.initiative_id, Organisation.id, voiced),
            visible(actor, Session, Action.SESSION_READ),
            _S.state != SessionState.LOCKED,
        )
        .group_by(Organisation.id, Session.id)
        .order_by(_S.starts_at.desc(), _S.id)
        .limit(MOST_TO_TAKE_UP)
    )


def _awaited(row: dict[str, Any]) -> AwaitedRow:
    card = _CARD.validate_python(row)
    due = card.starts_at if row["what"] == "answer" else card.minutes_until
    assert due is not None
    return AwaitedRow(row["what"], due, UUID(row["organisation_id"]), row["organisation_name"], card)


def _upcoming(row: dict[str, Any]) -> UpcomingRow:
    return UpcomingRow(_CARD.validate_python(row), _ANSWERS.validate_python(row["answers"] or {}))
