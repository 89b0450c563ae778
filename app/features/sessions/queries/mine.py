"""Sessions as somebody meets them: the next ones, and those that await a word of their organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, exists, func, literal, select, tuple_

from app.core.clock import now
from app.core.db import Handle
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation
from app.features.initiatives.models import Participation
from app.features.sessions.models import (
    Amendment,
    AmendmentState,
    Attendance,
    AttendanceStatus,
    MinutesValidation,
    Session,
    SessionAnswer,
    SessionState,
)
from app.features.sessions.queries.answers import is_expected
from app.features.sessions.queries.cards import CARD, SessionRow
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import both_among

_S = Session.__table__.c
MOST_AWAITED = 200
BEFORE, AFTER, MOST_IN_A_CALENDAR = timedelta(days=180), timedelta(days=550), 500


@dataclass(frozen=True, slots=True)
class UpcomingRow:
    """A session to come, and what the caller's organisations answered."""

    session: SessionRow
    answers: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class AwaitedRow:
    """What a session awaits of an organisation that the caller speaks for: its answer, or its word on the minutes."""

    what: Literal["answer", "minutes"]
    due_at: datetime
    organisation_id: UUID
    organisation_name: str
    session: SessionRow


def upcoming(actor: Actor) -> Select[Any]:
    """The sessions that the caller may read and that are not over, and `answers` of their organisations."""
    given = (
        select(func.json_object_agg(SessionAnswer.organisation_id, SessionAnswer.answer))
        .where(SessionAnswer.session_id == _S.id, SessionAnswer.organisation_id.in_(actor.organisations))
        .scalar_subquery()
    )
    return select(*CARD, given.label("answers")).where(
        visible(actor, Session, Action.SESSION_READ), _S.ends_at > now(), _S.state == SessionState.PLANNED
    )


async def list_my_upcoming(read: Handle, actor: Actor, *, cursor: str | None, limit: int) -> Page[UpcomingRow]:
    """The sessions that the caller may read and that are not over, the nearest first."""
    mark, question = mark_of(cursor), upcoming(actor)
    if mark is not None:
        question = question.where(tuple_(_S.starts_at, _S.id) > (mark.key, mark.id))
    rows = await read.execute(question.order_by(_S.starts_at, _S.id).limit(limit + 1))
    found = [UpcomingRow(SessionRow(*row[:-1]), _by_id(row[-1])) for row in rows]
    return page_of(found, limit, lambda row: Mark(row.session.starts_at, row.session.id))


async def list_awaiting_answer(read: Handle, actor: Actor) -> list[AwaitedRow]:
    """Sessions to answer and minutes to read for the organisations that the caller speaks for, by deadline."""
    voiced = voiced_by(actor)
    if not voiced:
        return []
    rows = await read.execute(awaiting(actor, voiced))
    return [AwaitedRow(row[0], row[1], row[2], row[3], SessionRow(*row[4:])) for row in rows]


def voiced_by(actor: Actor, initiative_id: UUID | None = None) -> frozenset[tuple[UUID, UUID]]:
    """(initiative, organisation): in whose name the caller may write, of one initiative or of all."""
    return frozenset(place for place, seat in actor.seats.items() if seat.voices and initiative_id in (None, place[0]))


def awaiting(actor: Actor, voiced: frozenset[tuple[UUID, UUID]]) -> Select[Any]:
    """What sessions await of these organisations, by deadline: the columns of `AwaitedRow`, then of its session."""
    organisation = Organisation.__table__.c
    mine = both_among(Session.initiative_id, Organisation.id, voiced)
    readable = visible(actor, Session, Action.SESSION_READ)
    to_answer = _awaited("answer", _S.starts_at).where(
        _S.state == SessionState.PLANNED,
        _S.starts_at > now(),
        exists()
        .where(is_expected(), Participation.organisation_id == organisation.id)
        .correlate(Session, Organisation),
        ~_said(SessionAnswer),
    )
    to_read = _awaited("minutes", _S.minutes_until).where(
        _S.state == SessionState.MINUTES_OPEN,
        _S.minutes_until > now(),
        _said(Attendance, Attendance.status == AttendanceStatus.PRESENT),
        ~_said(MinutesValidation),
        ~_said(Amendment, Amendment.state != AmendmentState.WITHDRAWN),
    )
    both = to_answer.where(mine, readable).union_all(to_read.where(mine, readable)).subquery()
    return select(both).order_by(both.c.due_at, both.c.id, both.c.organisation_id).limit(MOST_AWAITED)


async def list_calendar(read: Handle, actor: Actor) -> Sequence[SessionRow]:
    """What the caller may see now of the last half year and of the eighteen months to come."""
    at = now()
    question = select(*CARD).where(
        visible(actor, Session, Action.SESSION_READ), _S.starts_at.between(at - BEFORE, at + AFTER)
    )
    # Those to come first: a calendar that is cut short loses its past
    nearest = (_S.ends_at < at, func.abs(func.extract("epoch", _S.starts_at - at)), _S.id)
    return [SessionRow(*row) for row in await read.execute(question.order_by(*nearest).limit(MOST_IN_A_CALENDAR))]


def _awaited(what: str, due_at: Any) -> Select[Any]:
    name = Organisation.name.label("organisation_name")
    return (
        select(
            literal(what).label("what"), due_at.label("due_at"), Organisation.id.label("organisation_id"), name, *CARD
        )
        .select_from(Session)
        .join(Organisation, literal(value=True))
    )


def _said(model: Any, *more: Any) -> Any:
    """Whether the organisation has a row of this kind at the session."""
    same = (model.session_id == _S.id, model.organisation_id == Organisation.id)
    return exists().where(*same, *more).correlate(Session, Organisation)


def _by_id(answers: dict[str, str] | None) -> dict[UUID, str]:
    return {UUID(organisation): answer for organisation, answer in (answers or {}).items()}
