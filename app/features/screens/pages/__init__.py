"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import (
    arrival,
    compose,
    contribution,
    front,
    initiative,
    live,
    organisation,
)

ROUTERS = (
    arrival.router,
    compose.router,
    contribution.router,
    front.router,
    initiative.router,
    live.router,
    organisation.router,
)
