"""Requests to be let into a space: asked by whoever reads its card from outside, answered by those who run it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.events import Audience, record
from app.core.model import new_id
from app.features.spaces.actions.members import add_member
from app.features.spaces.actions.space import get_to_edit, tell
from app.features.spaces.models import AccessRequest, Space
from app.features.spaces.queries import MISSING
from app.features.spaces.schemas import AccessAnswer, AccessWish, MemberDraft
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible


class AlreadyAsked(Conflict):
    """You asked today already: those who run the space have your request. Ask again tomorrow if nobody answered."""

    title = "Demande déjà transmise"


class AlreadyInside(Conflict):
    """You read this space from inside already."""

    title = "Espace déjà ouvert"


class AlreadyAnswered(Conflict):
    """Somebody else who runs the space has answered this request."""

    title = "Demande déjà traitée"


async def ask(db: AsyncSession, actor: Actor, said: AccessWish) -> AccessRequest:
    """Record the request; the worker writes to those who run the space. A space that one may not see is not found."""
    question = select(Space).where(Space.id == said.space_id, visible(actor, Space, Action.SPACE_READ))
    space = (await db.execute(question)).scalar_one_or_none()
    if space is None:
        raise NotFound(MISSING)
    if space.id in actor.inner_spaces:
        raise AlreadyInside("Cet espace vous est déjà ouvert.")
    require(actor, Action.SPACE_ASK, space)
    assert actor.person_id is not None
    wish = AccessRequest(
        id=new_id(),
        created_at=now(),
        initiative_id=space.initiative_id,
        space_id=space.id,
        person_id=actor.person_id,
        asked_on=now().date(),
        reason=said.reason or "",
    )
    try:
        async with db.begin_nested():
            db.add(wish)
    except IntegrityError:
        raise AlreadyAsked("Votre demande d’aujourd’hui est déjà transmise à ceux qui animent cet espace.") from None
    record(db, actor, "access_request.made", wish, audience=Audience.PILOTS)
    return wish


async def answer(db: AsyncSession, actor: Actor, space_id: UUID, request_id: UUID, said: AccessAnswer) -> AccessRequest:
    """Let one of the person's organisations in, or none."""
    space = await get_to_edit(db, actor, space_id)
    question = select(AccessRequest).where(AccessRequest.id == request_id, AccessRequest.space_id == space.id)
    wish = (await db.execute(question.with_for_update())).scalar_one_or_none()
    if wish is None:
        raise NotFound("Cette demande n’existe pas.")
    if wish.answered_at is not None:
        raise AlreadyAnswered("Quelqu’un a déjà répondu à cette demande.")
    if said.organisation_id is not None:
        await add_member(db, actor, space.id, MemberDraft(organisation_id=said.organisation_id))
    wish.answered_at, wish.granted = now(), said.organisation_id is not None
    await db.flush()
    tell(db, actor, "access_request.answered", wish, granted=wish.granted)
    return wish
