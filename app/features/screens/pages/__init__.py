"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import (
    arrival,
    compose,
    contribution,
    deliverable,
    desk,
    home,
    initiative,
    organisation,
    session,
    space,
    space_settings,
)

ROUTERS = (
    arrival.router,
    compose.router,
    contribution.router,
    deliverable.router,
    *desk.ROUTERS,
    home.router,
    initiative.router,
    organisation.router,
    *session.ROUTERS,
    space.router,
    space_settings.router,
)
