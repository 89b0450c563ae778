"""The page of the search: by kind, with what was found shown in its words."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response

from app.core.i18n import gettext, later
from app.features.identity.models import Profile
from app.features.search.queries import find
from app.features.search.schemas import FindableType, Sort
from app.features.spaces.queries import list_spaces
from app.features.statements.models import Kind, Side
from app.web.addresses import asked_in, day_in, id_in
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking
from app.web.wording import options

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

    q: str = ""
    type: str = ""
    space_id: str = ""
    profile: str = ""
    kind: str = ""
    side: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    cursor: str = ""

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
            space_id=id_in(self.space_id),
            profile=_known(self.profile, Profile),
            kind=_known(self.kind, Kind),
            side=_known(self.side, Side),
            since=day_in(self.since),
            until=day_in(self.until, end=True),
        )


@router.get("/recherche")
async def search(request: Request, screen: Looking, read: Read) -> Response:
    """Find what one may read."""
    asked = asked_in(request, Asked)
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
            "profile": options("profile", gettext("Tous les profils")),
            "kind": options("kind", gettext("Toutes les natures")),
            "side": options("side", gettext("Tous les avis")),
        },
    )


def _known(said: str, kind: type[FindableType | Profile | Kind | Side]) -> str | None:
    return said if said in {str(one) for one in kind} else None
