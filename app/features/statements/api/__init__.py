"""JSON routes of what is said."""

from app.features.statements.api import contributions, meetings, replies

ROUTERS = (contributions.router, replies.router, meetings.router)
