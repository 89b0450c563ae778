"""Contribute: the composer of a new contribution.

One thing is called a draft: what its author kept for later. It is a contribution in the state `draft`, listed with
theirs, and read by them alone. What is being typed is kept by the browser meanwhile, under the address of the page: a
net, that nobody has to name or to find, and that goes when the words are published or kept for later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Response
from markupsafe import Markup
from starlette.datastructures import FormData

from app.core.db import Handle
from app.core.errors import Problem
from app.core.i18n import gettext
from app.core.richtext.render import to_html
from app.features.initiatives.queries import TermRow, list_terms
from app.features.sessions.models import SessionState
from app.features.sessions.queries import Wanted, list_sessions
from app.features.spaces.queries import SpaceClosed, get_space
from app.features.statements.actions.submit import submit
from app.features.statements.choices import consent_options, kind_hints, kind_options, spoken, voice_options
from app.features.statements.models import Consent
from app.features.statements.queries.thread import list_voices
from app.features.statements.schemas import ContributionDraft
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import require
from app.web.deps import Db, Read
from app.web.forms import SHOWS, Filled, Form, again, page_router, read, texts
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking, Screen
from app.web.wording import day

router = page_router()
LISTS = ("tags",)
MOST = 100
"""Words of taxonomies, and sessions, that a form offers."""
KEEP = "garder"


@router.get("/espaces/{space_id}/contributions/nouvelle")
async def composer(screen: Looking, read_: Read, space_id: UUID, seance: UUID | None = None) -> Response:
    """The form, empty."""
    return await _composer(screen, read_, space_id, screen.form(session_id=seance, consent=Consent.NAME))


@router.post("/espaces/{space_id}/contributions/nouvelle", openapi_extra=SHOWS)
async def preview(screen: Acting, db: Db, space_id: UUID, form: Filled) -> Response:
    """The form as it is filled, with what readers would see. Nothing is written."""
    shown = Markup(to_html(str(form.get("markdown", ""))))  # noqa: S704 - made safe by the one allow-list
    return await _composer(screen, db, space_id, filled(form), preview=shown)


@router.post(
    "/espaces/{space_id}/contributions", openapi_extra=CREATES | again("/espaces/{space_id}/contributions/nouvelle")
)
async def contribute(screen: Acting, db: Db, form: Filled, space_id: UUID) -> Response:
    """Publish, or keep for later."""
    kept = form.get("geste") == KEEP
    draft = read(ContributionDraft, form, lists=LISTS, space_id=space_id, draft=kept, **spoken(form))
    made = await submit(db, screen.actor, draft)
    if kept:
        return screen.see(f"/contributions/{made.id}/modifier", said="draft-kept")
    return screen.see(f"/contributions/{made.id}", said="contribution-published")


def filled(form: FormData) -> Form:
    """What was sent, as the fields show it again."""
    said = texts(form)
    return Form({name: values if name in LISTS else values[0] for name, values in said.items()})


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
    )


def errors_of(screen: Screen) -> Sequence[tuple[str, str]]:
    """What is to be corrected, each with the field to go to; the reason alone where no field is at fault."""
    if screen.refused is None:
        return ()
    found = list(screen.refused.errors.items())
    problem: Problem = screen.refused.problem
    return found or [("", problem.detail)]


async def taxonomies(read_: Handle, initiative_id: UUID) -> dict[str, list[TermRow]]:
    """The words that a contribution may bear, by taxonomy; those that were retired are not offered."""
    found: dict[str, list[TermRow]] = defaultdict(list)
    for term in (await list_terms(read_, initiative_id, taxonomy=None, cursor=None, limit=MOST)).items:
        if term.retired_at is None:
            found[term.taxonomy].append(term)
    return dict(found)


async def _sessions(read_: Handle, actor: Actor, space_id: UUID) -> list[tuple[str, str]]:
    """Those of the space that still take contributions, the latest first, as options of a list."""
    page = await list_sessions(read_, actor, Wanted(space_id=space_id), cursor=None, limit=MOST)
    said = gettext("Séance %(number)s, %(day)s")
    open_ones = [one for one in reversed(page.items) if one.state != SessionState.LOCKED]
    options = [(str(one.id), said % {"number": one.number, "day": day(one.starts_at)}) for one in open_ones]
    return [("", gettext("Aucune")), *options] if options else []
