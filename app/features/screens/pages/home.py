"""Home: since your last visit. What is expected of one's organisations by deadline, what changed, what became of their words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from app.core.clock import now
from app.core.db import Reader
from app.core.i18n import gettext, ngettext
from app.core.paging import Page
from app.features.deliverables.models import DeliverableState
from app.features.deliverables.queries.outline import list_deliverables
from app.features.deliverables.schemas.writing import DeliverableOut
from app.features.drafts.queries import list_drafts
from app.features.initiatives.models import InitiativeState
from app.features.reading.actions import visit
from app.features.reading.queries.changes import changes_of
from app.features.reading.queries.expected import expected_in
from app.features.reading.queries.since import WEEK, Since, since_visit
from app.features.reading.schemas import AwaitedOut, ChangesOut, SinceKind
from app.features.screens.drafts import shown_drafts
from app.features.screens.lines import shown_changes
from app.features.screens.pages.front import show_front
from app.features.screens.prefetch import is_ahead
from app.features.sessions.queries import AwaitedRow, SessionsDesk, ToTakeUp, get_sessions_desk
from app.features.spaces.queries import SpaceRow, list_spaces
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web.addresses import day_in
from app.web.deps import Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking, Screen
from app.web.wording import day, local

router = page_router()
LINES = 8
"""Of each space."""
DRAFTS, SPACES, TEXTS = 5, 100, 5


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is expected, and the one action that does it."""

    what: Literal["question", "answer", "minutes", "notes"]
    due_at: datetime | None
    days: str
    """`dans 3 jours`, or nothing without a deadline."""
    place: str
    title: str
    href: str
    hint: str
    organisation_id: UUID
    organisations: tuple[str, ...]
    """Those whose word is awaited: one, except for a question that is asked of several."""
    excerpt: str = ""
    session_id: UUID | None = None


@router.get("/")
async def home(request: Request, screen: Looking, read_: Read) -> Response:
    """What is new for who is signed in; the front page for everybody else."""
    if not screen.actor.signed_in:
        return await show_front(screen, read_)
    asked = request.query_params
    place = _chosen(screen, asked.get("demarche", ""))
    if place is None:
        return await screen.show("screens/home_nowhere.html")
    return await _show(screen, read_, place, asked.get("depuis", ""), asked.get("date", ""), seen=not is_ahead(request))


def _chosen(screen: Screen, asked: str) -> tuple[UUID, str] | None:
    """The initiative of the page: the one of the address, else the newest that one takes part in."""
    places = screen.frame.initiatives
    return next((place for place in places if str(place[0]) == asked), places[0] if places else None)


async def _show(
    screen: Screen, read_: Reader, place: tuple[UUID, str], depuis: str, since_day: str, *, seen: bool
) -> Response:
    actor, id_ = screen.actor, place[0]
    last = await (visit if seen else since_visit)(read_, actor, id_)
    since, chosen = _since(last, depuis, since_day)
    spaces = (await list_spaces(read_, actor, initiative_id=id_, state=None, cursor=None, limit=SPACES)).items
    changes = await changes_of(read_, actor, id_, since, LINES, spaces)
    expected = await expected_in(read_, actor, id_)
    desk = await get_sessions_desk(read_, actor, id_)
    drafts = await list_drafts(read_, actor, initiative_id=id_, limit=DRAFTS)
    texts = await _texts(read_, actor, id_)
    tasks = _tasks(expected.awaited, desk)
    return await screen.show(
        "screens/home.html",
        place=place,
        last=last,
        since=since,
        chosen=chosen,
        day=since_day,
        tasks=tasks,
        more_awaited=expected.more_awaited,
        several=len({name for task in tasks for name in task.organisations}) > 1,
        treated=expected.treated,
        changes=changes,
        groups=shown_changes(changes, id_),
        news=_count(changes),
        next=desk.upcoming[0] if desk.upcoming else None,
        later=desk.upcoming[1:],
        voices=_voices(actor, id_),
        open_spaces=[it for it in spaces if _is_open(actor, it)],
        closed=next((it.initiative_state for it in spaces if it.initiative_state != InitiativeState.OPEN), ""),
        deliverables=texts.items,
        more_deliverables=texts.next_cursor is not None,
        drafts=shown_drafts(drafts.items),
        more_drafts=drafts.next_cursor is not None,
        choices=_choices(place, chosen),
        places=[Entry(title, f"/?demarche={each}", current=each == id_) for each, title in screen.frame.initiatives],
    )


async def _texts(read_: Reader, actor: Actor, initiative_id: UUID) -> Page[DeliverableOut]:
    """The deliverables that are being written, for those who write them; nothing is asked for the others."""
    if initiative_id not in actor.piloted:
        return Page([], None)
    writing = DeliverableState.WRITING
    return await list_deliverables(read_, actor, initiative_id=initiative_id, state=writing, limit=TEXTS)


def _is_open(actor: Actor, space: SpaceRow) -> bool:
    """Whether one may contribute there now."""
    submits = Action.CONTRIBUTION_SUBMIT in abilities(actor, space, "space")
    return submits and space.initiative_state == InitiativeState.OPEN


def _since(last: Since, depuis: str, since_day: str) -> tuple[Since, str]:
    """Where the news begin, and which of the three choices the address made."""
    if depuis == "semaine":
        return Since(SinceKind.WEEK, now() - WEEK), depuis
    if depuis == "date":
        morning = day_in(since_day)
        return Since(SinceKind.DATE, morning or now() - WEEK), depuis
    return last, "visite"


def _choices(place: tuple[UUID, str], chosen: str) -> list[Entry]:
    return [
        Entry(label, "/?" + urlencode({"demarche": place[0], "depuis": code}), current=code == chosen)
        for code, label in (
            ("visite", gettext("Ma visite")),
            ("semaine", gettext("7 jours")),
            ("date", gettext("Une date")),
        )
    ]


def _count(changes: ChangesOut) -> int:
    return sum(len(group.items) + group.others for group in changes.groups)


def _voices(actor: Actor, initiative_id: UUID) -> list[UUID]:
    """The organisations in whose name one may write here."""
    return [seat.organisation_id for (where, _), seat in actor.seats.items() if where == initiative_id and seat.voices]


def _tasks(awaited: list[AwaitedOut], desk: SessionsDesk) -> list[Task]:
    """All that is expected, the nearest deadline first, what takes one click before what takes thought; no deadline, last."""
    questions: dict[UUID, Task] = {}
    for row in awaited:
        known = questions.get(row.contribution_id)
        mine = _question(row)
        if known is not None:
            mine = replace(known, organisations=(*known.organisations, row.organisation))
        questions[row.contribution_id] = mine
    found = [
        *questions.values(),
        *(_session(row) for row in desk.awaited),
        *(_notes(row) for row in desk.to_take_up),
    ]
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda task: (task.due_at or never, task.what != "answer"))


def _question(row: AwaitedOut) -> Task:
    return Task(
        "question",
        row.deadline,
        _days(row.deadline),
        row.space,
        row.title or gettext("Question sans titre"),
        f"/contributions/{row.contribution_id}#repondre",
        gettext("Posée le %(day)s. Répondez, ou prenez position.") % {"day": day(row.occurred_at)},
        row.organisation_id,
        (row.organisation,),
        row.excerpt or "",
    )


def _session(row: AwaitedRow) -> Task:
    minutes = row.what == "minutes"
    hint = (
        gettext("Relisez ce qui y est écrit de vous : validez, ou demandez une correction avant l’échéance.")
        if minutes
        else gettext("Dites si vous venez : les co-pilotes préparent la salle et le temps de parole.")
    )
    return Task(
        row.what,
        row.due_at,
        _days(row.due_at),
        gettext("séance %(n)s") % {"n": row.session.number},
        row.session.title,
        f"/seances/{row.session.id}" + ("?vue=compte-rendu" if minutes else "?vue=preparer#answers"),
        hint,
        row.organisation_id,
        (row.organisation_name,),
        session_id=row.session.id,
    )


def _notes(row: ToTakeUp) -> Task:
    return Task(
        "notes",
        None,
        "",
        gettext("séance %(n)s") % {"n": row.session.number},
        row.session.title,
        f"/seances/{row.session.id}?vue=notes",
        ngettext(
            "Une note de ce que vous y avez dit attend que vous en fassiez une contribution.",
            "%(n)s notes de ce que vous y avez dit attendent que vous en fassiez des contributions.",
            row.notes,
        )
        % {"n": row.notes},
        row.organisation_id,
        (row.organisation_name,),
        session_id=row.session.id,
    )


def _days(due: datetime | None) -> str:
    if due is None:
        return ""
    days = (local(due).date() - local(now()).date()).days
    if days <= 0:
        return gettext("aujourd’hui")
    return gettext("demain") if days == 1 else gettext("dans %(n)s jours") % {"n": days}
