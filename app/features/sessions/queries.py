"""What readers are shown of sessions, and the question that posts ask: is it locked?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, literal_column, select, tuple_

from app.core.db import Handle
from app.core.errors import NotFound, WrongState
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation, Person
from app.features.sessions.models import (
    Attendance,
    AttendanceStatus,
    Decision,
    DecisionRevision,
    MinutesRevision,
    Session,
    SessionState,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

MISSING = "Cette séance n’existe pas, ou vous n’y avez pas accès."
NO_DECISION = "Cette décision n’existe pas, ou vous n’y avez pas accès."
NO_REVISION = "Le compte rendu n’a pas de révision de ce numéro."


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
    version: int


@dataclass(frozen=True, slots=True)
class SessionWhole:
    """A session and counts of what was kept of it."""

    card: SessionRow
    attendance: dict[str, int]
    decisions_count: int
    minutes_n: int


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """Who came, or was expected."""

    organisation_id: UUID
    organisation_name: str
    person_id: UUID | None
    person_name: str | None
    status: str


@dataclass(frozen=True, slots=True)
class MinutesRow:
    """The minutes as they were saved once, or not yet (`n` is 0)."""

    session_id: UUID
    n: int = 0
    markdown: str = ""
    html: str = ""
    saved_at: datetime | None = None
    person_id: UUID | None = None
    person_name: str | None = None
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    capacity: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One saving of the minutes, without its words."""

    id: UUID
    session_id: UUID
    n: int
    length: int
    saved_at: datetime
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided."""

    id: UUID
    session_id: UUID
    n: int
    text: str
    removed_at: datetime | None
    created_at: datetime
    version: int
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


@dataclass(frozen=True, slots=True)
class DecisionRevisionRow:
    """A wording that a decision has, or had."""

    id: UUID
    decision_id: UUID
    n: int
    text: str
    saved_at: datetime
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


_S, _M, _D = Session.__table__.c, MinutesRevision.__table__.c, Decision.__table__.c
CARD = (
    *(_S.id, _S.initiative_id, _S.space_id, _S.number, _S.title, _S.starts_at, _S.ends_at),
    *(_S.timezone, _S.place, _S.url, _S.state, _S.version),
)
DECISION = (_D.id, _D.session_id, _D.n, _D.text, _D.removed_at, _D.created_at, _D.version)


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


async def list_attendance(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[AttendanceRow]:
    """By organisation. The caller was allowed to read the session (`get_card`)."""
    mark = mark_of(cursor, str)
    name = func.lower(func.f_unaccent(Organisation.name))
    question = (
        select(
            *(Attendance.organisation_id, Organisation.name, Attendance.person_id, Person.name),
            *(Attendance.status, name.label("sorted"), Attendance.id),
        )
        .join(Organisation, Organisation.id == Attendance.organisation_id)
        .outerjoin(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session_id)
    )
    if mark is not None:
        question = question.where(tuple_(name, Attendance.id) > (mark.key, mark.id))
    rows = (await read.execute(question.order_by(name, Attendance.id).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.id))
    return Page([AttendanceRow(*row[:5]) for row in page.items], page.next_cursor)


async def get_minutes(read: Handle, session_id: UUID, n: int | None = None) -> MinutesRow:
    """The minutes in force (empty before the first saving), or the revision `n`; the caller may read the session."""
    question = _signed(MinutesRevision, _M.session_id, _M.n, _M.markdown, _M.html, _M.created_at).where(
        _M.session_id == session_id
    )
    if n is not None:
        question = question.where(_M.n == n)
    row = (await read.execute(question.order_by(_M.n.desc()).limit(1))).first()
    if row is None and n is not None:
        raise NotFound(NO_REVISION)
    return MinutesRow(session_id) if row is None else MinutesRow(*row)


async def list_revisions(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[RevisionRow]:
    """The latest first. The caller was allowed to read the session (`get_card`)."""
    mark = mark_of(cursor, int)
    question = _signed(MinutesRevision, _M.id, _M.session_id, _M.n, func.length(_M.plain), _M.created_at).where(
        _M.session_id == session_id
    )
    if mark is not None:
        question = question.where(_M.n < mark.key)
    rows = await read.execute(question.order_by(_M.n.desc()).limit(limit + 1))
    return page_of([RevisionRow(*row) for row in rows], limit, lambda row: Mark(row.n, row.id))


async def get_plain_texts(read: Handle, session_id: UUID, one: int, other: int) -> tuple[str, str]:
    """The words of two revisions of the minutes; revision 0 is the empty text."""
    question = select(_M.n, _M.plain).where(_M.session_id == session_id, _M.n.in_({one, other}))
    texts: dict[int, str] = {0: ""}
    texts.update((n, plain) for n, plain in await read.execute(question))
    if one not in texts or other not in texts:
        raise NotFound(NO_REVISION)
    return texts[one], texts[other]


async def list_decisions(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[DecisionRow]:
    """In the order in which they were taken. The caller was allowed to read the session (`get_card`)."""
    mark = mark_of(cursor, int)
    question = _signed(Decision, *DECISION).where(_D.session_id == session_id)
    if mark is not None:
        question = question.where(_D.n > mark.key)
    rows = await read.execute(question.order_by(_D.n).limit(limit + 1))
    return page_of([_decision(row) for row in rows], limit, lambda row: Mark(row.n, row.id))


async def get_decision(read: Handle, actor: Actor, decision_id: UUID) -> tuple[DecisionRow, SessionRow]:
    """One decision with its session; `NotFound` when hidden or unknown."""
    question = (
        _signed(Decision, *DECISION)
        .join(Session, Session.id == _D.session_id)
        .add_columns(*CARD)
        .where(_D.id == decision_id, visible(actor, Session, Action.SESSION_READ))
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(NO_DECISION)
    split = len(row) - len(CARD)
    return _decision(row[:split]), SessionRow(*row[split:])


async def list_decision_revisions(
    read: Handle, decision: DecisionRow, *, cursor: str | None, limit: int
) -> Page[DecisionRevisionRow]:
    """The latest first; without its words once the decision is removed. The caller was allowed to read it."""
    mark, table = mark_of(cursor, int), DecisionRevision.__table__.c
    words = table.text if decision.removed_at is None else literal("")
    question = _signed(DecisionRevision, table.id, table.decision_id, table.n, words, table.created_at).where(
        table.decision_id == decision.id
    )
    if mark is not None:
        question = question.where(table.n < mark.key)
    rows = await read.execute(question.order_by(table.n.desc()).limit(limit + 1))
    return page_of([DecisionRevisionRow(*row) for row in rows], limit, lambda row: Mark(row.n, row.id))


async def require_unlocked(db: Handle, session_id: UUID) -> None:
    """Hold the session's row against locking until the transaction ends; `SessionLocked` when it is locked."""
    # FOR KEY SHARE waits for whoever locks (FOR UPDATE), and for nobody else.
    question = select(_S.state).where(_S.id == session_id).with_for_update(read=True, key_share=True)
    if (await db.execute(question)).scalar_one_or_none() in (None, SessionState.LOCKED):
        raise SessionLocked.of(SessionState.LOCKED)


def _decision(row: Any) -> DecisionRow:
    found = DecisionRow(*row)
    if found.removed_at is None:
        return found
    return DecisionRow(*(*row[:3], "", *row[4:]))


def _signed(model: type[MinutesRevision | Decision | DecisionRevision], *columns: Any) -> Select[Any]:
    """These columns, then who did it, for whom, as what."""
    who = (model.person_id, Person.name, model.organisation_id, Organisation.name, model.capacity)
    return (
        select(*columns, *who)
        .select_from(model)
        .outerjoin(Person, Person.id == model.person_id)
        .outerjoin(Organisation, Organisation.id == model.organisation_id)
    )


def _counts() -> tuple[Any, ...]:
    by_status: list[Any] = []
    for status in AttendanceStatus:
        by_status += [literal_column(f"'{status.value}'"), func.count().filter(Attendance.status == status)]
    attendance = select(func.json_build_object(*by_status)).where(Attendance.session_id == _S.id)
    decisions = select(func.count()).where(_D.session_id == _S.id, _D.removed_at.is_(None))
    minutes = select(func.coalesce(func.max(_M.n), 0)).where(_M.session_id == _S.id)
    return attendance.scalar_subquery(), decisions.scalar_subquery(), minutes.scalar_subquery()
