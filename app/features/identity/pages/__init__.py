"""The pages of accounts."""

from __future__ import annotations

from app.features.identity.pages import mailed, signing_in

ROUTERS = (signing_in.router, mailed.router)
