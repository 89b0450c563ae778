"""A forgotten password and a changed address: asked for, then done with the code that a mailbox received.

A forgotten password identifies nobody by a token: what proves who calls is in the body. No connection waits while
Argon2 works.
"""

from __future__ import annotations

from fastapi import Request, Response

from app.features.identity.actions import addresses, forgotten
from app.features.identity.actions.attempts import TooManyAttempts
from app.features.identity.actions.forgotten import CodeOver
from app.features.identity.actions.signing_in import SignInNeeded
from app.features.identity.api.me import answer
from app.features.identity.devices import device_of
from app.features.identity.queries import people
from app.features.identity.schemas.people import MeOut
from app.features.identity.schemas.signing_in import (
    AddressCode,
    AddressWish,
    AskedOut,
    EndedOut,
    ForgottenPassword,
    PasswordReplacement,
)
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
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


@router.post(
    "/auth/address", status_code=202, response_model=AskedOut, responses=problems(SignInNeeded, TooManyAttempts)
)
async def change_address(
    request: Request, said: AddressWish, actor: Caller, read: Read, db: Db, settings: SettingsDep
) -> Response:
    """Ask for another address, with one's password. A code is mailed there; nothing tells whether it has an account."""
    await addresses.ask(read, db, settings, actor, said)
    return respond.plain(request, AskedOut(minutes=settings.address_change_minutes), status=202)


@router.post("/auth/address/confirm", response_model=MeOut, responses=problems(SignInNeeded, CodeOver))
async def confirm_address(
    request: Request, said: AddressCode, actor: Writer, db: Db, settings: SettingsDep
) -> Response:
    """Take the address whose mailbox received this code; the mailbox of before is told."""
    await addresses.take(db, settings, actor, said.token)
    await db.flush()
    return answer(request, actor, await people.get_me(db, actor))
