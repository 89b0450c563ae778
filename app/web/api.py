"""The JSON API's own router: version prefix, idempotent POSTs, documented problems."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.core.errors import Problem
from app.web.idempotency import IdempotentRoute

PREFIX = "/api/v1"


def api_router(tag: str) -> APIRouter:
    """A router of `/api/v1` whose POSTs may be repeated."""
    return APIRouter(prefix=PREFIX, tags=[tag], route_class=IdempotentRoute)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: the refusals it can meet, with their documented types."""
    answers: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        known = answers.get(kind.status)
        said = f"`/problems/{kind.slug}`: {kind.__doc__ or kind.title}".strip()
        answers[kind.status] = {
            "description": f"{known['description']}\n\n{said}" if known else said,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return answers
