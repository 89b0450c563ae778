"""Invitations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from app.core.paging import Page
from app.core.schema import Listing
from app.features.identity.actions import invitations as actions
from app.features.identity.actions.attempts import TooManyAttempts
from app.features.identity.actions.invitations import AlreadyInvited, InvitationOver, OtherMailbox, SignInFirst
from app.features.identity.actions.mandates import AdministratorWithoutMandate
from app.features.identity.queries import invitations as queries
from app.features.identity.queries.invitations import InvitationRow
from app.features.identity.schemas.organisations import InitiativeName, OrganisationName
from app.features.identity.schemas.people import (
    Acceptance,
    AcceptedOut,
    InvitationFacts,
    InvitationIn,
    InvitationOut,
    InvitationToken,
)
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer, claim
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read, SettingsDep
from app.web.idempotency import CREATES

router = api_router("invitations")
LISTING = Listing[InvitationOut]
CHANGES = problems(NotFound, Forbidden, InvitationOver, PreconditionFailed, PreconditionRequired)
PLAIN = tuple(name for name in InvitationOut.model_fields if name not in ("organisation", "abilities"))


def _out(row: InvitationRow, actor: Actor) -> InvitationOut:
    is_open = row.accepted_at is None and row.revoked_at is None
    return InvitationOut(
        **{name: getattr(row, name) for name in PLAIN},
        organisation=OrganisationName(id=row.organisation_id, name=row.organisation),
        abilities=abilities(actor, row, "invitation") if is_open else [],
    )


def _answer(request: Request, row: InvitationRow, actor: Actor, status: int = 200) -> Response:
    body = _out(row, actor)
    location = f"/api/v1/invitations/{row.id}" if status == 201 else ""
    return respond.item(
        request,
        body,
        version=row.version,
        status=status,
        location=location,
    )


@router.get("/invitations", response_model=Listing[InvitationOut])
async def list_invitations(
    request: Request,
    actor: Caller,
    read: Read,
    organisation_id: UUID | None = None,
    waiting: Annotated[bool | None, Query(description="Can still be accepted, or not.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The invitations of the organisations whose people one manages, the newest first."""
    page = await queries.list_invitations(
        read, actor, organisation=organisation_id, waiting=waiting, limit=limit, cursor=cursor
    )
    await read.release()
    return respond.page(request, LISTING, Page([_out(row, actor) for row in page.items], page.next_cursor))


@router.get("/invitations/{invitation_id}", response_model=InvitationOut, responses=problems(NotFound))
async def get_invitation(request: Request, invitation_id: UUID, actor: Caller, read: Read) -> Response:
    """One invitation."""
    row = await queries.get_invitation(read, actor, invitation_id)
    await read.release()
    return _answer(request, row, actor)


@router.post(
    "/invitations",
    status_code=201,
    response_model=InvitationOut,
    responses=problems(Forbidden, AlreadyInvited, TooManyAttempts),
)
async def invite(request: Request, said: InvitationIn, actor: Writer, db: Db, settings: SettingsDep) -> Response:
    """Invite a mailbox to act for an organisation. The link goes to the mailbox; nobody else ever sees it."""
    made = await actions.invite(db, settings, actor, said)
    return _answer(request, await queries.get_invitation(db, actor, made.id), actor, status=201)


@router.post("/invitations/{invitation_id}/revoke", response_model=InvitationOut, responses=CHANGES)
async def revoke(request: Request, invitation_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take an invitation back; its link works no more."""
    await actions.revoke(db, actor, invitation_id, expected)
    return _answer(request, await queries.get_invitation(db, actor, invitation_id), actor)


@router.post("/invitations/{invitation_id}/renew", response_model=InvitationOut, responses=CHANGES)
async def renew(
    request: Request, invitation_id: UUID, expected: IfMatch, actor: Writer, db: Db, settings: SettingsDep
) -> Response:
    """Send an invitation again with a new link; the earlier link works no more."""
    await actions.renew(db, settings, actor, invitation_id, expected)
    return _answer(request, await queries.get_invitation(db, actor, invitation_id), actor)


@router.post("/invitations/inspect", response_model=InvitationFacts, responses=problems(NotFound, InvitationOver))
async def inspect(request: Request, said: InvitationToken, read: Read, settings: SettingsDep) -> Response:
    """What an invitation offers, for whoever received its code. A POST, so that the code stays out of addresses."""
    letter = await actions.inspect(read, settings, said.token)
    await read.release()
    initiative = None
    if letter.initiative_id is not None and letter.initiative is not None:
        initiative = InitiativeName(id=letter.initiative_id, title=letter.initiative)
    facts = {name: getattr(letter, name) for name in ("email", "powers", "invited_by", "expires_at", "account_exists")}
    organisation = OrganisationName(id=letter.organisation_id, name=letter.organisation)
    return respond.plain(request, InvitationFacts(**facts, organisation=organisation, initiative=initiative))


@router.post(
    "/invitations/accept",
    response_model=AcceptedOut,
    openapi_extra=CREATES,
    responses=problems(NotFound, SignInFirst, OtherMailbox, InvitationOver, AdministratorWithoutMandate),
)
async def accept(
    request: Request, said: Acceptance, actor: Caller, read: Read, db: Db, settings: SettingsDep
) -> Response:
    """Take the mandate that an invitation offers: with a name and a password, or signed in where there is an account."""
    hashed = await actions.judge(read, settings, actor, said)
    await claim(request, db, actor)
    done = await actions.accept(db, settings, actor, said, hashed)
    return respond.plain(request, AcceptedOut.model_validate(done))
