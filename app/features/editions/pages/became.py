"""What became of each contribution, as the edition printed it; titles and names as their authors consent today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from app.core.i18n import gettext
from app.features.editions.pages.notes import Who
from app.features.editions.pages.reader import SISTERS, crumb, show_withdrawn
from app.features.editions.queries import shelf
from app.features.editions.queries.reading import get_published
from app.features.editions.queries.standing import Home, Readable, get_homes, get_readable
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking
from app.web.wording import word

router = page_router()
PER_PAGE = 25
OUTCOMES = ("cited", "merged", "answered", "set_aside", "waived")


@dataclass(frozen=True, slots=True)
class Line:
    """One contribution; `title` is empty where it may no longer be read from outside."""

    printed: Mapping[str, Any]
    title: str
    href: str
    who: Who
    into: str


@router.get("/editions/{edition_id}/contributions")
async def contributions(request: Request, screen: Looking, read: Read, edition_id: UUID) -> Response:
    """A page of them, in the order of the report, which never moves: `apres` is a place in it."""
    published = await get_published(read, screen.actor, edition_id)
    card, payload = published.card, published.payload
    if not payload:
        sisters = await shelf.list_editions(read, screen.actor, deliverable_id=card.deliverable_id, limit=SISTERS)
        return await show_withdrawn(screen, card, sisters.items)
    outcome = request.query_params.get("devenir", "")
    outcome = outcome if outcome in OUTCOMES else ""
    printed = [it for it in payload["report"]["treatments"] if outcome in ("", it["outcome"])]
    after = min(_place(request.query_params.get("apres", "")), len(printed))
    page = printed[after : after + PER_PAGE]
    waivers = payload["report"]["waivers"]
    titles = {it["title"] for it in (*page, *waivers)} | {it["into"] for it in page if "into" in it}
    readable = await get_readable(read, screen.actor, card.deliverable_id, card.id, titles - {None})
    names = {it["attribution"]["name"] for it in page if it["attribution"]["by"] == "organisation"}
    homes = await get_homes(read, card.initiative_id, names)
    return await screen.show(
        "editions/contributions.html",
        card=card,
        report=payload["report"],
        outcome=outcome,
        filters=_filters(card.id, payload["report"], outcome),
        lines=[_line(it, readable, homes) for it in page],
        waivers=[(it, it["title"] if it["title"] in readable else "") for it in waivers],
        first=after + 1,
        total=len(printed),
        newer=_address(card.id, outcome, max(0, after - PER_PAGE)) if after else "",
        older=_address(card.id, outcome, after + PER_PAGE) if after + PER_PAGE < len(printed) else "",
        crumb=crumb(card, gettext("Contributions")),
    )


def _place(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0


def _address(edition_id: UUID, outcome: str, after: int = 0) -> str:
    query = {"devenir": outcome, "apres": after or ""}
    said = urlencode({name: value for name, value in query.items() if value})
    return f"/editions/{edition_id}/contributions{'?' if said else ''}{said}"


def _filters(edition_id: UUID, report: Mapping[str, Any], chosen: str) -> list[Entry]:
    everything = Entry(gettext("Toutes"), _address(edition_id, ""), current=not chosen)
    counts = {
        it["outcome"]: it["count"] - report["not_listed"][it["outcome"]] for it in report["contributions"]["outcomes"]
    }
    return [
        everything,
        *(
            Entry(
                word(code, "outcome").capitalize(),
                _address(edition_id, code),
                current=chosen == code,
                count=counts[code],
            )
            for code in OUTCOMES
            if counts[code] or chosen == code
        ),
    ]


def _line(printed: Mapping[str, Any], readable: Mapping[str, Sequence[Readable]], homes: Mapping[str, Home]) -> Line:
    """What may still be told: the title while somebody outside may read it, the name while it may be said."""
    said = printed["attribution"]
    found = readable.get(printed["title"], [])
    into = printed.get("into", "") if printed.get("into") in readable else ""
    if said["by"] == "organisation":
        named = [it for it in found if it.name == said["name"]]
        if named:
            who = Who("organisation", name=said["name"], home=homes.get(said["name"]))
            return Line(printed, printed["title"], f"/contributions/{named[0].id}", who, into)
        found = [it for it in found if it.name is None]
        said = {"by": "participating_organisation"}
    if not found:
        return Line(printed, "", "", Who("participating_organisation"), into)
    href = f"/contributions/{found[0].id}" if len(found) == 1 else ""
    by_profile = said["by"] == "profile"
    who = Who("profile", profile=said["profile"]) if by_profile else Who(said["by"], capacity=said.get("capacity", ""))
    return Line(printed, printed["title"], href, who, into)
