"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import arrival, front, initiative, organisation

ROUTERS = (arrival.router, front.router, initiative.router, organisation.router)
