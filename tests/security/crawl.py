"""Everything that a caller can ask of the API with GET, about things that exist: what the canary flies through."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import product
from typing import Any, get_args
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.web.routing import api_routes
from tests.policy.asks import API, QUERIES, Made, parameters, plain, short
from tests.policy.ladder import SAME_REQUEST
from tests.policy.rows import Ids
from tests.world import World

WORDS = ("trésorerie", "partout", "tréso*", '"deux mois"', "kanari")
"""What searches look for: words that stand in the hidden texts."""
GUESSES: dict[str, tuple[str, ...]] = {
    "q": WORDS,
    "person": ("me",),
    "object_type": ("statement", "space", "session", "deliverable"),
    "since": ("2000-01-01T00:00:00Z",),
    "until": ("2100-01-01T00:00:00Z",),
    "from": ("2000-01-01T00:00:00Z",),
    "to": ("2100-01-01T00:00:00Z",),
    "limit": ("1", "200"),
}


def query_fields(route: APIRoute) -> dict[str, Any]:
    """Every query parameter of a route and its type, those of a model included."""
    found: dict[str, Any] = {}
    waiting: list[Dependant] = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        for parameter in dependant.query_params:
            annotation = parameter.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                found |= {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
            else:
                found[parameter.alias] = annotation
    return found


def _choices(annotation: Any) -> list[str]:
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    for kind in kinds:
        if issubclass(kind, Enum):
            return [str(member.value) for member in kind]
    return ["true", "false"] if bool in kinds else []


def _values(name: str, annotation: Any, things: list[Ids]) -> list[str]:
    if annotation is UUID or UUID in get_args(annotation):
        key = name if name.endswith("_id") else f"{name}_id"
        return sorted({str(ids[key]) for ids in things if ids.get(key)})
    return list(GUESSES.get(name, ())) + _choices(annotation)


def _nothing(_ids: Ids) -> dict[str, str]:
    return {}


def addresses(app: FastAPI, things: list[Ids], *, filters: bool = True) -> Iterator[tuple[str, dict[str, str]]]:
    """Every GET of the application on every thing: as it is, then with each of its filters in turn."""
    for route in api_routes(app):
        if "GET" not in (route.methods or ()):
            continue
        base: Made = QUERIES.get(f"GET {short(route.path)}", _nothing)
        for ids in things:
            names = parameters(route.path)
            if not all(name in ids for name in names):
                continue
            path = route.path.format(**{name: ids[name] for name in names})
            try:
                asked = {name: str(value) for name, value in plain(base(ids)).items() if value is not None}
            except KeyError:
                continue
            yield path, asked
            if filters and ids is things[0]:
                for name, annotation in query_fields(route).items():
                    for value in _values(name, annotation, things):
                        yield path, asked | {name: value}


async def answers(world: World, who: str, asked: list[tuple[str, dict[str, str]]]) -> list[httpx.Response]:
    """Ask all of it as `who`, and follow each list to its second page."""
    client, found = await world.client(who), []
    for path, query in asked:
        answer = await client.get(path, params=query, headers={"X-Request-Id": SAME_REQUEST})
        found.append(answer)
        if answer.status_code == 200 and '"next_cursor":"' in answer.text:
            more = query | {"cursor": answer.json()["next_cursor"]}
            found.append(await client.get(path, params=more, headers={"X-Request-Id": SAME_REQUEST}))
    return found


def mentions(answer: httpx.Response, mark: str) -> bool:
    """Whether the marker stands anywhere in an answer: body, headers, status line."""
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return mark.encode() in answer.content or mark in headers or mark in answer.reason_phrase


def wrong_methods(app: FastAPI, ids: Ids) -> Iterator[tuple[str, str]]:
    """Each address with a method that it does not take."""
    for route in api_routes(app):
        names = parameters(route.path)
        if route.path.startswith(API) and all(name in ids for name in names):
            path = route.path.format(**{name: ids[name] for name in names})
            yield from product(("PUT", "DELETE", "PATCH", "POST", "HEAD", "OPTIONS"), [path])
