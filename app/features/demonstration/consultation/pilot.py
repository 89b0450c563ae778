"""The demonstration's co-pilot of an imported consultation: an organisation and a person who say what they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.passwords import hash_password
from app.features.demonstration.accounts import OPERATOR, demonstration_password
from app.features.identity.models import Mandate, Organisation, Person, Profile, Scale
from app.features.initiatives.models import Participation
from app.policy.actor import ParticipationRole, Power
from app.settings import Settings

EMAIL = "consultation@alliage.example"
PERSON = "Co-pilote de la consultation (démonstration)"
ORGANISATION = "Organisation de démonstration – co-pilote de la consultation"
ABOUT = (
    "Organisation imaginée pour la démonstration : elle tient la plume d’une synthèse que personne n’a demandée, et "
    "n’a pris aucune part à la consultation importée."
)


async def make_pilot(db: AsyncSession, settings: Settings, initiative_id: UUID) -> UUID:
    """The person, who can sign in with the demonstration's password; made once, found afterwards."""
    found = await db.execute(select(Person.id).where(Person.email == EMAIL))
    if (person_id := found.scalar_one_or_none()) is not None:
        return UUID(str(person_id))
    since: Range[Any] = Range(now(), None)
    hashed = await hash_password(demonstration_password(settings)[0])
    person = Person(id=new_id(), name=PERSON, email=EMAIL, password=hashed, demonstration=True, version=1)
    organisation = Organisation(
        id=new_id(),
        name=ORGANISATION,
        profile=Profile.ASSOCIATION,
        scale=Scale.NATIONAL,
        description=ABOUT,
        demonstration=True,
        version=1,
    )
    db.add_all([person, organisation])
    await db.flush()
    mandate = Mandate(
        id=new_id(),
        person_id=person.id,
        organisation_id=organisation.id,
        initiative_id=initiative_id,
        powers=[Power.SPEAKS.value],
        during=since,
    )
    participation = Participation(
        id=new_id(),
        initiative_id=initiative_id,
        organisation_id=organisation.id,
        role=ParticipationRole.COPILOT,
        during=since,
    )
    db.add_all([mandate, participation])
    await db.flush()
    own = organisation.id
    record(db, OPERATOR, "account.created", person, audience=Audience.ADMINISTRATOR, is_admin=False)
    record(db, OPERATOR, "organisation.created", organisation, audience=Audience.ORGANISATION, organisation_id=own)
    record(db, OPERATOR, "mandate.given", mandate, audience=Audience.ORGANISATION, organisation_id=own)
    told = {"role": participation.role, "member": str(own)}
    record(db, OPERATOR, "participation.started", participation, audience=Audience.INITIATIVE, **told)
    return person.id
