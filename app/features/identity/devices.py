"""Where a request comes from, for the limits on guessing and for the list of one's logins."""

from __future__ import annotations

from fastapi import Request

from app.features.identity.actions.signing_in import Device
from app.web.client_address import client_address, trusted_proxies


def device_of(request: Request) -> Device:
    """The address, read from `X-Forwarded-For` behind the configured proxies only, and what the device says it is."""
    trusted = trusted_proxies(request.app.state.settings.trusted_proxies)
    return Device(client_address(request.scope, trusted), request.headers.get("user-agent", ""))
