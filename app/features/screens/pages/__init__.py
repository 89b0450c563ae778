"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import arrival, initiative

ROUTERS = (arrival.router, initiative.router)
