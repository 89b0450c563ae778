"""Who may do what with an initiative, route by route."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.features.initiatives.models import Milestone, Participation, Phase, Term
from app.policy.actor import ParticipationRole
from tests.climbing import assert_hidden_like_unknown, call, climb
from tests.world import LADDER, World, organisation

OUTSIDE = {"visitor": 404, "stranger": 404}
"""The test's initiative has nothing public: it does not exist for them."""
MEMBERS = dict.fromkeys(("observer", "outsider", "participant", "colleague", "lead", "facilitator"), 403)
EDITORS_ONLY = OUTSIDE | MEMBERS
DAY = {"title": "Une étape", "starts_on": "2020-03-20"}


async def parts(world: World) -> dict[str, UUID]:
    """One phase, one milestone, one term."""
    at = now().date()
    phase = Phase(initiative_id=world.initiative.id, title="Étape", starts_on=at)
    milestone = Milestone(initiative_id=world.initiative.id, title="Date", on_date=at)
    term = Term(initiative_id=world.initiative.id, taxonomy="axe", code="urgence", label="Urgence")
    async with world.database.sessions() as db:
        db.add_all([phase, milestone, term])
        await db.commit()
    return {"phases": phase.id, "milestones": milestone.id, "terms": term.id}


async def test_the_list_shows_it_to_those_who_may_read_it(world: World) -> None:
    for who in LADDER:
        answer = await call(world, who, "GET", "/initiatives?limit=200")
        assert answer.status_code == 200
        shown = {item["id"] for item in answer.json()["items"]}
        assert (str(world.initiative.id) in shown) == (who not in OUTSIDE), who


@pytest.mark.parametrize("tail", ["", "/phases", "/milestones", "/terms", "/participations", "/access-grants"])
async def test_reading(world: World, tail: str) -> None:
    for reference in (world.initiative.id, world.initiative.slug):
        await climb(world, "GET", f"/initiatives/{reference}{tail}", OUTSIDE)
    for who in OUTSIDE:
        await assert_hidden_like_unknown(
            world, who, "GET", f"/initiatives/{world.initiative.id}{tail}", f"/initiatives/{uuid4()}{tail}"
        )
        await assert_hidden_like_unknown(
            world, who, "GET", f"/initiatives/{world.initiative.slug}{tail}", f"/initiatives/rien-{uuid4().hex}{tail}"
        )


async def test_creating(world: World) -> None:
    body = {"slug": f"neuve-{uuid4().hex[:8]}", "title": "Une démarche"}
    refused = dict.fromkeys(LADDER[:-1], 403) | {"visitor": 401}
    answers = await climb(world, "POST", "/initiatives", refused, body)
    assert answers["admin"].headers["location"] == f"/api/v1/initiatives/{answers['admin'].json()['id']}"
    assert answers["admin"].json()["state"] == "preparation"


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("/phases", DAY),
        ("/milestones", {"title": "Une date", "on_date": "2020-09-03"}),
        ("/terms", {"taxonomy": "axe", "code": "redeveloppement", "label": "Redéveloppement"}),
    ],
)
async def test_adding(world: World, tail: str, body: dict[str, str]) -> None:
    await climb(world, "POST", f"/initiatives/{world.initiative.id}{tail}", EDITORS_ONLY, body)


@pytest.mark.parametrize("verb", ["close", "archive", "open"])
async def test_moving(world: World, verb: str) -> None:
    if verb == "archive":
        await call(world, "admin", "POST", f"/initiatives/{world.initiative.id}/close")
    if verb == "open":
        await call(world, "admin", "POST", f"/initiatives/{world.initiative.id}/close")
    await climb(world, "POST", f"/initiatives/{world.initiative.id}/{verb}", EDITORS_ONLY)


async def test_editing(world: World) -> None:
    await climb(world, "PATCH", f"/initiatives/{world.initiative.id}", EDITORS_ONLY, {"title": "Autre"})


@pytest.mark.parametrize("kind", ["phases", "milestones", "terms"])
async def test_parts(world: World, kind: str) -> None:
    part = (await parts(world))[kind]
    body = {"label": "Autre"} if kind == "terms" else {"title": "Autre"}
    await climb(world, "GET", f"/{kind}/{part}", OUTSIDE)
    await climb(world, "PATCH", f"/{kind}/{part}", EDITORS_ONLY, body)
    for method, changed in (("GET", None), ("PATCH", body)):
        await assert_hidden_like_unknown(world, "stranger", method, f"/{kind}/{part}", f"/{kind}/{uuid4()}", changed)
    if kind == "terms":
        await climb(world, "POST", f"/terms/{part}/retire", EDITORS_ONLY)
        await climb(world, "POST", f"/terms/{part}/restore", EDITORS_ONLY)
        return
    for who in LADDER:
        answer = await call(world, who, "DELETE", f"/{kind}/{part}")
        assert answer.status_code == EDITORS_ONLY.get(who, 204 if who == "copilot" else 404), who


async def test_participations(world: World) -> None:
    body = {"organisation_id": str(world.foreign.id), "role": "participant"}
    path = f"/initiatives/{world.elsewhere.id}/participations"
    refused = dict.fromkeys(LADDER, 404)
    for who in ("stranger", "admin"):  # the stranger co-pilots the other initiative
        del refused[who]
    newcomer = organisation("Nouvelle")
    async with world.database.sessions() as db:
        db.add(newcomer)
        await db.commit()
    await climb(world, "POST", path, refused, {"organisation_id": str(newcomer.id), "role": "participant"})
    await climb(world, "POST", f"/initiatives/{world.initiative.id}/participations", EDITORS_ONLY, body)
    async with world.database.sessions() as db:
        made = (
            await db.execute(
                select(Participation.id).where(
                    Participation.initiative_id == world.initiative.id,
                    Participation.organisation_id == world.other.id,
                )
            )
        ).scalar_one()
    ladder = {who: status for who, status in EDITORS_ONLY.items() if who != "stranger"} | {"stranger": 403}
    await climb(world, "GET", f"/participations/{made}", {"visitor": 404})
    await climb(world, "POST", f"/participations/{made}/end", ladder)
    await assert_hidden_like_unknown(
        world, "visitor", "POST", f"/participations/{made}/end", f"/participations/{uuid4()}/end"
    )


async def test_access_grants(world: World) -> None:
    body = {"reason": "Signalement d’un membre de l’espace."}
    refused = OUTSIDE | MEMBERS | {"copilot": 403}
    path = f"/initiatives/{world.initiative.id}/access-grants"
    answers = await climb(world, "POST", path, refused, body)
    grant = answers["admin"].json()["id"]
    await climb(world, "GET", f"/access-grants/{grant}", OUTSIDE | dict.fromkeys(MEMBERS, 404))
    await climb(world, "POST", f"/access-grants/{grant}/end", OUTSIDE | dict.fromkeys(MEMBERS, 404) | {"copilot": 403})
    await assert_hidden_like_unknown(world, "lead", "GET", f"/access-grants/{grant}", f"/access-grants/{uuid4()}")
    for who in LADDER:
        answer = await call(world, who, "GET", path)
        seen = [item["id"] for item in answer.json().get("items", [])]
        assert seen == ([grant] if who in ("copilot", "admin") else []), who


async def test_visitors_read_the_card_of_what_has_something_public(world: World) -> None:
    async with world.database.sessions() as db:
        db.add(world.shared)
        world.shared.visibility = "public"
        await db.commit()
    answer = await call(world, "visitor", "GET", f"/initiatives/{world.initiative.slug}")
    assert answer.status_code == 200
    assert answer.json()["abilities"] == []
    assert (
        await call(world, "visitor", "PATCH", f"/initiatives/{world.initiative.slug}", {"title": "x"})
    ).status_code == 401


async def test_roles_end_with_the_mandate(world: World) -> None:
    """The co-pilot's mandate ends: the very next request is a stranger's."""
    mandate = world.mandates["copilot"]
    async with world.database.sessions() as db:
        db.add(mandate)
        mandate.during = Range(mandate.during.lower, now() - timedelta(seconds=1))
        await db.commit()
    assert (await call(world, "copilot", "GET", f"/initiatives/{world.initiative.id}")).status_code == 404


def test_the_table_of_roles_is_whole() -> None:
    assert set(EDITORS_ONLY) | {"copilot", "admin"} == set(LADDER)
    assert {role.value for role in ParticipationRole} == {"copilot", "participant", "observer"}
