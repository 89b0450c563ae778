"""Requests that a browser makes before anybody looks: they show a page, and are no visit and no reading."""

from __future__ import annotations

from fastapi import Request

HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def is_ahead(request: Request) -> bool:
    """Whether the page is fetched ahead of its reader."""
    said = (request.headers.get(name, "").lower() for name in HEADERS)
    return any("prefetch" in value or "preview" in value or "prerender" in value for value in said)
