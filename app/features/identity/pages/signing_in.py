"""Signing in and out on a browser. What one was writing when the login ended comes along, and is sent again by a button."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.core.errors import NotFound
from app.features.identity.actions import browsers
from app.features.identity.actions.browsers import Opened
from app.features.identity.devices import device_of
from app.features.identity.links import sign_in_named
from app.features.identity.schemas.signing_in import ForgottenPassword, SignIn
from app.web.cookies import drop_login, give_login, login_cookie
from app.web.csrf import token_for
from app.web.deps import Db, Read, SettingsDep
from app.web.forms import Filled, again, page_router, read, texts
from app.web.framing import bare_frame
from app.web.screen import Acting, Looking, here
from app.web.templates import render
from app.web.waiting import Waiting, waiting_in

router = page_router()
Towards = Annotated[str, Query(max_length=2000)]


@router.get("/connexion")
async def sign_in_form(screen: Looking, vers: Towards = "/", par: Towards = "") -> Response:
    """An address and a password, or a mail."""
    form = screen.form(vers=here(vers))
    return await screen.show("identity/sign_in.html", form=form, by_mail=par == "courriel", wait=_waiting(screen))


@router.post("/connexion", openapi_extra=again("/connexion"))
async def sign_in(request: Request, form: Filled, read_: Read, db: Db, settings: SettingsDep) -> Response:
    """Open a login by password, and go where one was going."""
    said = read(SignIn, form)
    opened = await browsers.sign_in_here(read_, db, said, device_of(request), _before(request))
    return _signed_in(request, opened)


@router.post("/connexion/code", openapi_extra=again("/connexion?par=courriel"))
async def ask_code(request: Request, form: Filled, read_: Read, db: Db) -> Response:
    """Ask for a mail with a code; the answer is the same where nobody has that address."""
    asked = await browsers.ask_code(read_, db, read(ForgottenPassword, form), device_of(request))
    wait, vers = waiting_in(texts(form)), _towards(form)
    if not wait.kept:
        query = urlencode({"demande": str(asked), "vers": vers})
        return Response(status_code=303, headers={"Location": f"/connexion/code?{query}", "Cache-Control": "no-store"})
    values = {"frame": bare_frame(request), "asked": asked, "vers": vers, "wait": wait, "problem": None}
    return render("identity/sign_in_code.html", values)


@router.get("/connexion/code")
async def code_form(screen: Looking, demande: str = "", vers: Towards = "/") -> Response:
    """The six digits: read anew when they are refused."""
    values = screen.refused.values if screen.refused else {}
    return await screen.show(
        "identity/sign_in_code.html",
        asked=(values.get("demande") or [demande])[0],
        vers=here((values.get("vers") or [vers])[0]),
        wait=_waiting(screen),
    )


@router.post("/connexion/code/verifier", openapi_extra=again("/connexion/code"))
async def enter_code(request: Request, form: Filled, read_: Read, db: Db, settings: SettingsDep) -> Response:
    """Open a login with the six digits."""
    try:
        asked = TypeAdapter(UUID).validate_python(str(form.get("demande", "")))
    except ValidationError:
        raise browsers.wrong_code() from None
    device = device_of(request)
    person = await browsers.enter_code(read_, db, settings, asked, str(form.get("code", "")), device)
    return _signed_in(request, await browsers.open_here(db, person, device, _before(request)))


@router.get("/connexion/lien/{sign_in_code}")
async def link(screen: Looking, sign_in_code: str) -> Response:
    """What the link of the mail opens: a page with one button. Programs that look at mail follow links."""
    if sign_in_named(sign_in_code) is None:
        raise NotFound("Il n’y a rien à cette adresse.")
    answer = await screen.show("identity/sign_in_link.html", code=sign_in_code)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "same-origin"})
    return answer


@router.post("/connexion/lien/{sign_in_code}", openapi_extra=again("/connexion/lien/{sign_in_code}"))
async def follow_link(
    request: Request, sign_in_code: str, form: Filled, read_: Read, db: Db, settings: SettingsDep
) -> Response:
    """The button of that page."""
    device = device_of(request)
    person = await browsers.follow_link(read_, db, settings, sign_in_code, device)
    return _signed_in(request, await browsers.open_here(db, person, device, _before(request)))


@router.post("/deconnexion")
async def sign_out(request: Request, screen: Acting, db: Db, settings: SettingsDep) -> Response:
    """End the login of this browser."""
    await browsers.end_here(db, _before(request), "signed_out")
    answer = screen.see("/", said="signed-out")
    drop_login(answer, settings)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _signed_in(request: Request, opened: Opened) -> Response:
    """To the page that one wanted; with a form that could not be sent, to the button that sends it."""
    form, settings = request.state.form, request.app.state.settings
    wait = waiting_in(texts(form))
    token = token_for(settings, opened.login_id)
    if "hx-request" in request.headers:
        # The dialog was opened over what is being written: the page stays, and learns its new token.
        answer = Response(status_code=204, headers={"HX-Trigger": json.dumps({"alliage:signed-in": {"csrf": token}})})
    elif wait.kept:
        frame, wait = replace(bare_frame(request), csrf=token), replace(wait, action=here(wait.action))
        answer = render("identity/resume.html", {"frame": frame, "wait": wait, "problem": None})
    else:
        answer = Response(status_code=303, headers={"Location": _towards(form)})
    answer.headers["Cache-Control"] = "no-store"
    give_login(answer, settings, opened.secret)
    return answer


def _before(request: Request) -> str | None:
    return request.cookies.get(login_cookie(request.app.state.settings))


def _towards(form: Filled) -> str:
    return here(str(form.get("vers", "/")))


def _waiting(screen: Looking) -> Waiting:
    """The form that waits, when signing in was refused."""
    return waiting_in(screen.refused.values) if screen.refused is not None else Waiting()
