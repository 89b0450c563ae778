"""The addresses of initiatives."""

from app.features.initiatives.api import access, calendar, participations, process, words

ROUTERS = (process.router, calendar.router, words.router, participations.router, access.router)
