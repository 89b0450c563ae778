"""JSON routes of what is said."""

from app.features.statements.api import contributions, replies

ROUTERS = (contributions.router, replies.router)
