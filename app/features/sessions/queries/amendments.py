"""What those who came say of the minutes, and whose word is still awaited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation, Person
from app.features.sessions.models import (
    Amendment,
    AmendmentState,
    Attendance,
    AttendanceStatus,
    MinutesValidation,
    Session,
)
from app.features.sessions.queries.attendance import NAME
from app.features.sessions.queries.cards import CARD, SessionRow
from app.features.sessions.queries.signatures import signed
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

NO_AMENDMENT = "Cette correction n’existe pas, ou vous n’y avez pas accès."
_A, _V = Amendment.__table__.c, MinutesValidation.__table__.c
_DECIDER = aliased(Person)


@dataclass(frozen=True, slots=True)
class AmendmentRow:
    """What an organisation wants the minutes to say, and what became of it."""

    id: UUID
    session_id: UUID
    initiative_id: UUID
    space_id: UUID | None
    minutes_n: int
    agenda_item_id: UUID | None
    text: str
    state: str
    reason: str | None
    decided_by: UUID | None
    decider_name: str | None
    decided_at: datetime | None
    created_at: datetime
    version: int
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What an organisation that came has said of the minutes: nothing while `validated_n` is null and `amendments` 0."""

    organisation_id: UUID
    organisation_name: str
    validated_n: int | None
    validated_at: datetime | None
    amendments: int


def amendments() -> Select[Any]:
    """The columns of `AmendmentRow`, the oldest first."""
    return (
        signed(
            Amendment,
            *(_A.id, _A.session_id, _A.initiative_id, _A.space_id, _A.minutes_n, _A.agenda_item_id),
            *(_A.text, _A.state, _A.reason, _A.decided_by, _DECIDER.name.label("decider_name")),
            *(_A.decided_at, _A.created_at, _A.version),
        )
        .outerjoin(_DECIDER, _DECIDER.id == _A.decided_by)
        .order_by(_A.id)
    )


async def list_amendments(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[AmendmentRow]:
    """The oldest first. The caller was allowed to read the session (`get_card`)."""
    mark, question = mark_of(cursor), amendments().where(_A.session_id == session_id)
    if mark is not None:
        question = question.where(_A.id > mark.id)
    rows = await read.execute(question.limit(limit + 1))
    return page_of([AmendmentRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


async def get_amendment(read: Handle, actor: Actor, amendment_id: UUID) -> tuple[AmendmentRow, SessionRow]:
    """One amendment with its session; `NotFound` when hidden or unknown."""
    question = (
        amendments()
        .join(Session, Session.id == _A.session_id)
        .add_columns(*CARD)
        .where(_A.id == amendment_id, visible(actor, Session, Action.SESSION_READ))
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(NO_AMENDMENT)
    split = len(row) - len(CARD)
    return AmendmentRow(*row[:split]), SessionRow(*row[split:])


def readings(session_id: Any) -> Select[Any]:
    """The columns of `ReadingRow`, then what they are sorted by: the organisations that came."""
    came = exists().where(
        Attendance.session_id == session_id,
        Attendance.organisation_id == Organisation.id,
        Attendance.status == AttendanceStatus.PRESENT,
    )
    validated = (
        select(_V.organisation_id, func.max(_V.n).label("n"), func.max(_V.created_at).label("at"))
        .where(_V.session_id == session_id)
        .group_by(_V.organisation_id)
        .subquery()
    )
    proposed = (
        select(func.count())
        .where(
            _A.session_id == session_id,
            _A.organisation_id == Organisation.id,
            _A.state != AmendmentState.WITHDRAWN,
        )
        .scalar_subquery()
    )
    return (
        select(
            *(Organisation.id.label("organisation_id"), Organisation.name.label("organisation_name")),
            *(validated.c.n.label("validated_n"), validated.c.at.label("validated_at")),
            *(proposed.label("amendments"), NAME.label("sorted")),
        )
        .outerjoin(validated, validated.c.organisation_id == Organisation.id)
        .where(came)
        .order_by(NAME, Organisation.id)
    )


async def list_readings(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[ReadingRow]:
    """By organisation that came. The caller was allowed to read the session (`get_card`)."""
    mark, question = mark_of(cursor, str), readings(session_id)
    if mark is not None:
        question = question.where(tuple_(NAME, Organisation.id) > (mark.key, mark.id))
    rows = (await read.execute(question.limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.organisation_id))
    return Page([ReadingRow(*row[:-1]) for row in page.items], page.next_cursor)
