"""The addresses of sessions."""

from app.features.sessions.api import (
    agenda,
    amendments,
    answers,
    attendance,
    calendar,
    decisions,
    minutes,
    notes,
    session,
)

ROUTERS = (
    session.router,
    agenda.router,
    answers.router,
    attendance.router,
    notes.router,
    minutes.router,
    amendments.router,
    decisions.router,
    calendar.router,
)
