"""The JSON API's own router: version prefix, idempotent POSTs, documented problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from app.core.errors import Problem
from app.web.idempotency import Handler, IdempotentRoute

PREFIX = "/api/v1"


class ApiRoute(IdempotentRoute):
    """Refuses a parameter that it does not know: a filter with a typing error must not answer the whole list."""

    def get_route_handler(self) -> Handler:
        """Wrap the handler; the names are read once."""
        handler, known = super().get_route_handler(), frozenset(query_names(self.dependant))

        async def checked(request: Request) -> Response:
            unknown = sorted(set(request.query_params) - known)
            if unknown:
                raise RequestValidationError([{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown])
            return await handler(request)

        return checked


def query_names(dependant: Dependant) -> Iterator[str]:
    """Every query parameter of a route, those of its dependencies and of models of filters included."""
    for parameter in dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (field.alias or name for name, field in annotation.model_fields.items())
        else:
            yield parameter.alias
    for dependency in dependant.dependencies:
        yield from query_names(dependency)


def api_router(tag: str) -> APIRouter:
    """A router of `/api/v1` whose POSTs may be repeated."""
    return APIRouter(prefix=PREFIX, tags=[tag], route_class=ApiRoute)


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
