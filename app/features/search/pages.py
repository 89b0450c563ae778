"""The page of the search: by kind, with what was found shown in its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.clock import now
from app.core.i18n import gettext, later
from app.features.identity.models import Profile
from app.features.search.queries import find
from app.features.search.schemas import FindableType, Sort
from app.features.spaces.queries import list_spaces
from app.features.statements.models import Kind, Side
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking
from app.web.wording import PARIS, WORDS

router = page_router()
PER_PAGE = 20
TYPES = (
    ("", later("Tout")),
    ("contribution", later("Contributions")),
    ("reply", later("Réponses")),
    ("organisation", later("Organisations")),
    ("passage", later("Passages publiés")),
)
OF_SPEAKERS = ("space_id", "profile", "kind", "side")
NARROWING = (*OF_SPEAKERS, "since", "until")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: junk in it narrows nothing, since an address is often typed, cut or copied."""

    q: Annotated[str, Query(max_length=500)] = ""
    type: Annotated[str, Query(max_length=20)] = ""
    space_id: Annotated[str, Query(max_length=40)] = ""
    profile: Annotated[str, Query(max_length=30)] = ""
    kind: Annotated[str, Query(max_length=30)] = ""
    side: Annotated[str, Query(max_length=30)] = ""
    since: Annotated[str, Query(max_length=30)] = ""
    until: Annotated[str, Query(max_length=30)] = ""
    sort: Annotated[str, Query(max_length=10)] = ""
    cursor: Annotated[str, Query(max_length=1000)] = ""

    def address(self, **changed: str) -> str:
        """The address of the same search, with some of it changed; the page starts anew."""
        said = {name: getattr(self, name) for name in ("q", "type", *NARROWING, "sort")} | changed
        return "/recherche?" + urlencode({name: value for name, value in said.items() if value})

    def of_type(self, code: str) -> str:
        """The same search among one kind of things: published passages are of no space, and of no speaker."""
        dropped = dict.fromkeys(OF_SPEAKERS, "") if code == FindableType.PASSAGE else {}
        return self.address(type=code, **dropped)

    @property
    def narrowed(self) -> int:
        """How many filters narrow it."""
        return sum(bool(getattr(self, name)) for name in NARROWING)

    def filters(self) -> find.Filters:
        """The same, for the query."""
        return find.Filters(
            type=_known(self.type, FindableType),
            space_id=_uuid(self.space_id),
            profile=_known(self.profile, Profile),
            kind=_known(self.kind, Kind),
            side=_known(self.side, Side),
            since=_morning(self.since),
            until=_morning(self.until, end=True),
        )


@router.get("/recherche")
async def search(request: Request, screen: Looking, read: Read) -> Response:
    """Find what one may read."""
    asked = Asked(**{name: request.query_params.get(name, "")[:1000] for name in Asked.__slots__})
    found = find.Found([])
    if asked.q.strip():
        best = asked.sort != Sort.NEWEST
        found = await find.search(
            read, screen.actor, asked.q, asked.filters(), best=best, cursor=asked.cursor or None, limit=PER_PAGE
        )
    spaces = await list_spaces(read, screen.actor, initiative_id=None, state=None, cursor=None, limit=50)
    return await screen.show(
        "search/search.html",
        asked=asked,
        found=found,
        types=[Entry(gettext(label), asked.of_type(code), current=asked.type == code) for code, label in TYPES],
        sorts=[
            Entry(gettext("Les plus proches"), asked.address(sort=""), current=asked.sort != Sort.NEWEST),
            Entry(gettext("Les plus récentes"), asked.address(sort=Sort.NEWEST), current=asked.sort == Sort.NEWEST),
        ],
        older=f"{asked.address()}&{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else "",
        options={
            "space_id": [("", gettext("Tous les espaces")), *((str(it.id), it.title) for it in spaces.items)],
            "profile": _options("profile", gettext("Tous les profils")),
            "kind": _options("kind", gettext("Toutes les natures")),
            "side": _options("side", gettext("Tous les avis")),
        },
    )


def _options(domain: str, all_of_them: str) -> list[tuple[str, str]]:
    return [("", all_of_them), *((code, gettext(word)) for code, word in WORDS[domain].items())]


def _known(said: str, kind: type[FindableType | Profile | Kind | Side]) -> str | None:
    return said if said in {str(one) for one in kind} else None


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        return None


def _morning(said: str, *, end: bool = False) -> datetime | None:
    """The first or the last instant of a day that a date field sends."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    if not 1900 < day.year <= now().year + 10:
        return None
    return datetime.combine(day, time.max if end else time.min, PARIS)
