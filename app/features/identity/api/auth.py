"""Signing in and out, passwords, personal tokens.

Three addresses identify nobody by a token (sign-in, refresh) or on the reading connection (password): what proves
who calls is in the body, and no connection waits while Argon2 works.
"""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.paging import Page
from app.core.schema import Listing
from app.features.identity.actions import signing_in, tokens
from app.features.identity.actions.attempts import TooManyAttempts
from app.features.identity.actions.signing_in import (
    RefreshRefused,
    RefreshTokenReused,
    SignInNeeded,
    SignInRefused,
)
from app.features.identity.devices import device_of
from app.features.identity.queries import people
from app.features.identity.schemas.signing_in import (
    ApiTokenIn,
    ApiTokenOut,
    EndedOut,
    NewApiTokenOut,
    PasswordChange,
    Refresh,
    SignIn,
    TokensOut,
)
from app.policy.decide import ReadOnlyToken
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, Limit, Read, SettingsDep

router = api_router("auth")
SECRET = {"x-issues-secret": True}
TOKENS = Listing[ApiTokenOut]


def _unkept(response: Response) -> Response:
    """An answer that holds a secret is stored nowhere on its way."""
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(
    "/auth/sign-in",
    response_model=TokensOut,
    openapi_extra=SECRET,
    responses=problems(SignInRefused, TooManyAttempts),
)
async def sign_in(request: Request, said: SignIn, read: Read, db: Db, settings: SettingsDep) -> Response:
    """Open a login with an address and a password."""
    keys = request.app.state.token_keys
    made = await signing_in.sign_in(read, db, settings, keys, said, device_of(request))
    return _unkept(respond.plain(request, TokensOut.model_validate(made)))


@router.post(
    "/auth/refresh",
    response_model=TokensOut,
    openapi_extra=SECRET,
    responses=problems(RefreshRefused, RefreshTokenReused),
)
async def refresh(request: Request, said: Refresh, db: Db, settings: SettingsDep) -> Response:
    """Exchange a refresh token for the next tokens. It serves once: presented again, it ends the login for good."""
    made = await signing_in.refresh(db, settings, request.app.state.token_keys, said.refresh_token)
    return _unkept(respond.plain(request, TokensOut.model_validate(made)))


@router.post("/auth/sign-out", status_code=204, responses=problems(SignInNeeded))
async def sign_out(actor: Writer, db: Db) -> Response:
    """End the login that carries this request."""
    await signing_in.sign_out(db, actor)
    return Response(status_code=204)


@router.post("/auth/sign-out-everywhere", response_model=EndedOut, responses=problems(ReadOnlyToken))
async def sign_out_everywhere(request: Request, actor: Writer, db: Db) -> Response:
    """End every login and every personal token, this one too: what to do when somebody may have a copy."""
    logins, ended = await signing_in.sign_out_everywhere(db, actor)
    return respond.plain(request, EndedOut(logins=logins, tokens=ended))


@router.post("/auth/password", response_model=EndedOut, responses=problems(SignInNeeded, TooManyAttempts))
async def change_password(request: Request, said: PasswordChange, actor: Caller, read: Read, db: Db) -> Response:
    """Change one's password; every other login ends. Personal tokens stay: sign out everywhere to end them too."""
    ended = await signing_in.change_password(read, db, actor, said)
    return respond.plain(request, EndedOut(logins=ended, tokens=0))


@router.get("/auth/tokens", response_model=Listing[ApiTokenOut])
async def list_tokens(
    request: Request, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """One's personal tokens that still work."""
    page = await people.list_api_tokens(read, actor, limit=limit, cursor=cursor)
    await read.release()
    items = [ApiTokenOut.model_validate(row) for row in page.items]
    return respond.page(request, TOKENS, Page(items, page.next_cursor))


@router.post(
    "/auth/tokens",
    status_code=201,
    response_model=NewApiTokenOut,
    openapi_extra=SECRET,
    responses=problems(SignInNeeded, tokens.TooManyTokens),
)
async def make_token(request: Request, said: ApiTokenIn, actor: Writer, db: Db) -> Response:
    """Make a personal token for a program. Its secret is in this answer and nowhere else."""
    made, secret = await tokens.make(db, actor, said)
    body = NewApiTokenOut(**ApiTokenOut.model_validate(made).model_dump(), token=secret)
    answer = respond.plain(request, body, status=201)
    answer.headers["Location"] = "/api/v1/auth/tokens"
    return _unkept(answer)


# No If-Match on the two addresses that only take access away: closing a door must not fail because it moved.
@router.delete("/auth/tokens/{token_id}", status_code=204)
async def revoke_token(token_id: UUID, actor: Writer, db: Db) -> Response:
    """Revoke one of one's personal tokens; its next request is refused."""
    await tokens.revoke(db, actor, token_id)
    return Response(status_code=204)
