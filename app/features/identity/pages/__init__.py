"""The pages of accounts."""

from __future__ import annotations

from app.features.identity.pages import invitation, recovery, signing_in

ROUTERS = (signing_in.router, invitation.router, recovery.router)
