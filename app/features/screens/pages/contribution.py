"""The page of a contribution: its words, who answered and how, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.core.db import Handle
from app.core.errors import Invalid, NotFound, invalid
from app.core.i18n import gettext, later
from app.core.paging import Page
from app.core.richtext.canonical import to_plain
from app.core.richtext.literal import as_written
from app.features.attachments.queries import MEGABYTE, Owner, list_attachments
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.drafts.schemas import DraftOut
from app.features.editions.queries.became import list_became
from app.features.editions.schemas import Became
from app.features.harvest.actions.extracts import harvest
from app.features.harvest.schemas import ExtractDraft
from app.features.initiatives.queries import list_terms
from app.features.sessions.queries import get_card
from app.features.spaces.queries import get_space
from app.features.statements.choices import consent_options, side_options, stance_options, voice_options
from app.features.statements.models import (
    Consent,
    ModerationReason,
    Side,
    SourceCategory,
    StatementType,
    WithdrawalReason,
)
from app.features.statements.pages.fields import as_left
from app.features.statements.queries.detail import get_statement
from app.features.statements.queries.feed import NOT_FOUND
from app.features.statements.queries.thread import Standings, get_standings, list_sources_of, list_whole_replies
from app.features.statements.schemas import StatementFull
from app.policy.actions import Action
from app.policy.actor import Capacity
from app.web.addresses import id_in
from app.web.deps import Cursor, Db, Read, SettingsDep
from app.web.forms import Filled, Form, Refused, again, page_router
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking, Screen
from app.web.told import told
from app.web.wording import WORDS

router = page_router()
CONTRIBUTION = StatementType.CONTRIBUTION
Words = Annotated[str, Query(max_length=5_000)]
MOST_FILES = 100
FORMS = ("reponse", "position", "source", "citation", "retrait", "moderation", "fichier")
"""The forms of the page: what is refused goes back to the one that was sent (`formulaire`)."""

NOT_THERE = later("Ces mots ne se trouvent pas, à la lettre, dans ce texte : copiez-les tels qu’ils sont écrits.")
EDGES = " \t\r\n\u00a0\u202f«»"
"""What surrounds words that are quoted, and is not theirs."""


@router.get("/contributions/{contribution_id}")
async def contribution(
    screen: Looking,
    read_: Read,
    settings: SettingsDep,
    contribution_id: UUID,
    a: UUID | None = None,
    mots: Words = "",
    part: UUID | None = None,
    suite: Cursor = None,
) -> Response:
    """The whole page. `a` is the reply that one answers; `mots`, words of `part` that one quotes in one's reply."""
    it = await get_statement(read_, screen.actor, contribution_id, CONTRIBUTION)
    replies = await list_whole_replies(read_, screen.actor, it.id, suite)
    standings = await get_standings(read_, screen.actor, it)
    inside = it.space_id in screen.actor.inner_spaces
    became: Page[Became] = await list_became(read_, screen.actor, it.id) if inside else Page([], None)
    parts = {one.id: one for one in (it, *replies.items)}
    kept = await _kept_reply(screen, read_, it)
    forms, errors = _forms(screen, it, standings, a, kept)
    if mots and screen.refused is None:
        forms, errors = _quoting(forms, parts.get(part or it.id, it), mots, settings.base_url)
    return await screen.show(
        "statements/contribution.html",
        it=it,
        space=await get_space(read_, screen.actor, it.space_id),
        session=await get_card(read_, screen.actor, it.session_id) if it.session_id else None,
        tags=await _labels(read_, it),
        replies=replies.items,
        parts=parts,
        next=replies.next_cursor,
        onwards=suite is not None,
        standings=standings,
        most_file=settings.attachment_bytes // MEGABYTE,
        files=(await list_attachments(read_, screen.actor, Owner(statement_id=it.id), limit=MOST_FILES)).items,
        sources=await list_sources_of(read_, it),
        became=became.items,
        plain=to_plain,
        inside=inside,
        forms=forms,
        errors=errors,
        answered=_among({one.id: one for one in replies.items}, forms["reponse"].value("parent_id")),
        choices=_choices(standings),
        partial="hx-request" in screen.request.headers,
        kept=kept,
        quoting=bool(mots) and not errors,
        key=DraftForm.REPLY_NEW.key(it.id),
    )


@router.post(
    "/contributions/{contribution_id}/extraits", openapi_extra=CREATES | again("/contributions/{contribution_id}")
)
async def take_extract(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Harvest the exact words, of the contribution or of one of its replies (co-pilots, facilitators)."""
    it = await get_statement(db, screen.actor, id_in(str(form.get("part", ""))) or contribution_id)
    if it.root_id != contribution_id:
        raise NotFound(NOT_FOUND)
    words = as_written(it.plain or "", str(form.get("mots", "")).strip(EDGES))
    if words is None:
        raise invalid("/mots", gettext(NOT_THERE))
    await harvest(db, screen.actor, ExtractDraft(revision_id=it.revision_id, quote=words))
    return screen.see(f"/contributions/{contribution_id}#citer", said="extract-harvested")


def _among(parts: Mapping[UUID, StatementFull], said: str) -> StatementFull | None:
    found = id_in(said)
    return parts.get(found) if found else None


def _forms(
    screen: Screen, it: StatementFull, standings: Standings, answering: UUID | None, kept: DraftOut | None
) -> tuple[dict[str, Form], list[tuple[str, str]]]:
    """The forms of the page, and what is to be corrected in the one that was refused."""
    alone = standings.voices[0] if len(standings.voices) == 1 else None
    mine = standings.mine[0] if len(standings.mine) == 1 else None
    known: Mapping[str, dict[str, Any]] = {
        "reponse": {
            "organisation_id": f"{Capacity.ORGANISATION}:{alone.organisation_id}" if alone else None,
            "side": Side.NONE,
            "consent": Consent.NAME,
        }
        | as_left(kept)
        | ({"parent_id": answering} if answering else {}),
        "position": {"stance": mine.stance, "reason": mine.reason} if mine else {},
    }
    forms = {name: Form(known.get(name, {})) for name in FORMS}
    refused = screen.refused
    if refused is None:
        return forms, []
    sent = next(iter(refused.values.get("formulaire", [])), "")
    if sent in forms:
        forms[sent] = screen.form()
    found = [(f"{sent}-{name}", sentence) for name, sentence in refused.errors.items() if sent in forms]
    return forms, found or [("", told(refused.problem))]


def _quoting(
    forms: dict[str, Form], said: StatementFull, words: str, base_url: str
) -> tuple[dict[str, Form], list[tuple[str, str]]]:
    """The reply form, beginning with the words that are quoted and where they were said; refused unless they were said."""
    found = as_written(said.plain or "", words.strip(EDGES))
    if found is None:
        wrong = gettext(NOT_THERE)
        problem = Invalid(wrong, errors=[{"pointer": "/mots", "detail": wrong}])
        values = {"mots": [words], "part": [str(said.id)]}
        return forms | {"citation": Form({}, Refused(problem, values))}, [("citation-mots", wrong)]
    where = f"contributions/{said.id}#texte" if said.id == said.root_id else f"reponses/{said.id}"
    quoted = "\n".join(f"> {line}" for line in found.split("\n"))
    source = f"[{gettext('source de la citation')}]({base_url}/{where})"
    reply = forms["reponse"]
    before = f"{reply.value('markdown').rstrip()}\n\n".lstrip("\n")  # what one was writing stays above
    begun = dict(reply.known) | {"markdown": f"{before}{quoted}\n>\n> {source}\n\n"}
    return forms | {"reponse": Form(begun)}, []


async def _kept_reply(screen: Screen, read_: Handle, it: StatementFull) -> DraftOut | None:
    """The reply that one was writing, where one may write it and nothing that was sent has its place."""
    if screen.refused is not None or Action.STATEMENT_REPLY not in it.abilities:
        return None
    return await find_draft(read_, screen.actor, DraftForm.REPLY_NEW.key(it.id))


async def _labels(read_: Handle, it: StatementFull) -> list[str]:
    """What its tags are called; the code of one that has no word any more."""
    if not it.tags:
        return []
    terms = await list_terms(read_, it.initiative_id, taxonomy=None, cursor=None, limit=200)
    words = {term.code: term.label for term in terms.items}
    return [words.get(tag, tag) for tag in it.tags]


def _choices(standings: Standings) -> dict[str, Any]:
    """What the forms of the page offer."""
    voices = standings.voices
    alone = voices[0] if len(voices) == 1 else None
    reason = WORDS["reason"]
    return {
        "voices": [("", gettext("Choisissez")), *((str(one.organisation_id), one.name) for one in voices)],
        "voice_options": voice_options(voices),
        "sides": side_options(),
        "consents": consent_options(alone.name if alone else "", alone.profile if alone else ""),
        "stances": stance_options(),
        "sources": [(code, gettext(WORDS["source"][code])) for code in SourceCategory],
        "withdrawal": [(code, gettext(reason[code])) for code in WithdrawalReason],
        "moderation": [(code, gettext(reason[code])) for code in ModerationReason if code != ModerationReason.IMPORTED],
    }
