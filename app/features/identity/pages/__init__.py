"""The pages of accounts."""

from __future__ import annotations

from app.features.identity.pages import card, invitation, recovery, signing_in, team

ROUTERS = (signing_in.router, invitation.router, recovery.router, team.router, card.router)
