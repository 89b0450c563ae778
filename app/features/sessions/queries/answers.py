"""Who says that they come: each organisation that is expected, with its answer or without any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation, Person
from app.features.initiatives.models import Participation
from app.features.sessions.models import Session, SessionAnswer
from app.features.sessions.queries.attendance import NAME
from app.features.spaces.models import SpaceMember
from app.policy.actor import ParticipationRole

_S, _A = Session.__table__.c, SessionAnswer.__table__.c
_SENT = aliased(Person)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What an organisation answered; `answer` is null and `version` 0 while it has not: silence is not consent."""

    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    answer: str | None
    sent_person_id: UUID | None
    sent_person_name: str | None
    sent_name: str | None
    answered_at: datetime | None
    person_id: UUID | None
    person_name: str | None
    capacity: str | None
    version: int


def is_expected() -> ColumnElement[bool]:
    """Of a session and a participation: the organisation is of its space (a plenary: of the initiative) on that day.

    Those who observe may come; nobody waits for their answer, since they give none.
    """
    day = func.least(_S.starts_at, func.now())
    member = exists().where(
        SpaceMember.space_id == _S.space_id,
        SpaceMember.organisation_id == Participation.organisation_id,
        SpaceMember.during.contains(day),
    )
    return (
        (Participation.initiative_id == _S.initiative_id)
        & Participation.during.contains(day)
        & (Participation.role != ParticipationRole.OBSERVER)
        & or_(_S.space_id.is_(None), member)
    )


def answers(session_id: Any) -> Select[Any]:
    """The columns of `AnswerRow`, then what they are sorted by: those expected, and whoever answered besides."""
    expected = select(Participation.organisation_id).join(Session, is_expected()).where(_S.id == session_id)
    answered = select(_A.organisation_id).where(_A.session_id == session_id)
    return (
        select(
            *(literal(session_id, _S.id.type).label("session_id"), Organisation.id.label("organisation_id")),
            *(Organisation.name.label("organisation_name"), _A.answer),
            *(_A.sent_person_id, _SENT.name.label("sent_person_name"), _A.sent_name, _A.answered_at),
            *(_A.person_id, Person.name.label("person_name"), _A.capacity),
            *(func.coalesce(_A.version, 0).label("version"), NAME.label("sorted")),
        )
        .select_from(Organisation)
        .outerjoin(SessionAnswer, (_A.organisation_id == Organisation.id) & (_A.session_id == session_id))
        .outerjoin(Person, Person.id == _A.person_id)
        .outerjoin(_SENT, _SENT.id == _A.sent_person_id)
        .where(Organisation.id.in_(expected.union(answered)))
        .order_by(NAME, Organisation.id)
    )


async def list_answers(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[AnswerRow]:
    """By organisation, those without an answer too. The caller was allowed to read the session (`get_card`)."""
    mark, question = mark_of(cursor, str), answers(session_id)
    if mark is not None:
        question = question.where(tuple_(NAME, Organisation.id) > (mark.key, mark.id))
    rows = (await read.execute(question.limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.organisation_id))
    return Page([AnswerRow(*row[:-1]) for row in page.items], page.next_cursor)


async def find_answer(read: Handle, session_id: UUID, organisation_id: UUID) -> AnswerRow | None:
    """That of one organisation; None when nobody expects one."""
    row = (await read.execute(answers(session_id).where(Organisation.id == organisation_id))).first()
    return None if row is None else AnswerRow(*row[:-1])
