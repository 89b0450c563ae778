"""The API's own description: OpenAPI 3.1, and one page for each type of problem."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from app.core.errors import NotFound, all_problems
from app.web.respond import plain
from app.web.routing import api_routes
from app.web.templates import page

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `type` is a page of this service that says what to do.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string", "examples": ["Introuvable"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["Il n’y a rien à cette adresse."]},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Alliage",
            version="1",
            openapi_version="3.1.0",
            summary="The workspace in which many organisations leave with one text that all of them recognise.",
            routes=[route for route in api_routes(app) if route.include_in_schema],
        )
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["securitySchemes"] = {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of `/auth/sign-in` (10 minutes), or a personal token (`alg_pat_…`).",
            }
        }
        schema["security"] = [{"bearer": []}, {}]
        _replace_default_refusals(schema)
        app.openapi_schema = schema
    return app.openapi_schema


def _replace_default_refusals(schema: dict[str, Any]) -> None:
    """FastAPI announces its own 422; ours is a problem document like every other."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in schema.get("paths", {}).values():
        for operation in methods.values():
            operation["responses"]["422"] = {"description": "Contenu refusé", "content": content}
            operation["responses"]["default"] = {"description": "Tout autre refus", "content": content}
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)


def describe(app: FastAPI) -> None:
    """Add the description's addresses."""

    @app.get("/api/v1/openapi.json", include_in_schema=False, name="openapi")
    async def openapi(request: Request) -> Response:
        return plain(request, json.dumps(document(app), ensure_ascii=False).encode())

    @app.get("/problems/{slug}", include_in_schema=False, name="problem")
    async def problem(request: Request, slug: str) -> Response:
        kind = next((kind for kind in all_problems() if kind.slug == slug), None)
        if kind is None:
            raise NotFound("Il n’y a rien à cette adresse.")
        return page(request, "plain/problem.html", problem=kind)
