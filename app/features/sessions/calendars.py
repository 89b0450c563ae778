"""Sessions as iCalendar (RFC 5545): what calendar programs subscribe to, or open once.

An event keeps its UID for ever and its SEQUENCE is the session's version, so that a program moves it rather than
adding another one. Hours are those of the session's own zone, which the file describes (VTIMEZONE).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from app.core.clock import now
from app.features.sessions.queries import SessionRow

MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)


def calendar_of(sessions: Iterable[SessionRow], base_url: str, name: str = "") -> bytes:
    """The sessions as a file; `name` is the calendar's, for those that are subscribed to."""
    calendar = Calendar()
    calendar.add("prodid", "-//Alliage//Alliage//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, base_url))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(session: SessionRow, base_url: str) -> Event:
    zone, address = ZoneInfo(session.timezone), f"{base_url}/seances/{session.id}"
    event = Event()
    event.add("uid", f"session-{session.id}@alliage")
    event.add("sequence", session.version)
    event.add("dtstamp", now())
    event.add("summary", f"Séance {session.number} : {session.title}")
    event.add("dtstart", session.starts_at.astimezone(zone))
    event.add("dtend", session.ends_at.astimezone(zone))
    if session.place or session.url:
        event.add("location", session.place or session.url)
    event.add("description", "\n".join(line for line in (session.url, address) if line))
    event.add("url", address)
    return event
