"""Whose address a request comes from, without believing what anybody may write in a header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

UNIX_SOCKET = "unix"
"""The name of a peer that has no address; it may be listed among the trusted proxies."""


def client_address(scope: Mapping[str, Any], trusted: frozenset[str]) -> str:
    """The nearest address that is not one of ours.

    `X-Forwarded-For` is read only when the peer is a configured proxy, from right to left: each proxy
    appends the address it saw, so everything left of the first stranger was written by that stranger.
    An unreadable entry stops the walk at the last proxy that we do know. `trusted` comes from
    `trusted_proxies`.
    """
    client = scope.get("client")
    address = _plain(client[0]) or UNIX_SOCKET if client else UNIX_SOCKET
    if address not in trusted:
        return address
    for entry in reversed(_forwarded(scope)):
        hop = _plain(entry)
        if hop is None:
            return address
        address = hop
        if address not in trusted:
            return address
    return address


def trusted_proxies(addresses: Iterable[str]) -> frozenset[str]:
    """Addresses in the form that `client_address` compares (`ValueError` names the one that is none)."""
    plain = set()
    for address in addresses:
        known = UNIX_SOCKET if address == UNIX_SOCKET else _plain(address)
        if known is None:
            raise ValueError(f"{address!r} is not an IP address: list the proxies one by one, without ports or masks")
        plain.add(known)
    return frozenset(plain)


def _forwarded(scope: Mapping[str, Any]) -> list[str]:
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return b",".join(lines).decode("latin-1").split(",") if lines else []


def _plain(text: str) -> str | None:
    """One spelling for one address: no port, no brackets, no zone, IPv4 out of its IPv6 clothes."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)
