"""What sessions are prepared with and what was noted in them, and the two that a living demonstration awaits something of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.clock import now
from app.core.events import Audience
from app.core.model import Base
from app.core.richtext.canonical import to_plain
from app.core.richtext.render import to_html
from app.features.demonstration.content import Row
from app.features.demonstration.ledger import Ledger
from app.features.demonstration.places import facilitator_of, keeper
from app.features.sessions.models import (
    ActionState,
    AgendaItem,
    Attendance,
    AttendanceStatus,
    Decision,
    DecisionKind,
    MinutesRevision,
    Session,
    SessionAnswer,
    SessionNote,
    SessionState,
)
from app.policy.speaker import Speaker

ANSWERED = timedelta(days=3)
"""Answers come so long before a session."""


def add_preparation(ledger: Ledger, row: Row, where: Row, planned: datetime, begins: datetime) -> dict[int, UUID]:
    """The agenda and the answers of a session; its points by their number."""
    said, points = facilitator_of(ledger, row.get("space"), planned), {}
    for position, item in enumerate(row.get("agenda", ())):
        points[position + 1] = _item(ledger, planned, where, position, item)
        _tell(ledger, planned, "agenda_item.added", where, AgendaItem, points[position + 1], said)
    for answer in row.get("answers", ()):
        when = begins - ANSWERED
        by = ledger.speaker(answer["organisation"], answer["person"], when)
        answer_id = _answer(ledger, when, where, answer, by)
        _tell(ledger, when, "session.answered", where, SessionAnswer, answer_id, by, answer=answer["answer"])
    return points


def add_notes(ledger: Ledger, row: Row, where: Row, points: dict[int, UUID], begins: datetime) -> None:
    """What several people noted, one after the other."""
    for place, note in enumerate(row.get("notes", ())):
        when = begins + timedelta(minutes=7 * (place + 1))
        by = ledger.speaker(note["organisation"], note["person"], when)
        heard = note.get("heard")
        note_id = ledger.add(
            SessionNote,
            when,
            **where,
            agenda_item_id=points.get(note.get("point", 0)),
            markdown=note["text"],
            html=to_html(note["text"]),
            speaker_organisation_id=ledger.ids["organisation", heard] if heard else None,
            **by.columns(),
        )
        _tell(ledger, when, "note.written", where, SessionNote, note_id, by)


def add_actions(ledger: Ledger, row: Row, where: Row, ends: datetime, first: int) -> None:
    """What was to be done, numbered after the decisions."""
    said = facilitator_of(ledger, row.get("space"), ends)
    for n, action in enumerate(row.get("actions", ()), first):
        done = action.get("done", False)
        action_id = ledger.add(
            Decision,
            ends,
            **where,
            n=n,
            text=action["text"],
            kind=DecisionKind.ACTION.value,
            owner_organisation_id=ledger.ids["organisation", action["owner"]],
            due_on=action["due"],
            state=(ActionState.DONE if done else ActionState.OPEN).value,
            done_at=ends + timedelta(days=6) if done else None,
            **said.columns(),
        )
        _tell(ledger, ends, "decision.recorded", where, Decision, action_id, said, n=n, kind="action")


def add_living(ledger: Ledger) -> None:
    """Two plenaries whose days follow the day of the load: one to come, and one whose minutes await a word."""
    today = now().replace(hour=12, minute=0, second=0, microsecond=0)
    for row in ledger.content.living:
        begins = today + timedelta(days=row["in_days"])
        ends = begins + timedelta(minutes=row["lasts"])
        planned = now() - timedelta(days=12)
        session_id = ledger.add(
            Session,
            planned,
            "session",
            row["key"],
            space_id=None,
            number=row["number"],
            title=row["title"],
            starts_at=begins,
            ends_at=ends,
            timezone="Europe/Paris",
            url=row["url"],
            state=row["state"],
            minutes_until=now() + timedelta(days=row["open_for"]) if "open_for" in row else None,
        )
        where: dict[str, Any] = {"session_id": session_id, "space_id": None}
        points = {n: _item(ledger, planned, where, n - 1, it) for n, it in enumerate(row["agenda"], 1)}
        if row["state"] == SessionState.MINUTES_OPEN:
            _add_living_minutes(ledger, row, where, points, ends)


def _add_living_minutes(ledger: Ledger, row: Row, where: Row, points: dict[int, UUID], ends: datetime) -> None:
    said = keeper(ledger, ends)
    for key in row["present"]:
        organisation_id = ledger.ids["organisation", key]
        seat = {"status": AttendanceStatus.PRESENT.value, "recorded_by": said.person_id, "person_id": None}
        ledger.add(Attendance, ends, **where, organisation_id=organisation_id, **seat)
    for note in row["notes"]:
        by, text = ledger.speaker(note["organisation"], note["person"], ends), note["text"]
        place = {**where, "agenda_item_id": points[note["point"]], "speaker_organisation_id": None}
        ledger.add(SessionNote, ends, **place, markdown=text, html=to_html(text), **by.columns())
    text = row["minutes"]
    words = {"markdown": text, "plain": to_plain(text), "html": to_html(text)}
    ledger.add(MinutesRevision, ends, **where, n=1, **words, **said.columns())


def _item(ledger: Ledger, when: datetime, where: Row, position: int, item: Row) -> UUID:
    presenter = item.get("presenter")
    return ledger.add(
        AgendaItem,
        when,
        **where,
        position=position,
        title=item["title"],
        minutes=item["minutes"],
        presenter_organisation_id=ledger.ids["organisation", presenter] if presenter else None,
    )


def _answer(ledger: Ledger, when: datetime, where: Row, answer: Row, by: Speaker) -> UUID:
    said = {"answer": answer["answer"], "sent_name": answer.get("sent"), "answered_at": when}
    return ledger.add(SessionAnswer, when, **where, **said, **by.columns())


def _tell(
    ledger: Ledger, when: datetime, verb: str, where: Row, model: type[Base], of: UUID, said: Speaker, **data: Any
) -> None:
    audience = Audience.INITIATIVE if where["space_id"] is None else Audience.SPACE
    session_id = str(where["session_id"])
    ledger.tell(when, verb, model, of, audience, said, space_id=where["space_id"], session_id=session_id, **data)
