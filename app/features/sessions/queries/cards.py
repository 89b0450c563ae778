"""Sessions themselves, and the question that posts ask: is it locked?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select, tuple_

from app.core.db import Handle
from app.core.errors import NotFound, WrongState
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.sessions.models import (
    ActionState,
    Attendance,
    AttendanceStatus,
    Decision,
    DecisionKind,
    MinutesRevision,
    Session,
    SessionState,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

MISSING = "Cette séance n’existe pas, ou vous n’y avez pas accès."


class SessionLocked(WrongState):
    """The session is locked: its minutes, attendance and decisions are final, and nothing is attached to it any more."""

    title = "Séance verrouillée"
    sentence = "Cette séance est verrouillée : elle ne change plus, et on n’y rattache plus rien."


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list."""

    id: UUID
    initiative_id: UUID
    space_id: UUID | None
    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    url: str | None
    state: str
    minutes_until: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class SessionWhole:
    """A session and counts of what was kept of it."""

    card: SessionRow
    attendance: dict[str, int]
    decisions_count: int
    open_actions_count: int
    minutes_n: int


@dataclass(frozen=True, slots=True)
class Within:
    """A row of a session as the rules look at it: who signed it, and the place and the state of its session."""

    initiative_id: UUID
    space_id: UUID | None
    state: str
    person_id: UUID | None
    organisation_id: UUID | None
    speaker_organisation_id: UUID | None = None

    @classmethod
    def of(cls, session: Session | SessionRow, row: Any) -> Within:
        """The row within its session."""
        speaker = getattr(row, "speaker_organisation_id", None)
        return cls(session.initiative_id, session.space_id, session.state, row.person_id, row.organisation_id, speaker)


_S, _M, _D = Session.__table__.c, MinutesRevision.__table__.c, Decision.__table__.c
CARD = (
    *(_S.id, _S.initiative_id, _S.space_id, _S.number, _S.title, _S.starts_at, _S.ends_at),
    *(_S.timezone, _S.place, _S.url, _S.state, _S.minutes_until, _S.version),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions are asked for."""

    initiative_id: UUID | None = None
    space_id: UUID | None = None
    plenary: bool | None = None
    state: SessionState | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_sessions(
    read: Handle, actor: Actor, wanted: Wanted, *, cursor: str | None, limit: int
) -> Page[SessionRow]:
    """Those that the caller may read, by date: they begin at `since` or later, before `until`."""
    mark = mark_of(cursor)
    question = select(*CARD).where(visible(actor, Session, Action.SESSION_READ))
    for column, value in (
        (_S.initiative_id, wanted.initiative_id),
        (_S.space_id, wanted.space_id),
        (_S.state, wanted.state),
    ):
        if value is not None:
            question = question.where(column == value)
    if wanted.plenary is not None:
        question = question.where(_S.space_id.is_(None) if wanted.plenary else _S.space_id.is_not(None))
    if wanted.since is not None:
        question = question.where(_S.starts_at >= wanted.since)
    if wanted.until is not None:
        question = question.where(_S.starts_at < wanted.until)
    if mark is not None:
        question = question.where(tuple_(_S.starts_at, _S.id) > (mark.key, mark.id))
    rows = await read.execute(question.order_by(_S.starts_at, _S.id).limit(limit + 1))
    return page_of([SessionRow(*row) for row in rows], limit, lambda row: Mark(row.starts_at, row.id))


async def get_card(read: Handle, actor: Actor, session_id: UUID, action: Action = Action.SESSION_READ) -> SessionRow:
    """The session; `NotFound` when hidden or unknown."""
    row = (await read.execute(select(*CARD).where(_S.id == session_id, visible(actor, Session, action)))).first()
    if row is None:
        raise NotFound(MISSING)
    return SessionRow(*row)


async def get_session(read: Handle, actor: Actor, session_id: UUID) -> SessionWhole:
    """The session with its counts, in one statement; `NotFound` when hidden or unknown."""
    question = select(*CARD, *_counts()).where(_S.id == session_id, visible(actor, Session, Action.SESSION_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(MISSING)
    return SessionWhole(SessionRow(*row[: len(CARD)]), *row[len(CARD) :])


async def require_unlocked(db: Handle, session_id: UUID) -> None:
    """Hold the session's row against locking until the transaction ends; `SessionLocked` when it is locked."""
    # FOR KEY SHARE waits for whoever locks (FOR UPDATE), and for nobody else.
    question = select(_S.state).where(_S.id == session_id).with_for_update(read=True, key_share=True)
    if (await db.execute(question)).scalar_one_or_none() in (None, SessionState.LOCKED):
        raise SessionLocked.of(SessionState.LOCKED)


def _counts() -> tuple[Any, ...]:
    by_status: list[Any] = []
    for status in AttendanceStatus:
        by_status += [literal_column(f"'{status.value}'"), func.count().filter(Attendance.status == status)]
    attendance = select(func.json_build_object(*by_status)).where(Attendance.session_id == _S.id)
    kept = select(func.count()).where(_D.session_id == _S.id, _D.removed_at.is_(None))
    decisions, actions = kept.where(_D.kind == DecisionKind.DECISION), kept.where(_D.state == ActionState.OPEN)
    minutes = select(func.coalesce(func.max(_M.n), 0)).where(_M.session_id == _S.id)
    return tuple(count.scalar_subquery() for count in (attendance, decisions, actions, minutes))
