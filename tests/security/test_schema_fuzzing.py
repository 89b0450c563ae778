"""A fuzzer reads the API's own description and believes it: no failure, and no answer that it does not announce (R8).

Every operation is tried with generated requests, each as a caller drawn by lot; addresses name
objects that exist, most of the time. `ALLIAGE_FUZZ=200` tries that many requests on each operation.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from app.core.db import Database
from app.main import create_app
from app.settings import Settings
from app.wiring import ROUTERS
from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import API
from tests.policy.rows import Ids
from tests.policy.things import THINGS
from tests.world import World, make_world

MOST = int(os.environ.get("ALLIAGE_FUZZ", "6"))
CALLERS = ("copilot", "participant", "admin", "visitor")
NOUNS = sorted(
    {
        route.path.removeprefix(f"{API}/").split("/")[0]
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith(f"{API}/") and route.include_in_schema
    }
)
SIGNING_OUT = {f"{API}/auth/sign-out", f"{API}/auth/sign-out-everywhere"}
"""They would end the logins that the other requests use; their only answers are in the table of rights."""

load_all_checks()
JUDGES = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)


@pytest.fixture(scope="module")
async def place(app: FastAPI, database: Database) -> AsyncIterator[tuple[World, Ids]]:
    """A world with one of each thing."""
    async with make_world(app, database) as world:
        ids: Ids = {}
        for phrase in (
            "l’organisation",
            "mandat d’une personne de l’organisation",
            "invitation de l’organisation",
            "étiquette, phase, jalon de la démarche",
            "accès ouvert par l’administrateur",
            "espace restreint",
            "compte d’une autre personne",
        ):
            ids |= await THINGS[phrase].make(world, "admin")
        yield world, ids


@pytest.fixture(scope="module")
def description(settings: Settings) -> Any:
    """The description, and an application of its own: the fuzzer has its own event loop."""
    return schemathesis.openapi.from_asgi(f"{API}/openapi.json", create_app(settings))


def _operations(description: Any, noun: str) -> list[Any]:
    found = [result.ok() for result in description.get_all_operations()]
    return [one for one in found if one.path.removeprefix(f"{API}/").split("/")[0] == noun]


def _headers(world: World, who: str) -> dict[str, str]:
    known = {} if who == "visitor" else {"Authorization": f"Bearer {world.token(who)}"}
    return known | {"Idempotency-Key": str(uuid4()), "If-Match": "*"}


def _try(operation: Any, world: World, ids: Ids) -> None:
    @settings(
        max_examples=MOST,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), who=st.sampled_from(CALLERS), real=st.integers(0, 4))
    def once(case: Any, who: str, real: int) -> None:
        if real and case.path_parameters:
            case.path_parameters |= {n: str(ids[n]) for n in case.path_parameters if n in ids}
        answer = case.call(headers=_headers(world, who))
        case.validate_response(answer, checks=JUDGES)

    once()


@pytest.mark.parametrize("noun", NOUNS)
def test_the_description_holds(place: tuple[World, Ids], description: Any, noun: str) -> None:
    operations = _operations(description, noun)
    assert operations, noun
    for operation in operations:
        if operation.path not in SIGNING_OUT:
            _try(operation, *place)


async def test_those_who_tried_are_still_signed_in(place: tuple[World, Ids]) -> None:
    """The control: requests of somebody who was signed out on the way would prove little."""
    world, _ = place
    for who in CALLERS[:3]:
        assert (await (await world.client(who)).get(f"{API}/me")).status_code == 200, who
