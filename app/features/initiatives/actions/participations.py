"""Organisations that join an initiative and leave it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import DateTime, Uuid, column, func, literal, select, table, update
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import end
from app.core.clock import now
from app.core.errors import Conflict, NotFound, invalid, unknown
from app.core.events import Audience, Event, event_of
from app.core.i18n import later
from app.features.identity.models import Organisation
from app.features.initiatives.actions.process import get_to_edit, tell
from app.features.initiatives.models import Initiative, Participation
from app.features.initiatives.queries import InitiativeArchived
from app.features.initiatives.schemas import ParticipationDraft
from app.policy.actions import Action
from app.policy.actor import Actor, ParticipationRole
from app.policy.decide import require, visible
from app.policy.speaker import find_pilot_speaker, signature

MEMBERS = table(
    "space_members",
    column("id", Uuid()),
    column("initiative_id", Uuid()),
    column("space_id", Uuid()),
    column("organisation_id", Uuid()),
    column("during", TSTZRANGE()),
)
"""The columns of a feature above that leaving an initiative ends (a floor below never imports one above)."""

NO_ORGANISATION = later("Cette organisation n’existe pas, ou vous n’y avez pas accès.")


class LastCopilot(Conflict):
    """An initiative keeps at least one co-pilot organisation: bring another one in first."""

    title = "Dernière organisation co-pilote"


async def start_participation(
    db: AsyncSession, actor: Actor, reference: str, draft: ParticipationDraft
) -> Participation:
    """Let an organisation take part; 409 when it already does on that day."""
    initiative = await get_to_edit(db, actor, reference)
    known = select(Organisation.id).where(
        Organisation.id == draft.organisation_id, visible(actor, Organisation, Action.ORGANISATION_READ)
    )
    if (await db.execute(known)).scalar_one_or_none() is None:
        raise unknown("/organisation_id", NO_ORGANISATION)
    since = draft.since or now()
    if since > now():
        raise invalid("/since", "Cette date est à venir : une organisation participe à partir de maintenant ou avant.")
    participation = Participation(
        initiative_id=initiative.id,
        organisation_id=draft.organisation_id,
        role=draft.role,
        during=Range(since, None),
    )
    db.add(participation)
    await db.flush()
    _tell(db, actor, "participation.started", participation)
    return participation


async def end_participation(db: AsyncSession, actor: Actor, participation_id: UUID) -> Participation:
    """Let an organisation leave, its spaces with the rest; what it said stays, and stays its own.

    Coming back, or taking part in another role, it is let into spaces anew: nothing is regained in silence.
    """
    question = (
        select(Participation, Initiative)
        .join(Initiative, Initiative.id == Participation.initiative_id)
        .where(Participation.id == participation_id, visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=True)
    )
    row = (await db.execute(question)).first()
    if row is None:
        raise NotFound("Cette participation n’existe pas, ou vous n’y avez pas accès.")
    participation, initiative = row
    require(actor, Action.INITIATIVE_EDIT, initiative, InitiativeArchived)
    end(participation)
    if participation.role == ParticipationRole.COPILOT and await _copilots(db, initiative.id) == 1:
        raise LastCopilot("Une démarche garde au moins une organisation co-pilote : désignez-en une autre d’abord.")
    await db.flush()
    _tell(db, actor, "participation.ended", participation)
    await _leave_spaces(db, actor, participation)
    return participation


async def _leave_spaces(db: AsyncSession, actor: Actor, it: Participation) -> None:
    """End the organisation's memberships at the instant of its participation, and say so in each space."""
    at = literal(it.during.upper, DateTime(timezone=True))
    begun = func.lower(MEMBERS.c.during)
    running = (func.upper(MEMBERS.c.during) > at) | func.upper_inf(MEMBERS.c.during)
    ended = (
        update(MEMBERS)
        .where(MEMBERS.c.initiative_id == it.initiative_id, MEMBERS.c.organisation_id == it.organisation_id, running)
        # A range without any length is empty, and forgets when it was.
        .values(during=func.tstzrange(begun, func.greatest(at, begun + timedelta(microseconds=1))))
        .returning(MEMBERS.c.id, MEMBERS.c.space_id)
    )
    who = signature(find_pilot_speaker(actor, it.initiative_id))
    for row in await db.execute(ended):
        place = {"initiative_id": it.initiative_id, "space_id": row.space_id, "audience": Audience.SPACE}
        told = event_of(
            actor, "space_member.ended", "space_member", row.id, **place, **who, member=str(it.organisation_id)
        )
        db.add(Event(**told))
    await db.flush()


async def _copilots(db: AsyncSession, initiative_id: UUID) -> int:
    """How many organisations co-pilot now, the initiative's row being held."""
    question = select(func.count()).where(
        Participation.initiative_id == initiative_id,
        Participation.role == ParticipationRole.COPILOT,
        Participation.during.op("@>")(func.now()),
    )
    return int((await db.execute(question)).scalar_one())


def _tell(db: AsyncSession, actor: Actor, verb: str, it: Participation) -> None:
    tell(db, actor, verb, it, it.initiative_id, role=it.role, member=str(it.organisation_id))
