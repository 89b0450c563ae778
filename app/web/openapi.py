"""The API's own description: OpenAPI 3.1, and one page for each type of problem."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from app.core.errors import NotFound, all_problems
from app.web.framing import bare_frame
from app.web.refusals import REFUSALS
from app.web.respond import plain
from app.web.routing import api_routes
from app.web.templates import render

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

TURNS = {
    400: "La demande n’a pas pu être comprise. Corrigez ce que dit le détail de la réponse, puis renvoyez-la.",
    401: "Le service ne sait pas qui demande, ou la connexion est terminée. Connectez-vous, puis renvoyez la demande.",
    403: "Vous voyez cet objet, mais votre mandat ne permet pas cet acte. Le détail de la réponse dit pourquoi : "
    "demandez au besoin un autre mandat à votre organisation.",
    404: "Il n’y a rien à cette adresse, ou rien que vous puissiez voir : la réponse est la même. "
    "Vérifiez l’adresse, et avec quel compte vous lisez.",
    405: "Cette adresse n’accepte pas cette méthode. L’en-tête Allow donne celles qu’elle accepte.",
    409: "Ce n’est pas possible dans l’état actuel de l’objet. Relisez-le : son état dit ce qui l’est encore.",
    410: "Ce qui était ici a été retiré de la publication. Le détail de la réponse dit depuis quand et pourquoi.",
    412: "Quelqu’un a modifié l’objet depuis que vous l’avez lu. Relisez-le, comparez, "
    "puis renvoyez votre modification sur la nouvelle version.",
    413: "Ce qui est envoyé est trop lourd. Le détail de la réponse dit la taille acceptée : réduisez-le, puis renvoyez-le.",
    415: "Cette adresse attend un autre genre de contenu. Le détail de la réponse dit lequel.",
    422: "Une valeur envoyée est refusée. La réponse cite chaque champ refusé et ce qui y est attendu : "
    "corrigez, puis renvoyez la demande.",
    428: "La modification ne dit pas sur quelle version elle a été écrite. "
    "Envoyez l’en-tête If-Match avec l’ETag que vous avez lu.",
    429: "Il y a eu trop de tentatives en peu de temps. Attendez le temps que donne l’en-tête Retry-After, "
    "puis recommencez.",
    503: "Le service ne peut pas répondre pour le moment. Renvoyez la même demande, avec la même clé, "
    "après le temps que donne l’en-tête Retry-After.",
}
"""What a status of the application means, and what to do, in French."""


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
        found = explained().get(slug)
        if found is None:
            raise NotFound("Il n’y a rien à cette adresse.")
        return render("guide/problem.html", {"frame": replace(bare_frame(request), sign_in=""), "problem": found})


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the page of a type of problem says: in French first, then in English."""

    slug: str
    status: int
    title: str
    french: str
    english: str


@lru_cache(maxsize=1)
def explained() -> dict[str, Explanation]:
    """Every refusal that an answer can name: those of the application, and those of the shell around it."""
    found = [
        Explanation(kind.slug, kind.status, kind.title, TURNS[kind.status], kind.__doc__ or "")
        for kind in all_problems()
    ]
    found += [Explanation(each.slug, each.status, each.title, each.detail, each.meaning) for each in REFUSALS]
    return {each.slug: each for each in found}
