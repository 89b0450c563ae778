"""Organisations: made by administrators, described by those who manage them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.errors import Forbidden, NotFound
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.identity.models import Organisation
from app.features.identity.queries.organisations import UNKNOWN
from app.features.identity.schemas.organisations import OrganisationChange, OrganisationIn
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import managing

CLEARED = {"description": "", "acronym": None, "family": None, "scale": None, "website": None}
"""What a null empties."""
COUNTED = ("profile", "family")
"""What coverage and anonymity are counted by: three organisations of a profile let each of them be named by it."""


class ForAdministrators(Forbidden):
    """The profile and the family of an organisation decide what is counted and who stays unnamed: an administrator changes them."""

    title = "Réservé à l’administration"


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
    """Change what is named; the profile and the family are changed by administrators."""
    question = select(Organisation).where(
        Organisation.id == organisation_id, visible(actor, Organisation, Action.ORGANISATION_READ)
    )
    organisation = (await db.execute(question.with_for_update(key_share=True))).scalar_one_or_none()
    if organisation is None:
        raise NotFound(UNKNOWN)
    require(actor, Action.ORGANISATION_EDIT, organisation)
    expected.check(organisation.version)
    wanted = asked(said, CLEARED)
    if not actor.is_admin and any(name in wanted and wanted[name] != getattr(organisation, name) for name in COUNTED):
        raise ForAdministrators(
            "Le profil et la famille d’une organisation servent à compter et à protéger l’anonymat : "
            "demandez à l’administration de la plateforme de les changer."
        )
    if changed := alter(organisation, wanted):
        await db.flush()
        record(
            db,
            actor,
            "organisation.edited",
            organisation,
            audience=Audience.ORGANISATION,
            **managing(actor, organisation.id),
            fields=changed,
        )
    return organisation
