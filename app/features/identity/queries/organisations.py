"""Organisations: everybody reads them, within the initiatives that they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Family, Organisation, Profile, Scale
from app.features.identity.queries.above import INITIATIVES, PARTICIPATIONS, sees_initiative, takes_part
from app.features.identity.territories import within
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

UNKNOWN = "Cette organisation n’existe pas."
_T = Organisation.__table__.c
_KEY = func.lower(func.f_unaccent(_T.name))
_COLUMNS = (
    _T.id,
    _T.name,
    _T.acronym,
    _T.profile,
    _T.family,
    _T.scale,
    _T.territories,
    _T.sdgs,
    _T.description,
    _T.website,
    _T.demonstration,
    _T.version,
    _T.created_at,
    _KEY.label("key"),
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation; `key` is what lists are sorted by."""

    id: UUID
    name: str
    acronym: str | None
    profile: str
    family: str | None
    scale: str | None
    territories: list[str]
    sdgs: list[int]
    description: str
    website: str | None
    demonstration: bool
    version: int
    created_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class OrganisationFilters:
    """What a list of organisations is narrowed to."""

    profile: Profile | None = None
    family: Family | None = None
    scale: Scale | None = None
    territory: str | None = None
    """Organisations that act there, or somewhere inside."""
    sdg: int | None = None
    initiative: UUID | None = None
    q: str | None = None
    """How the name or the acronym begins, without case or accents."""


async def list_organisations(
    read: Handle, actor: Actor, filters: OrganisationFilters, *, limit: int, cursor: str | None
) -> Page[OrganisationRow]:
    """Organisations by name."""
    mark = mark_of(cursor, str)
    question = select(*_COLUMNS).where(visible(actor, Organisation, Action.ORGANISATION_READ))
    for condition in _conditions(actor, filters):
        question = question.where(condition)
    if mark is not None:
        question = question.where(tuple_(_KEY, _T.id) > tuple_(bindparam("after", mark.key, Text()), mark.id))
    rows = await read.execute(question.order_by(_KEY, _T.id).limit(limit + 1))
    return page_of([OrganisationRow(*row) for row in rows], limit, lambda row: Mark(row.key, row.id))


def _conditions(actor: Actor, filters: OrganisationFilters) -> list[Any]:
    conditions: list[Any] = [
        column == value
        for column, value in ((_T.profile, filters.profile), (_T.family, filters.family), (_T.scale, filters.scale))
        if value is not None
    ]
    if filters.territory is not None:
        conditions.append(_T.territories.op("&&")(bindparam("within", within(filters.territory), ARRAY(Text()))))
    if filters.sdg is not None:
        conditions.append(_T.sdgs.contains([filters.sdg]))
    if filters.initiative is not None:
        conditions.append(takes_part(actor, _T.id, filters.initiative))
    if filters.q is not None:
        begin = func.lower(func.f_unaccent(bindparam("begin", filters.q, Text())))
        acronym = func.lower(func.f_unaccent(func.coalesce(_T.acronym, "")))
        conditions.append(func.starts_with(_KEY, begin) | func.starts_with(acronym, begin))
    return conditions


async def get_organisation(read: Handle, actor: Actor, organisation_id: UUID) -> OrganisationRow:
    """One organisation, or `NotFound`."""
    question = select(*_COLUMNS).where(_T.id == organisation_id, visible(actor, Organisation, Action.ORGANISATION_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(UNKNOWN)
    return OrganisationRow(*row)


@dataclass(frozen=True, slots=True)
class ParticipationRow:
    """Where an organisation takes part now."""

    initiative_id: UUID
    title: str
    role: str


async def list_participations(read: Handle, actor: Actor, organisation_id: UUID) -> list[ParticipationRow]:
    """The initiatives in which an organisation takes part now and that the caller may see, 200 at most."""
    question = (
        select(INITIATIVES.c.id, INITIATIVES.c.title, PARTICIPATIONS.c.role)
        .select_from(PARTICIPATIONS.join(INITIATIVES, INITIATIVES.c.id == PARTICIPATIONS.c.initiative_id))
        .where(
            PARTICIPATIONS.c.organisation_id == organisation_id,
            PARTICIPATIONS.c.during.contains(func.now()),
            sees_initiative(actor),
        )
        .order_by(INITIATIVES.c.title, INITIATIVES.c.id)
        .limit(200)
    )
    return [ParticipationRow(*row) for row in await read.execute(question)]
