"""A forgotten password: asked for by an address, replaced by the code that the mailbox received.

Neither identifies anybody by a token: what proves who calls is in the body, and no connection waits while Argon2 works.
"""

from __future__ import annotations

from fastapi import Request, Response

from app.features.identity.actions import forgotten
from app.features.identity.actions.attempts import TooManyAttempts
from app.features.identity.actions.forgotten import CodeOver
from app.features.identity.api.auth import device_of
from app.features.identity.schemas.signing_in import AskedOut, EndedOut, ForgottenPassword, PasswordReplacement
from app.web import respond
from app.web.api import api_router, problems
from app.web.deps import Db, Read, SettingsDep

router = api_router("auth")


@router.post("/auth/forgotten-password", status_code=202, response_model=AskedOut, responses=problems(TooManyAttempts))
async def forgotten_password(
    request: Request, said: ForgottenPassword, read: Read, db: Db, settings: SettingsDep
) -> Response:
    """Ask for another password. Where the address has an account, a code is mailed to it; the answer is the same anyhow."""
    await forgotten.ask(read, db, settings, said, device_of(request))
    return respond.plain(request, AskedOut(minutes=settings.password_reset_minutes), status=202)


@router.post("/auth/reset-password", response_model=EndedOut, responses=problems(CodeOver))
async def reset_password(
    request: Request, said: PasswordReplacement, read: Read, db: Db, settings: SettingsDep
) -> Response:
    """Choose another password with the code that was mailed; every login ends. Personal tokens stay."""
    ended = await forgotten.replace(read, db, settings, said)
    return respond.plain(request, EndedOut(logins=ended, tokens=0))
