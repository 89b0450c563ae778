"""An edition to be read: its text with its notes, who is cited, its files; and the images that it holds."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.core.i18n import gettext
from app.features.editions.pages.files import downloads
from app.features.editions.pages.heard import heard_of, names_of
from app.features.editions.pages.notes import Note, notes_of
from app.features.editions.pages.prose import HIGHEST, Heading, Prose, Shown
from app.features.editions.pages.text import text_of
from app.features.editions.queries import shelf
from app.features.editions.queries.reading import Published, get_published
from app.features.editions.queries.standing import get_homes, get_standing
from app.features.editions.schemas import EditionOut
from app.web.auth import Caller
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking, Screen

router = page_router()
SISTERS = 50
"""Editions of the same deliverable on the page."""
NOTES_HERE = 60
"""Notes that stand after the text; more of them weigh more than the text itself, and have pages of their own."""
PRIVATE = "private, no-cache"


@router.get("/editions/{edition_id}")
async def edition(request: Request, screen: Looking, read: Read, edition_id: UUID) -> Response:
    """One edition; withdrawn, its card and the class of the reason (410), except for its co-pilots."""
    published = await get_published(read, screen.actor, edition_id)
    card, payload = published.card, published.payload
    sisters = (await shelf.list_editions(read, screen.actor, deliverable_id=card.deliverable_id, limit=SISTERS)).items
    if not payload:
        return await show_withdrawn(screen, card, sisters)
    full = await shelf.get_edition(read, screen.actor, edition_id)
    standing = (await get_standing(read, screen.actor, [edition_id]))[edition_id]
    homes = await get_homes(read, card.initiative_id, names_of(payload))
    notes = notes_of(payload, standing)
    items = Prose(payload, notes).read()
    opened = _opened(notes, request.query_params.get("note", ""))
    return await screen.show(
        "editions/edition.html",
        card=card,
        payload=payload,
        report=payload["report"],
        text=text_of(card, items, standing, opened),
        notes=list(notes.values()) if len(notes) <= NOTES_HERE else [],
        noted=len(notes),
        contents=_contents(items),
        heard=heard_of(payload, notes.values(), homes),
        files=downloads(full.files),
        sisters=sisters,
        before=next((one for one in sisters if one.n < card.n and not one.withdrawn), None),
        newer=next((one for one in sisters if one.n > card.n and not one.withdrawn), None),
        crumb=crumb(card),
    )


def crumb(card: EditionOut, last: str = "") -> list[Entry]:
    """The way to an edition, and to a page of its own under it."""
    name = gettext("%(title)s, édition %(n)s") % {"title": card.title, "n": card.n}
    way = [Entry(gettext("Accueil"), "/"), Entry(gettext("Éditions"), "/lire"), Entry(name, f"/editions/{card.id}")]
    return [*way, Entry(last, "")] if last else way


async def show_withdrawn(screen: Screen, card: EditionOut, sisters: Sequence[EditionOut]) -> Response:
    """What is left of an edition that was taken off the shelf."""
    others = [one for one in sisters if not one.withdrawn]
    return await screen.show("editions/withdrawn.html", status=410, card=card, others=others, crumb=crumb(card))


def _contents(items: Sequence[Heading | Shown]) -> list[Entry]:
    parts = [item for item in items if isinstance(item, Heading) and item.level == HIGHEST]
    return [Entry(part.title, f"#{part.id}", number=part.number) for part in parts]


def _opened(notes: Mapping[int, Note], asked: str) -> Note | None:
    """The note that the address opens; an address is often cut or copied, so junk opens nothing."""
    return notes.get(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None


@router.get("/editions/{edition_id}/figures/{n}")
async def figure(request: Request, actor: Caller, read: Read, edition_id: UUID, n: int) -> Response:
    """An image of the text, as it was frozen; NotFound, or 410 like the files."""
    published = await get_published(read, actor, edition_id)
    await read.release()
    if not published.payload:
        raise shelf.EditionWithdrawn("Les co-pilotes ont retiré cette édition : ses fichiers ne sont plus servis.")
    found = next((block for place, block in enumerate(_figures(published), 1) if place == n), None)
    if found is None:
        raise NotFound("Cette image n’existe pas, ou vous n’y avez pas accès.")
    headers = {
        "Cache-Control": PRIVATE,
        "ETag": f'"{published.card.sha256[:32]}-{n}"',
        "Content-Security-Policy": "default-src 'none'",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(b64decode(found["data"]), media_type=found["media_type"], headers=headers)


def _figures(published: Published) -> Iterator[Any]:
    """The images, in the order in which the text numbers them."""

    def within(sections: Sequence[Any]) -> Iterator[Any]:
        for section in sections:
            for passage in section["passages"]:
                yield from (block for block in passage["blocks"] if block["type"] == "figure")
            yield from within(section["sections"])

    return within(published.payload["sections"])
