"""The JSON API of identity: signing in, oneself, organisations, mandates, invitations, accounts."""

from __future__ import annotations

from fastapi import APIRouter

from app.features.identity.api import accounts, auth, invitations, mandates, me, organisations

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    me.router,
    organisations.router,
    mandates.router,
    invitations.router,
    accounts.router,
)
