"""An invitation: who invites, for whom, to do what, and what becomes public; accepted with three fields, or one button.

Opening it changes nothing: programs that look at mail follow links.
"""

from __future__ import annotations

from fastapi import Request, Response

from app.core.errors import NotFound, invalid
from app.features.identity.actions import browsers
from app.features.identity.actions import invitations as actions
from app.features.identity.devices import device_of
from app.features.identity.links import invitation_named
from app.features.identity.schemas.people import Acceptance
from app.web import csrf
from app.web.auth import Caller, claim
from app.web.cookies import drop_login, give_login, login_cookie
from app.web.deps import Db, Read, SettingsDep
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Looking

router = page_router()
PAGE = "/invitation/{invitation_code}"


@router.get(PAGE)
async def invitation(screen: Looking, read_: Read, settings: SettingsDep, invitation_code: str) -> Response:
    """The letter, in whatever state it is."""
    if invitation_named(invitation_code) is None:
        raise NotFound("Il n’y a rien à cette adresse.")
    letter = await actions.open_letter(read_, settings, invitation_code)
    answer = await screen.show(
        "identity/invitation.html",
        letter=letter,
        code=invitation_code.strip(),
        mine=letter.invited_person_id is not None and letter.invited_person_id == screen.actor.person_id,
        form=screen.form(),
    )
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "same-origin"})  # the code is in the address
    if screen.frame.login_over:  # somebody else's, on a shared computer: it must not stand in the way of a new account
        drop_login(answer, settings)
    return answer


@router.post(PAGE, openapi_extra=CREATES | again(PAGE))
async def accept(
    request: Request, actor: Caller, read_: Read, db: Db, form: Filled, settings: SettingsDep, invitation_code: str
) -> Response:
    """Take the mandate; the browser is signed in at once, and led to a question that waits for an answer."""
    if request.state.by_cookie:
        csrf.require_token(request, actor.login_id, request.state.csrf)
    said = read(Acceptance, form, token=invitation_code)
    letter = await actions.open_letter(read_, settings, said.token)
    is_new = letter.state == "waiting" and not letter.account_exists and not actor.signed_in
    if is_new and not form.get("public"):
        raise invalid("/public", "Cochez la case : chacun doit savoir ce que l’on verra de lui avant d’entrer.")
    hashed = await actions.judge(read_, settings, actor, said)
    await claim(request, db, actor)
    done = await actions.accept(db, settings, actor, said, hashed)
    answer = Response(status_code=303, headers={"Location": "/bienvenue", "Cache-Control": "no-store"})
    if done.account_created or request.state.by_cookie:
        before = request.cookies.get(login_cookie(settings))
        give_login(answer, settings, (await browsers.open_here(db, done.person_id, device_of(request), before)).secret)
    return answer


@router.post(f"{PAGE}/renouveler", openapi_extra=again(PAGE))
async def renew(db: Db, settings: SettingsDep, invitation_code: str) -> Response:
    """One click when it has expired: another link leaves for the mailbox, and nobody else sees it."""
    await actions.renew_by_holder(db, settings, invitation_code)
    return Response(
        status_code=303, headers={"Location": "/connexion?dit=invitation-renewed", "Cache-Control": "no-store"}
    )
