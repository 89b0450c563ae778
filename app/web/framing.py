"""The frame of a page for its reader: their name and their places, by one statement."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from fastapi import Request

from app.core.db import Handle, Question, fetch
from app.core.i18n import gettext, language
from app.policy.actor import Actor
from app.settings import Settings
from app.web.cookies import display_of
from app.web.csrf import token_for
from app.web.frame import Account, Entry, Frame

WHO = Question(
    "SELECT p.name, p.email, "
    "(SELECT json_agg(json_build_array(i.id, i.title) ORDER BY i.created_at DESC, i.id) FROM initiatives i "
    " WHERE i.id = ANY(%(initiatives)s::uuid[])) AS initiatives, "
    "(SELECT json_agg(json_build_array(o.id, o.name, o.family) ORDER BY o.name, o.id) FROM organisations o "
    " WHERE o.id = ANY(%(organisations)s::uuid[])) AS organisations "
    "FROM persons p WHERE p.id = %(person)s"
)


def bare_frame(request: Request) -> Frame:
    """Without asking the database: for visitors, and for errors."""
    settings: Settings = request.app.state.settings
    display = display_of(request)
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return Frame(
        lang=language(),
        address=f"{request.url.path}{query}",
        theme=display.theme,
        contrast=display.contrast,
        density=display.density,
        demo=settings.environment == "development",
        nav=_places(request, ()),
        foot=(
            Entry(gettext("Éditions publiées"), "/lire"),
            Entry(gettext("Guide de l’API"), "/api"),
        ),
        search="/recherche",
        sign_in="/connexion",
        display="/affichage",
        login_over=bool(getattr(request.state, "login_over", False)),
    )


async def frame_of(request: Request, handle: Handle, actor: Actor) -> Frame:
    """With the reader's name and places."""
    bare = bare_frame(request)
    if actor.person_id is None:
        return bare
    asked = {
        "person": actor.person_id,
        "initiatives": sorted(actor.initiatives),
        "organisations": sorted(actor.organisations),
    }
    [row] = await fetch(handle, WHO, asked)
    organisations = [(UUID(id_), name, family) for id_, name, family in row.organisations or ()]
    initiatives = [(UUID(id_), title) for id_, title in row.initiatives or ()]
    return replace(
        bare,
        csrf=token_for(request.app.state.settings, actor.login_id) if request.state.by_cookie else "",
        initiative=initiatives[0][1] if len(initiatives) == 1 else "",
        initiatives=tuple(initiatives),
        nav=_places(request, tuple(id_ for id_, _ in initiatives)),
        account=Account(
            name=row.name or row.email or "",
            organisation=organisations[0][1] if organisations else "",
            family=(organisations[0][2] or "") if organisations else "",
            entries=tuple(Entry(name, f"/organisations/{id_}") for id_, name, _ in organisations),
        ),
        pilots=_pilots(actor, {id_: name for id_, name, _ in organisations}),
        sign_in="",
        sign_out="/deconnexion",
    )


def _pilots(actor: Actor, names: dict[UUID, str]) -> dict[UUID, tuple[tuple[UUID, str], ...]]:
    """Where several organisations made the reader a co-pilot, in the order of their names."""
    found = {}
    for initiative in actor.piloted:
        seats = {seat.organisation_id for seat in actor.pilot_seats(initiative)}
        if len(seats) > 1:
            found[initiative] = tuple((id_, name) for id_, name in names.items() if id_ in seats)
    return found


def _places(request: Request, initiatives: tuple[UUID, ...]) -> tuple[Entry, ...]:
    """Where the navigation leads: the page that one is on says so."""
    places = [(gettext("Accueil"), "/")]
    if len(initiatives) == 1:
        places.append((gettext("La démarche"), f"/demarches/{initiatives[0]}"))
    else:
        places.append((gettext("Démarches"), "/demarches"))
    if initiatives:
        places.append((gettext("Agenda"), "/agenda"))
    places += [(gettext("Éditions"), "/lire"), (gettext("Rechercher"), "/recherche")]
    path = request.url.path
    return tuple(Entry(label, href, current=path == href) for label, href in places)
