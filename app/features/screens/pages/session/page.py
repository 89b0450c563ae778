"""The page of a session: before it the agenda and who comes, during it notes and decisions, after it the minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Response

from app.core.clock import now
from app.core.db import Reader
from app.core.errors import PreconditionFailed
from app.core.i18n import gettext
from app.core.richtext.differences import Comparison, apart
from app.features.attachments.queries import MEGABYTE, Owner, list_attachments
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.initiatives.queries import list_participations
from app.features.live.queries import list_writers, place_of
from app.features.live.schemas import PresenceOut
from app.features.screens.pages.session.fields import AGENDA, MINUTES, NOTES
from app.features.screens.pages.session.shown import (
    Organisations,
    awaited,
    by_answer,
    chapters,
    own_voices,
    said_state,
    to_read,
    view_at,
)
from app.features.sessions.queries import MinutesRow, SessionPage, SessionRow, get_minutes, get_session_page
from app.features.sessions.queries.cards import Within
from app.features.spaces.queries import SpaceRow, list_spaces
from app.features.statements.models import Consent, Kind
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities, allowed
from app.settings import Settings
from app.web.deps import Read, get_app_settings
from app.web.forms import Form, page_router
from app.web.frame import Entry
from app.web.screen import Looking, Screen
from app.web.wording import local, word

router = page_router()
MOST_SPACES, MOST_ORGANISATIONS = 50, 200
PLACES = {NOTES: "notes", MINUTES: "minutes"}
"""Where one writes, by view."""
View = Literal["preparer", "notes", "compte-rendu"]
ON_A_SESSION = (
    *("session:edit", "session:answer", "attendance:record", "note:write", "minutes:write"),
    *("amendment:propose", "decision:write", "session:attach"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the address says: the view, and the thing whose form is open over the page."""

    vue: View | None = None
    point: UUID | None = None
    note: UUID | None = None
    reprendre: UUID | None = None
    decision: UUID | None = None
    rediger: bool = False


@router.get("/seances/{session_id}")
async def session(screen: Looking, read: Read, session_id: UUID, opened: Annotated[Opened, Depends()]) -> Response:
    """One session."""
    actor, at = screen.actor, now()
    page = await get_session_page(read, actor, session_id)
    card = page.whole.card
    minutes = await get_minutes(read, session_id)
    members = await list_participations(read, card.initiative_id, role=None, cursor=None, limit=MOST_ORGANISATIONS)
    spaces = await _spaces(read, actor, page)
    aimed = screen.request.headers.get("hx-target", "")
    papers = None if aimed else await list_attachments(read, actor, Owner(session_id=session_id))
    said = set(abilities(actor, card, "session"))
    able = {name: name in said for name in ON_A_SESSION}
    view = opened.vue or view_at(card, at)
    mine = own_voices(actor, card)
    asked = screen.form().value("ask")
    rediger = opened.rediger or asked == "minutes"
    draft_key = DraftForm.MINUTES_EDIT.key(session_id) if view == MINUTES else DraftForm.NOTE_NEW.key(session_id)
    writes = able["minutes:write"] and rediger if view == MINUTES else able["note:write"] and view == NOTES
    kept = writes and aimed in ("", "noter") and screen.refused is None
    return await screen.show(
        "session/session.html",
        page=page,
        card=card,
        minutes=minutes,
        organisations=Organisations(members.items),
        spaces=spaces,
        space=next((it for it in spaces if it.id == card.space_id), None),
        papers=papers.items if papers else (),
        writers=await _writers(read, actor, card, view) if able["note:write"] else (),
        able=able,
        mine=mine,
        view=view,
        place=PLACES.get(view, ""),
        at=at,
        step=awaited(page, minutes.n, mine, able, at),
        unread=to_read(page, minutes.n, mine, at),
        abilities=_of_things(actor, page),
        tabs=_tabs(page, view),
        crumb=_crumb(page, spaces),
        asked=asked,
        draft=await find_draft(read, actor, draft_key) if kept else None,
        draft_key=draft_key,
        form=_forms(screen, asked),
        conflict=await _conflict(screen, page, minutes, asked),
        rediger=rediger,
        **_opened(page, opened),
        **_words(page, at, get_app_settings(screen.request)),
    )


async def _writers(read: Reader, actor: Actor, card: SessionRow, view: str) -> Sequence[PresenceOut]:
    """Who else writes what this view shows."""
    if view not in PLACES:
        return ()
    there = await list_writers(read, actor, scope_id=card.id, at=now(), place=place_of(PLACES[view], card.id))
    return [it for it in there if not it.mine]


def _opened(page: SessionPage, opened: Opened) -> dict[str, Any]:
    """The thing whose form is open over the page; None for what does not stand."""
    return {
        "open_point": next((it.item for it in page.agenda if it.item.id == opened.point), None),
        "open_note": next((it for it in page.notes if it.id == opened.note), None),
        "open_take_up": next((it for it in page.notes if it.id == opened.reprendre and not it.taken_up), None),
        "open_decision": next((it for it in page.decisions if it.id == opened.decision), None),
    }


def _words(page: SessionPage, at: datetime, settings: Settings) -> dict[str, Any]:
    """What is said of it at this moment, and the choices of the form that makes a contribution of a note."""
    card = page.whole.card
    return {
        "state": said_state(card, at),
        "most_file": settings.attachment_bytes // MEGABYTE,
        "groups": by_answer(page.answers),
        "chapters": chapters(page, at),
        "today": local(at, card.timezone).date(),
        "starts_on": local(card.starts_at, card.timezone).date(),
        "kinds": [(code.value, word(code.value, "kind")) for code in Kind],
        "consents": [(code.value, word(code.value, "consent")) for code in Consent],
    }


async def _spaces(read: Reader, actor: Actor, page: SessionPage) -> Sequence[SpaceRow]:
    """The space of the session; of a plenary, those in which the reader could take a note up."""
    card = page.whole.card
    found = await list_spaces(read, actor, initiative_id=card.initiative_id, state=None, cursor=None, limit=MOST_SPACES)
    if card.space_id is not None:
        return [it for it in found.items if it.id == card.space_id]
    return [it for it in found.items if it.id in actor.speaking_spaces]


def _of_things(actor: Actor, page: SessionPage) -> dict[UUID, set[str]]:
    """What the reader may do with each note, decision and amendment."""
    card, found = page.whole.card, {}
    for note in page.notes:
        found[note.id] = set(abilities(actor, note, "note"))
        if note.taken_up:
            found[note.id].discard(Action.NOTE_TAKE_UP.value)
    for decision in page.decisions:
        done = {Action.DECISION_WRITE} if allowed(actor, Action.DECISION_WRITE, card) else set()
        if decision.state is not None and allowed(actor, Action.ACTION_CLOSE, decision):
            done.add(Action.ACTION_CLOSE)
        found[decision.id] = {action.value for action in done}
    for amendment in page.amendments:
        verbs = (Action.AMENDMENT_DECIDE, Action.AMENDMENT_WITHDRAW) if amendment.state == "proposed" else ()
        it = Within.of(card, amendment)
        found[amendment.id] = {verb.value for verb in verbs if allowed(actor, verb, it)}
    return found


def _tabs(page: SessionPage, view: str) -> list[Entry]:
    address = f"/seances/{page.whole.card.id}?vue="
    return [
        Entry(gettext("Ordre du jour et réponses"), f"{address}{AGENDA}", view == AGENDA),
        Entry(gettext("Notes et décisions"), f"{address}{NOTES}", view == NOTES, len(page.notes) or None),
        Entry(gettext("Compte rendu"), f"{address}{MINUTES}", view == MINUTES),
    ]


def _crumb(page: SessionPage, spaces: Sequence[SpaceRow]) -> list[Entry]:
    card = page.whole.card
    places = [Entry(gettext("La démarche"), f"/demarches/{card.initiative_id}")]
    if card.space_id is not None:
        places += [Entry(it.title, f"/espaces/{it.id}") for it in spaces]
        return [*places, Entry(gettext("Séance %(n)s") % {"n": card.number}, "")]
    return [*places, Entry(gettext("Plénière %(n)s") % {"n": card.number}, "")]


def _forms(screen: Screen, asked: str) -> Callable[..., Form]:
    """The form of one thing: what was refused goes back to the one that sent it, and to no other."""

    def form(ask: str, /, **known: Any) -> Form:
        return screen.form(**known) if ask == asked else Form(known)

    return form


async def _conflict(screen: Screen, page: SessionPage, minutes: MinutesRow, asked: str) -> dict[str, Any] | None:
    """Two versions of the same words, when somebody wrote meanwhile: what was sent beside what stands."""
    if screen.refused is None or not isinstance(screen.refused.problem, PreconditionFailed):
        return None
    kind, _, thing = asked.partition(":")
    standing = {str(it.id): it.markdown for it in page.notes} | {str(it.id): it.text for it in page.decisions}
    theirs = minutes.markdown if kind == "minutes" else standing.get(thing)
    field = "text" if kind == "decision" else "markdown"
    mine = next(iter(screen.refused.values.get(field, [])), "")
    if theirs is None or not mine:
        return None
    changes = await apart(lambda: Comparison().differences(theirs, mine))
    return {"mine": changes, "theirs": [{"op": "same", "text": theirs}]}
