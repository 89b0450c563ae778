"""A space: its question, who runs it and who was heard, its sessions, and what was said, narrowed by the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from app.core.db import Reader
from app.core.i18n import gettext
from app.core.paging import Page
from app.features.identity.families import by_family
from app.features.identity.models import Profile
from app.features.initiatives.queries import InitiativeWhole, get_initiative
from app.features.reading.actions import mark_seen
from app.features.reading.queries.seen import list_new, list_unseen
from app.features.screens.pages.initiative import steps_of
from app.features.screens.prefetch import is_ahead
from app.features.sessions.queries import SpaceSessions, list_space_sessions
from app.features.spaces.queries import SpaceRow, get_space, named_facilitators
from app.features.statements.models import Kind
from app.features.statements.queries.feed import Filters, list_contributions
from app.features.statements.queries.heard import Heard, HeardRow, list_heard
from app.features.statements.queries.shape import Fields
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web.addresses import asked_in, id_in
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking
from app.web.wording import options

router = page_router()
PER_PAGE = 20
VIEWS = ("contributions", "seances", "organisations")
NARROWING = ("nature", "organisation", "profil", "mot", "seance")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: junk in it narrows nothing, since an address is often typed, cut or copied."""

    vue: str = ""
    liste: str = ""
    """`nouveau`: what one has not seen; `sans-reponse`: questions that nobody answered; else everything."""
    nature: str = ""
    organisation: str = ""
    profil: str = ""
    mot: str = ""
    seance: str = ""
    ordre: str = ""
    cursor: str = ""

    def query(self, **changed: str) -> str:
        """The same, with some of it changed; the page starts anew."""
        said = {name: getattr(self, name) for name in ("liste", *NARROWING, "ordre")} | changed
        found = urlencode({name: value for name, value in said.items() if value})
        return f"?{found}" if found else ""

    @property
    def narrowed(self) -> int:
        """How many filters narrow the list."""
        return sum(bool(getattr(self, name)) for name in NARROWING)

    def filters(self, space_id: UUID, ids: Sequence[UUID] | None) -> Filters:
        """The same, for the query."""
        return Filters(
            space_id=space_id,
            kind=self.nature if self.nature in set(Kind) else None,
            organisation_id=id_in(self.organisation),
            session_id=id_in(self.seance),
            profile=self.profil if self.profil in set(Profile) else None,
            tag=self.mot or None,
            unanswered=self.liste == "sans-reponse",
            ids=None if ids is None else tuple(ids),
            oldest_first=self.ordre == "anciennes",
        )


@dataclass(frozen=True, slots=True)
class FamilyHeard:
    """The organisations of one family, and how many of them were heard."""

    family: str | None
    members: list[HeardRow]
    heard: int
    of: int
    """Without those that observe."""


@router.get("/espaces/{space_id}")
async def space(request: Request, screen: Looking, read: Read, space_id: UUID) -> Response:
    """One space; from outside, only what its authors let out, and no count."""
    asked = asked_in(request, Asked)
    actor = screen.actor
    row = await get_space(read, actor, space_id)
    whole = await get_initiative(read, actor, str(row.initiative_id))
    sessions = await list_space_sessions(read, actor, space_id)
    heard = await list_heard(read, actor, space_id)
    facilitators = await named_facilitators(read, actor, space_id)
    view = asked.vue if asked.vue in VIEWS else VIEWS[0]
    page: Page[Fields] = Page([], None)
    new: set[UUID] = set()
    if view == VIEWS[0]:
        page, new = await _said(read, actor, space_id, asked, ahead=is_ahead(request))
    at = f"/espaces/{space_id}"
    return await screen.show(
        "spaces/space.html",
        space=row,
        inside=row.read_from == "inside",
        able=abilities(actor, row, "space"),
        card=whole.card,
        steps=steps_of(whole),
        sessions=sessions,
        heard=heard,
        speaking=[it for it in heard.members if not it.observes],
        families=_families(heard.members),
        facilitators=facilitators,
        voices=_voices(actor, heard, space_id),
        view=view,
        asked=asked,
        page=page,
        new=new,
        at=at,
        part="hx-request" in request.headers,
        tabs=_tabs(at, view, sessions, heard),
        lists=_lists(at, asked, signed_in=actor.signed_in, inside=row.read_from == "inside"),
        orders=_orders(at, asked),
        options=_options(heard, sessions, whole, row),
        older=f"{at}{_joined(asked.query(), page.next_cursor)}" if page.next_cursor else "",
        crumb=[
            Entry(gettext("Accueil"), "/"),
            Entry(whole.card.title, f"/demarches/{row.initiative_id}"),
            Entry(row.title, ""),
        ],
    )


async def _said(
    read: Reader, actor: Actor, space_id: UUID, asked: Asked, *, ahead: bool
) -> tuple[Page[Fields], set[UUID]]:
    """The contributions of the page, and which of them one had not seen: they are seen from now on."""
    only = await list_unseen(read, actor, space_id) if asked.liste == "nouveau" else None
    page = await list_contributions(read, actor, asked.filters(space_id, only), asked.cursor or None, PER_PAGE)
    ids = [it["id"] for it in page.items]
    if not actor.signed_in or not ids:
        return page, set()
    if ahead:
        return page, await list_new(read, actor, ids, space_id)
    return page, await mark_seen(read, actor, space_id, ids)


def _joined(query: str, cursor: str | None) -> str:
    return f"{query}{'&' if query else '?'}{urlencode({'cursor': cursor or ''})}"


def _voices(actor: Actor, heard: Heard, space_id: UUID) -> list[HeardRow]:
    """The organisations in whose name one may write here."""
    mine = {organisation for where, organisation in actor.voices if where == space_id}
    return [it for it in heard.members if it.organisation_id in mine]


def _families(members: Sequence[HeardRow]) -> list[FamilyHeard]:
    """By family; those that observe are not counted."""
    return [
        FamilyHeard(family, those, sum(it.heard for it in those), sum(not it.observes for it in those))
        for family, those in by_family(members, lambda it: it.family)
    ]


def _tabs(at: str, view: str, sessions: SpaceSessions, heard: Heard) -> list[Entry]:
    return [
        Entry(gettext("Contributions"), f"{at}#contenu-espace", view == "contributions"),
        Entry(
            gettext("Séances"),
            f"{at}?vue=seances#contenu-espace",
            view == "seances",
            len(sessions.upcoming) + len(sessions.past),
        ),
        Entry(
            gettext("Organisations"),
            f"{at}?vue=organisations#contenu-espace",
            view == "organisations",
            len(heard.members),
        ),
    ]


def _lists(at: str, asked: Asked, *, signed_in: bool, inside: bool) -> list[Entry]:
    """Everything, what is new to the reader, what awaits an answer (inside: a count would tell)."""
    found = [("", gettext("Toutes"))]
    if signed_in:
        found.append(("nouveau", gettext("Nouvelles pour vous")))
    if inside:
        found.append(("sans-reponse", gettext("Questions sans réponse")))
    return [Entry(label, f"{at}{asked.query(liste=code)}", asked.liste == code) for code, label in found]


def _orders(at: str, asked: Asked) -> list[Entry]:
    oldest = asked.ordre == "anciennes"
    return [
        Entry(gettext("Les plus récentes"), f"{at}{asked.query(ordre='')}", not oldest),
        Entry(gettext("Les plus anciennes"), f"{at}{asked.query(ordre='anciennes')}", oldest),
    ]


def _options(
    heard: Heard, sessions: SpaceSessions, whole: InitiativeWhole, row: SpaceRow
) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers; from outside sessions are not told of what was said in them."""
    met = [*(it.session for it in sessions.upcoming), *sessions.past] if row.read_from == "inside" else []
    numbered = gettext("séance %(n)s, %(title)s")
    return {
        "nature": options("kind", gettext("Toutes les natures")),
        "organisation": [
            ("", gettext("Toutes les organisations")),
            *((str(it.organisation_id), it.name) for it in heard.members),
        ],
        "profil": options("profile", gettext("Tous les profils")),
        "mot": [("", gettext("Toutes les étiquettes")), *((it["code"], it["label"]) for it in whole.terms)],
        "seance": [
            ("", gettext("Toutes les séances")),
            *((str(it.id), numbered % {"n": it.number, "title": it.title}) for it in met),
        ],
    }
