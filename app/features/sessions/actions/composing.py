"""Minutes written from what was kept of a session, in Markdown that a person edits afterwards.

Notes are quoted with who spoke, or who noted: the minutes put words in nobody's mouth. What people typed as plain
text (titles, decisions, names) is escaped, so that it reads as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.core.text import LONGEST_MARKDOWN
from app.features.sessions.models import AttendanceStatus, DecisionKind
from app.features.sessions.queries import AttendanceRow, DecisionRow, NoteRow, SessionPage, SessionRow, TimedItem

_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")
_BULLETS = re.compile(r"^(\s*)([-+=]|\d{1,9}(?=[.)]))", re.MULTILINE)
_SEATS = (
    (AttendanceStatus.PRESENT, "Présents"),
    (AttendanceStatus.EXCUSED, "Excusés"),
    (AttendanceStatus.ABSENT, "Absents"),
)


def composed(page: SessionPage) -> str:
    """The minutes; where they would be longer than minutes may be, without the notes, and saying so."""
    whole = _joined(page, page.notes)
    if len(whole) <= LONGEST_MARKDOWN:
        return whole
    return _joined(page, [], len(page.notes))


def _joined(page: SessionPage, notes: list[NoteRow], left_out: int = 0) -> str:
    parts = [*_heading(page.whole.card), *_attendance(page.attendance), *_discussion(page, notes)]
    if left_out:
        parts.append(
            f"*{left_out} notes n’ont pas été reprises ici, faute de place : elles restent sur la page de la séance.*"
        )
    parts += _decisions(page.decisions, page.whole.card.timezone)
    return "\n\n".join(parts)


def _heading(session: SessionRow) -> Iterator[str]:
    yield f"# Séance {session.number} : {escaped(session.title)}"
    starts_at, ends_at = (_local(at, session.timezone) for at in (session.starts_at, session.ends_at))
    where = f", {escaped(session.place)}" if session.place else ""
    last = "" if ends_at.date() == starts_at.date() else f" le {_day(ends_at.date())}"
    yield f"{_day(starts_at.date()).capitalize()}, de {_hour(starts_at)}{' à' + last if last else ' à'} {_hour(ends_at)}{where}."


def _attendance(rows: list[AttendanceRow]) -> Iterator[str]:
    yield "## Présences"
    nobody = True
    for status, label in _SEATS:
        came: dict[str, list[str]] = {}
        for row in (row for row in rows if row.status == status):
            came.setdefault(row.organisation_name, []).extend([row.person_name] if row.person_name else [])
        if came:
            nobody = False
            yield f"{label} :"
            yield "\n".join(
                f"- {escaped(organisation)}{' : ' + ', '.join(map(escaped, people)) if people else ''}"
                for organisation, people in came.items()
            )
    if nobody:
        yield "Aucune présence n’a été notée."


def _discussion(page: SessionPage, notes: list[NoteRow]) -> Iterator[str]:
    timezone = page.whole.card.timezone
    standing = {point.item.id for point in page.agenda}
    if page.agenda:
        yield "## Ordre du jour"
    for number, point in enumerate(page.agenda, 1):
        yield f"### {number}. {escaped(point.item.title)}"
        yield _when(point, timezone)
        yield from _notes(note for note in notes if note.agenda_item_id == point.item.id)
    others = [note for note in notes if note.agenda_item_id not in standing]
    if others:
        yield "## Hors de l’ordre du jour" if page.agenda else "## Échanges"
        yield from _notes(others)


def _when(point: TimedItem, timezone: str) -> str:
    hours = f"De {_hour(_local(point.starts_at, timezone))} à {_hour(_local(point.ends_at, timezone))}"
    who = f", présenté par {escaped(point.item.presenter_name)}" if point.item.presenter_name else ""
    return f"*{hours}{who}.*"


def _notes(notes: Iterable[NoteRow]) -> Iterator[str]:
    for note in notes:
        by = f"{escaped(note.person_name or 'Une personne')}, {escaped(note.organisation_name or '')}"
        yield f"**{escaped(note.speaker_name)}** (noté par {by}) :" if note.speaker_name else f"Noté par {by} :"
        yield "\n".join(f"> {line}".rstrip() for line in note.markdown.strip("\n").splitlines())


def _decisions(rows: list[DecisionRow], timezone: str) -> Iterator[str]:
    for kind, title in ((DecisionKind.DECISION, "Décisions"), (DecisionKind.ACTION, "Actions")):
        kept = [row for row in rows if row.kind == kind]
        if kept:
            yield f"## {title}"
            yield "\n".join(f"- {_on_one_line(row.text)}{_owned(row, timezone)}" for row in kept)


def _owned(row: DecisionRow, timezone: str) -> str:
    facts = [escaped(row.owner_name)] if row.owner_name else []
    if row.due_on:
        facts.append(f"pour le {_day(row.due_on)}")
    if row.done_at:
        facts.append(f"fait le {_day(_local(row.done_at, timezone).date())}")
    return f" ({', '.join(facts)})" if facts else ""


def escaped(text: str) -> str:
    """Plain text, as Markdown that shows it as it is."""
    return _BULLETS.sub(_backslashed, _MARKS.sub(r"\\\1", text))


def _backslashed(found: re.Match[str]) -> str:
    blanks, mark = found.groups()
    # A digit cannot be escaped, what follows it can
    return f"{blanks}{mark}\\" if mark.isdigit() else f"{blanks}\\{mark}"


def _on_one_line(text: str) -> str:
    return escaped(" ".join(text.split()))


def _local(at: datetime, timezone: str) -> datetime:
    return at.astimezone(ZoneInfo(timezone))


def _day(day: date) -> str:
    return format_date(day, "EEEE d MMMM y", locale="fr")


def _hour(at: datetime) -> str:
    return f"{at.hour} h {at.minute:02}"
