"""The card of an organisation, described by those who manage it."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.core.i18n import gettext
from app.features.identity.actions import organisations
from app.features.identity.models import Scale
from app.features.identity.pages.team import ORGANISATION
from app.features.identity.queries.organisations import get_organisation
from app.features.identity.schemas.organisations import OrganisationChange
from app.features.identity.territories import NAMES
from app.policy.actions import Action
from app.policy.decide import require
from app.web.conflict import clashes, written_on
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.screen import Acting, Looking

router = page_router()
EDIT = f"{ORGANISATION}/modifier"
EMPTIED = ("acronym", "description", "website", "scale")
"""What an empty field empties."""
LISTS = ("territories", "sdgs")


@router.get(EDIT)
async def describe_form(screen: Looking, read_: Read, organisation_id: UUID) -> Response:
    """What is known, to be corrected; with what somebody else wrote meanwhile beside it."""
    screen.require_signed_in()
    card = await get_organisation(read_, screen.actor, organisation_id)
    require(screen.actor, Action.ORGANISATION_EDIT, card)
    await read_.release()
    known = {name: getattr(card, name) for name in ("name", *EMPTIED, *LISTS, "version")}
    form = screen.form(**known)
    labels = {
        "name": gettext("Nom"),
        "acronym": gettext("Sigle"),
        "description": gettext("Ce qu’elle fait"),
        "website": gettext("Site"),
    }
    return await screen.show(
        "organisation/card.html",
        card=card,
        form=form,
        clashes=await clashes(form, labels),
        scales=[scale.value for scale in Scale],
        territories=list(NAMES.items()),
        here=f"/organisations/{organisation_id}",
    )


@router.post(EDIT, openapi_extra=again(EDIT))
async def describe(screen: Acting, db: Db, form: Filled, organisation_id: UUID) -> Response:
    """Keep it; refused where somebody wrote before, with both texts."""
    emptied = {name: None for name in EMPTIED if name in form and not str(form[name]).strip()}
    unchosen: dict[str, list[str]] = {name: [] for name in LISTS if name not in form}
    said = read(OrganisationChange, form, **emptied, **unchosen)
    await organisations.edit(db, screen.actor, organisation_id, written_on(form), said)
    return screen.see(f"/organisations/{organisation_id}", said="organisation-described")
