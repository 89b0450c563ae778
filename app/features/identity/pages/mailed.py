"""What the addresses in our mails open: how to use the code. Opening one reads and changes nothing, and tells nothing of it.

Programs that look at mail follow links: what a code does takes a POST, which each page writes out.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.core.errors import NotFound
from app.features.identity.links import address_named, invitation_named, reset_named
from app.web.templates import page

router = APIRouter(include_in_schema=False)


@router.get("/invitation/{invitation_code}")
async def invitation(request: Request, invitation_code: str) -> Response:
    """How to look at an invitation, and accept it."""
    return _page(request, "identity/invitation.html", invitation_named(invitation_code), invitation_code)


@router.get("/mot-de-passe/{reset_code}")
async def forgotten_password(request: Request, reset_code: str) -> Response:
    """How to choose another password."""
    return _page(request, "identity/forgotten.html", reset_named(reset_code), reset_code)


@router.get("/adresse/{address_code}")
async def changed_address(request: Request, address_code: str) -> Response:
    """How to confirm another address."""
    return _page(request, "identity/address.html", address_named(address_code), address_code)


def _page(request: Request, template: str, named: UUID | None, code: str) -> Response:
    if named is None:
        raise NotFound("Il n’y a rien à cette adresse.")
    base = request.app.state.settings.base_url
    answer = page(request, template, api=f"{base}/api/v1", code=code.strip(), key=str(uuid4()))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"  # the code is in the address
    return answer
