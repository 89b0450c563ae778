"""Personal tokens for programs: named, expiring, shown once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, NotFound, invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.secrets import fingerprint, new_secret
from app.features.identity.actions.signing_in import Oneself, own_login
from app.features.identity.models import ApiToken
from app.features.identity.schemas.signing_in import ApiTokenIn
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require

PREFIX = "alg_pat_"  # as `app.web.auth` knows them
LONGEST = timedelta(days=366)
MOST = 50


class TooManyTokens(Conflict):
    """You have as many personal tokens as one person may. Revoke those that no program uses."""

    title = "Trop de jetons personnels"


async def make(db: AsyncSession, actor: Actor, said: ApiTokenIn) -> tuple[ApiToken, str]:
    """A new token and its secret, which nothing shows again. Only somebody who signed in makes one."""
    login = await own_login(db, actor)
    if not now() < said.expires_at <= now() + LONGEST:
        raise invalid("/expires_at", "La fin d’un jeton est à venir, dans un an au plus.")
    live = select(func.count()).where(
        ApiToken.person_id == login.person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now()
    )
    if (await db.execute(live)).scalar_one() >= MOST:
        raise TooManyTokens(f"Vous avez déjà {MOST} jetons : révoquez ceux qui ne servent plus.")
    secret = new_secret(PREFIX)
    token = ApiToken(
        id=new_id(),
        person_id=login.person_id,
        name=said.name,
        scope=said.scope,
        fingerprint=fingerprint(secret),
        expires_at=said.expires_at,
    )
    db.add(token)
    await db.flush()
    record(db, actor, "token.created", token, audience=Audience.ADMINISTRATOR, scope=said.scope)
    return token, secret


async def revoke(db: AsyncSession, actor: Actor, token_id: UUID) -> None:
    """End one of the caller's tokens; its next request is refused."""
    question = select(ApiToken).where(
        ApiToken.id == token_id, ApiToken.person_id == actor.person_id, ApiToken.revoked_at.is_(None)
    )
    token = None if actor.person_id is None else (await db.execute(question.with_for_update())).scalar_one_or_none()
    if token is None:
        raise NotFound("Ce jeton n’existe pas, ou il est déjà révoqué.")
    require(actor, Action.PERSON_EDIT, Oneself(token.person_id))
    token.revoked_at = now()
    record(db, actor, "token.revoked", token, audience=Audience.ADMINISTRATOR, because="asked")
