"""Who calls: a bearer token becomes an `Actor` by one statement, on the connection that the request uses anyway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request

from app.core.clock import now
from app.core.db import Handle, Question, Reader, fetch
from app.core.errors import Unauthenticated
from app.core.security.secrets import fingerprint, is_well_formed
from app.core.security.tokens import InvalidToken, TokenKeys, read_access_token
from app.policy.actor import Actor
from app.policy.standing import (
    BY_API_TOKEN,
    BY_BROWSER,
    BY_BROWSER_ALONE,
    BY_LOGIN,
    VISITOR_SPACES,
    actor_from,
    visitor_from,
)
from app.settings import Settings
from app.web import csrf
from app.web.cookies import login_cookie
from app.web.deps import Db, Read, get_database
from app.web.idempotency import Key

API_TOKEN_PREFIX = "alg_pat_"  # noqa: S105 - how personal tokens begin, so that a leaked one is recognised


LOGIN = Question(BY_LOGIN)
API_TOKEN = Question(BY_API_TOKEN)
BROWSER = Question(BY_BROWSER)
BROWSER_ALONE = Question(BY_BROWSER_ALONE)
BY_ITSELF, ALONE = "/direct", "Alliage-By-Itself"
"""What an open page goes on asking though nobody looks at it, and the header of what it reads again for an event: a login
ends without a request of somebody. Whoever lies ends their own login the sooner, or leaves it open as any script can."""
VISITORS = Question(VISITOR_SPACES)


class SignedOut(Unauthenticated):
    """Nobody is signed in on this browser any more: two hours without a request, twelve in all, or an end from elsewhere."""

    title = "Vous n’êtes plus connecté"


class TokenRefused(Unauthenticated):
    """The token is malformed, expired, revoked or of somebody who may no longer sign in. Sign in again."""

    title = "Jeton refusé"


def token_keys(settings: Settings) -> TokenKeys:
    """What access tokens are signed with."""
    return TokenKeys(
        secret=settings.secret.get_secret_value().encode(), issuer=settings.base_url, audience="alliage-api"
    )


def _question(request: Request) -> tuple[Question, dict[str, Any]] | None:
    """The statement that tells who calls, or None for a visitor."""
    header = request.headers.get("authorization")
    request.state.by_cookie = False
    if header is None:
        return _browser(request)
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused(
            "Envoyez « Authorization: Bearer » suivi d’un jeton.", headers={"WWW-Authenticate": "Bearer"}
        )
    if token.startswith(API_TOKEN_PREFIX):
        if not is_well_formed(token):
            raise _refused()
        return API_TOKEN, {"fingerprint": fingerprint(token)}
    try:
        claims = read_access_token(request.app.state.token_keys, token, now())
    except InvalidToken:
        raise _refused() from None
    return LOGIN, {"login": claims.login_id, "person": claims.person_id}


def _browser(request: Request) -> tuple[Question, dict[str, Any]] | None:
    """The login of a browser opens the pages, never the API: no form of another site can reach that."""
    if request.url.path.startswith("/api/"):
        return None
    secret = request.cookies.get(login_cookie(request.app.state.settings))
    if secret is None or not is_well_formed(secret):
        return None
    request.state.by_cookie = True
    alone = request.url.path.startswith(BY_ITSELF) or ALONE in request.headers
    asked = BROWSER_ALONE if alone else BROWSER
    return asked, {"fingerprint": fingerprint(secret)}


def _refused() -> TokenRefused:
    return TokenRefused(
        "Ce jeton n’est plus valable : connectez-vous de nouveau.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


async def identify(request: Request, handle: Handle, acting_for: UUID | None = None) -> Actor:
    """Who calls, as the database knows them at this instant; for the organisation that `Acting-For` names."""
    actor = await _known(request, handle)
    return actor if acting_for is None else replace(actor, acting_for=acting_for)


async def _known(request: Request, handle: Handle) -> Actor:
    question = _question(request)
    if question is None:
        request.state.caller_kind = "visitor"
        return visitor_from((await fetch(handle, VISITORS, {}))[0].standing)
    request.state.caller_kind = "person"
    [found] = await fetch(handle, *question)
    if found.standing is None and request.state.by_cookie:
        return await _signed_out(request, handle)
    if found.standing is None:
        raise _refused()
    return actor_from(found.standing)


async def _signed_out(request: Request, handle: Handle) -> Actor:
    """A login that ended reads as a visitor does, and writes nothing."""
    request.state.caller_kind, request.state.login_over = "visitor", True
    if request.method not in {"GET", "HEAD"}:
        raise SignedOut("Reconnectez-vous : ce que vous avez écrit est gardé.")
    return visitor_from((await fetch(handle, VISITORS, {}))[0].standing)


async def reading_caller(request: Request, read: Read) -> Actor:
    """The caller of a request that only reads."""
    return await identify(request, read)


ActingFor = Annotated[
    UUID | None,
    Header(
        description="In whose name things are run (spaces, sessions, deliverables, editions): the id of one of your "
        "co-pilot organisations. Needed only by those whom several of them mandated in the initiative."
    ),
]


def asked_again(request: Request) -> Callable[[], Awaitable[Actor | None]]:
    """The caller of a request that lasts, asked again at any time: None once the token is worth nothing."""

    async def who() -> Actor | None:
        read = Reader(get_database(request))
        try:
            actor = await identify(request, read)
            return None if getattr(request.state, "login_over", False) else actor
        except Unauthenticated:
            return None
        finally:
            await read.release()

    return who


async def writing_caller(request: Request, db: Db, acting_for: ActingFor = None) -> Actor:
    """The caller of a request that writes, known inside its transaction."""
    actor = await identify(request, db, acting_for)
    if request.state.by_cookie:
        csrf.require_token(request, actor.login_id, request.state.csrf)
    await claim(request, db, actor)
    return actor


async def claim(request: Request, db: Db, actor: Actor) -> None:
    """Hold the request's `Idempotency-Key`, before anything is written: whoever is no `Writer` calls it."""
    key: Key | None = getattr(request.state, "idempotency", None)
    if key is not None:
        await key.claim(request, db, actor.person_id)


Caller = Annotated[Actor, Depends(reading_caller)]
"""For GET: who reads."""
Writer = Annotated[Actor, Depends(writing_caller)]
"""For everything else: who acts."""
