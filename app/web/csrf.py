"""A form of another site must not act in the name of who is signed in here.

Two locks, each enough alone: what the browser says of where the request comes from (fetch metadata, or `Origin`), and
a token that only our pages hold. The token is made from the login, and masked anew for each page, so that two
compressed answers tell nothing of it (BREACH).
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request

from app.core.errors import Forbidden
from app.core.security.secrets import derived_secret, same
from app.settings import Settings

FIELD = "csrf"
HEADER = "x-csrf-token"
LENGTH = 32


class FromElsewhere(Forbidden):
    """A page of another site sent this form, or yours was made for another login. Open the page again and send it anew."""

    title = "Formulaire venu d’ailleurs"


def token_for(settings: Settings, login_id: UUID | None) -> str:
    """The token of one page for one login; empty for a visitor, who has nothing that another could use."""
    if login_id is None:
        return ""
    mask = secrets.token_bytes(LENGTH)
    return urlsafe_b64encode(mask + _crossed(mask, _proof(settings, login_id))).decode()


def require_token(request: Request, login_id: UUID | None, sent: str) -> None:
    """Refuse what does not carry the token of this login."""
    try:
        raw = urlsafe_b64decode(sent.encode())
    except (Error, ValueError):
        raw = b""
    proof = _proof(request.app.state.settings, login_id) if login_id else b""
    if len(raw) != 2 * LENGTH or not proof or not same(_crossed(raw[:LENGTH], raw[LENGTH:]), proof):
        raise FromElsewhere("Ce formulaire n’est plus valable : ouvrez de nouveau la page, puis envoyez-le.")


def require_our_pages(request: Request) -> None:
    """Refuse what a browser says comes from elsewhere; one that says nothing is no browser that we know."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site == "same-origin"
    else:
        named = _host_of(origin or "")
        ours = named != "" and named in {
            request.headers.get("host"),
            urlsplit(request.app.state.settings.base_url).netloc,
        }
    if not ours:
        raise FromElsewhere("Ce formulaire vient d’un autre site : ouvrez la page ici, puis envoyez-le.")


def _host_of(origin: str) -> str:
    """With its port; nothing for what is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _proof(settings: Settings, login_id: UUID) -> bytes:
    key = settings.secret.get_secret_value().encode()
    return hmac.digest(key, derived_secret(key, "form", login_id).encode(), "sha256")


def _crossed(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
