"""The people of an organisation: invited, given and taken mandates, by those who manage them."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.core.errors import Forbidden
from app.core.i18n import gettext
from app.features.identity.actions import invitations, mandates
from app.features.identity.queries.invitations import get_invitation, list_invitations
from app.features.identity.queries.mandates import MandateFilters, get_mandate, list_mandates
from app.features.identity.queries.organisations import ParticipationRow, get_organisation, list_participations
from app.features.identity.schemas.people import InvitationIn, MandateChange, MandateIn
from app.policy.actions import IN_FRENCH, Action
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web.conflict import written_on
from app.web.deps import Cursor, Db, Read, SettingsDep
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking, Screen

router = page_router()
ORGANISATION = "/organisations/{organisation_id}"
TEAM = f"{ORGANISATION}/equipe"
PEOPLE = 100


@router.get(TEAM)
async def team(screen: Looking, read_: Read, organisation_id: UUID, cursor: Cursor = None) -> Response:
    """Mandates that run, invitations that wait, and the forms that change them."""
    actor = screen.actor
    screen.require_signed_in()
    card = await get_organisation(read_, actor, organisation_id)
    if not (actor.manages(organisation_id) or actor.is_admin):
        raise Forbidden(
            f"Votre mandat ne permet pas cet acte : {IN_FRENCH[Action.INVITATION_SEND]}. "
            "Demandez au responsable de votre organisation."
        )
    seats = await list_participations(read_, actor, organisation_id)
    wanted = MandateFilters(organisation=organisation_id, running=True)
    held = await list_mandates(read_, actor, wanted, limit=PEOPLE, cursor=None)
    sent = await list_invitations(read_, actor, organisation=organisation_id, waiting=None, limit=20, cursor=cursor)
    mine = next((row for row in held.items if row.person_id == actor.person_id and "manages" in row.powers), None)
    return await screen.show(
        "organisation/team.html",
        card=card,
        people=[(row, abilities(actor, row, "mandate")) for row in held.items],
        heirs=[row for row in held.items if mine and row.id != mine.id and row.initiative_id == mine.initiative_id],
        invitations=sent,
        initiatives=_where(actor, organisation_id, seats),
        here=f"/organisations/{organisation_id}",
        cursor=cursor,
        form=screen.form(powers=["contributes"]),
    )


def _where(actor: Actor, organisation_id: UUID, seats: list[ParticipationRow]) -> list[tuple[str, str]]:
    """For which initiatives one may give a mandate: all of them, where one's own is for all."""
    everywhere = organisation_id in actor.managed or actor.is_admin
    named = [
        (str(seat.initiative_id), seat.title)
        for seat in seats
        if everywhere or (seat.initiative_id, organisation_id) in actor.managed_here
    ]
    return ([("", gettext("Toutes celles de l’organisation"))] if everywhere else []) + named


@router.post(f"{ORGANISATION}/invitations", openapi_extra=CREATES | again(TEAM))
async def invite(screen: Acting, db: Db, form: Filled, settings: SettingsDep, organisation_id: UUID) -> Response:
    """Write to a mailbox; the link goes there and nowhere else."""
    said = read(InvitationIn, form, organisation_id=organisation_id)
    await invitations.invite(db, settings, screen.actor, said)
    return _back(screen, organisation_id, "invitation-sent")


@router.post(f"{ORGANISATION}/invitations/{{invitation_id}}/renvoyer", openapi_extra=again(TEAM))
async def renew(
    screen: Acting, db: Db, form: Filled, settings: SettingsDep, organisation_id: UUID, invitation_id: UUID
) -> Response:
    """Another link; the earlier one works no more."""
    await get_invitation(db, screen.actor, invitation_id, organisation_id=organisation_id)
    await invitations.renew(db, settings, screen.actor, invitation_id, written_on(form))
    return _back(screen, organisation_id, "invitation-sent-again")


@router.post(f"{ORGANISATION}/invitations/{{invitation_id}}/reprendre", openapi_extra=again(TEAM))
async def revoke(screen: Acting, db: Db, form: Filled, organisation_id: UUID, invitation_id: UUID) -> Response:
    """Its link works no more."""
    await get_invitation(db, screen.actor, invitation_id, organisation_id=organisation_id)
    await invitations.revoke(db, screen.actor, invitation_id, written_on(form))
    return _back(screen, organisation_id, "invitation-revoked")


@router.post(f"{ORGANISATION}/mandats", openapi_extra=CREATES | again(TEAM))
async def give(screen: Acting, db: Db, form: Filled, organisation_id: UUID) -> Response:
    """A mandate for somebody whom the organisation knows already."""
    await mandates.give(db, screen.actor, read(MandateIn, form, organisation_id=organisation_id))
    return _back(screen, organisation_id, "mandate-given")


@router.post(f"{ORGANISATION}/mandats/{{mandate_id}}/changer", openapi_extra=CREATES | again(TEAM))
async def change(screen: Acting, db: Db, form: Filled, organisation_id: UUID, mandate_id: UUID) -> Response:
    """End it and open the one that takes its place."""
    await get_mandate(db, screen.actor, mandate_id, organisation_id=organisation_id)
    said = read(MandateChange, form)
    await mandates.change(db, screen.actor, mandate_id, written_on(form), said)
    return _back(screen, organisation_id, "mandate-changed")


@router.post(f"{ORGANISATION}/mandats/{{mandate_id}}/terminer", openapi_extra=again(TEAM))
async def end(screen: Acting, db: Db, form: Filled, organisation_id: UUID, mandate_id: UUID) -> Response:
    """The person's next request is without it."""
    await get_mandate(db, screen.actor, mandate_id, organisation_id=organisation_id)
    await mandates.end(db, screen.actor, mandate_id, written_on(form))
    return _back(screen, organisation_id, "mandate-ended")


@router.post(f"{ORGANISATION}/mandats/{{mandate_id}}/rendre", openapi_extra=again(TEAM))
async def resign(screen: Acting, db: Db, form: Filled, organisation_id: UUID, mandate_id: UUID) -> Response:
    """Give one's own back."""
    await get_mandate(db, screen.actor, mandate_id, organisation_id=organisation_id)
    await mandates.resign(db, screen.actor, mandate_id, written_on(form))
    return screen.see(f"/organisations/{organisation_id}", said="mandate-resigned")


@router.post(f"{ORGANISATION}/mandats/{{mandate_id}}/passer-la-main", openapi_extra=CREATES | again(TEAM))
async def hand_over(screen: Acting, db: Db, form: Filled, organisation_id: UUID, mandate_id: UUID) -> Response:
    """A colleague manages the people instead of oneself."""
    await get_mandate(db, screen.actor, mandate_id, organisation_id=organisation_id)
    await mandates.hand_over(db, screen.actor, mandate_id, written_on(form))
    return screen.see(f"/organisations/{organisation_id}", said="handed-over")


def _back(screen: Screen, organisation_id: UUID, said: str) -> Response:
    return screen.see(f"/organisations/{organisation_id}/equipe", said=said)
