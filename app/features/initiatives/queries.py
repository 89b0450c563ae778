"""What readers are shown of initiatives, and the one question that other features ask: does it still take contributions?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import NotFound, WrongState
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation, Person
from app.features.initiatives.models import (
    AccessGrant,
    Initiative,
    InitiativeState,
    Milestone,
    Participation,
    Phase,
    Term,
)
from app.policy.actions import Action
from app.policy.actor import Actor, ParticipationRole
from app.policy.decide import visible

MISSING = "Cette démarche n’existe pas, ou vous n’y avez pas accès."
EMBEDDED_MOST = 200
_SLUG = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class InitiativeClosed(WrongState):
    """The initiative takes no contribution: it is in preparation, closed or archived."""

    title = "Démarche fermée aux contributions"

    @classmethod
    def of(cls, state: str, **facts: Any) -> Self:
        """Not yet, or no more."""
        when = "pas encore" if state == InitiativeState.PREPARATION else "plus"
        return cls(f"Cette démarche ne reçoit {when} de contribution.", state=str(state), **facts)


class InitiativeArchived(WrongState):
    """The initiative is archived: everything in it is read, nothing is changed."""

    title = "Démarche archivée"
    sentence = "Cette démarche est archivée : elle se lit, elle ne change plus."


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """An initiative in a list."""

    id: UUID
    slug: str
    title: str
    summary: str
    note: str
    languages: list[str]
    timezone: str
    state: str
    starts_on: date | None
    ends_on: date | None
    demonstration: bool
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class InitiativeWhole:
    """An initiative and what hangs on it; the lists hold plain columns by name."""

    card: InitiativeRow
    phases: list[dict[str, Any]]
    milestones: list[dict[str, Any]]
    participations: dict[str, int]
    copilots: list[dict[str, Any]]
    terms: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A dated stage."""

    id: UUID
    initiative_id: UUID
    title: str
    starts_on: date
    ends_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """Something that happened on a day."""

    id: UUID
    initiative_id: UUID
    on_date: date
    title: str
    summary: str
    url: str | None
    version: int


@dataclass(frozen=True, slots=True)
class TermRow:
    """A word of a taxonomy."""

    id: UUID
    initiative_id: UUID
    taxonomy: str
    code: str
    label: str
    position: int
    retired_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class ParticipationRow:
    """An organisation in the initiative."""

    id: UUID
    initiative_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_profile: str
    organisation_family: str | None
    role: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """An administrator's access."""

    id: UUID
    initiative_id: UUID
    person_id: UUID
    person_name: str | None
    reason: str
    since: datetime | None
    until: datetime | None

    @property
    def running(self) -> bool:
        """Whether it lets its holder read now."""
        return self.until is not None and self.until > now()


_I, _P, _M, _T = Initiative.__table__.c, Phase.__table__.c, Milestone.__table__.c, Term.__table__.c
CARD = (
    *(_I.id, _I.slug, _I.title, _I.summary, _I.note, _I.languages, _I.timezone, _I.state),
    *(_I.starts_on, _I.ends_on, _I.demonstration, _I.created_at, _I.version),
)
PHASE = (_P.id, _P.initiative_id, _P.title, _P.starts_on, _P.ends_on, _P.version)
MILESTONE = (_M.id, _M.initiative_id, _M.on_date, _M.title, _M.summary, _M.url, _M.version)
PARTICIPATION = (
    *(Participation.id, Participation.initiative_id, Participation.organisation_id),
    *(Organisation.name, Organisation.profile, Organisation.family, Participation.role),
    *(func.lower(Participation.during), func.upper(Participation.during)),
)
TERM = (_T.id, _T.initiative_id, _T.taxonomy, _T.code, _T.label, _T.position, _T.retired_at, _T.version)


Part = TypeVar("Part", PhaseRow, MilestoneRow, TermRow, ParticipationRow)
PARTS: dict[type[Any], tuple[tuple[Any, ...], Any]] = {
    PhaseRow: (PHASE, Phase),
    MilestoneRow: (MILESTONE, Milestone),
    TermRow: (TERM, Term),
    ParticipationRow: (PARTICIPATION, Participation),
}


async def list_initiatives(
    read: Handle, actor: Actor, *, state: InitiativeState | None, cursor: str | None, limit: int
) -> Page[InitiativeRow]:
    """Those that the caller may read, newest first."""
    mark = mark_of(cursor)
    question = select(*CARD).where(visible(actor, Initiative, Action.INITIATIVE_READ))
    if state is not None:
        question = question.where(_I.state == state)
    if mark is not None:
        question = question.where(tuple_(_I.created_at, _I.id) < (mark.key, mark.id))
    rows = await read.execute(question.order_by(_I.created_at.desc(), _I.id.desc()).limit(limit + 1))
    return page_of([InitiativeRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


async def get_card(read: Handle, actor: Actor, reference: str) -> InitiativeRow:
    """The initiative that an id or a short name designates; `NotFound` when hidden or unknown."""
    row = (await read.execute(select(*CARD).where(designates(reference), _seen(actor)))).first()
    if row is None:
        raise NotFound(MISSING)
    return InitiativeRow(*row)


async def get_initiative(read: Handle, actor: Actor, reference: str) -> InitiativeWhole:
    """The initiative with its phases, milestones, organisations and words, in one statement."""
    question = select(*CARD, *_embedded()).where(designates(reference), _seen(actor))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(MISSING)
    card, rest = row[: len(CARD)], row[len(CARD) :]
    phases, milestones, participations, copilots, terms = rest
    return InitiativeWhole(
        InitiativeRow(*card),
        phases=phases or [],
        milestones=milestones or [],
        participations=participations,
        copilots=copilots or [],
        terms=terms or [],
    )


async def get_part(read: Handle, actor: Actor, part: type[Part], part_id: UUID) -> tuple[Part, InitiativeRow]:
    """A phase, milestone, term or participation, with the initiative that the caller must be allowed to read."""
    columns, table = PARTS[part]
    question = select(*columns, *CARD).join(Initiative, Initiative.id == table.initiative_id)
    if part is ParticipationRow:
        question = question.join(Organisation, Organisation.id == Participation.organisation_id)
    row = (await read.execute(question.where(table.id == part_id, _seen(actor)))).first()
    if row is None:
        raise NotFound("Il n’y a rien à cette adresse, ou vous n’y avez pas accès.")
    return part(*row[: len(columns)]), InitiativeRow(*row[len(columns) :])


async def list_phases(read: Handle, initiative_id: UUID, *, cursor: str | None, limit: int) -> Page[PhaseRow]:
    """By date. The caller was allowed to read the initiative (`get_card`)."""
    rows = await read.execute(
        _by_day(select(*PHASE).where(_P.initiative_id == initiative_id), _P.starts_on, _P.id, cursor, limit)
    )
    return page_of([PhaseRow(*row) for row in rows], limit, lambda row: _day_mark(row.starts_on, row.id))


async def list_milestones(read: Handle, initiative_id: UUID, *, cursor: str | None, limit: int) -> Page[MilestoneRow]:
    """By date. The caller was allowed to read the initiative (`get_card`)."""
    rows = await read.execute(
        _by_day(select(*MILESTONE).where(_M.initiative_id == initiative_id), _M.on_date, _M.id, cursor, limit)
    )
    return page_of([MilestoneRow(*row) for row in rows], limit, lambda row: _day_mark(row.on_date, row.id))


async def list_terms(
    read: Handle, initiative_id: UUID, *, taxonomy: str | None, cursor: str | None, limit: int
) -> Page[TermRow]:
    """By position, retired ones too. The caller was allowed to read the initiative (`get_card`)."""
    mark = mark_of(cursor, int)
    question = select(*TERM).where(_T.initiative_id == initiative_id)
    if taxonomy is not None:
        question = question.where(_T.taxonomy == taxonomy)
    if mark is not None:
        question = question.where(tuple_(_T.position, _T.id) > (mark.key, mark.id))
    rows = await read.execute(question.order_by(_T.position, _T.id).limit(limit + 1))
    return page_of([TermRow(*row) for row in rows], limit, lambda row: Mark(row.position, row.id))


async def list_participations(
    read: Handle, initiative_id: UUID, *, role: ParticipationRole | None, cursor: str | None, limit: int
) -> Page[ParticipationRow]:
    """Organisations by name, those that left too. The caller was allowed to read the initiative (`get_card`)."""
    mark = mark_of(cursor, str)
    name = func.lower(func.f_unaccent(Organisation.name))
    question = (
        select(*PARTICIPATION, name.label("sorted"))
        .join(Organisation, Organisation.id == Participation.organisation_id)
        .where(Participation.initiative_id == initiative_id)
    )
    if role is not None:
        question = question.where(Participation.role == role)
    if mark is not None:
        question = question.where(tuple_(name, Participation.id) > (mark.key, mark.id))
    rows = (await read.execute(question.order_by(name, Participation.id).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.id))
    return Page([ParticipationRow(*row[:-1]) for row in page.items], page.next_cursor)


async def list_grants(
    read: Handle, actor: Actor, initiative_id: UUID, *, cursor: str | None, limit: int
) -> Page[GrantRow]:
    """Accesses given to administrators, newest first, for those who may know of them."""
    mark = mark_of(cursor)
    question = _grants().where(
        AccessGrant.initiative_id == initiative_id, visible(actor, AccessGrant, Action.ACCESS_READ)
    )
    since = func.lower(AccessGrant.during)
    if mark is not None:
        question = question.where(tuple_(since, AccessGrant.id) < (mark.key, mark.id))
    rows = await read.execute(question.order_by(since.desc(), AccessGrant.id.desc()).limit(limit + 1))
    return page_of([GrantRow(*row) for row in rows], limit, lambda row: Mark(row.since or now(), row.id))


async def get_grant(read: Handle, actor: Actor, grant_id: UUID) -> GrantRow:
    """One access, for those who may know of it."""
    question = _grants().where(AccessGrant.id == grant_id, visible(actor, AccessGrant, Action.ACCESS_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound("Cet accès n’existe pas, ou vous n’avez pas à le connaître.")
    return GrantRow(*row)


async def require_not_archived(db: Handle, initiative_id: UUID) -> None:
    """Hold the initiative's row against archiving until the transaction ends; `InitiativeArchived` when it is done."""
    if await _held_state(db, initiative_id) == InitiativeState.ARCHIVED:
        raise InitiativeArchived.of(InitiativeState.ARCHIVED)


async def _held_state(db: Handle, initiative_id: UUID) -> str | None:
    # FOR KEY SHARE waits for whoever closes (FOR UPDATE), and for nobody else.
    question = select(_I.state).where(_I.id == initiative_id).with_for_update(read=True, key_share=True)
    state: str | None = (await db.execute(question)).scalar_one_or_none()
    return state


def designates(reference: str) -> ColumnElement[bool]:
    """The condition on `initiatives` that an id or a short name means; `NotFound` for what is neither.

    Python's UUID takes digits of any script, which the address would then carry into a header.
    """
    if _ID.fullmatch(reference):
        return _I.id == UUID(reference)
    if _SLUG.fullmatch(reference) is None:
        raise NotFound(MISSING)
    return _I.slug == reference


def _seen(actor: Actor) -> ColumnElement[bool]:
    return visible(actor, Initiative, Action.INITIATIVE_READ)


def _object_of(columns: tuple[Any, ...]) -> Any:
    return _object({column.name: column for column in columns})


def _object(values: dict[str, Any]) -> Any:
    # Keys are written out: json_build_object takes any type, so the server cannot guess a parameter's.
    parts: list[Any] = []
    for key, value in values.items():
        parts += [literal_column(f"'{key}'"), value]
    return func.json_build_object(*parts)


def _gathered(columns: tuple[Any, ...], where: Any, *order: Any) -> Any:
    """A JSON list of the rows of one table, as one column: no second statement, no product of joins."""
    inner = select(*columns).where(where).order_by(*order).limit(EMBEDDED_MOST).correlate(Initiative.__table__)
    rows = inner.subquery()
    again = [rows.c[column.name] for column in order]
    return select(func.json_agg(aggregate_order_by(_object_of(tuple(rows.c)), *again))).scalar_subquery()


def _embedded() -> tuple[Any, ...]:
    running = (Participation.initiative_id == _I.id) & Participation.during.op("@>")(func.now())
    counts = _object({role.value: func.count().filter(Participation.role == role) for role in ParticipationRole})
    copilot = _object({"id": Organisation.id, "name": Organisation.name})
    copilots = (
        select(func.json_agg(aggregate_order_by(copilot, Organisation.name)))
        .join(Participation, Participation.organisation_id == Organisation.id)
        .where(running, Participation.role == ParticipationRole.COPILOT)
    )
    return (
        _gathered(PHASE, _P.initiative_id == _I.id, _P.starts_on, _P.id),
        _gathered(MILESTONE, _M.initiative_id == _I.id, _M.on_date, _M.id),
        select(counts).select_from(Participation).where(running).scalar_subquery(),
        copilots.scalar_subquery(),
        _gathered(TERM, (_T.initiative_id == _I.id) & _T.retired_at.is_(None), _T.taxonomy, _T.position, _T.id),
    )


def _by_day(question: Select[Any], day: Any, row_id: Any, cursor: str | None, limit: int) -> Select[Any]:
    mark = mark_of(cursor)
    if mark is not None and isinstance(mark.key, datetime):
        question = question.where(tuple_(day, row_id) > (mark.key.date(), mark.id))
    return question.order_by(day, row_id).limit(limit + 1)


def _day_mark(day: date, row_id: UUID) -> Mark:
    return Mark(datetime.combine(day, time(), UTC), row_id)


def _grants() -> Select[Any]:
    return select(
        AccessGrant.id,
        AccessGrant.initiative_id,
        AccessGrant.person_id,
        Person.name,
        AccessGrant.reason,
        func.lower(AccessGrant.during),
        func.upper(AccessGrant.during),
    ).join(Person, Person.id == AccessGrant.person_id)
