"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import (
    arrival,
    compose,
    contribution,
    home,
    initiative,
    live,
    organisation,
    space,
)

ROUTERS = (
    home.router,
    arrival.router,
    compose.router,
    contribution.router,
    initiative.router,
    live.router,
    organisation.router,
    space.router,
)
