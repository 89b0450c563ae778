"""Invitations: a mail that lets whoever reads it take a mandate, once, before a date.

Accepting proves the mailbox. Where the mailbox has an account already, its owner signs in first: a mail read over
a shoulder must not give a mandate to somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Handle, Reader
from app.core.errors import Conflict, NotFound, Unauthenticated, invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.passwords import hash_password, password_problem
from app.core.versions import Expected
from app.features.identity.actions import attempts
from app.features.identity.actions.mandates import check_initiative, manages, open_mandate, require_to_manage
from app.features.identity.links import invitation_named, is_its_token
from app.features.identity.models import Invitation, Person, PersonState
from app.features.identity.queries.invitations import UNKNOWN, InvitationLetter, find_letter, version_of
from app.features.identity.schemas.people import Acceptance, InvitationIn
from app.policy.actions import Action
from app.policy.actor import VISITOR, Actor
from app.policy.decide import require, visible
from app.policy.speaker import managing
from app.settings import Settings

RENEWED_WITHIN = timedelta(days=90)
"""How long after its end an invitation is sent again at the wish of whoever holds its link."""
NO_SUCH_CODE = "Ce code d’invitation n’existe pas, ou une invitation plus récente l’a remplacé."


class AlreadyInvited(Conflict):
    """This mailbox has an invitation that waits already. Renew it, or revoke it and send another."""

    title = "Déjà invité"


class InvitationOver(Conflict):
    """The invitation was accepted or revoked, has expired, or came from somebody who manages no more. Ask for another one."""

    title = "Invitation terminée"


class InvitationWaits(Conflict):
    """The invitation has not expired: accept it with the link that you have."""

    title = "Invitation encore valable"


class SignInFirst(Unauthenticated):
    """The mailbox of this invitation has an account already. Sign in to it, then accept."""

    title = "Connectez-vous d’abord"


class OtherMailbox(Conflict):
    """You are signed in as somebody else than the invitation is for. Sign out, then open it again."""

    title = "Invitation d’une autre boîte aux lettres"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting opened."""

    person_id: UUID
    mandate_id: UUID
    account_created: bool


async def invite(db: AsyncSession, settings: Settings, actor: Actor, said: InvitationIn) -> Invitation:
    """Record an invitation; the worker sends its mail. The inviter never sees the code, nor whether there is an account."""
    await require_to_manage(db, actor, Action.INVITATION_SEND, said.organisation_id, said.initiative_id)
    await check_initiative(db, actor, said.organisation_id, said.initiative_id)
    assert actor.person_id is not None
    question = select(Invitation.id).where(
        Invitation.organisation_id == said.organisation_id,
        Invitation.initiative_id.is_not_distinct_from(said.initiative_id),
        func.lower(Invitation.email) == said.email,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now(),
    )
    if (waiting := (await db.execute(question.limit(1))).scalar_one_or_none()) is not None:
        raise AlreadyInvited("Cette adresse a déjà une invitation en attente.", invitation_id=str(waiting))
    await attempts.count(db, (attempts.INVITATIONS, str(actor.person_id)))
    invitation = Invitation(
        id=new_id(),
        email=said.email,
        organisation_id=said.organisation_id,
        initiative_id=said.initiative_id,
        powers=[str(power) for power in said.powers],
        invited_by=actor.person_id,
        created_at=now(),
        expires_at=_end(settings),
    )
    db.add(invitation)
    await db.flush()
    _say(db, actor, "invitation.sent", invitation)
    return invitation


def _end(settings: Settings) -> datetime:
    """In whole seconds, as the code counts."""
    return (now() + timedelta(days=settings.invitation_days)).replace(microsecond=0)


def _say(db: AsyncSession, actor: Actor, verb: str, invitation: Invitation, **data: Any) -> None:
    record(
        db,
        actor,
        verb,
        invitation,
        audience=Audience.ORGANISATION,
        **managing(actor, invitation.organisation_id),
        **data,
    )


async def revoke(db: AsyncSession, actor: Actor, invitation_id: UUID, expected: Expected) -> Invitation:
    """Close an invitation that waits; its code works no more."""
    invitation = await _load(db, actor, invitation_id, expected)
    invitation.revoked_at = now()
    await db.flush()
    _say(db, actor, "invitation.revoked", invitation)
    return invitation


async def renew(
    db: AsyncSession, settings: Settings, actor: Actor, invitation_id: UUID, expected: Expected
) -> Invitation:
    """Send it again with a later end and another code; the earlier code works no more."""
    invitation = await _load(db, actor, invitation_id, expected)
    await attempts.count(db, (attempts.INVITATIONS, str(actor.person_id)))
    # Renewed within one second it still gets another end, and so another code.
    invitation.expires_at = max(_end(settings), invitation.expires_at + timedelta(seconds=1))
    invitation.invited_by = actor.person_id or invitation.invited_by
    invitation.sent_at = None
    await db.flush()
    _say(db, actor, "invitation.sent", invitation, renewed=True)
    return invitation


async def _load(db: AsyncSession, actor: Actor, invitation_id: UUID, expected: Expected) -> Invitation:
    """The invitation, when it is neither accepted nor revoked, held until the commit with its organisation."""
    question = select(Invitation).where(
        Invitation.id == invitation_id, visible(actor, Invitation, Action.INVITATION_READ)
    )
    seen = (await db.execute(question)).scalar_one_or_none()
    if seen is None:
        raise NotFound(UNKNOWN)
    require(actor, Action.INVITATION_SEND, seen)
    await require_to_manage(db, actor, Action.INVITATION_SEND, seen.organisation_id, seen.initiative_id)
    await db.refresh(seen, with_for_update=True)
    expected.check(version_of(seen))
    _check_neither_used_nor_revoked(seen)
    return seen


def _check_neither_used_nor_revoked(invitation: Invitation | InvitationLetter) -> None:
    if invitation.accepted_at is not None:
        raise InvitationOver("Cette invitation a déjà servi.", reason="accepted")
    if invitation.revoked_at is not None:
        raise InvitationOver("Cette invitation a été retirée : demandez-en une autre.", reason="revoked")


def _check_open(invitation: Invitation | InvitationLetter) -> None:
    _check_neither_used_nor_revoked(invitation)
    if invitation.expires_at <= now():
        raise InvitationOver("Cette invitation a expiré : demandez-en une autre.", reason="expired")


async def inspect(read: Handle, settings: Settings, token: str) -> InvitationLetter:
    """What an invitation that waits offers, for whoever holds its code; `NotFound` for any other text."""
    letter = await open_letter(read, settings, token)
    _check_open(letter)
    return letter


async def open_letter(read: Handle, settings: Settings, token: str) -> InvitationLetter:
    """What the invitation of this code says, used, over or not; `NotFound` for any other text."""
    named = invitation_named(token)
    letter = await find_letter(read, named) if named is not None else None
    if letter is None or not is_its_token(settings, letter, token):
        raise NotFound(NO_SUCH_CODE)
    return letter


async def renew_by_holder(db: AsyncSession, settings: Settings, token: str) -> None:
    """Send an invitation that has expired again, at the wish of whoever holds its link: to the invited mailbox alone.

    The earlier code works no more, so each one asks once; nothing is told of the new one but to the mailbox. Whoever
    invited must still be able to, and reads in the list and in the events that it was sent again.
    """
    invitation = await _hold_named(db, settings, token)
    _check_neither_used_nor_revoked(invitation)
    if invitation.expires_at > now():
        raise InvitationWaits("Cette invitation est encore valable : acceptez-la.")
    if invitation.expires_at < now() - RENEWED_WITHIN:
        raise InvitationOver("Cette invitation est trop ancienne : demandez-en une autre.", reason="expired")
    await _check_inviter(db, invitation)
    invitation.expires_at, invitation.sent_at = _end(settings), None
    await db.flush()
    _say(db, VISITOR, "invitation.sent", invitation, renewed=True, by="holder")


async def _hold_named(db: AsyncSession, settings: Settings, token: str) -> Invitation:
    """The invitation of this code, held until the commit: of two who use one code at once, the second comes late."""
    named = invitation_named(token)
    invitation = None
    if named is not None:
        invitation = await db.get(Invitation, named, with_for_update=True, populate_existing=True)
    if invitation is None or not is_its_token(settings, invitation, token):
        raise NotFound(NO_SUCH_CODE)
    return invitation


async def judge(read: Reader, settings: Settings, actor: Actor, said: Acceptance) -> str | None:
    """The hash of the new account's password, before anything is held; None where `accept` needs none, or refuses."""
    letter = await open_letter(read, settings, said.token)
    await read.release()
    if letter.account_exists or letter.accepted_at is not None:
        return None
    _check_open(letter)
    return await _hashed(actor, letter, said)


async def accept(db: AsyncSession, settings: Settings, actor: Actor, said: Acceptance, hashed: str | None) -> Accepted:
    """Take the mandate; make the account where the mailbox has none. `hashed` is what `judge` answered."""
    invitation = await _hold_named(db, settings, said.token)
    _check_open(invitation)
    person = await _person_of(db, actor, invitation, said, hashed)
    await _check_inviter(db, invitation)
    invitation.accepted_at, invitation.accepted_by = now(), person.id
    acting = actor if actor.signed_in else Actor(person_id=person.id)
    mandate = await open_mandate(
        db,
        acting,
        person.id,
        invitation.organisation_id,
        invitation.initiative_id,
        invitation.powers,
        Range(now(), None),
        given_by=invitation.invited_by,
    )
    _say(db, acting, "invitation.accepted", invitation, account_created=hashed is not None)
    return Accepted(person.id, mandate.id, hashed is not None)


async def _hashed(actor: Actor, letter: InvitationLetter, said: Acceptance) -> str:
    """The password of the account to make, judged and hashed."""
    _check_visitor(actor)
    if said.name is None:
        raise invalid("/name", "Donnez votre nom : cette adresse n’a pas encore de compte.")
    if said.password is None:
        raise invalid("/password", "Choisissez un mot de passe : cette adresse n’a pas encore de compte.")
    if problem := password_problem(said.password, email=letter.email, name=said.name):
        raise invalid("/password", problem)
    return await hash_password(said.password)


def _check_visitor(actor: Actor) -> None:
    if actor.signed_in:
        raise OtherMailbox("Cette invitation est pour une autre adresse que la vôtre : déconnectez-vous d’abord.")


async def _person_of(
    db: AsyncSession, actor: Actor, invitation: Invitation, said: Acceptance, hashed: str | None
) -> Person:
    """The mailbox's account: the caller's, or a new one."""
    question = select(Person).where(func.lower(Person.email) == invitation.email)
    person = (await db.execute(question.with_for_update(read=True))).scalar_one_or_none()
    if person is not None:
        if not actor.signed_in:
            raise SignInFirst("Cette adresse a déjà un compte : connectez-vous, puis acceptez l’invitation.")
        if actor.person_id != person.id:
            _check_visitor(actor)
        require(actor, Action.PERSON_EDIT, person)
        return person
    if hashed is None or said.name is None:  # the account went away meanwhile, which nothing does
        raise invalid("/password", "Choisissez un mot de passe : cette adresse n’a pas encore de compte.")
    person = Person(
        id=new_id(),
        name=said.name,
        email=invitation.email,
        password=hashed,
        state=PersonState.ACTIVE,
        is_admin=False,
        version=1,
    )
    db.add(person)
    await db.flush()
    record(db, Actor(person_id=person.id), "account.created", person, audience=Audience.ADMINISTRATOR)
    return person


async def _check_inviter(db: AsyncSession, invitation: Invitation) -> None:
    """Whoever invited must still be able to: an invitation must not outlive the mandate that allowed it."""
    inviter = await db.get(Person, invitation.invited_by)
    if inviter is not None and inviter.state == PersonState.ACTIVE:
        if inviter.is_admin:
            return
        if await manages(db, inviter.id, invitation.organisation_id, invitation.initiative_id):
            return
    raise InvitationOver(
        "La personne qui vous invitait ne gère plus cette organisation : demandez une autre invitation.",
        reason="inviter_left",
    )
