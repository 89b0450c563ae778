"""Find a route by its noun first.

FastAPI tries every route of the application in turn, and every included router twice: with a
hundred and fifty routes, finding the last one costs more than answering it. Here the routes of
`/api/v1/<noun>` are tried only for that noun (docs/adr/0003).
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app.web.api import PREFIX

CHOSEN = "alliage.route"


class Noun(BaseRoute):
    """The routes whose address begins with the same noun."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.routes: list[APIRoute] = []

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first of them that takes the address and the method, else the first that takes the address."""
        path: str = scope["path"]
        if not path.startswith(self.path):
            return Match.NONE, {}
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for route in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, CHOSEN: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**child, CHOSEN: route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that `matches` chose."""
        await scope[CHOSEN].handle(scope, receive, send)


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Put every route of `routers` in the application, grouped by noun."""
    nouns: dict[str, Noun] = {}
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.path.startswith(f"{PREFIX}/"):
            path = f"{PREFIX}/{route.path.removeprefix(f'{PREFIX}/').split('/')[0]}"
            if path not in nouns:
                nouns[path] = Noun(path)
                app.router.routes.append(nouns[path])
            nouns[path].routes.append(route)
        else:
            app.router.routes.append(route)
    # `/sessions` begins `/session…`: the longer noun is asked first.
    app.router.routes.sort(key=lambda route: -len(route.path) if isinstance(route, Noun) else 0)


def api_routes(app: FastAPI) -> list[APIRoute]:
    """Every route of the application, flat: for the description and for the tests that enumerate them."""
    flat: list[APIRoute] = []
    for route in app.router.routes:
        if isinstance(route, Noun):
            flat += route.routes
        elif isinstance(route, APIRoute):
            flat.append(route)
    return flat
