"""The settings of a space, for those who run it: its words, who reads it, who is in it, who runs it, closing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.i18n import gettext
from app.features.identity.queries.mandates import MandateFilters, list_mandates
from app.features.initiatives.queries import list_participations
from app.features.spaces import actions
from app.features.spaces.models import Visibility
from app.features.spaces.queries import get_space, list_members, named_facilitators
from app.features.spaces.schemas import FacilitatorDraft, MemberDraft, SpacePatch
from app.features.statements.queries.heard import list_speakers
from app.policy.actions import Action
from app.policy.actor import WRITING
from app.policy.decide import allowed, require
from app.web.conflict import clashes, written_on
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.frame import Entry
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking
from app.web.wording import word

router = page_router()
SETTINGS = "/espaces/{space_id}/reglages"
HERE = again(SETTINGS)
WORDS = ("title", "question", "summary", "visibility", "version")
EMPTIED = ("question", "summary")
"""What an empty field empties."""
MOST = 500


@router.get(SETTINGS)
async def settings(screen: Looking, read_: Read, space_id: UUID) -> Response:
    """Everything that may be changed, with what somebody else wrote meanwhile beside it."""
    screen.require_signed_in()
    actor = screen.actor
    space = await get_space(read_, actor, space_id)
    require(actor, Action.SPACE_EDIT, space)
    members = await list_members(read_, space_id, running=True, cursor=None, limit=MOST)
    inside = {it.organisation_id for it in members.items}
    taking = await list_participations(read_, space.initiative_id, role=None, cursor=None, limit=MOST)
    facilitators = await named_facilitators(read_, actor, space_id)
    running = {it.person_id for it in facilitators}
    form = screen.form(**{name: getattr(space, name) for name in WORDS})
    people = {it.person_id: (it.name, it.organisation or "") for it in await list_speakers(read_, actor, space_id)}
    ours = MandateFilters(initiative=space.initiative_id, running=True)
    for it in (await list_mandates(read_, actor, ours, limit=MOST, cursor=None)).items:
        if it.person and WRITING & set(it.powers):
            people.setdefault(it.person_id, (it.person, it.organisation))
    labels = {"title": gettext("Titre"), "question": gettext("Question"), "summary": gettext("Présentation")}
    await read_.release()
    return await screen.show(
        "spaces/settings.html",
        space=space,
        form=form,
        clashes=await clashes(form, labels),
        at=f"/espaces/{space_id}",
        shows=allowed(actor, Action.SPACE_SHOW, space),
        visibilities=[(code.value, _capital(word(code.value, "visibility")), "") for code in Visibility],
        members=members.items,
        outside=[
            (str(it.organisation_id), it.organisation_name)
            for it in taking.items
            if it.until is None and it.organisation_id not in inside
        ],
        facilitators=facilitators,
        people=[
            (str(id_), f"{name}, {organisation}" if organisation else name)
            for id_, (name, organisation) in sorted(people.items(), key=lambda one: one[1][0].casefold())
            if id_ not in running
        ],
        crumb=[
            Entry(gettext("Accueil"), "/"),
            Entry(space.title, f"/espaces/{space_id}"),
            Entry(gettext("Réglages"), ""),
        ],
    )


@router.post(SETTINGS, openapi_extra=HERE)
async def edit(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Keep its words, and who reads it; refused where somebody wrote before, with both texts."""
    emptied: dict[str, Any] = {name: None for name in EMPTIED if name in form and not str(form[name]).strip()}
    if "title" in form and not str(form["title"]).strip():
        emptied["title"] = ""  # refused: left out, it would keep the one before without saying so
    await actions.edit(db, screen.actor, space_id, read(SpacePatch, form, **emptied), written_on(form))
    return screen.see(f"/espaces/{space_id}", said="space-edited")


@router.post("/espaces/{space_id}/fermer", openapi_extra=HERE)
async def close(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Take no more contributions."""
    await actions.close(db, screen.actor, space_id, written_on(form))
    return screen.see(f"/espaces/{space_id}", said="space-closed")


@router.post("/espaces/{space_id}/rouvrir", openapi_extra=HERE)
async def reopen(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Take contributions again."""
    await actions.reopen(db, screen.actor, space_id, written_on(form))
    return screen.see(f"/espaces/{space_id}", said="space-reopened")


@router.post("/espaces/{space_id}/organisations", openapi_extra=HERE | CREATES)
async def add_member(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Let an organisation in."""
    await actions.add_member(db, screen.actor, space_id, read(MemberDraft, form))
    return screen.see(f"/espaces/{space_id}/reglages#members", said="space-member-added")


@router.post("/espaces/{space_id}/organisations/{organisation_id}/sortir", openapi_extra=HERE)
async def end_member(screen: Acting, db: Db, space_id: UUID, organisation_id: UUID) -> Response:
    """Let an organisation leave."""
    await actions.end_member(db, screen.actor, space_id, organisation_id)
    return screen.see(f"/espaces/{space_id}/reglages#members", said="space-member-ended")


@router.post("/espaces/{space_id}/animation", openapi_extra=HERE | CREATES)
async def add_facilitator(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Let somebody run it."""
    await actions.add_facilitator(db, screen.actor, space_id, read(FacilitatorDraft, form))
    return screen.see(f"/espaces/{space_id}/reglages#facilitators", said="facilitator-added")


@router.post("/espaces/{space_id}/animation/{person_id}/arreter", openapi_extra=HERE)
async def end_facilitator(screen: Acting, db: Db, space_id: UUID, person_id: UUID) -> Response:
    """Let somebody run it no more."""
    await actions.end_facilitator(db, screen.actor, space_id, person_id)
    return screen.see(f"/espaces/{space_id}/reglages#facilitators", said="facilitator-ended")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
