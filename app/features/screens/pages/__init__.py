"""The pages that compose several features."""

from __future__ import annotations

from app.features.screens.pages import initiative

ROUTERS = (initiative.router,)
