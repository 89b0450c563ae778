"""Mandates: who may act for an organisation, given and ended by those who manage its people, or given back.

A mandate never changes: changing powers ends one and opens another, so that what was done under the first one
still says under which powers it was done.

Whoever manages an organisation's people may give any of its powers, to themselves too: a lead speaks for the
organisation and manages its people, and what they may give to a colleague they need not ask of one. The audit keeps
who gave what to whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, Forbidden, NotFound, invalid
from app.core.events import Audience, Event, event_of, record
from app.core.model import new_id
from app.core.versions import ANY_VERSION, Expected
from app.features.identity.models import Mandate, Organisation, Person, PersonState
from app.features.identity.queries.above import PARTICIPATIONS, takes_part
from app.features.identity.queries.mandates import UNKNOWN
from app.features.identity.schemas.people import MandateChange, MandateIn
from app.policy.actions import Action
from app.policy.actor import Actor, Power
from app.policy.decide import allowed, require, visible
from app.policy.speaker import managing


class LastToManage(Conflict):
    """Nobody would manage this organisation's people any more. Give the power to somebody else first, or ask an administrator."""

    title = "Dernier responsable"


class MandateEnded(Conflict):
    """This mandate has ended already. Give a new one."""

    title = "Mandat terminé"


class OutsideYourMandate(Forbidden):
    """You manage this organisation's people for one initiative; this mandate is for another one, or for all of them."""

    title = "Hors de votre mandat"


class AdministratorWithoutMandate(Conflict):
    """Whoever administers the platform acts for no organisation. Give the mandate to another account."""

    title = "Compte d’administration"


OUTSIDE = "Votre mandat ne vous permet de gérer les membres de cette organisation que dans une autre démarche."


@dataclass(frozen=True, slots=True)
class ForOrganisation:
    """A mandate or an invitation that does not exist yet, as a thing to decide about."""

    organisation_id: UUID
    initiative_id: UUID | None


async def require_to_manage(
    db: AsyncSession, actor: Actor, action: Action, organisation_id: UUID, initiative_id: UUID | None
) -> None:
    """The caller manages this organisation's people there; the organisation is held until the commit.

    Holding it puts in one line whatever changes who manages: the last one cannot leave twice at once, and a
    mandate that has just ended gives nothing more.
    """
    it = ForOrganisation(organisation_id, initiative_id)
    elsewhere = organisation_id in {managed for _, managed in actor.managed_here}
    if actor.may_write and elsewhere and not allowed(actor, action, it):
        raise OutsideYourMandate(OUTSIDE)
    require(actor, action, it)
    if not await _hold(db, organisation_id):
        raise invalid("/organisation_id", "Cette organisation n’existe pas.")
    if actor.is_admin:
        return
    assert actor.person_id is not None
    if not await manages(db, actor.person_id, organisation_id, initiative_id):
        raise OutsideYourMandate(OUTSIDE)


async def _hold(db: AsyncSession, organisation_id: UUID) -> bool:
    """Keep the organisation for ourselves until the commit; whether it exists."""
    question = select(Organisation.id).where(Organisation.id == organisation_id)
    return (await db.execute(question.with_for_update(key_share=True))).first() is not None


async def manages(db: AsyncSession, person_id: UUID, organisation_id: UUID, initiative_id: UUID | None) -> bool:
    """Whether a running mandate lets this person manage the organisation's people in this initiative (None: in all)."""
    everywhere_or_there = or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == initiative_id)
    return await _found(db, _managing(organisation_id), everywhere_or_there, Mandate.person_id == person_id)


def _managing(organisation_id: UUID) -> ColumnElement[bool]:
    """Running now: by our clock, since the transaction's own may be older than an end that we have just waited for."""
    return (
        (Mandate.organisation_id == organisation_id)
        & Mandate.during.contains(literal(now(), DateTime(timezone=True)))
        & (literal(Power.MANAGES.value) == func.any(Mandate.powers))
    )


async def _found(db: AsyncSession, *conditions: ColumnElement[bool]) -> bool:
    question = exists(select(Mandate.id).where(*conditions))
    return bool((await db.execute(select(question))).scalar_one())


async def check_initiative(db: AsyncSession, actor: Actor, organisation_id: UUID, initiative_id: UUID | None) -> None:
    """422 unless the organisation takes part in this initiative; one that the caller may not see is refused alike."""
    if initiative_id is None:
        return
    if not (await db.execute(select(takes_part(actor, organisation_id, initiative_id)))).scalar_one():
        raise invalid("/initiative_id", "Cette organisation ne participe pas à cette démarche.")


async def give(db: AsyncSession, actor: Actor, said: MandateIn) -> Mandate:
    """Give a mandate to somebody whom the organisation knows already (or, for an administrator, to any account)."""
    await require_to_manage(db, actor, Action.MANDATE_GIVE, said.organisation_id, said.initiative_id)
    await check_initiative(db, actor, said.organisation_id, said.initiative_id)
    if not await _is_known(db, actor, said.person_id, said.organisation_id):
        raise invalid("/person_id", "Votre organisation ne connaît pas cette personne : envoyez-lui une invitation.")
    during = _from(said.starts_at, said.ends_at)
    return await open_mandate(
        db, actor, said.person_id, said.organisation_id, said.initiative_id, [*said.powers], during
    )


def _from(starts_at: datetime | None, ends_at: datetime | None) -> Range[datetime]:
    """From when to when; nobody acts in the past."""
    at = now()
    if starts_at is not None and starts_at < at:
        raise invalid("/starts_at", "Un mandat ne peut pas commencer dans le passé.")
    begin = starts_at or at
    if ends_at is not None and ends_at <= begin:
        raise invalid("/ends_at", "La fin d’un mandat vient après son début.")
    return Range(begin, ends_at)


async def _is_known(db: AsyncSession, actor: Actor, person_id: UUID, organisation_id: UUID) -> bool:
    question = select(Person.id).where(Person.id == person_id, Person.state == PersonState.ACTIVE)
    if not actor.is_admin:
        ever = select(Mandate.person_id).where(Mandate.organisation_id == organisation_id)
        question = question.where(Person.id.in_(ever))
    return (await db.execute(question)).first() is not None


async def open_mandate(
    db: AsyncSession,
    actor: Actor,
    person_id: UUID,
    organisation_id: UUID,
    initiative_id: UUID | None,
    powers: list[str],
    during: Range[datetime],
    given_by: UUID | None = None,
) -> Mandate:
    """Write a mandate and say so; one that overlaps another of the same person is refused by the database (409)."""
    if await _administers(db, person_id):
        raise AdministratorWithoutMandate(
            "Ce compte administre la plateforme : il n’agit pour aucune organisation. "
            "Donnez le mandat à un autre compte."
        )
    mandate = Mandate(
        id=new_id(),
        person_id=person_id,
        organisation_id=organisation_id,
        initiative_id=initiative_id,
        powers=[str(power) for power in powers],
        during=during,
        given_by=given_by or actor.person_id,
    )
    db.add(mandate)
    await db.flush()
    _say(db, actor, "mandate.given", mandate)
    if mandate.given_by is not None and await _administers(db, mandate.given_by):
        await _tell_pilots(db, actor, mandate)
    return mandate


async def _administers(db: AsyncSession, person_id: UUID) -> bool:
    return bool((await db.execute(select(Person.is_admin).where(Person.id == person_id))).scalar_one_or_none())


async def _tell_pilots(db: AsyncSession, actor: Actor, mandate: Mandate) -> None:
    """Co-pilots see whom an administrator let in: a mandate opens what an access grant would."""
    question = select(PARTICIPATIONS.c.initiative_id).where(
        PARTICIPATIONS.c.organisation_id == mandate.organisation_id,
        PARTICIPATIONS.c.during.contains(func.now()),
    )
    if mandate.initiative_id is not None:
        question = question.where(PARTICIPATIONS.c.initiative_id == mandate.initiative_id)
    for initiative_id in (await db.scalars(question)).all():
        told = event_of(
            actor,
            "mandate.given_by_administrator",
            "mandate",
            mandate.id,
            audience=Audience.PILOTS,
            initiative_id=initiative_id,
            space_id=None,
            organisation=str(mandate.organisation_id),
            person=str(mandate.person_id),
            powers=mandate.powers,
        )
        db.add(Event(**told))


def _say(db: AsyncSession, actor: Actor, verb: str, mandate: Mandate) -> None:
    record(
        db,
        actor,
        verb,
        mandate,
        audience=Audience.ORGANISATION,
        **managing(actor, mandate.organisation_id),
        person=str(mandate.person_id),
        powers=mandate.powers,
    )


def version_of(mandate: Mandate) -> int:
    """A mandate is opened, then ended: two versions."""
    return 1 if mandate.ended_by is None else 2


async def end(db: AsyncSession, actor: Actor, mandate_id: UUID, expected: Expected) -> Mandate:
    """End a mandate now; the person's next request is without it."""
    mandate = await _load(db, actor, mandate_id, expected)
    await _end(db, actor, mandate)
    if not actor.is_admin:
        await _keep_one_to_manage(db, mandate)
    return mandate


async def resign(db: AsyncSession, actor: Actor, mandate_id: UUID, expected: Expected) -> Mandate:
    """End one's own mandate now: nobody is kept against their will, but for the last one who manages an organisation."""
    mandate = await _see(db, actor, mandate_id)
    require(actor, Action.MANDATE_RESIGN, mandate)
    await _hold(db, mandate.organisation_id)
    await _hold_running(db, mandate, expected)
    await _end(db, actor, mandate)
    await _keep_one_to_manage(db, mandate)
    return mandate


async def change(db: AsyncSession, actor: Actor, mandate_id: UUID, expected: Expected, said: MandateChange) -> Mandate:
    """End a mandate and open the one that takes its place, at the same instant; the new one."""
    before = await _load(db, actor, mandate_id, expected)
    begins = max(before.during.lower or now(), now())
    until = before.during.upper
    ends = said.ends_at if "ends_at" in said.model_fields_set else until
    if ends is not None and ends <= begins:
        raise invalid("/ends_at", "La fin d’un mandat vient après son début.")
    await _end(db, actor, before, at=begins)
    after = await open_mandate(
        db,
        actor,
        before.person_id,
        before.organisation_id,
        before.initiative_id,
        [*said.powers],
        Range(begins, ends),
    )
    if not actor.is_admin:
        await _keep_one_to_manage(db, before, instead=after, until=until)
    return after


async def hand_over(db: AsyncSession, actor: Actor, mandate_id: UUID, expected: Expected) -> Mandate:
    """Let a colleague manage the people instead of oneself; whatever else one's own mandate allows stays."""
    theirs = await _load(db, actor, mandate_id, expected)
    question = select(Mandate).where(
        Mandate.person_id == actor.person_id,
        Mandate.initiative_id.is_not_distinct_from(theirs.initiative_id),
        Mandate.id != theirs.id,
        _managing(theirs.organisation_id),
    )
    mine = (await db.execute(question)).scalar_one_or_none()
    if mine is None:
        raise Conflict("Vous ne pouvez passer la main qu’à une personne qui a un mandat pour les mêmes démarches.")
    after = await change(db, actor, theirs.id, ANY_VERSION, _with(theirs, {*theirs.powers, Power.MANAGES}))
    if kept := {*mine.powers} - {Power.MANAGES}:
        await change(db, actor, mine.id, ANY_VERSION, _with(mine, kept))
    else:
        await resign(db, actor, mine.id, ANY_VERSION)
    return after


def _with(mandate: Mandate, powers: set[str]) -> MandateChange:
    return MandateChange(powers=[Power(power) for power in powers], ends_at=mandate.during.upper)


async def _load(db: AsyncSession, actor: Actor, mandate_id: UUID, expected: Expected) -> Mandate:
    """The mandate, which the caller may end, held until the commit with its organisation."""
    seen = await _see(db, actor, mandate_id)
    require(actor, Action.MANDATE_END, seen)
    await require_to_manage(db, actor, Action.MANDATE_END, seen.organisation_id, seen.initiative_id)
    await _hold_running(db, seen, expected)
    return seen


async def _see(db: AsyncSession, actor: Actor, mandate_id: UUID) -> Mandate:
    question = select(Mandate).where(Mandate.id == mandate_id, visible(actor, Mandate, Action.MANDATE_READ))
    seen = (await db.execute(question)).scalar_one_or_none()
    if seen is None:
        raise NotFound(UNKNOWN)
    return seen


async def _hold_running(db: AsyncSession, mandate: Mandate, expected: Expected) -> None:
    """Read it again under a lock: it has not ended meanwhile, and is the version that the caller read."""
    await db.refresh(mandate, with_for_update=True)
    expected.check(version_of(mandate))
    if mandate.ended_by is not None or (mandate.during.upper is not None and mandate.during.upper <= now()):
        raise MandateEnded("Ce mandat est déjà terminé : donnez-en un nouveau.")


async def _end(db: AsyncSession, actor: Actor, mandate: Mandate, at: datetime | None = None) -> None:
    begin, at = mandate.during.lower, at or now()
    # One that had not begun never runs: an empty range, which overlaps nothing.
    mandate.during = Range(begin, max(at, begin) if begin else at)
    mandate.ended_by = actor.person_id
    await db.flush()
    _say(db, actor, "mandate.ended", mandate)


async def _keep_one_to_manage(
    db: AsyncSession, ended: Mandate, instead: Mandate | None = None, until: datetime | None = None
) -> None:
    """409 when nobody is left who manages the organisation's people; only an administrator may leave it so, for another.

    `until` is when the ended one would have ended: what is over sooner does not stand in its place.
    """
    if Power.MANAGES not in ended.powers:
        return
    if instead is not None and Power.MANAGES in instead.powers and _lasts(instead, until):
        return
    everywhere_or_there = or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == ended.initiative_id)
    active = Mandate.person_id.in_(select(Person.id).where(Person.state == PersonState.ACTIVE, ~Person.is_admin))
    others = (_managing(ended.organisation_id), everywhere_or_there, active)
    gone = [ended.id] if instead is None else [ended.id, instead.id]
    if not await _found(db, *others, Mandate.id.not_in(gone)):
        raise LastToManage(
            "Plus personne ne gérerait les membres de cette organisation : donnez d’abord ce pouvoir à quelqu’un."
        )


def _lasts(mandate: Mandate, until: datetime | None) -> bool:
    """Whether it runs until then (None: without end)."""
    end = mandate.during.upper
    return end is None or (until is not None and end >= until)
