"""Mandates: read by the person, by the organisation's own people and by administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, case, func, literal, or_, select, tuple_

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Mandate, Organisation, Person
from app.features.identity.queries.above import INITIATIVES, sees_initiative, takes_part
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import is_author

UNKNOWN = "Ce mandat n’existe pas, ou vous n’y avez pas accès."
_M, _P, _O = Mandate.__table__.c, Person.__table__.c, Organisation.__table__.c


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate with the names around it; `email` is empty where the caller may not read it."""

    id: UUID
    person_id: UUID
    person: str | None
    email: str | None
    organisation_id: UUID
    organisation: str
    initiative_id: UUID | None
    initiative: str | None
    powers: list[str]
    starts_at: datetime | None
    ends_at: datetime | None
    running: bool
    given_by: UUID | None
    ended_by: UUID | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MandateFilters:
    """What a list of mandates is narrowed to."""

    organisation: UUID | None = None
    initiative: UUID | None = None
    """Those that are worth something there: made for it, or for every initiative of an organisation that takes part."""
    person: UUID | None = None
    running: bool | None = None


def _running() -> ColumnElement[bool]:
    """Now by our clock: a transaction's own stands still, and would miss the mandate that it has just given."""
    return _M.during.contains(literal(now(), DateTime(timezone=True)))


def _question(actor: Actor) -> Any:
    # The rule of giving mandates is the rule of who manages people: they, and oneself, read the address.
    shows_address = or_(visible(actor, Mandate, Action.MANDATE_GIVE), is_author(actor, Mandate))
    return (
        select(
            _M.id,
            _M.person_id,
            _P.name,
            case((shows_address, _P.email)),
            _M.organisation_id,
            _O.name.label("organisation"),
            _M.initiative_id,
            INITIATIVES.c.title,
            _M.powers,
            func.lower(_M.during),
            func.upper(_M.during),
            _running(),
            _M.given_by,
            _M.ended_by,
            case((_M.ended_by.is_(None), 1), else_=2),
            _M.created_at,
        )
        .join(Person, _P.id == _M.person_id)
        .join(Organisation, _O.id == _M.organisation_id)
        .outerjoin(INITIATIVES, (INITIATIVES.c.id == _M.initiative_id) & sees_initiative(actor))
        .where(visible(actor, Mandate, Action.MANDATE_READ))
    )


async def list_mandates(
    read: Handle, actor: Actor, filters: MandateFilters, *, limit: int, cursor: str | None
) -> Page[MandateRow]:
    """Mandates, the newest first."""
    mark = mark_of(cursor)
    question = _question(actor)
    if filters.organisation is not None:
        question = question.where(_M.organisation_id == filters.organisation)
    if filters.initiative is not None:
        question = question.where(
            or_(_M.initiative_id == filters.initiative, _M.initiative_id.is_(None)),
            takes_part(actor, _M.organisation_id, filters.initiative),
        )
    if filters.person is not None:
        question = question.where(_M.person_id == filters.person)
    if filters.running is not None:
        question = question.where(_running() == filters.running)
    if mark is not None:
        question = question.where(tuple_(_M.created_at, _M.id) < tuple_(mark.key, mark.id))
    rows = await read.execute(question.order_by(_M.created_at.desc(), _M.id.desc()).limit(limit + 1))
    return page_of([MandateRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


async def get_mandate(
    read: Handle, actor: Actor, mandate_id: UUID, *, organisation_id: UUID | None = None
) -> MandateRow:
    """One mandate, of this organisation where an address names one, or `NotFound`."""
    question = _question(actor).where(_M.id == mandate_id)
    if organisation_id is not None:
        question = question.where(_M.organisation_id == organisation_id)
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(UNKNOWN)
    return MandateRow(*row)
