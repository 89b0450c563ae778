"""The notes of an edition on pages of their own: all of them in their order, and one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.core.errors import NotFound
from app.core.i18n import gettext
from app.features.editions.pages.notes import Note, notes_of
from app.features.editions.pages.prose import Prose
from app.features.editions.pages.reader import SISTERS, crumb, show_withdrawn
from app.features.editions.queries import shelf
from app.features.editions.queries.reading import get_published
from app.features.editions.queries.standing import get_standing
from app.features.editions.schemas import EditionOut
from app.policy.actor import Actor
from app.web.deps import Read
from app.web.forms import page_router
from app.web.screen import Looking, Screen

router = page_router()
PAGE = "/editions/{edition_id}/notes"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Noted:
    """An edition and its notes, for one reader; None of them once it was withdrawn."""

    card: EditionOut
    notes: list[Note] | None


async def _noted(read: Read, actor: Actor, edition_id: UUID) -> Noted:
    published = await get_published(read, actor, edition_id)
    if not published.payload:
        return Noted(published.card, None)
    standing = (await get_standing(read, actor, [edition_id]))[edition_id]
    notes = notes_of(published.payload, standing, beside=False)
    Prose(published.payload, notes).read()  # says of each note which passages call it
    return Noted(published.card, list(notes.values()))


@router.get(PAGE)
async def notes(
    screen: Looking, read: Read, edition_id: UUID, apres: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """Fifty of them, in the order of their numbers, which never moves: `apres` is a place in it."""
    found = await _noted(read, screen.actor, edition_id)
    if found.notes is None:
        return await _withdrawn(screen, read, found.card)
    here, total = f"/editions/{edition_id}/notes", len(found.notes)
    after = min(apres, max(0, total - 1) // PER_PAGE * PER_PAGE)
    return await _show(
        screen,
        found.card,
        gettext("Notes et sources"),
        found.notes[after : after + PER_PAGE],
        total=total,
        newer=f"{here}?apres={max(0, after - PER_PAGE)}" if after else "",
        older=f"{here}?apres={after + PER_PAGE}" if after + PER_PAGE < total else "",
    )


@router.get(PAGE + "/{number}")
async def note(screen: Looking, read: Read, edition_id: UUID, number: int) -> Response:
    """One note: what the number in the text opens beside its passage."""
    found = await _noted(read, screen.actor, edition_id)
    if found.notes is None:
        return await _withdrawn(screen, read, found.card)
    one = [it for it in found.notes if it.number == number]
    if not one:
        raise NotFound(gettext("Cette note n’existe pas dans cette édition."))
    return await _show(screen, found.card, gettext("Note %(number)s") % {"number": number}, one)


async def _show(
    screen: Screen, card: EditionOut, title: str, listed: list[Note], total: int = 1, newer: str = "", older: str = ""
) -> Response:
    context: dict[str, Any] = {"title": title, "notes": listed, "total": total, "newer": newer, "older": older}
    return await screen.show("editions/notes.html", card=card, crumb=crumb(card, title), **context)


async def _withdrawn(screen: Screen, read: Read, card: EditionOut) -> Response:
    sisters = await shelf.list_editions(read, screen.actor, deliverable_id=card.deliverable_id, limit=SISTERS)
    return await show_withdrawn(screen, card, sisters.items)
