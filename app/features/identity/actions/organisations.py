"""Organisations: made by administrators, described by those who manage them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.errors import NotFound
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.identity.models import Organisation
from app.features.identity.queries.organisations import UNKNOWN
from app.features.identity.schemas.organisations import OrganisationChange, OrganisationIn
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible

CLEARED = {"description": "", "acronym": None, "family": None, "scale": None, "website": None}
"""What a null empties."""


async def create(db: AsyncSession, actor: Actor, said: OrganisationIn) -> Organisation:
    """A new organisation; two that differ by case or accents alone are one (409)."""
    require(actor, Action.ORGANISATION_CREATE, Organisation)
    values = said.model_dump() | {"description": said.description or ""}
    organisation = Organisation(id=new_id(), demonstration=False, version=1, **values)
    db.add(organisation)
    await db.flush()
    record(
        db,
        actor,
        "organisation.created",
        organisation,
        audience=Audience.ORGANISATION,
        organisation_id=organisation.id,
    )
    return organisation


async def edit(
    db: AsyncSession, actor: Actor, organisation_id: UUID, expected: Expected, said: OrganisationChange
) -> Organisation:
    """Change what is named."""
    question = select(Organisation).where(
        Organisation.id == organisation_id, visible(actor, Organisation, Action.ORGANISATION_READ)
    )
    organisation = (await db.execute(question.with_for_update(key_share=True))).scalar_one_or_none()
    if organisation is None:
        raise NotFound(UNKNOWN)
    require(actor, Action.ORGANISATION_EDIT, organisation)
    expected.check(organisation.version)
    if changed := alter(organisation, asked(said, CLEARED)):
        await db.flush()
        record(
            db,
            actor,
            "organisation.edited",
            organisation,
            audience=Audience.ORGANISATION,
            organisation_id=organisation.id,
            fields=changed,
        )
    return organisation
