"""A forgotten password and a changed address. The links of their mails open a page with one form; opening it changes nothing."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.features.identity.actions import addresses, forgotten
from app.features.identity.devices import device_of
from app.features.identity.links import address_named, reset_named
from app.features.identity.schemas.signing_in import ForgottenPassword, PasswordReplacement
from app.web.deps import Db, Read, SettingsDep
from app.web.forms import Filled, again, page_router, read
from app.web.screen import Acting, Looking

router = page_router()
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


@router.get("/mot-de-passe")
async def ask_form(screen: Looking) -> Response:
    """The address whose password is forgotten."""
    return await screen.show("identity/forgotten.html", form=screen.form())


@router.post("/mot-de-passe", openapi_extra=again("/mot-de-passe"))
async def ask(request: Request, form: Filled, read_: Read, db: Db, settings: SettingsDep) -> Response:
    """Ask for a mail; the answer is the same where nobody has that address."""
    await forgotten.ask(read_, db, settings, read(ForgottenPassword, form), device_of(request))
    return _to("/mot-de-passe?dit=password-asked")


@router.get("/mot-de-passe/{reset_code}")
async def choose_form(screen: Looking, reset_code: str) -> Response:
    """Another password."""
    return await _mailed(screen, "identity/new_password.html", reset_named(reset_code), reset_code)


@router.post("/mot-de-passe/{reset_code}", openapi_extra=again("/mot-de-passe/{reset_code}"))
async def choose(form: Filled, read_: Read, db: Db, settings: SettingsDep, reset_code: str) -> Response:
    """Keep it; every device is signed out."""
    await forgotten.replace(read_, db, settings, read(PasswordReplacement, form, token=reset_code))
    return _to("/connexion?dit=password-changed")


@router.get("/adresse/{address_code}")
async def confirm_form(screen: Looking, address_code: str) -> Response:
    """One button, for whoever is signed in to the account that asked."""
    return await _mailed(screen, "identity/new_address.html", address_named(address_code), address_code)


@router.post("/adresse/{address_code}", openapi_extra=again("/adresse/{address_code}"))
async def confirm(screen: Acting, db: Db, settings: SettingsDep, address_code: str) -> Response:
    """Take the address; the mailbox of before is told."""
    await addresses.take(db, settings, screen.actor, address_code)
    return screen.see("/", said="address-changed")


async def _mailed(screen: Looking, template: str, named: UUID | None, code: str) -> Response:
    """The page of a code of ours; whether it still serves is told by using it, and to nobody else."""
    if named is None:
        raise NotFound("Il n’y a rien à cette adresse.")
    answer = await screen.show(template, code=code.strip(), form=screen.form())
    answer.headers.update(NO_STORE)  # the code is in the address
    return answer


def _to(address: str) -> Response:
    return Response(status_code=303, headers={"Location": address, "Cache-Control": "no-store"})
