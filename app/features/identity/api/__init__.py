"""The JSON API of identity: signing in, oneself, organisations, mandates, invitations, accounts."""

from __future__ import annotations

from fastapi import APIRouter

from app.features.identity.api import accounts, auth, invitations, mandates, me, organisations, recovery

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    recovery.router,
    me.router,
    organisations.router,
    mandates.router,
    invitations.router,
    accounts.router,
)
