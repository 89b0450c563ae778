"""The addresses of sessions."""

from app.features.sessions.api import attendance, decisions, minutes, session

ROUTERS = (session.router, attendance.router, minutes.router, decisions.router)
