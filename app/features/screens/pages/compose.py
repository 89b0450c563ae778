"""Contribute: the composer of a new contribution.

One thing is called a draft: what its author kept for later. It is a contribution in the state `draft`, listed with
theirs, and read by them alone. What is being typed is kept meanwhile, on the device and on the server, under the address of
the page: a net, that nobody has to name or to find, and that goes when the words are published or kept for later.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response
from markupsafe import Markup

from app.core.db import Handle
from app.core.i18n import gettext
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.search.queries.similar import similar
from app.features.sessions.models import SessionState
from app.features.sessions.queries import Wanted, list_sessions
from app.features.spaces.queries import SpaceClosed, get_space
from app.features.statements.actions.opinions import take_position
from app.features.statements.actions.submit import submit
from app.features.statements.choices import consent_options, kind_hints, kind_options, spoken, voice_options
from app.features.statements.models import Consent, Stance
from app.features.statements.pages.fields import as_left, errors_of, filled, require_length, taxonomies
from app.features.statements.queries.thread import list_voices
from app.features.statements.schemas import ContributionDraft, PositionDraft
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import require
from app.web.deps import Db, Read
from app.web.forms import SHOWS, Filled, Form, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking, Screen
from app.web.wording import day

router = page_router()
MOST = 100
"""Sessions that a form offers."""
KEEP, NEAR = "garder", "proches"


@router.get("/espaces/{space_id}/contributions/nouvelle")
async def composer(screen: Looking, read_: Read, space_id: UUID, seance: UUID | None = None) -> Response:
    """The form: empty, or as its author left it."""
    screen.require_signed_in()
    kept = (
        await find_draft(read_, screen.actor, DraftForm.CONTRIBUTION_NEW.key(space_id))
        if screen.refused is None
        else None
    )
    known: dict[str, Any] = {"session_id": seance, "consent": Consent.NAME} | as_left(kept)
    return await _composer(screen, read_, space_id, screen.form(**known), kept=kept)


@router.post(
    "/espaces/{space_id}/contributions/nouvelle",
    openapi_extra=SHOWS | again("/espaces/{space_id}/contributions/nouvelle"),
)
async def preview(screen: Acting, db: Db, space_id: UUID, form: Filled) -> Response:
    """The form as it is filled, with what readers would see, or with what was already said. Nothing is written."""
    screen.require_signed_in()
    # Who may not write here makes nothing be read, and nothing be compared.
    require(screen.actor, Action.CONTRIBUTION_SUBMIT, await get_space(db, screen.actor, space_id), SpaceClosed)
    shown = filled(form)
    require_length(shown)
    if form.get("geste") == NEAR:
        words = f"{shown.value('title')} {shown.value('markdown')}"
        near = await similar(db, screen.actor, space_id, words)
        return await _composer(screen, db, space_id, shown, near=near)
    words = shown.value("markdown")
    html = Markup(await aside(words, lambda: to_html(words)))  # noqa: S704 - made safe by the one allow-list
    return await _composer(screen, db, space_id, shown, preview=html)


@router.post(
    "/espaces/{space_id}/contributions", openapi_extra=CREATES | again("/espaces/{space_id}/contributions/nouvelle")
)
async def contribute(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Publish, or keep for later."""
    kept = form.get("geste") == KEEP
    draft = read(ContributionDraft, form, space_id=space_id, draft=kept, **spoken(form))
    made = await submit(db, screen.actor, draft)
    await forget(db, screen.actor, DraftForm.CONTRIBUTION_NEW.key(space_id))
    if kept:
        return screen.see(f"/contributions/{made.id}/modifier", said="draft-kept")
    return screen.see(f"/contributions/{made.id}", said="contribution-published")


@router.post(
    "/contributions/{contribution_id}/rejoindre", openapi_extra=CREATES | again("/contributions/{contribution_id}")
)
async def join(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Support what was already said instead of saying it again: it weighs as much, and reads better."""
    said = PositionDraft(stance=Stance.SUPPORTS, organisation_id=spoken(form).get("organisation_id"))
    await take_position(db, screen.actor, contribution_id, said)
    return screen.see(f"/contributions/{contribution_id}#position", said="position-taken")


async def _composer(screen: Screen, read_: Handle, space_id: UUID, form: Form, **more: Any) -> Response:
    screen.require_signed_in()
    space = await get_space(read_, screen.actor, space_id)
    if screen.refused is None:
        # Somebody who was refused sees their words again all the same, with the reason.
        require(screen.actor, Action.CONTRIBUTION_SUBMIT, space, SpaceClosed)
    voices = await list_voices(read_, screen.actor, space_id)
    first = voices[0] if voices else None
    return await screen.show(
        "statements/compose.html",
        space=space,
        form=form,
        voices=voices,
        voice_options=voice_options(voices),
        first_voice=f"{Capacity.ORGANISATION}:{first.organisation_id}" if first and len(voices) == 1 else "",
        consents=consent_options(first.name if first and len(voices) == 1 else "", first.profile if first else ""),
        kinds=kind_options(),
        kind_hints=kind_hints(),
        taxonomies=await taxonomies(read_, space.initiative_id),
        sessions=await _sessions(read_, screen.actor, space_id),
        errors=errors_of(screen),
        preview=more.get("preview"),
        near=more.get("near"),
        kept=more.get("kept"),
        key=DraftForm.CONTRIBUTION_NEW.key(space_id),
    )


async def _sessions(read_: Handle, actor: Actor, space_id: UUID) -> list[tuple[str, str]]:
    """Those of the space that still take contributions, the latest first, as options of a list."""
    page = await list_sessions(read_, actor, Wanted(space_id=space_id), cursor=None, limit=MOST)
    said = gettext("Séance %(number)s, %(day)s")
    open_ones = [one for one in reversed(page.items) if one.state != SessionState.LOCKED]
    options = [(str(one.id), said % {"number": one.number, "day": day(one.starts_at)}) for one in open_ones]
    return [("", gettext("Aucune")), *options] if options else []
