"""A session as its page shows it: the moment, what is awaited, and everything sorted for whoever reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.i18n import gettext
from app.features.initiatives.queries import ParticipationRow
from app.features.screens.pages.session.fields import AGENDA, MINUTES, NOTES
from app.features.sessions.models import AnswerChoice, SessionState
from app.features.sessions.queries import AnswerRow, NoteRow, SessionPage, SessionRow, TimedItem
from app.policy.actor import Actor
from app.web.wording import clock, day

EARLY = timedelta(minutes=30)
"""Before its beginning, a session's notes are already what one comes for."""


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation, as the macro of organisations shows it."""

    id: UUID
    name: str
    family: str | None

    @property
    def href(self) -> str:
        """Its page."""
        return f"/organisations/{self.id}"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A point of the agenda with its notes; `timed` is None for what was said outside of it."""

    timed: TimedItem | None
    number: int
    when: str
    notes: list[NoteRow]


class Organisations:
    """Everybody who takes, or took, part: their names and families."""

    def __init__(self, rows: Sequence[ParticipationRow]) -> None:
        self._by_id = {
            it.organisation_id: Named(it.organisation_id, it.organisation_name, it.organisation_family) for it in rows
        }

    def named(self, organisation_id: UUID, name: str | None) -> Named:
        """One of them; somebody that the list does not hold has a name and no family."""
        return self._by_id.get(organisation_id) or Named(organisation_id, name or "", None)

    @property
    def options(self) -> list[tuple[str, str]]:
        """For a choice among them."""
        return [(str(it.id), it.name) for it in self._by_id.values()]


def own_voices(actor: Actor, session: SessionRow) -> list[UUID]:
    """The organisations for which the reader may speak at this session."""
    if session.space_id is not None:
        return sorted(organisation for space, organisation in actor.voices if space == session.space_id)
    return sorted(
        organisation
        for (initiative, organisation), seat in actor.seats.items()
        if initiative == session.initiative_id and seat.voices
    )


def view_at(session: SessionRow, at: datetime) -> str:
    """What one comes for at this moment."""
    if session.state != SessionState.PLANNED:
        return MINUTES
    return AGENDA if at < session.starts_at - EARLY else NOTES


def said_state(session: SessionRow, at: datetime) -> str:
    """Where it stands, in words."""
    if session.state == SessionState.PLANNED:
        if at < session.starts_at:
            return gettext("prévue")
        return gettext("en cours") if at < session.ends_at else gettext("terminée, à clore")
    if session.state == SessionState.HELD:
        return gettext("tenue, compte rendu en préparation")
    if session.state == SessionState.LOCKED:
        return gettext("verrouillée")
    until = session.minutes_until
    if until is None or until <= at:
        return gettext("compte rendu ouvert, corrections closes")
    return gettext("compte rendu ouvert aux corrections jusqu’au %(day)s, %(hour)s") % {
        "day": day(until, "long", session.timezone),
        "hour": clock(until, session.timezone),
    }


def chapters(page: SessionPage, at: datetime) -> list[Chapter]:
    """The agenda with the notes of each point, then what was noted of none that stands."""
    running = page.whole.card.state == SessionState.PLANNED
    found: list[Chapter] = []
    standing = {it.item.id for it in page.agenda}
    for number, it in enumerate(page.agenda, 1):
        when = ""
        if running and at >= page.whole.card.starts_at:
            when = "past" if it.ends_at <= at else "now" if it.starts_at <= at else ""
        found.append(Chapter(it, number, when, [note for note in page.notes if note.agenda_item_id == it.item.id]))
    others = [note for note in page.notes if note.agenda_item_id not in standing]
    if others or not page.agenda:
        found.append(Chapter(None, 0, "", others))
    return found


GROUPS = (AnswerChoice.COMES.value, AnswerChoice.SENDS.value, AnswerChoice.DOES_NOT.value, None)


def by_answer(answers: Sequence[AnswerRow]) -> list[tuple[str | None, list[AnswerRow]]]:
    """Those that come, send somebody, do not come, and those that did not answer: each in the order of names."""
    return [(choice, [it for it in answers if it.answer == choice]) for choice in GROUPS]


def awaited(page: SessionPage, minutes_n: int, mine: Sequence[UUID], able: Mapping[str, bool], at: datetime) -> str:
    """The one thing that the session awaits of this reader now, as a code; "" when it awaits nothing."""
    card = page.whole.card
    if card.state == SessionState.PLANNED:
        silent = {it.organisation_id for it in page.answers if it.answer is None}
        if at < card.starts_at and able["session:answer"] and silent.intersection(mine):
            return "answer"
        return "hold" if at >= card.starts_at and able["session:edit"] else ""
    if card.state == SessionState.MINUTES_OPEN:
        if able["amendment:propose"] and to_read(page, minutes_n, mine, at):
            return "validate"
        if able["session:edit"]:
            return "decide" if any(it.state == "proposed" for it in page.amendments) else "lock"
    if card.state == SessionState.HELD and able["session:edit"]:
        return "open" if minutes_n else "compose"
    return ""


def to_read(page: SessionPage, minutes_n: int, mine: Sequence[UUID], at: datetime) -> list[UUID]:
    """Of the reader's organisations that came, those whose word on these minutes is awaited."""
    until = page.whole.card.minutes_until
    if until is None or until <= at or not minutes_n:
        return []
    return [
        it.organisation_id
        for it in page.readings
        if it.organisation_id in mine and it.validated_n != minutes_n and not it.amendments
    ]
