"""A session and one of each thing that is kept of it, as rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.core.clock import now
from app.core.model import new_id
from app.core.richtext.render import to_html
from app.features.sessions.models import (
    AgendaItem,
    Amendment,
    Attendance,
    Decision,
    MinutesRevision,
    MinutesValidation,
    Session,
    SessionAnswer,
    SessionNote,
)
from tests.policy.rows import Ids, Rows, attached


def meeting(rows: Rows, state: str, *, plenary: bool = False, who: str = "participant") -> Ids:
    """A session with its attendance, its minutes and a decision; `who` answers, notes and amends."""
    place = rows.place | ({"space_id": None} if plenary else {})
    session = rows.add(
        Session(
            id=new_id(),
            number=1 + new_id().int % 1_000_000_000,
            title=rows.text("Tour de table", "session-title"),
            starts_at=now() - timedelta(days=2),
            ends_at=now() - timedelta(days=2) + timedelta(hours=2),
            place=rows.text("Salle 4", "session-place"),
            url=f"https://exemple.org/{rows.mark}-session-url",
            state=state,
            minutes_until=now() + timedelta(days=7) if state == "minutes_open" else None,
            **place,
        )
    )
    held = {"session_id": session.id, **place}
    rows.add(Attendance(id=new_id(), organisation_id=rows.world.organisation.id, status="present", **held))
    words = rows.text("Douze présents.", "minutes")
    said = rows.acted("copilot")
    rows.add(MinutesRevision(id=new_id(), n=1, markdown=words, plain=words, html=to_html(words), **held, **said))
    decision = rows.add(Decision(id=new_id(), n=1, text=rows.text("Se revoir.", "decision"), **held, **said))
    rows.writes("minutes", session.id, session.id)
    paper = attached(rows, "copilot", plenary=plenary, session_id=session.id)
    ids = {"session_id": session.id, "decision_id": decision.id, "paper_id": paper}
    return ids | _prepared(rows, held, who) | _kept(rows, held, who)


def _prepared(rows: Rows, held: dict[str, Any], who: str) -> Ids:
    """A point of the agenda, and an answer that sends somebody."""
    item = rows.add(
        AgendaItem(
            id=new_id(),
            position=0,
            title=rows.text("Tour de table", "agenda-title"),
            minutes=30,
            presenter_organisation_id=rows.world.organisation.id,
            **held,
        )
    )
    sent = {"answer": "sends", "sent_name": rows.text("Camille", "sent-name"), "answered_at": now()}
    rows.add(SessionAnswer(id=new_id(), **sent, **held, **rows.acted(who)))
    return {"item_id": item.id}


def _kept(rows: Rows, held: dict[str, Any], who: str) -> Ids:
    """A note in which an organisation is heard, two actions, an accepted amendment and a validation of the minutes."""
    heard, words = rows.world.organisation.id, rows.text("Deux mois manquent.", "note")
    said, by = rows.acted("copilot"), rows.acted(who)
    note = rows.add(
        SessionNote(id=new_id(), markdown=words, html=to_html(words), speaker_organisation_id=heard, **held, **by)
    )
    to_do = {"kind": "action", "text": rows.text("Remonter les besoins.", "action"), "owner_organisation_id": heard}
    action = rows.add(Decision(id=new_id(), n=2, state="open", **to_do, **held, **said))
    done = rows.add(Decision(id=new_id(), n=3, state="done", done_at=now(), **to_do, **held, **said))
    amendment(rows, held, who, state="accepted", reason=rows.text("Juste.", "amendment-reason"), decided_at=now())
    rows.add(MinutesValidation(id=new_id(), n=1, **held, **by))
    return {"note_id": note.id, "action_id": action.id, "done_action_id": done.id}


def amendment(rows: Rows, held: dict[str, Any], who: str = "participant", **state: Any) -> Ids:
    """What somebody's organisation wants the minutes to say."""
    words = rows.text("Treize présents.", "amendment")
    made = rows.add(Amendment(id=new_id(), minutes_n=1, text=words, **state, **held, **rows.acted(who)))
    return {"amendment_id": made.id}
