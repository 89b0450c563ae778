"""People who run a space: an assignment with dates, not a role."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import end
from app.core.errors import NotFound, invalid
from app.features.identity.models import Mandate, Person, PersonState
from app.features.initiatives.models import Participation
from app.features.spaces.actions.members import past
from app.features.spaces.actions.space import get_to_edit, tell
from app.features.spaces.models import Facilitator
from app.features.spaces.schemas import FacilitatorDraft
from app.policy.actor import WRITING, Actor, ParticipationRole


async def add_facilitator(db: AsyncSession, actor: Actor, space_id: UUID, draft: FacilitatorDraft) -> Facilitator:
    """Let somebody run the space; an organisation that does not only observe must have mandated them to write there."""
    space = await get_to_edit(db, actor, space_id)
    seated = (
        select(Mandate.id)
        .join(Person, Person.id == Mandate.person_id)
        .join(Participation, Participation.organisation_id == Mandate.organisation_id)
        .where(
            Mandate.person_id == draft.person_id,
            Person.state == PersonState.ACTIVE,
            Participation.initiative_id == space.initiative_id,
            Participation.role != ParticipationRole.OBSERVER,
            Mandate.powers.overlap(sorted(WRITING)),
            or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == space.initiative_id),
            Mandate.during.op("@>")(func.now()),
            Participation.during.op("@>")(func.now()),
        )
    )
    if (await db.execute(seated.limit(1))).first() is None:
        raise invalid(
            "/person_id", "Aucune organisation de la démarche n’a donné à cette personne mandat d’y contribuer."
        )
    facilitator = Facilitator(
        initiative_id=space.initiative_id,
        space_id=space.id,
        person_id=draft.person_id,
        during=Range(past(draft.since), None),
    )
    db.add(facilitator)
    await db.flush()
    tell(db, actor, "facilitator.added", facilitator, facilitator=str(draft.person_id))
    return facilitator


async def end_facilitator(db: AsyncSession, actor: Actor, space_id: UUID, person_id: UUID) -> Facilitator:
    """End the assignment; what the person did as facilitator stays theirs."""
    space = await get_to_edit(db, actor, space_id)
    question = (
        select(Facilitator)
        .where(Facilitator.space_id == space.id, Facilitator.person_id == person_id)
        .order_by(func.lower(Facilitator.during).desc())
        .limit(1)
        .with_for_update()
    )
    facilitator = (await db.execute(question)).scalar_one_or_none()
    if facilitator is None:
        raise NotFound("Cette personne n’anime pas cet espace.")
    end(facilitator)
    await db.flush()
    tell(db, actor, "facilitator.ended", facilitator, facilitator=str(person_id))
    return facilitator
