"""An initiative: what it is for, who pilots it, its spaces and their questions, its calendar, its members, its editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.clock import now
from app.core.i18n import gettext
from app.features.deliverables.queries.outline import list_deliverables
from app.features.editions.queries.shelf import list_editions
from app.features.identity.families import by_family
from app.features.initiatives.queries import (
    InitiativeWhole,
    get_initiative,
    list_initiatives,
    list_participations,
)
from app.features.sessions.queries import Wanted, list_sessions
from app.features.spaces.queries import list_spaces
from app.policy.actor import ParticipationRole
from app.web.deps import Cursor, Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking
from app.web.wording import day

router = page_router()
SHOWN = 5
MOST = 200
"""Organisations on the page: an initiative has some dozens; the list of the API has them all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A phase, as the macro of steps shows it."""

    label: str
    dates: str
    state: str


@router.get("/demarches")
async def initiatives(screen: Looking, read: Read, cursor: Cursor = None) -> Response:
    """Those that one may read, the newest first."""
    page = await list_initiatives(read, screen.actor, state=None, cursor=cursor, limit=20)
    return await screen.show("screens/initiatives.html", page=page, cursor=cursor)


@router.get("/demarches/{reference}")
async def initiative(screen: Looking, read: Read, reference: str) -> Response:
    """One of them."""
    actor = screen.actor
    whole = await get_initiative(read, actor, reference)
    id_: UUID = whole.card.id
    spaces = await list_spaces(read, actor, initiative_id=id_, state=None, cursor=None, limit=50)
    sessions = await list_sessions(read, actor, Wanted(initiative_id=id_, since=now()), cursor=None, limit=SHOWN)
    editions = await list_editions(read, actor, initiative_id=id_, limit=SHOWN)
    members = await list_participations(read, id_, role=None, cursor=None, limit=MOST)
    running = [it for it in members.items if it.until is None or it.until > now()]
    deliverables: Sequence[Any] = ()
    if id_ in actor.piloted:
        deliverables = (await list_deliverables(read, actor, initiative_id=id_, limit=SHOWN)).items
    return await screen.show(
        "screens/initiative.html",
        whole=whole,
        card=whole.card,
        steps=steps_of(whole),
        milestones=_upcoming(whole),
        spaces=spaces.items,
        numbers={it.id: it.number for it in spaces.items},
        sessions=sessions.items,
        editions=editions.items,
        deliverables=deliverables,
        copilots=[it for it in running if it.role == ParticipationRole.COPILOT],
        families=by_family(
            [it for it in running if it.role != ParticipationRole.COPILOT], lambda it: it.organisation_family
        ),
        count=len(running),
        crumb=[Entry(gettext("Accueil"), "/"), Entry(whole.card.title, "")],
    )


def steps_of(whole: InitiativeWhole) -> list[Step]:
    """Its phases, as the macro of steps shows them."""
    today = now().astimezone(UTC).date()
    return [
        Step(
            phase["title"],
            _dates(date.fromisoformat(phase["starts_on"]), phase["ends_on"]),
            _state(phase, today),
        )
        for phase in whole.phases
    ]


def _dates(start: date, end: str | None) -> str:
    if end is None:
        return gettext("depuis le %(day)s") % {"day": day(start, "short")}
    return gettext("du %(start)s au %(end)s") % {
        "start": day(start, "short"),
        "end": day(date.fromisoformat(end), "short"),
    }


def _state(phase: dict[str, Any], today: date) -> str:
    if date.fromisoformat(phase["starts_on"]) > today:
        return "next"
    return "done" if phase["ends_on"] and date.fromisoformat(phase["ends_on"]) < today else "current"


def _upcoming(whole: InitiativeWhole) -> list[dict[str, Any]]:
    """Its milestones, with the day as a date."""
    return [{**it, "on_date": date.fromisoformat(it["on_date"])} for it in whole.milestones]
