"""The addresses of the harvest."""

from app.features.harvest.api import extracts, themes

ROUTERS = (themes.router, extracts.router)
